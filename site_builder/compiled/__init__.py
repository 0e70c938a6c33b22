"""Small graphs compiled ahead of time, from the graph that is written for TF.js to JavaScript.

`lowering` takes the graph apart, `fusion` decides what is stored and which loops compute it,
`memory` plans the arena, `emission` writes the loops, and `program` puts them together.
"""

from .errors import Declined
from .given import dims_of
from .program import Program, compile_graph

__all__ = ["Declined", "Program", "compile_graph", "dims_of"]
