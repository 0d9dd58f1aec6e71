"""Sources. Data is read on first use, kept outside the weights, and given on the run's device.

A path in a config is relative to the directory the program runs in.
"""
