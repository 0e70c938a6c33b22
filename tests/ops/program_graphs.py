"""Random ONNX graphs of what the compiler takes, with sizes that are known only when they run.

Where a result jumps, as in a comparison, its operands are such that float32 holds them exactly, so
that every engine has to land on the same side: small multiples of 1/8 and what sums, products and
the like make of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
Size = int | str
Array = NDArray[Any]
#: Float32 holds so many binary digits.
_DIGITS = 23
_KINDS = {"float": TensorProto.FLOAT, "int": TensorProto.INT32, "bool": TensorProto.BOOL}
_TYPES = {"float": np.float32, "int": np.int32, "bool": np.bool_}


@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """A model, what to feed it, and what to tell the compiler.

    Attributes:
        model: Its inputs' sizes are numbers, names, or open.
        feeds: Sets of inputs: two of the same sizes, and one of others.
        dims: Sizes by name, or None where the compiler is told nothing.
        feedback: Outputs to the inputs that they could be in a next run.
        varying: Some of the inputs.
    """

    model: onnx.ModelProto
    feeds: list[dict[str, Array]]
    dims: dict[str, list[int | str]] | None
    feedback: dict[str, str]
    varying: list[str]

    def __repr__(self) -> str:
        shapes = [{name: array.shape for name, array in feeds.items()} for feeds in self.feeds]
        return f"{onnx.printer.to_text(self.model)}\n{shapes}\n{self.dims}"


@dataclasses.dataclass(frozen=True)
class Known:
    """A value: its element type, its sizes, and how many binary digits hold it, if known."""

    name: str
    kind: str
    shape: tuple[Size, ...]
    digits: int | None

    @property
    def rank(self) -> int:
        """How many dimensions it has."""
        return len(self.shape)

    @property
    def exact(self) -> bool:
        """Whether float32 holds every number that it can have."""
        return self.kind != "float" or (self.digits is not None and self.digits <= _DIGITS)


class Builder:
    """A graph under construction."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.rng = np.random.default_rng(random.getrandbits(32))
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, Array] = {}
        self.inputs: list[Known] = []
        self.values: list[Known] = []
        self.used: set[str] = set()

    def constant(self, array: Any) -> str:
        """The name of a constant."""
        name = f"c{len(self.constants)}"
        self.constants[name] = np.asarray(array)
        return name

    def vector(self, *numbers: int) -> str:
        """The name of a constant such as axes."""
        return self.constant(np.array(numbers, np.int64))

    def eighths(self, *shape: int) -> Known:
        """A constant of multiples of 1/8."""
        array = self.rng.integers(-16, 17, shape) / np.float32(8)
        return Known(self.constant(array.astype(np.float32)), "float", shape, 5)

    def add(
        self,
        op: str,
        inputs: Sequence[Known | str],
        kind: str,
        shape: Sequence[Size],
        digits: int | None = None,
        **attributes: Any,
    ) -> Known:
        """A node, and its result."""
        names = [one if isinstance(one, str) else one.name for one in inputs]
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, names, [name], **attributes))
        self.used.update(names)
        value = Known(name, kind, tuple(shape), digits)
        self.values.append(value)
        return value

    def pick(self, wanted: Callable[[Known], bool] = lambda value: True) -> Known | None:
        """A value; late ones more often, so that chains grow long."""
        fit = [value for value in self.values if wanted(value)]
        if not fit:
            return None
        return self.random.choice(fit[-4:] if self.random.random() < 0.7 else fit)

    def axis(self, value: Known) -> int:
        """One of its axes."""
        return self.random.randrange(value.rank)


def _sum(*digits: int | None) -> int | None:
    known = [each for each in digits if each is not None]
    return sum(known) if len(known) == len(digits) else None


def _most(*digits: int | None, more: int = 0) -> int | None:
    known = [each for each in digits if each is not None]
    return max(known) + more if len(known) == len(digits) else None


def _wide(a: tuple[Size, ...], b: tuple[Size, ...]) -> tuple[Size, ...] | None:
    """The sizes that two are broadcast to; `m` is 1 or as large as `n`."""
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    made = list(longer)
    for axis, size in enumerate(shorter, len(longer) - len(shorter)):
        other = made[axis]
        if size in (other, 1):
            continue
        if other == 1:
            made[axis] = size
        elif {size, other} == {"n", "m"}:
            made[axis] = "n"
        else:
            return None
    return tuple(made)


def _pair(b: Builder, kind: str) -> tuple[Known, Known, tuple[Size, ...]] | None:
    x = b.pick(lambda v: v.kind == kind)
    if x is None:
        return None
    if kind == "float" and b.random.random() < 0.3:
        sizes = [s if isinstance(s, int) and b.random.random() < 0.7 else 1 for s in x.shape]
        y: Known | None = b.eighths(*sizes[b.random.randint(0, x.rank) :])
    else:
        y = b.pick(lambda v: v.kind == kind and _wide(x.shape, v.shape) is not None)
    assert y is not None
    wide = _wide(x.shape, y.shape)
    if wide is None:
        return None
    return (x, y, wide) if b.random.random() < 0.5 else (y, x, wide)


def _unary(b: Builder) -> None:
    x = b.pick(lambda v: v.kind == "float")
    if x is None:
        return
    op = b.random.choice(["Neg", "Abs", "Relu", "LeakyRelu", "Tanh", "Sigmoid", "Softplus", "Erf",
                          "Elu", "Sin", "Sqrt", "Exp", "Reciprocal", "Clip"])  # fmt: skip
    if op in ("Neg", "Abs", "Relu"):
        b.add(op, [x], "float", x.shape, x.digits)
    elif op == "LeakyRelu":
        b.add(op, [x], "float", x.shape, _sum(x.digits, 2), alpha=0.25)
    elif op == "Clip":
        low, high = (b.constant(np.float32(bound)) for bound in (-1.5, 1.25))
        b.add(op, [x, low, high], "float", x.shape, _most(x.digits, 5))
    elif op == "Sqrt":
        b.add(op, [b.add("Abs", [x], "float", x.shape)], "float", x.shape)
    elif op == "Exp":
        b.add(op, [b.add("Tanh", [x], "float", x.shape)], "float", x.shape)
    elif op == "Reciprocal":
        b.add(op, [b.add("Softplus", [x], "float", x.shape)], "float", x.shape)
    elif op == "Sin" and not x.exact:
        return  # of large numbers it is as good as random
    else:
        b.add(op, [x], "float", x.shape)


def _jump(b: Builder) -> None:
    x = b.pick(lambda v: v.kind == "float" and v.exact)
    if x is None:
        return
    op = b.random.choice(["Floor", "Ceil", "Round", "Sign", "Cast"])
    if op == "Cast":
        b.add(op, [x], "int", x.shape, to=_KINDS["int"])
    else:
        b.add(op, [x], "float", x.shape, x.digits)


def _binary(b: Builder) -> None:
    pair = _pair(b, "float")
    if pair is None:
        return
    x, y, wide = pair
    op = b.random.choice(["Add", "Sub", "Mul", "Max", "Min", "Div"])
    if op == "Div":
        below = b.add("Softplus", [y], "float", y.shape)
        b.add(op, [x, below], "float", wide)
    elif op == "Mul":
        b.add(op, [x, y], "float", wide, _sum(x.digits, y.digits))
    else:
        b.add(op, [x, y], "float", wide, _most(x.digits, y.digits, more=1))


def _integers(b: Builder) -> None:
    pair = _pair(b, "int")
    if pair is None:
        return
    x, y, wide = pair
    op = b.random.choice(["Add", "Sub", "Mul", "Max", "Min", "Div", "Mod", "Neg", "Abs", "Where"])
    if op in ("Neg", "Abs"):
        b.add(op, [x], "int", x.shape)
    elif op in ("Div", "Mod"):
        # Not by 0, of which ONNX does not say what comes of it.
        odd = b.add("BitwiseOr", [y, b.constant(np.int32(1))], "int", y.shape)
        small = b.add(
            "Clip", [odd, *(b.constant(np.int32(c)) for c in (-999, 999))], "int", y.shape
        )
        kept = b.add("Clip", [x, *(b.constant(np.int32(c)) for c in (-(10**6), 10**6))], "int",
                     x.shape)  # fmt: skip
        b.add(op, [kept, small], "int", wide)
    elif op == "Where":
        less = b.add("Less", [x, y], "bool", wide)
        b.add(op, [less, x, y], "int", wide)
    else:
        b.add(op, [x, y], "int", wide)


def _compare(b: Builder) -> None:
    pair = _pair(b, b.random.choice(["float", "int"]))
    if pair is None or not (pair[0].exact and pair[1].exact):
        return
    x, y, wide = pair
    op = b.random.choice(["Equal", "Less", "Greater", "LessOrEqual", "GreaterOrEqual"])
    b.add(op, [x, y], "bool", wide)


def _logic(b: Builder) -> None:
    pair = _pair(b, "bool")
    if pair is None:
        return
    x, y, wide = pair
    op = b.random.choice(["And", "Or", "Xor", "Not", "Cast", "Cast"])
    if op == "Not":
        b.add(op, [x], "bool", x.shape)
    elif op == "Cast":
        kind = b.random.choice(["int", "float"])
        b.add(op, [x], kind, x.shape, 1, to=_KINDS[kind])
    else:
        b.add(op, [x, y], "bool", wide)


def _where(b: Builder) -> None:
    pair, condition = (
        _pair(b, b.random.choice(["float", "int"])),
        b.pick(lambda v: v.kind == "bool"),
    )
    if pair is None or condition is None:
        return
    x, y, wide = pair
    whole = _wide(condition.shape, wide)
    if whole is not None:
        b.add("Where", [condition, x, y], x.kind, whole, _most(x.digits, y.digits))


def _reduced(x: Known, axes: Sequence[int], keep: bool) -> list[Size]:
    kept: list[Size] = [1 if i in axes else size for i, size in enumerate(x.shape)]
    return kept if keep else [size for i, size in enumerate(x.shape) if i not in axes]


def _reduce(b: Builder) -> None:
    x = b.pick(lambda v: v.kind in ("float", "int") and v.rank > 0)
    if x is None:
        return
    axes = sorted(b.random.sample(range(x.rank), b.random.randint(1, x.rank)))
    keep = b.random.random() < 0.5
    shape = _reduced(x, axes, keep)
    digits = _sum(x.digits, 7)
    op = b.random.choice(["ReduceSum", "ReduceMax", "ReduceMin", "ReduceMean", "ReduceL2",
                          "ReduceLogSumExp", "ReduceProd"])  # fmt: skip
    if x.kind == "int":
        op = b.random.choice(["ReduceSum", "ReduceMax", "ReduceMin"])
    if op in ("ReduceMax", "ReduceMin"):
        digits = x.digits
    elif op != "ReduceSum":
        digits = None
    given = [a - x.rank if b.random.random() < 0.3 else a for a in axes]
    b.add(op, [x, b.vector(*given)], x.kind, shape, digits, keepdims=int(keep))


def _arg(b: Builder) -> None:
    x = b.pick(lambda v: v.kind in ("float", "int") and v.rank > 0 and v.exact)
    if x is None:
        return
    axis, keep = b.axis(x), b.random.random() < 0.5
    shape = _reduced(x, [axis], keep)
    op = b.random.choice(["ArgMax", "ArgMin"])
    long = b.add(op, [x], "long", shape, axis=axis, keepdims=int(keep))
    b.add("Cast", [long], "int", shape, to=_KINDS["int"])


def _matmul(b: Builder) -> None:
    x = b.pick(lambda v: v.kind == "float" and v.rank >= 2)
    if x is None:
        return
    inner = x.shape[-1]
    y = b.pick(
        lambda v: (
            v.kind == "float"
            and v.rank >= 2
            and v.shape[-2] == inner
            and _wide(x.shape[:-2], v.shape[:-2]) is not None
        )
    )
    if y is None or b.random.random() < 0.5:
        if not isinstance(inner, int):
            return
        y = b.eighths(inner, b.random.randint(1, 4))
    batch = _wide(x.shape[:-2], y.shape[:-2])
    assert batch is not None
    made = b.add("MatMul", [x, y], "float", (*batch, x.shape[-2], y.shape[-1]),
                 _sum(x.digits, y.digits, 4))  # fmt: skip
    columns = y.shape[-1]
    if b.random.random() < 0.5 and isinstance(columns, int):
        bias = b.eighths(columns)
        made = b.add("Add", [made, bias], "float", made.shape, _most(made.digits, 5, more=1))
        if b.random.random() < 0.5:
            b.add(b.random.choice(["Relu", "Tanh"]), [made], "float", made.shape)


def _image(b: Builder) -> None:
    x = b.pick(
        lambda v: v.kind == "float" and v.rank == 4 and all(isinstance(s, int) for s in v.shape[1:])
    )
    if x is None:
        return
    batch, channels, *sizes = x.shape
    assert isinstance(channels, int)
    whole = [size for size in sizes if isinstance(size, int)]
    op = b.random.choice(["Conv", "MaxPool", "AveragePool", "GlobalAveragePool"])
    if op == "GlobalAveragePool":
        b.add(op, [x], "float", (batch, channels, 1, 1))
        return
    window = [b.random.randint(1, min(3, size)) for size in whole]
    stride, pad = b.random.randint(1, 2), b.random.randint(0, 1)
    if min(window) == 1:
        pad = 0
    counts = [(s + 2 * pad - k) // stride + 1 for s, k in zip(whole, window, strict=True)]
    common = {"kernel_shape": window, "strides": [stride] * 2, "pads": [pad] * 4}
    if op != "Conv":
        digits = x.digits if op == "MaxPool" else None
        b.add(op, [x], "float", (batch, channels, *counts), digits, **common)
        return
    deep = b.random.random() < 0.3
    filters = channels if deep else b.random.randint(1, 3)
    weight = b.eighths(filters, 1 if deep else channels, *window)
    bias = b.eighths(filters)
    group = channels if deep else 1
    b.add(op, [x, weight, bias], "float", (batch, filters, *counts), _sum(x.digits, 11),
          group=group, **common)  # fmt: skip


def _moved(b: Builder) -> None:
    """Another order, another shape, parts, and more of the same."""
    x = b.pick(lambda v: v.kind != "long" and v.rank > 0)
    if x is None:
        return
    b.random.choice([_transpose, _merge, _squeeze, _unsqueeze, _slice, _gather, _pad, _expand,
                     _tile, _joined, _reverse, _gather_computed])(b, x)  # fmt: skip


def _transpose(b: Builder, x: Known) -> None:
    perm = b.random.sample(range(x.rank), x.rank)
    b.add("Transpose", [x], x.kind, [x.shape[a] for a in perm], x.digits, perm=perm)


def _merge(b: Builder, x: Known) -> None:
    """Two neighbouring axes become one; others keep their sizes."""
    if x.rank < 2:
        return
    at = b.random.randrange(x.rank - 1)
    one, other = x.shape[at : at + 2]
    if not (isinstance(one, int) and isinstance(other, int)):
        if any(isinstance(size, str) for size in (*x.shape[:at], *x.shape[at + 2 :])):
            return
        one = f"{one}*{other}"
    else:
        one = one * other
    wanted = [0] * at + [-1] + [s if isinstance(s, int) else 0 for s in x.shape[at + 2 :]]
    if any(isinstance(size, str) for size in x.shape[at + 2 :]):
        return
    b.add("Reshape", [x, b.vector(*wanted)], x.kind, (*x.shape[:at], one, *x.shape[at + 2 :]),
          x.digits)  # fmt: skip


def _squeeze(b: Builder, x: Known) -> None:
    ones = [axis for axis, size in enumerate(x.shape) if size == 1]
    if ones:
        shape = [size for axis, size in enumerate(x.shape) if axis != ones[0]]
        b.add("Squeeze", [x, b.vector(ones[0])], x.kind, shape, x.digits)


def _unsqueeze(b: Builder, x: Known) -> None:
    if x.rank > 3:
        return
    at = b.random.randint(0, x.rank)
    shape = (*x.shape[:at], 1, *x.shape[at:])
    b.add("Unsqueeze", [x, b.vector(at)], x.kind, shape, x.digits)


def _slice(b: Builder, x: Known) -> None:
    axis = b.axis(x)
    size = x.shape[axis]
    if not isinstance(size, int):
        return
    start, step = b.random.randrange(size), b.random.choice([1, 1, 2])
    stop = b.random.randint(start, size)
    count = (stop - start + step - 1) // step
    if count:
        shape = (*x.shape[:axis], count, *x.shape[axis + 1 :])
        parts = [b.vector(n) for n in (start, stop, axis, step)]
        b.add("Slice", [x, *parts], x.kind, shape, x.digits)


def _reverse(b: Builder, x: Known) -> None:
    axis = b.axis(x)
    parts = [b.vector(n) for n in (-1, np.iinfo(np.int64).min, axis, -1)]
    b.add("Slice", [x, *parts], x.kind, x.shape, x.digits)


def _gather(b: Builder, x: Known) -> None:
    axis = b.axis(x)
    size = x.shape[axis]
    most = size if isinstance(size, int) else 1
    shape = b.random.choice([(), (3,), (2, 1)])
    places = b.rng.integers(-most, most, shape)
    if x.rank + len(shape) <= 5:
        b.add("Gather", [x, b.constant(places.astype(np.int64))], x.kind,
              (*x.shape[:axis], *shape, *x.shape[axis + 1 :]), x.digits, axis=axis)  # fmt: skip


def _gather_computed(b: Builder, x: Known) -> None:
    axis = b.axis(x)
    size = x.shape[axis]
    places = b.pick(lambda v: v.kind == "int" and v.rank <= 1)
    if places is None or not isinstance(size, int) or x.rank + places.rank > 5:
        return
    inside = b.add("Mod", [places, b.constant(np.int32(size))], "int", places.shape)
    b.add("Gather", [x, inside], x.kind,
          (*x.shape[:axis], *places.shape, *x.shape[axis + 1 :]), x.digits, axis=axis)  # fmt: skip


def _pad(b: Builder, x: Known) -> None:
    if x.kind != "float" or not all(isinstance(size, int) for size in x.shape):
        return
    before, after = ([b.random.randint(0, 2) for _ in x.shape] for _ in range(2))
    shape = [s + p + q for s, p, q in zip(x.shape, before, after, strict=True)]  # type: ignore[operator]
    b.add("Pad", [x, b.vector(*before, *after), b.constant(np.float32(0.5))], "float", shape,
          _most(x.digits, 3))  # fmt: skip


def _expand(b: Builder, x: Known) -> None:
    other = b.pick(lambda v: _wide(x.shape, v.shape) == v.shape)
    if other is not None:
        shape = b.add("Shape", [other], "long", (other.rank,))
        b.add("Expand", [x, shape], x.kind, other.shape, x.digits)


def _tile(b: Builder, x: Known) -> None:
    often = [b.random.choice([1, 1, 2]) if isinstance(size, int) else 1 for size in x.shape]
    shape = [s * k if isinstance(s, int) else s for s, k in zip(x.shape, often, strict=True)]
    if x.kind != "bool":
        b.add("Tile", [x, b.vector(*often)], x.kind, shape, x.digits)


def _joined(b: Builder, x: Known) -> None:
    alike = b.pick(lambda v: v.kind == x.kind and v.shape == x.shape)
    static = [axis for axis, size in enumerate(x.shape) if isinstance(size, int)]
    if alike is None or not static:
        return
    axis = b.random.choice(static)
    size = x.shape[axis]
    assert isinstance(size, int)
    shape = (*x.shape[:axis], 2 * size, *x.shape[axis + 1 :])
    b.add("Concat", [x, alike], x.kind, shape, _most(x.digits, alike.digits), axis=axis)


def _along(b: Builder) -> None:
    x = b.pick(lambda v: v.kind == "float" and v.rank > 0)
    if x is None:
        return
    axis = b.axis(x)
    if b.random.random() < 0.5:
        b.add("Softmax", [x], "float", x.shape, axis=axis)
    else:
        b.add("CumSum", [x, b.constant(np.int64(axis))], "float", x.shape, _sum(x.digits, 4),
              exclusive=b.random.randint(0, 1), reverse=b.random.randint(0, 1))  # fmt: skip


_RULES = (_unary, _unary, _unary, _jump, _binary, _binary, _binary, _integers, _compare, _logic,
          _where, _reduce, _reduce, _arg, _matmul, _matmul, _image, _moved, _moved, _moved,
          _along)  # fmt: skip
_SHAPES: tuple[tuple[Size, ...], ...] = (
    ("n", 3), ("m", 3), ("n", 4), (3,), (4,), (1, 4), ("n", 1), ("n", "k"), ("k", 3), (2, "n", 3),
    ("n", 2, 4, 5), (2, 2, 3, 4), (), ("n",), ("m",),
)  # fmt: skip


def sample(random: Random) -> Sample:
    """A graph of up to two dozen nodes on two or three inputs, and two sets of what to feed."""
    b = Builder(random)
    for number in range(random.randint(2, 3)):
        kind = random.choice(["float", "float", "float", "int"])
        shape = random.choice(_SHAPES)
        b.inputs.append(Known(f"x{number}", kind, shape, 5 if kind == "float" else None))
    b.values += b.inputs
    for _ in range(random.randint(2, 18)):
        random.choice(_RULES)(b)
        b.values = [value for value in b.values if value.rank <= 4]
    if not b.nodes:
        b.add("Neg", [b.values[0]], b.values[0].kind, b.values[0].shape)
    ends = [v for v in b.values if v.name not in b.used and v.kind != "long" and v not in b.inputs]
    extra = [v for v in b.values if v.kind != "long" and v not in b.inputs]
    back: dict[Known, Known] = {}
    for x in b.inputs:
        fit = [v for v in extra if v.kind == x.kind and v.shape == x.shape and v not in back]
        if fit and random.random() < 0.7:
            back[random.choice(fit)] = x
    ends = sorted({*ends, *back, random.choice(extra or ends)}, key=lambda v: v.name)
    told = random.random() < 0.7
    model = _model(b, ends, told)
    dims = {v.name: list(v.shape) for v in b.inputs} if told else None
    sizes = _sizes(random)
    feeds = [_feeds(b, each) for each in (sizes, sizes, _sizes(random))]
    feedback = {value.name: x.name for value, x in back.items()}
    names = [x.name for x in b.inputs]
    varying = random.sample(names, random.randint(0, len(names)))
    return Sample(model, feeds, dims, feedback, [name for name in names if name in varying])


def _sizes(random: Random) -> dict[str, int]:
    n = random.randint(1, 4)
    return {"n": n, "m": random.choice([1, n]), "k": random.randint(1, 5)}


def _feeds(b: Builder, sizes: dict[str, int]) -> dict[str, Array]:
    made: dict[str, Array] = {}
    for value in b.inputs:
        shape = [size if isinstance(size, int) else sizes[size] for size in value.shape]
        whole = b.rng.integers(-16, 17, shape)
        array = whole / 8 if value.kind == "float" else whole
        made[value.name] = np.asarray(array, _TYPES[value.kind])
    return made


def _model(b: Builder, ends: list[Known], told: bool) -> onnx.ModelProto:
    entries = [
        helper.make_tensor_value_info(
            v.name,
            _KINDS[v.kind],
            [size if told or isinstance(size, int) else None for size in v.shape],
        )
        for v in b.inputs
    ]
    exits = [helper.make_tensor_value_info(v.name, _KINDS[v.kind], [None] * v.rank) for v in ends]
    constants = [numpy_helper.from_array(array, name) for name, array in b.constants.items()]
    graph = helper.make_graph(b.nodes, "random", entries, exits, constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 10
    return model
