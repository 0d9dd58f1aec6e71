"""Lists of rows that may be very long: what a row shows as a value, and the one widget that draws it."""
