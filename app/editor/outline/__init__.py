"""The outline: the whole world as a tree, whatever level people look at."""
