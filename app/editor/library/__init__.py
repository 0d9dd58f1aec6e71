"""What can be put onto a canvas: blocks, templates, definitions, and what people saved. No Dear PyGui."""
