"""The rows of the table of actions, by what they touch."""
