"""Real networks, from PyTorch through ONNX to TF.js, on each engine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnx
import pytest
import torch

from site_builder.exporting import plainly, to_onnx
from site_builder.tfjs import compile_model
from tests.ops import harness

from . import networks, sequences
from .networks import Network, normal, seeded, tokens

# Exporting takes seconds a network. One worker does it all, in one Node process an engine.
pytestmark = [pytest.mark.xdist_group("networks"), pytest.mark.slow]

_EDGES = torch.cat([tokens(2, 25, count=9), torch.arange(9).repeat(2, 1)], 1)
_HIDDEN = torch.arange(6) >= torch.tensor([[6], [4]])

NETWORKS: dict[str, Callable[[], Network]] = {
    "LeNet": lambda: seeded(networks.LeNet, x=normal(2, 1, 32, 32)),
    "VGG": lambda: seeded(networks.Vgg, x=normal(1, 3, 64, 64)),
    "ResNet-18": lambda: seeded(networks.ResNet18, x=normal(1, 3, 64, 64)),
    "MobileNetV2": lambda: seeded(networks.MobileNetV2, x=normal(1, 3, 64, 64)),
    "SqueezeNet": lambda: seeded(networks.SqueezeNet, x=normal(1, 3, 64, 64)),
    "Inception": lambda: seeded(networks.Inception, x=normal(1, 3, 48, 48)),
    "U-Net": lambda: seeded(networks.UNet, x=normal(1, 3, 32, 32)),
    "DenseNet": lambda: seeded(networks.DenseNet, x=normal(1, 3, 32, 32)),
    "VAE": lambda: seeded(sequences.Vae, x=normal(2, 144).abs(), noise=normal(2, 8)),
    "DCGAN generator": lambda: seeded(networks.Generator, noise=normal(2, 32, 1, 1)),
    "GRU": lambda: seeded(sequences.GruClassifier, tokens=tokens(3, 9, count=30)),
    "LSTM": lambda: seeded(sequences.LstmClassifier, x=normal(3, 9, 6)),
    "decoder step": lambda: seeded(
        sequences.DecoderStep,
        token=tokens(3, count=20),
        state=normal(3, 16),
        memory=normal(3, 7, 16),
    ),
    "transformer encoder": lambda: seeded(
        sequences.TransformerEncoder, tokens=tokens(2, 10, count=40)
    ),
    "causal decoder": lambda: seeded(
        sequences.DecoderBlock, x=normal(2, 8, 32), memory=normal(2, 6, 32), hidden=_HIDDEN
    ),
    "spatial pyramid": lambda: seeded(networks.SpatialPyramid, x=normal(2, 3, 26, 30)),
    "graph layer": lambda: seeded(sequences.GraphLayer, nodes=normal(9, 7), edges=_EDGES),
}


Expected = dict[str, harness.Arrays]
Results = dict[str, dict[str, harness.Result]]


@pytest.fixture(scope="session")
def played() -> tuple[Expected, Results]:
    """What eager PyTorch gives for each network, and what each engine gives."""
    expected: Expected = {}
    jobs: dict[str, harness.Job] = {}
    for name, make in NETWORKS.items():
        network = make()
        with torch.no_grad():
            found = network.module(*network.inputs.values())
        arrays = [tensor.numpy() for tensor in (found if isinstance(found, tuple) else [found])]
        expected[name] = {f"output{i}": array for i, array in enumerate(arrays)}
        model = compile_model(export(network, list(expected[name])))
        feeds = {key: tensor.numpy() for key, tensor in network.inputs.items()}
        jobs[name] = harness.Job(model, feeds)
    return expected, {name: harness.run(jobs, backend=name) for name in harness.ENGINES}


def export(network: Network, outputs: list[str]) -> onnx.ModelProto:
    """The network in ONNX."""
    arguments = tuple(network.inputs.values())
    with plainly(), torch.no_grad():
        program = torch.export.export(network.module, arguments, strict=False)
    return to_onnx(program, list(network.inputs), outputs)


@pytest.mark.parametrize("backend", harness.ENGINES)
@pytest.mark.parametrize("name", NETWORKS)
def test_network_agrees_with_pytorch(
    name: str, backend: str, played: tuple[Expected, Results]
) -> None:
    """A network gives within 1e-4 of what it gives in eager PyTorch."""
    expected, results = played[0][name], played[1][backend][name]
    assert results.error is None
    assert results.declined is None
    assert harness.differences(results.outputs, expected) is None


@pytest.mark.parametrize("name", NETWORKS)
def test_answers_are_large_enough_to_differ(name: str, played: tuple[Expected, Results]) -> None:
    """No network answers so close to zero, or so evenly, that the comparison means nothing."""
    for array in played[0][name].values():
        assert np.std(array) > 0.05
