"""The inspector: what there is to know and to set of what is chosen.

A sheet says what is shown, as data; a view puts it on the screen. No Dear PyGui in the sheets.
"""
