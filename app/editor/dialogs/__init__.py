"""Windows over the studio in which something is asked or told; each is one file."""
