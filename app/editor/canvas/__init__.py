"""The canvas: nodes, wires, frames and notes on drawlists, and what hands do with them.

Everything but `painter`, `art` and `pointer` is pure: it needs no window and no Dear PyGui.
"""
