"""Handwritten digits as a world: measured on pixels, said in words, wished for, and remembered."""
