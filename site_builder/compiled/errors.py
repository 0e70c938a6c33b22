"""What the compiler does not take."""


class Declined(Exception):  # noqa: N818 - it is an answer, not a mistake: TF.js runs the graph
    """The graph holds something that is not compiled; the text says what."""
