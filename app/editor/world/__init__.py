"""The world's own room: its cycle as a ring, what the stages make, and the gallery of artefacts."""
