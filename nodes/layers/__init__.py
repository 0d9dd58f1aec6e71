"""The pieces of networks: maps, convolutions, attention, memory, and the steps of generation."""
