"""The walk over an ONNX graph: every node is converted by its converter, or refused."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from .constants import array_of, constant_of
from .detours import avoid_faults
from .errors import ConversionError, MisfitError
from .expansion import body_of, definition
from .graph import Graph, Tensor, merge
from .model import GraphModel
from .narrowing import narrow
from .onnx_node import NARROWED, OnnxNode
from .passes import PASSES, Pass, improve
from .pausing import no_collection
from .pinning import Shapes
from .preparation import SMALL, ValueType, domain_of, prepare, type_name, value_type
from .registry import Function, Registry, load_converters

_WIDENED = {"float32": TensorProto.FLOAT, "int32": TensorProto.INT64, "bool": TensorProto.BOOL}

# Inputs of which only "past the end" matters, so that an INT64_MAX among them is no loss.
_CLAMPED = {("Slice", 1), ("Slice", 2)}


def compile_model(
    model: onnx.ModelProto,
    *,
    shapes: Shapes | None = None,
    passes: Sequence[Pass] = PASSES,
) -> GraphModel:
    """Convert an ONNX model to a TF.js graph model.

    Args:
        model: a valid model; its weights must be in it, not in files beside it.
        shapes: shapes of inputs by name, for those that the model leaves open.
        passes: what is done to the graph after the walk.

    Returns:
        A graph whose signature keeps ONNX's names, and whose inputs and outputs keep ONNX's
        layout. Element types are narrowed to float32, int32 and bool.

    Raises:
        ConversionError: the model is not valid ONNX, or a node of it cannot be converted exactly.
    """
    with no_collection():
        graph = _Walk(*prepare(model, load_converters(), shapes or {})).run()
        try:
            return GraphModel.from_graph(avoid_faults(improve(graph, passes)))
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            # The passes rest on shapes that fit; a model's own need not.
            raise ConversionError(f"its operations do not fit one another: {error}") from error


class _Walk:
    """The state of one conversion."""

    def __init__(
        self,
        model: onnx.ModelProto,
        initializers: Sequence[onnx.TensorProto],
        types: dict[str, ValueType],
    ) -> None:
        self.model = model
        self.initializers = initializers
        self.types = types
        self.elem_types = {name: known.elem_type for name, known in types.items()}
        self.versions = {domain_of(o.domain): o.version for o in model.opset_import}
        self.registry: Registry = load_converters()
        self.graph = Graph()
        self.tensors: dict[str, Tensor] = {}
        self.arrays: dict[str, NDArray[Any]] = {}
        # How often a value is still to be read.
        self.unread: Counter[str] = Counter()
        # How many values a tensor of the graph stands for.
        self.holders: Counter[str] = Counter()

    def run(self) -> Graph:
        source = self.model.graph
        for tensor in self.initializers:
            self.arrays[tensor.name] = array_of(tensor)
            self.elem_types[tensor.name] = tensor.data_type
        for value in source.input:
            if value.name not in self.arrays:
                self._input(value)
        self.unread = Counter(read_in(source))
        used = frozenset(self.unread)
        for node in source.node:
            self._convert(node, used)
            for name in node.input:
                self._release(name)
        for value in source.output:
            self.graph.output(value.name, self._tensor(value.name))
        return self.graph

    def _release(self, name: str) -> None:
        """Let go of a large constant that no further node reads, and that none became part of."""
        self.unread[name] -= 1
        if self.unread[name] or name not in self.arrays:
            return
        del self.arrays[name]
        tensor = self.tensors.get(name)
        if tensor is None or tensor.value is None or tensor.value.size <= SMALL:
            return
        del self.tensors[name]
        self.holders[tensor.name] -= 1
        if not self.holders[tensor.name]:
            self.graph.forget(tensor)

    def _input(self, value: onnx.ValueInfoProto) -> None:
        known = value_type(value)
        if known is None or known.elem_type not in NARROWED:
            kind = "not a tensor" if known is None else f"a tensor of {type_name(known.elem_type)}"
            raise ConversionError(f"is {kind}, which a browser cannot hold", attribute=value.name)
        if value.name == "__proto__":
            raise ConversionError("cannot be the name of an input in JavaScript; rename it")
        dtype = NARROWED[known.elem_type]
        self.tensors[value.name] = self.graph.placeholder(value.name, dtype, known.shape)

    def _tensor(self, name: str, *, clamp: bool = False) -> Tensor:
        """The tensor of an ONNX value; constants become nodes when they are first asked for."""
        if name in self.tensors:
            return self.tensors[name]
        if name not in self.arrays:
            raise ConversionError("is computed nowhere ahead of where it is read", attribute=name)
        try:
            with self.graph.scope(name):
                tensor = self.graph.const(narrow(self.arrays[name], clamp=clamp))
        except ValueError as error:
            raise ConversionError(str(error), attribute=name) from None
        if not clamp:
            self._hold(name, tensor)
        return tensor

    def _hold(self, name: str, tensor: Tensor) -> None:
        self.tensors[name] = tensor
        self.holders[tensor.name] += 1

    def _convert(self, proto: onnx.NodeProto, used: frozenset[str]) -> None:
        if proto.op_type == "Constant" and not domain_of(proto.domain):
            self._constant(proto)
            return
        inputs = [
            self._tensor(name, clamp=(proto.op_type, i) in _CLAMPED) if name else None
            for i, name in enumerate(proto.input)
        ]
        domain = domain_of(proto.domain)
        version = self.versions.get(domain, 1)
        declared = [known.shape if (known := self.types.get(n)) else None for n in proto.output]
        node = OnnxNode(
            proto,
            inputs,
            version=version,
            elem_types=self.elem_types,
            used=used,
            declared=declared,
            inline=lambda body, args: self._inline(body, args, used),
        )
        self._check_types(node)
        found = self.registry.lookup(domain, proto.op_type, version)
        function: Function
        if found is not None:
            function = found.function
        else:
            body = self._definition(node, domain, version)
            if body is None:
                raise self._unknown(node, domain, version)
            function = body
        try:
            with self.graph.scope(node.name):
                made = function(self.graph, node)
        except ConversionError:
            raise
        except MisfitError as error:
            raise node.refuse(str(error)) from None
        except Exception as error:
            # Operands that do not fit the operator; ONNX's checker does not look at all of them.
            raise node.refuse(str(error) or "its operands do not fit it") from error
        results = (made,) if isinstance(made, Tensor) else made
        self._check_attributes(node)
        for i, name in enumerate(proto.output):
            if not name:
                continue
            result = results[i] if i < len(results) else None
            if result is None:
                if name in used:
                    raise node.refuse(f"its output {i} cannot be computed in a browser")
                continue
            self._hold(name, self._refined(node, name, result))

    def _definition(self, node: OnnxNode, domain: str, version: int) -> Function | None:
        """What ONNX defines an operator by, as if it were a converter."""
        types = [self._type(name) for name in node.proto.input]
        function = definition(node.proto, domain, version, types)
        if function is None:
            return None

        def write_out(g: Graph, node: OnnxNode) -> list[Tensor | None]:
            node.ignore(*(attribute.name for attribute in node.proto.attribute))
            known = {
                i: numpy_helper.from_array(
                    x.value.astype(onnx.helper.tensor_dtype_to_np_dtype(node.elem_type(i)))
                )
                for i, x in enumerate(node.inputs)
                if x is not None
                and x.value is not None
                and x.value.size <= SMALL
                and node.elem_type(i) != TensorProto.UNDEFINED
            }
            body, opsets = body_of(
                function, node.proto, onnx.helper.make_opsetid(domain, version), types, known
            )
            before, self.versions = self.versions, {domain_of(o.domain): o.version for o in opsets}
            names = self.tensors, self.arrays
            self.tensors, self.arrays = {}, {}
            try:
                given = [x for x, kind in zip(node.inputs, types, strict=True) if kind is not None]
                args = [x for x in given if x is not None][: len(body.input)]
                made = self._inline(body, args, frozenset(read_in(body)))
                found = dict(zip((value.name for value in body.output), made, strict=True))
                return [found.get(name) for name in function.output]
            finally:
                self.versions = before
                self.tensors, self.arrays = names

        return write_out

    def _type(self, name: str) -> onnx.TypeProto | None:
        """ONNX type of a value that is converted already; None where it is left out."""
        if not name:
            return None
        tensor, element = self._tensor(name), self.elem_types.get(name, TensorProto.UNDEFINED)
        return onnx.helper.make_tensor_type_proto(element, tensor.shape)

    def _inline(
        self, body: onnx.GraphProto, args: Sequence[Tensor], used: frozenset[str]
    ) -> list[Tensor]:
        """Write out the body of a branch or of one turn of a loop; see `OnnxNode.inline`."""
        outer = self.tensors, self.arrays, self.types, self.elem_types
        self.tensors, self.arrays = dict(self.tensors), dict(self.arrays)
        self.types, self.elem_types = dict(self.types), dict(self.elem_types)
        try:
            for value in (*body.value_info, *body.output, *body.input):
                known = value_type(value)
                if known is not None:
                    self.types[value.name] = known
                    self.elem_types[value.name] = known.elem_type
            for tensor in body.initializer:
                self.tensors.pop(tensor.name, None)
                self.arrays[tensor.name] = array_of(tensor)
                self.elem_types[tensor.name] = tensor.data_type
            for value, arg in zip(body.input, args, strict=True):
                self.tensors[value.name] = arg
            for proto in body.node:
                for name in proto.output:
                    self.tensors.pop(name, None)
                    self.arrays.pop(name, None)
                self._convert(proto, used)
            return [self._tensor(value.name) for value in body.output]
        finally:
            self.tensors, self.arrays, self.types, self.elem_types = outer

    def _refined(self, node: OnnxNode, name: str, tensor: Tensor) -> Tensor:
        """The tensor with what ONNX's shape inference knows of it."""
        known = self.types.get(name)
        if known is None or known.elem_type == TensorProto.UNDEFINED:
            self.elem_types.setdefault(name, _WIDENED[tensor.dtype])
            return tensor
        wanted = NARROWED.get(known.elem_type)
        if wanted is None:
            raise node.refuse(f"gives {type_name(known.elem_type)}, which a browser cannot hold")
        if wanted != tensor.dtype:
            raise node.refuse(f"output '{name}' is declared {wanted}, but is {tensor.dtype}")
        try:
            shape = merge(tensor.shape, known.shape)
        except ValueError as error:
            raise node.refuse(f"output '{name}': {error}") from None
        return self.graph.know(dataclasses.replace(tensor, shape=shape))

    def _constant(self, proto: onnx.NodeProto) -> None:
        """ONNX Constant -> TF Const, when and where it is used."""
        name = proto.output[0]
        self.arrays[name] = constant_of(proto)
        self.elem_types.setdefault(
            name, onnx.helper.np_dtype_to_tensor_dtype(self.arrays[name].dtype)
        )

    def _check_types(self, node: OnnxNode) -> None:
        for i, name in enumerate(node.proto.input):
            kind = node.elem_type(i)
            if name and kind != TensorProto.UNDEFINED and kind not in NARROWED:
                raise node.refuse(f"input '{name}' is {type_name(kind)}, which no browser computes")

    def _check_attributes(self, node: OnnxNode) -> None:
        unread = node.unread()
        if unread:
            raise node.refuse("is not supported", unread[0])

    @staticmethod
    def _unknown(node: OnnxNode, domain: str, version: int) -> ConversionError:
        where = f"domain '{domain}', " if domain else ""
        return node.refuse(f"there is no converter for this operator ({where}version {version})")


def read_in(graph: onnx.GraphProto) -> Iterator[str]:
    """Every name that something in a graph, or in a graph within it, reads."""
    for node in graph.node:
        yield from node.input
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from read_in(attribute.g)
    yield from (value.name for value in graph.output)
