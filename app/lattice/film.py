"""The film: flows on their way, with a flash where one is born or arrives; the view turns slowly."""

from __future__ import annotations

import io

from app.lattice.drawing import DIM, INK, View, blank, png, space
from app.lattice.story import Story

BETWEEN, HOLD = 5, 10  # pictures from one step to the next, and at the end
LONGEST = 150  # pictures; a long rollout has fewer of them between two steps
COLOURS = 128


def film(story: Story, title: str) -> bytes:
    """A GIF that runs in a loop."""
    from PIL import Image

    between = max(1, min(BETWEEN, LONGEST // max(story.steps, 1)))
    moments = [t / between for t in range(story.steps * between + 1)] + [story.steps] * HOLD
    frames = []
    for number, moment in enumerate(moments):
        page = blank((7.2, 5.0), 90)
        axes = page.add_axes((0.0, 0.0, 1.0, 0.95), projection="3d")
        space(axes, story, moment, View(-75 + 30 * number / len(moments), zoom=1.25))
        page.text(0.03, 0.95, title, color=INK, fontsize=12, fontweight="bold", va="top")
        page.text(0.97, 0.95, f"step {moment:.1f}", color=DIM, fontsize=10, va="top", ha="right")
        frames.append(Image.open(io.BytesIO(png(page))).convert("RGB"))
    # One palette for all, from a frame with much in it, so that colours do not flicker.
    palette = frames[len(frames) * 2 // 3].quantize(COLOURS)
    small = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames]
    held = io.BytesIO()
    small[0].save(held, "GIF", save_all=True, append_images=small[1:], duration=80, loop=0)
    return held.getvalue()
