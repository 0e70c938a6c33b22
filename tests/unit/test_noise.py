"""Random numbers that are the same in PyTorch and in the page."""

import json
import math
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from site_builder import SiteBuilderError
from site_builder.noise import Noise, philox

CASES = Path(__file__).parents[1] / "noise_cases.json"


def drawn(
    name: str, shape: tuple[int, ...], kind: str, seed: int, every: str, step: int
) -> NDArray[Any]:
    noise = Noise(shape, kind, every)
    noise.name = name
    return noise.draw(seed, step)


def bits(numbers: NDArray[Any]) -> list[int]:
    """Each number as 32 bits: equal means equal to the last bit."""
    narrow = numbers.astype(np.float32 if numbers.dtype.kind == "f" else np.int32)
    return [int(word) for word in narrow.reshape(-1).view(np.uint32)]


@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0, 0, 0, 0), (0, 0), "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)
def test_the_generator_gives_the_published_words_of_philox(
    counter: tuple[int, ...], key: tuple[int, int], words: str
) -> None:
    found = philox([np.array([word], np.uint64) for word in counter], key)
    assert " ".join(f"{int(word[0]):08x}" for word in found) == words


def test_the_numbers_are_those_that_the_page_is_tested_against() -> None:
    for stored in json.loads(CASES.read_text()):
        case = dict(stored)
        expected = case.pop("bits")
        assert bits(drawn(**{**case, "shape": tuple(case["shape"])})) == expected, case


def test_normal_numbers_are_the_inverse_of_the_normal_distribution() -> None:
    found = drawn("any", (2000,), "normal", 7, "start", 0)
    assert abs(found.mean()) < 4 / math.sqrt(2000)
    assert abs(found.std() - 1) < 0.06
    ordered, law = np.sort(found), NormalDist()
    places = [law.inv_cdf((i + 0.5) / 2000) for i in range(2000)]
    assert np.abs(ordered - places)[20:-20].max() < 0.2


def test_every_seed_name_and_step_has_numbers_of_its_own() -> None:
    one = drawn("weights", (8,), "uniform", 1, "step", 0)
    for other in (
        drawn("weights", (8,), "uniform", 2, "step", 0),
        drawn("biases", (8,), "uniform", 1, "step", 0),
        drawn("weights", (8,), "uniform", 1, "step", 1),
    ):
        assert not np.array_equal(one, other)


def test_a_longer_noise_begins_with_the_numbers_of_a_shorter_one() -> None:
    long, short = (drawn("weights", (n,), "normal", 1, "start", 0) for n in (30, 7))
    assert np.array_equal(long[:7], short)


def test_noise_of_the_start_does_not_change_with_the_step() -> None:
    first, later = (drawn("data", (5,), "normal", 1, "start", step) for step in (0, 9))
    assert np.array_equal(first, later)


def test_a_permutation_holds_every_number_once() -> None:
    assert sorted(drawn("order", (101,), "permutation", 3, "start", 0)) == list(range(101))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (((3,), "gaussian"), "unknown kind of Noise 'gaussian'"),
        (((3,), "normal", "epoch"), "unknown time of Noise 'epoch'"),
        ((3,), "shape of whole numbers"),
        (((3, 2), "permutation"), "one size"),
    ],
)
def test_a_noise_that_cannot_be_is_refused(arguments: Any, said: str) -> None:
    with pytest.raises(SiteBuilderError, match=said):
        Noise(*arguments)
