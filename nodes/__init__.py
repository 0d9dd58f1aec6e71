"""The block library: small files, one block or one close family each, found without registration.

A block's category is its folder.

layers      the pieces of networks: maps, convolutions, attention, recurrence, norms, activations
tensor      what is done to tensors between layers: arithmetic, joining, cutting, reshaping
learning    what a training makes small (losses) and what people look at (metrics)
data        sources: rows of files and of made-up data; which rows is the run's decision
view        values made to be looked at (viewers) and written to files (writers)

The library knows the Block contract of `graphs.live` and nothing of the executor, the trainer or a
window. Slow libraries are imported inside the function that needs them.
"""
