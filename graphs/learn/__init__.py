"""Learning: from a plan's rules to parameters, steps, checkpoints and adapters."""
