"""Blocks and encoders that come trained, from packages that are extras of ours."""
