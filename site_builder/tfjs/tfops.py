"""The TensorFlow operations that the converter may emit.

Each is known to TF.js's loader and has a kernel on its CPU and WebAssembly backends. An entry
says how the operation's type attributes are named and what shape and dtype it gives, so that a
converter need not.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from . import shapes
from .shapes import Attrs, Infer

if TYPE_CHECKING:
    from .graph import Tensor


@dataclasses.dataclass(frozen=True)
class Spec:
    """What the builder knows of one TensorFlow operation.

    Attributes:
        infer: inputs and attributes to dtypes and shapes of the outputs.
        type_attrs: name of a type attribute to the input whose dtype it states; a negative
            number counts outputs from -1.
    """

    infer: Infer
    type_attrs: tuple[tuple[str, int], ...] = (("T", 0),)

    def types(self, inputs: list[Tensor], outputs: list[str], attrs: Attrs) -> Attrs:
        """The type attributes, as `DTYPE` strings under their names."""
        return {
            name: inputs[i].dtype if i >= 0 else outputs[-1 - i]
            for name, i in self.type_attrs
            if name not in attrs
        }


def _table() -> dict[str, Spec]:
    table: dict[str, Spec] = {}

    def enter(names: str, infer: Infer, *types: tuple[str, int]) -> None:
        for name in names.split():
            table[name] = Spec(infer, types or (("T", 0),))

    enter(
        "Identity Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor Log "
        "Log1p Neg Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softmax Softplus "
        "Sqrt Square Tan Tanh LeakyRelu",
        shapes.same,
    )
    enter("IsNan IsInf IsFinite", shapes.same_as("bool"))
    table["LogicalNot"] = Spec(shapes.same_as("bool"), ())
    enter("AddV2 Sub Mul RealDiv FloorDiv FloorMod Maximum Minimum Pow Prelu", shapes.binary)
    enter("Equal NotEqual Greater GreaterEqual Less LessEqual", shapes.compare)
    for name in ("LogicalAnd", "LogicalOr"):
        table[name] = Spec(shapes.compare, ())
    enter("SelectV2", shapes.select, ("T", 1))
    enter("Cast", shapes.cast, ("SrcT", 0), ("DstT", -1))
    enter("Sum Mean Max Min Prod", shapes.reduce, ("T", 0), ("Tidx", 1))
    enter("All Any", shapes.reduce, ("Tidx", 1))
    enter("ArgMax ArgMin", shapes.arg, ("T", 0), ("Tidx", 1), ("output_type", -1))
    enter("Cumsum Cumprod", shapes.same, ("T", 0), ("Tidx", 1))
    enter("MatMul BatchMatMulV2 _FusedMatMul", shapes.matmul)
    enter("FusedBatchNormV3", shapes.same, ("T", 0), ("U", 1))
    enter("Transpose", shapes.transpose, ("T", 0), ("Tperm", 1))
    enter("Reshape", shapes.reshape, ("T", 0), ("Tshape", 1))
    enter("BroadcastTo", shapes.target, ("T", 0), ("Tidx", 1))
    enter("BroadcastArgs", shapes.broadcast_args)
    enter("Fill", shapes.fill, ("T", 1), ("index_type", 0))
    enter("ExpandDims", shapes.expand_dims, ("T", 0), ("Tdim", 1))
    enter("Squeeze", shapes.squeeze)
    enter("ConcatV2", shapes.concat, ("T", 0), ("Tidx", 1))
    enter("Pack", shapes.pack)
    enter("GatherV2", shapes.gather, ("Tparams", 0), ("Tindices", 1), ("Taxis", 2))
    enter("GatherNd", shapes.gather_nd, ("Tparams", 0), ("Tindices", 1))
    enter("ScatterNd", shapes.scatter_nd, ("Tindices", 0), ("T", 1))
    enter("TensorScatterUpdate", shapes.same, ("T", 0), ("Tindices", 1))
    enter("Slice", shapes.slice_, ("T", 0), ("Index", 1))
    enter("StridedSlice", shapes.strided_slice, ("T", 0), ("Index", 1))
    enter("SplitV", shapes.split, ("T", 0), ("Tlen", 1))
    enter("Tile", shapes.tile, ("T", 0), ("Tmultiples", 1))
    enter("PadV2 MirrorPad", shapes.pad, ("T", 0), ("Tpaddings", 1))
    enter("Shape", shapes.shape_of, ("T", 0), ("out_type", -1))
    enter("Range", shapes.range_, ("Tidx", 0))
    enter("TopKV2", shapes.top_k)
    enter("ReverseV2", shapes.same, ("T", 0), ("Tidx", 1))
    enter(
        "Conv2D DepthwiseConv2dNative _FusedConv2D FusedDepthwiseConv2dNative Conv3D MaxPool "
        "AvgPool AvgPool3D ResizeBilinear ResizeNearestNeighbor",
        shapes.image,
    )
    enter("Conv2DBackpropInput", shapes.backprop, ("T", 1))
    return table


#: What may be emitted: TensorFlow's name of the operation to what the builder knows of it.
OPS: dict[str, Spec] = _table()
