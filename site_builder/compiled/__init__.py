"""Small graphs compiled ahead of time, from the graph that is written for TF.js.

`lowering` takes the graph apart: each tensor says how one element is computed from others.
`storing` decides which tensors get memory, and `fusion` which loops compute them; `memory` plans
the arena. `nest` says what each loop computes, statement by statement, which `javascript` and
`webassembly` write down, and `writing` puts a program together. `jamming` and `vectors` let loops
compute several elements at once.
"""

from .errors import Declined
from .given import dims_of
from .program import Program, compile_graph

__all__ = ["Declined", "Program", "compile_graph", "dims_of"]
