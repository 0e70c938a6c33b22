"""Random graphs on the compiled engine: as onnxruntime has them, however they are run."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from random import Random

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from site_builder.tfjs import compile_model

from . import harness, program_graphs
from .program_graphs import Sample

# Every run of the runtime is a Node process; one worker does them in turn.
pytestmark = pytest.mark.xdist_group("ops")

# A batch is a Node process. There is nothing to shrink: a sample is told by its seed.
_SETTINGS = settings(
    max_examples=3,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
_BATCHES = st.lists(
    st.integers(0, 2**32 - 1).map(lambda seed: program_graphs.sample(Random(seed))),
    min_size=60,
    max_size=60,
)
#: Beyond this, float32 may overflow on the way where doubles do not.
_LARGE = 1e12


def expected(sample: Sample) -> list[harness.Arrays]:
    """What onnxruntime gives for each set of inputs."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(sample.model.SerializeToString(), options)
    names = [value.name for value in session.get_outputs()]
    return [dict(zip(names, session.run(names, feeds), strict=True)) for feeds in sample.feeds]


def is_small(results: Sequence[harness.Arrays]) -> bool:
    """Whether all numbers are such that it hardly matters with how many digits one computes."""
    arrays = itertools.chain.from_iterable(result.values() for result in results)
    return all(
        bool(np.isfinite(array).all()) and float(np.abs(array).max(initial=0)) < _LARGE
        for array in arrays
        if array.dtype.kind == "f"
    )


@_SETTINGS
@given(_BATCHES)
def test_graph_agrees_with_onnxruntime(batch: list[Sample]) -> None:
    """A random graph gives onnxruntime's numbers, for whatever sizes it is bound to."""
    wanted = {f"{i}": expected(sample) for i, sample in enumerate(batch)}
    jobs = {
        key: harness.Job(
            compile_model(sample.model), {}, steps=sample.feeds, watch=list(wanted[key][0]),
            dims=sample.dims,
        )
        for key, sample in ((f"{i}", sample) for i, sample in enumerate(batch))
        if is_small(wanted[key])
    }  # fmt: skip
    assert len(jobs) > len(batch) / 2
    for key, result in harness.run(jobs, backend="compiled").items():
        assert result.error is None, batch[int(key)]
        assert result.declined is None, batch[int(key)]
        for found, right in zip(result.history, wanted[key], strict=True):
            assert harness.differences(found, right) is None, batch[int(key)]


@_SETTINGS
@given(_BATCHES)
def test_runs_give_the_same_however_they_are_asked_for(batch: list[Sample]) -> None:
    """Exactly the same numbers come out, whether in one call or in many, of one engine or two.

    That is so of a second run, of a run for one output alone, and of whatever is run after that; of
    a run in which an input has changed that the compiler was told seldom does; and of several turns
    in one call, in which outputs become inputs.
    """
    jobs = {
        f"{i}": harness.Job(
            compile_model(sample.model), sample.feeds[0], feedback=sample.feedback,
            dims=sample.dims, varying=sample.varying,
        )
        for i, sample in enumerate(batch)
    }  # fmt: skip
    others = {f"{i}": sample.feeds[1] for i, sample in enumerate(batch)}
    for key, faults in harness.faults(jobs, others).items():
        assert not faults, batch[int(key)]
