"""What the engine has said, kept in the way that panels show it. No Dear PyGui, and no torch.

Each part folds the events that concern it and counts its `news`; a panel looks again when the count is
another. It outlives panels and engines alike. Events are told apart by their tags, so that the window
is there before the protocol is imported.
"""
