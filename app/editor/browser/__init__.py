"""Files of the disk, for the panel in which they are looked through: Dear PyGui takes none from a desktop."""
