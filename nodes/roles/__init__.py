"""What task blocks have in common: one base for each role, with the role's ports.

A block declares its role by inheriting one of these, or by setting `role` itself; the registry
refuses a block whose ports are not those of its role.
"""

from nodes.roles.generation import Adapter, Backbone, Codec, Guiding, Solver
from nodes.roles.meaning import Conditioner, LanguageModel, Tokenizer
from nodes.roles.vectors import Pooler, PositionEmbedder, Projecting

__all__ = [
    "Adapter",
    "Backbone",
    "Codec",
    "Conditioner",
    "Guiding",
    "LanguageModel",
    "Pooler",
    "PositionEmbedder",
    "Projecting",
    "Solver",
    "Tokenizer",
]
