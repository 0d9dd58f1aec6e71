"""Light worlds of this base: added, trained, switched, mixed, merged, given away."""
