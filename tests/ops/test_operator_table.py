"""The documentation of operators says what the registry and the tests say."""

from tests.ops.operator_table import PAGE, table


def test_the_table_of_operators_is_up_to_date() -> None:
    """Write it anew with `python -m tests.ops.operator_table`."""
    assert PAGE.read_text(encoding="utf-8") == table()
