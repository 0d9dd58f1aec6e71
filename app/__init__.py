"""The program: command line, and the studio on top of the engine."""
