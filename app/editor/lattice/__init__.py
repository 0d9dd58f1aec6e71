"""The viewer of an energy lattice: flows moving in their box, and what they did, told in small pictures.

orbit      from cells to pixels, as the box is turned and zoomed
reel       which moment is shown, and how it goes on
glow       the flows of a moment as a picture; numpy, imported when the panel opens
kept       how people look, which outlives the panel
room       where everything stands in a panel of any size
stage      the box, its faces and the worn channels on the drawlist, the glow over them
tiles      heat maps of faces and visits, energies and events over the steps
panel      all of it with its controls

Nothing but `stage`, `tiles` and `panel` knows Dear PyGui.
"""
