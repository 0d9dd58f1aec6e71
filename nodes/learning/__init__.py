"""Losses, which a plan makes small, and metrics, which give no gradient. All give one scalar.

A loss may take a `weight` for each sample: it is then the weighted mean Σ w·l / Σ w over samples,
and 0 where all weights are 0.
"""
