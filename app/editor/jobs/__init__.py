"""Running and training in the window: what can be done with jobs, and everything that is seen of them."""
