"""The commands of `worldloom`, a module for each group of them; `app.cli` lists them all.

A command only reads what was asked and prints what came; the work is done by the rest of `app`, which is
imported when a command runs.
"""
