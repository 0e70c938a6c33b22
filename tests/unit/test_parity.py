"""How fixtures are written down, whole and as samples."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from site_builder.parity import SAMPLE, decode, encode, expectation


@pytest.mark.parametrize("dtype", ["float32", "int32", "bool"])
def test_a_payload_holds_all_of_an_array_of_few_numbers(dtype: str) -> None:
    array = np.arange(SAMPLE).astype(dtype).reshape(2, -1)
    assert expectation(array) == encode(array)
    np.testing.assert_array_equal(decode(expectation(array)), array)


def test_a_payload_holds_a_sample_of_an_array_of_many() -> None:
    """It is spread evenly, with the first and the last number in it; the shape is the whole's."""
    record = expectation(np.arange(3000, dtype=np.int32).reshape(3, 10, 100))
    sample = np.frombuffer(base64.b64decode(record["sample"]), "<i4")
    assert record["shape"] == [3, 10, 100]
    assert len(sample) == SAMPLE
    assert (sample[0], sample[-1]) == (0, 2999)
    assert set(np.diff(sample)) == {23, 24}


def test_no_number_is_twice_in_a_sample_of_an_array_that_is_hardly_larger() -> None:
    record = expectation(np.arange(SAMPLE + 1, dtype=np.int32))
    sample = np.frombuffer(base64.b64decode(record["sample"]), "<i4")
    assert set(np.diff(sample)) == {1, 2}


def test_the_largest_value_is_that_of_the_whole_array() -> None:
    """The tolerance is relative to it, and a sample may have missed it."""
    array = np.zeros(1000, np.float32)
    array[1:4] = -7, np.inf, np.nan
    assert expectation(array)["largest"] == 7.0
    assert expectation(np.full(1000, np.nan, np.float32))["largest"] == 0.0
