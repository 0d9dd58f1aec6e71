"""The document as data: what a world is, how it is edited, and what is wrong with it. No torch."""
