"""A TensorFlow graph under construction: immutable tensors and nodes, and the builder."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .folding import fold
from .naming import Names, safe_name
from .shapes import Attr, Dim, Shape
from .tfops import OPS

#: The three dtypes that a browser computes with, and their NumPy twins.
DTYPES: dict[str, type[np.generic]] = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}

# Larger constants are compared by their hash, so that none is kept twice.
_SMALL = 256

# What two constants have in common that are the same: dtype, shape, and bytes or their hash.
_Key = tuple[str, tuple[int, ...], bytes]


@dataclasses.dataclass(frozen=True, eq=False)
class Tensor:
    """One output of one node.

    Attributes:
        name: how other nodes refer to it: `node` or, past the first output, `node:1`.
        dtype: `float32`, `int32` or `bool`.
        shape: dimensions, `None` where one is known only at run time; `None` for unknown rank.
        value: the numbers themselves where they are known now.
    """

    name: str
    dtype: str
    shape: Shape
    value: NDArray[Any] | None = None

    @property
    def rank(self) -> int | None:
        """Number of dimensions, where known."""
        return None if self.shape is None else len(self.shape)

    @property
    def static(self) -> tuple[int, ...] | None:
        """The shape, where every dimension of it is known."""
        if self.shape is None or any(dim is None for dim in self.shape):
            return None
        return tuple(dim for dim in self.shape if dim is not None)

    @property
    def node(self) -> str:
        """Name of the node that makes it."""
        return self.name.partition(":")[0]


@dataclasses.dataclass(frozen=True)
class Node:
    """One TensorFlow operation: its inputs by tensor name, its attributes as Python values."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attrs: dict[str, Attr]


class Graph:
    """Builds a TensorFlow graph; every converter writes through it.

    Nodes stand in the order of their making, which is a topological order.
    """

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.constants: dict[str, NDArray[Any]] = {}
        self.inputs: dict[str, Tensor] = {}
        self.outputs: dict[str, Tensor] = {}
        #: What is known of every tensor, by name; see `know`.
        self.tensors: dict[str, Tensor] = {}
        self._names = Names()
        self._read: set[str] = set()
        self._shared: dict[_Key, Tensor] = {}
        self._keys: dict[str, _Key] = {}
        self._handed: set[str] = set()
        self._transposed: dict[str, tuple[Tensor, tuple[int, ...]]] = {}

    def scope(self, name: str) -> AbstractContextManager[None]:
        """Name the nodes made inside after `name`, made safe for TensorFlow."""
        return self._names.within(name)

    # -- nodes

    def placeholder(self, key: str, dtype: str, shape: Shape) -> Tensor:
        """A graph input; `key` is its name in the signature."""
        name = self._names.unique(safe_name(key))
        self.nodes[name] = Node(name, "Placeholder", (), {"dtype": dtype, "shape": shape})
        self.inputs[key] = self.tensors[name] = Tensor(name, dtype, shape)
        return self.inputs[key]

    def const(self, array: Any, dtype: str | None = None) -> Tensor:
        """A constant; equal constants share one node.

        Args:
            array: anything NumPy takes; from here on it is the graph's. Python floats become
                float32, ints int32.
            dtype: the dtype to cast to first; by default that of `array`.
        """
        given = np.asarray(array)
        if dtype is None:
            dtype = {"b": "bool", "f": "float32"}.get(given.dtype.kind, "int32")
        value = np.ascontiguousarray(given.astype(DTYPES[dtype], copy=False)).reshape(given.shape)
        data = value.tobytes() if value.size <= _SMALL else hashlib.sha256(value.data).digest()
        key = (dtype, value.shape, data)
        known = self._shared.get(key)
        if known is None:
            known = self._shared[key] = self._const(f"{self._names.scope}/const", dtype, value)
            self._keys[known.name] = key
        return known

    def _const(self, wanted: str, dtype: str, value: NDArray[Any]) -> Tensor:
        name = self._names.unique(wanted)
        attrs: dict[str, Attr] = {"dtype": dtype, "shape": value.shape}
        self.nodes[name] = Node(name, "Const", (), attrs)
        self.constants[name] = value
        known = self.tensors[name] = Tensor(name, dtype, value.shape, value)
        return known

    def keep(self, constant: Tensor) -> Tensor:
        """A constant of another graph, under its name; a large one is not compared with others."""
        assert constant.value is not None
        if constant.value.size <= _SMALL:
            with self.scope(constant.name.rpartition("/")[0] or constant.name):
                return self.const(constant.value, constant.dtype)
        return self._const(constant.name, constant.dtype, constant.value)

    def forget(self, constant: Tensor) -> None:
        """Drop a constant that no node reads, so that its memory is free."""
        if constant.name in self._read or constant.name not in self.constants:
            return
        del self.nodes[constant.name], self.constants[constant.name], self.tensors[constant.name]
        key = self._keys.get(constant.name)
        if key is not None:
            del self._shared[key]

    def know(self, tensor: Tensor) -> Tensor:
        """Note what more is known of a tensor's shape, for the passes; returns it."""
        if tensor.name in self.tensors:
            self.tensors[tensor.name] = tensor
        return tensor

    def add(self, op: str, *inputs: Tensor, shape: Shape = None, **attrs: Attr) -> Tensor:
        """Add an operation of one output.

        Args:
            op: TensorFlow's name of it; it must stand in `tfops.OPS`.
            inputs: its operands.
            shape: the output's shape, where the caller knows more than `tfops` infers.
            attrs: TensorFlow attributes; type attributes (`T`, ...) are filled in.
        """
        return self.add_many(op, *inputs, shapes=[shape], **attrs)[0]

    def add_many(
        self, op: str, *inputs: Tensor, shapes: Sequence[Shape] = (), **attrs: Attr
    ) -> list[Tensor]:
        """Add an operation of any number of outputs; see `add`."""
        spec = OPS[op]
        inferred = spec.infer(list(inputs), attrs)
        for i, shape in enumerate(shapes):
            inferred[i] = (inferred[i][0], merge(inferred[i][1], shape))
        folded = fold(op, list(inputs), attrs, inferred[0][1])
        if folded is not None:
            return [self.const(folded, inferred[0][0])]
        name = self._names.unique(f"{self._names.scope}/{op}")
        typed = {**spec.types(list(inputs), [dtype for dtype, _ in inferred], attrs), **attrs}
        self.nodes[name] = Node(name, op, tuple(tensor.name for tensor in inputs), typed)
        self._read.update(tensor.name for tensor in inputs)
        made = [
            Tensor(f"{name}:{i}" if i else name, dtype, shape)
            for i, (dtype, shape) in enumerate(inferred)
        ]
        self.tensors.update((tensor.name, tensor) for tensor in made)
        return made

    # -- the operations that every family needs, without a node where none is needed

    def scalar(self, value: float | bool, like: Tensor | str) -> Tensor:
        """A constant of no dimensions, of the dtype of `like`."""
        return self.const(np.asarray(value), like if isinstance(like, str) else like.dtype)

    def cast(self, x: Tensor, dtype: str) -> Tensor:
        """TF Cast, where the dtype differs; NotEqual for what is not zero."""
        if x.dtype == dtype:
            return x
        if dtype == "bool":
            # WebAssembly's Cast wraps to eight bits, so that 0.5 and 256 would come out false.
            return self.add("NotEqual", x, self.scalar(0, x))
        return self.add("Cast", x, DstT=dtype)

    def transpose(self, x: Tensor, perm: Sequence[int]) -> Tensor:
        """TF Transpose; a transpose of a transpose is written as one, or as none."""
        order = tuple(perm)
        known = self._transposed.get(x.name)
        if known is not None:
            source, before = known
            shape = None if x.shape is None else [x.shape[i] for i in inverse(before)]
            x = dataclasses.replace(source, shape=merge(source.shape, shape))
            order = tuple(before[i] for i in order)
        if order == tuple(range(len(order))):
            return x
        result = self.add("Transpose", x, self.const(order))
        if result.value is None:
            self._transposed[result.name] = (x, order)
        return result

    def shape_of(self, x: Tensor) -> Tensor:
        """The shape as an int32 vector: a constant where it is static, else TF Shape."""
        if x.static is not None:
            return self.const(np.array(x.static, np.int32))
        return self.add("Shape", x)

    def dim(self, x: Tensor, axis: int) -> int | Tensor:
        """One dimension: a number where it is static, else an int32 scalar."""
        if x.shape is not None and (size := x.shape[axis]) is not None:
            return size
        return self.add("GatherV2", self.shape_of(x), self.const(axis), self.const(0), shape=())

    def dims(self, x: Tensor) -> list[int | Tensor]:
        """Every dimension; see `dim`."""
        assert x.shape is not None
        return [self.dim(x, axis) for axis in range(len(x.shape))]

    def vector(self, dims: Sequence[int | Tensor]) -> Tensor:
        """An int32 vector of the given dimensions."""
        if all(isinstance(dim, int) for dim in dims):
            return self.const(np.array(dims, np.int32))
        scalars = [self.const(dim) if isinstance(dim, int) else dim for dim in dims]
        return self.add("Pack", *scalars, axis=0, N=len(scalars))

    def product(self, dims: Sequence[int | Tensor]) -> int | Tensor:
        """The product of dimensions."""
        total: int | Tensor = math.prod(dim for dim in dims if isinstance(dim, int))
        for dim in dims:
            if isinstance(dim, Tensor):
                factor = self.const(total) if isinstance(total, int) else total
                total = dim if total == 1 else self.add("Mul", dim, factor)
        return total

    def reshape(self, x: Tensor, dims: Sequence[int | Tensor]) -> Tensor:
        """TF Reshape, where the shape differs; one dimension may be -1."""
        shape: Shape = tuple(dim if isinstance(dim, int) and dim >= 0 else None for dim in dims)
        if x.shape == shape and x.static is not None:
            return x
        if -1 not in dims and sum(isinstance(dim, Tensor) for dim in dims) == 1:
            known = [dim for dim in dims if isinstance(dim, int)]
            if 0 not in known:
                dims = [dim if isinstance(dim, int) else -1 for dim in dims]
        return self.add("Reshape", x, self.vector(dims), shape=shape)

    def broadcast(self, x: Tensor, shape: Tensor) -> Tensor:
        """TF BroadcastTo, where the shape differs."""
        wanted = None if shape.value is None else tuple(int(dim) for dim in shape.value)
        if wanted is not None and x.shape == wanted:
            return x
        return self.add("BroadcastTo", x, shape)

    # -- finishing

    def output(self, key: str, x: Tensor) -> None:
        """Make `x` the output `key` of the signature."""
        op = self.nodes[x.node].op
        # A run hands back its output tensors to be disposed of. Inputs and weights must
        # survive that, and no tensor may be handed back twice.
        if op in ("Placeholder", "Const") or x.name in self._handed or x.name != x.node:
            with self.scope(f"output/{key}"):
                x = self.add("Identity", x)
        self.outputs[key] = x
        self._handed.add(x.name)

    def prune(self) -> None:
        """Drop the nodes on which no output depends; inputs stay."""
        wanted = {x.node for x in self.outputs.values()} | {x.node for x in self.inputs.values()}
        for node in reversed(list(self.nodes.values())):
            if node.name in wanted:
                wanted.update(name.partition(":")[0] for name in node.inputs)
        self.nodes = {name: node for name, node in self.nodes.items() if name in wanted}
        self.constants = {k: self.constants[k] for k in self.nodes if k in self.constants}
        self.tensors = {k: x for k, x in self.tensors.items() if x.node in self.nodes}
        self._shared = {k: x for k, x in self._shared.items() if x.name in self.nodes}
        self._keys = {x.name: k for k, x in self._shared.items()}


def inverse(perm: Sequence[int]) -> tuple[int, ...]:
    """The permutation that undoes `perm`."""
    result = [0] * len(perm)
    for i, axis in enumerate(perm):
        result[axis] = i
    return tuple(result)


def merge(a: Shape | Sequence[Dim], b: Shape | Sequence[Dim]) -> Shape:
    """What two true statements about one shape say together.

    Raises:
        ValueError: the statements contradict each other.
    """
    if a is None or b is None:
        known = b if a is None else a
        return None if known is None else tuple(known)
    if len(a) != len(b) or any(p != q for p, q in zip(a, b, strict=True) if None not in (p, q)):
        raise ValueError(f"shape {list(a)} contradicts shape {list(b)}")
    return tuple(q if p is None else p for p, q in zip(a, b, strict=True))
