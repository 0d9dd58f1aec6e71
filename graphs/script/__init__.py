"""A graph as one Python file that needs only torch and safetensors, for people who have no Worldloom.

What runs is the blocks' own source and the same flat program that runs here, so the numbers are the
same to the last bit.
"""
