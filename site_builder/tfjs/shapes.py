"""Shapes and dtypes of what TensorFlow's operations give, from those of their operands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .graph import Tensor

Dim = int | None
Shape = tuple[Dim, ...] | None
Attr = bool | int | float | str | Shape | list[int] | list[str]
Attrs = dict[str, Attr]
Result = list[tuple[str, Shape]]
Infer = Callable[[list["Tensor"], Attrs], Result]


def ints(tensor: Tensor) -> list[int] | None:
    """The numbers of an integer constant, flattened."""
    return None if tensor.value is None else [int(v) for v in np.ravel(tensor.value)]


def broadcast_shape(*shapes: Shape) -> Shape:
    """The shape that NumPy's rules broadcast to; an unknown dimension may be 1."""
    if any(shape is None for shape in shapes):
        return None
    known = [shape for shape in shapes if shape is not None]
    rank = max(map(len, known))
    result: list[Dim] = []
    for i in range(-rank, 0):
        dims = [shape[i] for shape in known if len(shape) >= -i]
        fixed = {dim for dim in dims if dim is not None and dim != 1}
        if len(fixed) > 1:
            raise ValueError(f"shapes {[list(s) for s in known]} do not broadcast")
        result.append(fixed.pop() if fixed else (None if None in dims else 1))
    return tuple(result)


def same(inputs: list[Tensor], attrs: Attrs) -> Result:
    """Dtype and shape of the first operand."""
    return [(inputs[0].dtype, inputs[0].shape)]


def same_as(dtype: str) -> Infer:
    """The first operand's shape, of a dtype of its own."""
    return lambda inputs, attrs: [(dtype, inputs[0].shape)]


def binary(inputs: list[Tensor], attrs: Attrs) -> Result:
    """Both operands broadcast; the dtype of the first."""
    return [(inputs[0].dtype, broadcast_shape(inputs[0].shape, inputs[1].shape))]


def compare(inputs: list[Tensor], attrs: Attrs) -> Result:
    """Both operands broadcast, as truth values."""
    return [("bool", broadcast_shape(inputs[0].shape, inputs[1].shape))]


def select(inputs: list[Tensor], attrs: Attrs) -> Result:
    """All three operands broadcast."""
    return [(inputs[1].dtype, broadcast_shape(*(x.shape for x in inputs)))]


def cast(inputs: list[Tensor], attrs: Attrs) -> Result:
    """The shape stays; `DstT` says the dtype."""
    return [(str(attrs["DstT"]), inputs[0].shape)]


def reduced(shape: Shape, axes: Sequence[int] | None, keep: bool) -> Shape:
    """A shape without some axes, or with 1 in their place; `axes` of None are not known."""
    if shape is None:
        return None
    if axes is None:
        return (None,) * len(shape) if keep else None
    gone = {axis % len(shape) for axis in axes} if shape else set()
    if keep:
        return tuple(1 if i in gone else dim for i, dim in enumerate(shape))
    return tuple(dim for i, dim in enumerate(shape) if i not in gone)


def reduce(inputs: list[Tensor], attrs: Attrs) -> Result:
    """A reduction along the axes in its second operand."""
    shape = reduced(inputs[0].shape, ints(inputs[1]), bool(attrs.get("keep_dims", False)))
    return [(inputs[0].dtype, shape)]


def arg(inputs: list[Tensor], attrs: Attrs) -> Result:
    """A place along the axis in the second operand."""
    return [("int32", reduced(inputs[0].shape, ints(inputs[1]), False))]


def matmul(inputs: list[Tensor], attrs: Attrs) -> Result:
    """Stacks of matrices, broadcast, either of them perhaps transposed."""
    a, b = inputs[0].shape, inputs[1].shape
    if a is None or b is None:
        return [(inputs[0].dtype, None)]
    flip_a = bool(attrs.get("adj_x", attrs.get("transpose_a", False)))
    flip_b = bool(attrs.get("adj_y", attrs.get("transpose_b", False)))
    inner = {a[-2 if flip_a else -1], b[-1 if flip_b else -2]} - {None}
    if len(inner) > 1:
        raise ValueError(f"matrices of shapes {list(a)} and {list(b)} have no product")
    batch = broadcast_shape(a[:-2], b[:-2])
    assert batch is not None
    return [(inputs[0].dtype, (*batch, a[-1 if flip_a else -2], b[-2 if flip_b else -1]))]


def transpose(inputs: list[Tensor], attrs: Attrs) -> Result:
    """The dimensions in the order of the second operand."""
    shape, perm = inputs[0].shape, ints(inputs[1])
    if shape is None or perm is None:
        return [(inputs[0].dtype, None if shape is None else (None,) * len(shape))]
    return [(inputs[0].dtype, tuple(shape[axis] for axis in perm))]


def unknown(tensor: Tensor) -> Shape:
    """A shape of which at most the rank is known, from the length of a shape vector."""
    if tensor.shape is None or len(tensor.shape) != 1 or tensor.shape[0] is None:
        return None
    return (None,) * tensor.shape[0]


def reshape(inputs: list[Tensor], attrs: Attrs) -> Result:
    """The shape in the second operand; one -1 is worked out."""
    dims, static = ints(inputs[1]), inputs[0].static
    if dims is None:
        return [(inputs[0].dtype, unknown(inputs[1]))]
    shape: Shape = tuple(None if dim < 0 else dim for dim in dims)
    rest = int(np.prod([dim for dim in dims if dim >= 0]))
    if static is not None and -1 in dims and rest:
        shape = tuple(int(np.prod(static)) // rest if dim < 0 else dim for dim in dims)
    return [(inputs[0].dtype, shape)]


def target(inputs: list[Tensor], attrs: Attrs) -> Result:
    """The shape in the second operand."""
    dims = ints(inputs[1])
    return [(inputs[0].dtype, unknown(inputs[1]) if dims is None else tuple(dims))]


def fill(inputs: list[Tensor], attrs: Attrs) -> Result:
    """The shape in the first operand, the dtype of the second."""
    dims = ints(inputs[0])
    return [(inputs[1].dtype, unknown(inputs[0]) if dims is None else tuple(dims))]


def expand_dims(inputs: list[Tensor], attrs: Attrs) -> Result:
    """One dimension of 1 more."""
    shape, axis = inputs[0].shape, ints(inputs[1])
    if shape is None or axis is None:
        return [(inputs[0].dtype, None if shape is None else (None,) * (len(shape) + 1))]
    at = axis[0] % (len(shape) + 1)
    return [(inputs[0].dtype, (*shape[:at], 1, *shape[at:]))]


def squeeze(inputs: list[Tensor], attrs: Attrs) -> Result:
    """Without the dimensions named by `squeeze_dims`."""
    axes = attrs["squeeze_dims"]
    assert isinstance(axes, list)
    return [(inputs[0].dtype, reduced(inputs[0].shape, [int(a) for a in axes], False))]


def concat(inputs: list[Tensor], attrs: Attrs) -> Result:
    """One dimension is the sum of all; the last operand is the axis."""
    *parts, axis = inputs
    shapes = [part.shape for part in parts]
    if axis.value is None or any(shape is None for shape in shapes):
        return [(parts[0].dtype, None)]
    known = [shape for shape in shapes if shape is not None]
    at = int(axis.value) % len(known[0])
    dims = [dim[at] for dim in known]
    total = None if None in dims else sum(dim for dim in dims if dim is not None)
    rest = [next((s[i] for s in known if s[i] is not None), None) for i in range(len(known[0]))]
    return [(parts[0].dtype, (*rest[:at], total, *rest[at + 1 :]))]


def pack(inputs: list[Tensor], attrs: Attrs) -> Result:
    """One dimension more, as long as there are operands."""
    shape, axis = inputs[0].shape, attrs["axis"]
    assert isinstance(axis, int)
    packed = None if shape is None else (*shape[:axis], len(inputs), *shape[axis:])
    return [(inputs[0].dtype, packed)]


def gather(inputs: list[Tensor], attrs: Attrs) -> Result:
    """The axis replaced by the shape of the indices."""
    x, indices, axis = inputs[0].shape, inputs[1].shape, ints(inputs[2])
    if x is None or indices is None or axis is None:
        return [(inputs[0].dtype, None)]
    at = axis[0] % len(x)
    return [(inputs[0].dtype, (*x[:at], *indices, *x[at + 1 :]))]


def gather_nd(inputs: list[Tensor], attrs: Attrs) -> Result:
    """The leading dimensions replaced by those of the index tuples."""
    x, indices = inputs[0].shape, inputs[1].shape
    if x is None or indices is None or indices[-1] is None:
        return [(inputs[0].dtype, None)]
    return [(inputs[0].dtype, (*indices[:-1], *x[indices[-1] :]))]


def scatter_nd(inputs: list[Tensor], attrs: Attrs) -> Result:
    """The shape in the third operand, the dtype of the second."""
    dims = ints(inputs[2])
    return [(inputs[1].dtype, unknown(inputs[2]) if dims is None else tuple(dims))]


def slice_(inputs: list[Tensor], attrs: Attrs) -> Result:
    """The sizes in the third operand; -1 is up to the end."""
    shape, begin, size = inputs[0].shape, ints(inputs[1]), ints(inputs[2])
    if shape is None or begin is None or size is None:
        return [(inputs[0].dtype, None if shape is None else (None,) * len(shape))]
    dims: list[Dim] = []
    for dim, start, count in zip(shape, begin, size, strict=True):
        dims.append(count if count >= 0 else None if dim is None else dim - start)
    return [(inputs[0].dtype, tuple(dims))]


def strided_slice(inputs: list[Tensor], attrs: Attrs) -> Result:
    """Python's slices, where a bit of a mask leaves a bound open."""
    shape = inputs[0].shape
    begin, end, step = (ints(x) for x in inputs[1:4])
    if shape is None or begin is None or end is None or step is None:
        return [(inputs[0].dtype, None if shape is None else (None,) * len(shape))]
    masks = [int(str(attrs.get(name, 0))) for name in ("begin_mask", "end_mask")]
    dims: list[Dim] = []
    for i, dim in enumerate(shape):
        start = None if masks[0] >> i & 1 else begin[i]
        stop = None if masks[1] >> i & 1 else end[i]
        whole = start is None and stop is None and step[i] == 1
        known = dim if whole or dim is None else len(range(dim)[slice(start, stop, step[i])])
        dims.append(known)
    return [(inputs[0].dtype, tuple(dims))]


def split(inputs: list[Tensor], attrs: Attrs) -> Result:
    """Parts of the sizes in the second operand, along the axis in the third."""
    x, sizes, axis = inputs[0], ints(inputs[1]), ints(inputs[2])
    assert sizes is not None
    assert axis is not None
    if x.shape is None:
        return [(x.dtype, None) for _ in sizes]
    at = axis[0] % len(x.shape)
    return [(x.dtype, (*x.shape[:at], size, *x.shape[at + 1 :])) for size in sizes]


def tile(inputs: list[Tensor], attrs: Attrs) -> Result:
    """Each dimension times its number in the second operand."""
    shape, reps = inputs[0].shape, ints(inputs[1])
    if shape is None or reps is None:
        return [(inputs[0].dtype, None if shape is None else (None,) * len(shape))]
    tiled = tuple(None if d is None else d * r for d, r in zip(shape, reps, strict=True))
    return [(inputs[0].dtype, tiled)]


def pad(inputs: list[Tensor], attrs: Attrs) -> Result:
    """Each dimension and what the second operand adds on both sides."""
    shape, pads = inputs[0].shape, ints(inputs[1])
    if shape is None or pads is None:
        return [(inputs[0].dtype, None if shape is None else (None,) * len(shape))]
    dims = [None if d is None else d + sum(pads[2 * i : 2 * i + 2]) for i, d in enumerate(shape)]
    return [(inputs[0].dtype, tuple(dims))]


def shape_of(inputs: list[Tensor], attrs: Attrs) -> Result:
    """A vector as long as the rank."""
    return [("int32", (inputs[0].rank,))]


def range_(inputs: list[Tensor], attrs: Attrs) -> Result:
    """As many numbers as fit; at run time nobody knows."""
    bounds = [x.value for x in inputs]
    if any(bound is None for bound in bounds):
        return [(inputs[0].dtype, (None,))]
    start, stop, step = (float(np.asarray(bound)) for bound in bounds)
    return [(inputs[0].dtype, (max(0, int(np.ceil((stop - start) / step))),))]


def top_k(inputs: list[Tensor], attrs: Attrs) -> Result:
    """The last dimension becomes k; the places are int32."""
    shape, k = inputs[0].shape, ints(inputs[1])
    top = None if shape is None else (*shape[:-1], None if k is None else k[0])
    return [(inputs[0].dtype, top), ("int32", top)]


def image(inputs: list[Tensor], attrs: Attrs) -> Result:
    """Image operations: the rank stays; the caller or ONNX's own inference knows the rest."""
    shape = inputs[0].shape
    return [(inputs[0].dtype, None if shape is None else (None,) * len(shape))]


def backprop(inputs: list[Tensor], attrs: Attrs) -> Result:
    """A transposed convolution: the shape in the first operand."""
    sizes = ints(inputs[0])
    return [(inputs[1].dtype, (None,) * 4 if sizes is None else tuple(sizes))]


def broadcast_args(inputs: list[Tensor], attrs: Attrs) -> Result:
    """A shape as long as the longer one."""
    lengths = [x.shape[0] if x.shape is not None else None for x in inputs]
    known = None if None in lengths else max(n for n in lengths if n is not None)
    return [("int32", (known,))]
