"""The energy lattice: flows start at an input face, jump forward through a box and meet at an output face.

faces       from an embedding to flows, and from flows back to an embedding
neuron      what a place of the lattice says to a flow that stands in it
carrier     the recurrent network that every flow shares: energy, next place, children
flows       the pool of flows as tensors, and what one step does to it
trajectory  where every flow was, for people to look at
lattice     the composite of the four that runs them until all have arrived
memory      how many bytes a rollout takes, before anything runs
"""
