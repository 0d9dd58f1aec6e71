"""Viewers make values that can be shown; writers put values into files of the run's output.

They look at actual numbers, so unlike layers they are not for meta or fake tensors.
"""
