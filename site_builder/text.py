"""`Text`: a line of text as an input."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from site_builder.errors import SiteBuilderError, unknown
from site_builder.inputs import Input
from site_builder.letters import LETTERS
from site_builder.sizes import is_whole
from site_builder.tokens import CUTS, Tokenizer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_TOKENS = 1000
"""More than a reader types into a line."""

LONGEST = 10_000
"""In code points; a link holds it."""

_ODD = ("ß", "☃", "Ж", "\U0001f984", "7", "字")
"""Characters of which a vocabulary rarely has all."""


class Text(Input):
    """A line of text as ids of tokens: an int64 tensor (length,); int32 in the page.

    The vocabulary goes with the model, and the text is cut into tokens by the same rules in PyTorch
    and in the page, to the last code point::

        letters = ["<pad>", "<unk>", *"abcdefghijklmnopqrstuvwxyz "]
        line = Text(letters, length=32, value="hello", lowercase=True)

        def forward(self, line: Tensor) -> dict[str, Output]:
            here = line != self.line.pad_id          # (32,): where the text is
            vectors = self.embed(line)               # (32, channels)

    A short text is filled up with the id of `pad`, and of a long one the first `length` tokens are
    read. Neither `pad` nor `unknown` is ever read from what is typed, so that ``ids != pad_id`` is
    the mask of the text and its sum the number of tokens.

    Args:
        vocabulary: The tokens, as text in normal form NFC; a token's id is its place.
        length: How many tokens are read: the tensor is always that long.
        value: The text with which the page opens.
        cut: ``"characters"``: each code point is a token. ``"words"``: stretches of letters and
            digits are, and each other character by itself; white space separates. ``"pieces"``:
            from left to right the longest token that fits, white space included.
        lowercase: Whether letters are lower-cased first; None does so for words.
        unknown: The token that stands for all that the vocabulary lacks.
        pad: The token that fills up a short text.
        examples: Texts that the reader can pick.
        label: The control's name on the page.

    Attributes:
        pad_id: The id of `pad`.
        unknown_id: The id of `unknown`.
        tokenizer: Cuts texts as the page does, for preparing the data of a training:
            ``tokenizer.ids(text, length)``.

    Raises:
        SiteBuilderError: If a token is empty, comes twice, holds a line break or is one that no
            text can give; `pad` or `unknown` is not among them or both are one; the length is no
            whole number from 1 to 1000; or a text has several lines or more than 10,000 characters.
    """

    kind = "text"
    dtype = "int64"

    def __init__(
        self,
        vocabulary: Sequence[str],
        length: int,
        value: str = "",
        *,
        cut: str = "characters",
        lowercase: bool | None = None,
        unknown: str = "<unk>",
        pad: str = "<pad>",
        examples: Sequence[str] = (),
        label: str | None = None,
    ) -> None:
        super().__init__(label)
        if not is_whole(length) or not 1 <= length <= MOST_TOKENS:
            raise SiteBuilderError(
                f"Text: the length must be a whole number of tokens from 1 to {MOST_TOKENS}, "
                f"not {length!r}."
            )
        self.shape = (length,)
        self.tokenizer = _tokenizer(
            vocabulary, cut, cut == "words" if lowercase is None else lowercase, unknown, pad
        )
        self.pad_id, self.unknown_id = self.tokenizer.pad, self.tokenizer.unknown
        self._readable = _readable(self.tokenizer)
        self._default = _line("the value", value)
        if isinstance(examples, str):
            raise SiteBuilderError(f"Text: examples must be a list of texts, not {examples!r}.")
        self.examples = [_line(f"example {n}", text) for n, text in enumerate(examples, 1)]

    @property
    def default(self) -> str:
        return self._default

    def arrays(self, value: str) -> dict[str, NDArray[Any]]:
        """The ids of a text, int64 (length,).

        Args:
            value: The text, as the reader typed it.
        """
        import numpy as np

        return {self.name: np.array(self.tokenizer.ids(value, self.shape[0]), np.int64)}

    def extremes(self) -> list[str]:
        """No text, one with more tokens than are read, one of unknown tokens, and the examples."""
        count = self.shape[0] + 1
        full = self._joined([self._readable[n % len(self._readable)] for n in range(count)])
        while len(self.tokenizer.parts(full)) < count and 2 * len(full) < LONGEST:
            full = self._joined([full, full])  # pieces may have grown together
        return ["", full, self._joined(_ODD), *self.examples]

    def sample(self, random: np.random.Generator) -> str:
        count = int(random.integers(0, self.shape[0] + 3))
        known = random.integers(0, len(self._readable), count)
        odd = random.random(count) < 0.1
        parts = [
            _ODD[at % len(_ODD)] if strange else self._readable[at]
            for at, strange in zip(known, odd, strict=True)
        ]
        return self._joined(parts)

    def _joined(self, parts: Sequence[str]) -> str:
        return (" " if self.tokenizer.cut == "words" else "").join(parts)[:LONGEST]

    def _spec(self) -> dict[str, Any]:
        return {
            "vocabulary": "\n".join(self.tokenizer.vocabulary),
            "cut": self.tokenizer.cut,
            "lowercase": self.tokenizer.lowercase,
            "unknown": self.unknown_id,
            "pad": self.pad_id,
            "letters": LETTERS,
            "longest": LONGEST,
            "examples": self.examples,
            "default": self._default,
        }


def _tokenizer(
    vocabulary: Sequence[str], cut: str, lowercase: bool, unknown_token: str, pad: str
) -> Tokenizer:
    """The checked tokenizer."""
    if cut not in CUTS:
        raise SiteBuilderError(f"Text: {unknown('way to cut', cut, CUTS)}")
    if isinstance(vocabulary, str):
        raise SiteBuilderError(
            'Text: the vocabulary must be a list of tokens, such as ["<pad>", "<unk>", *"abc"], '
            f"not the text {vocabulary[:40]!r}."
        )
    seen: dict[str, int] = {}
    for at, token in enumerate(vocabulary):
        if not isinstance(token, str) or token == "" or re.search("[\n\r\ud800-\udfff]", token):
            raise SiteBuilderError(
                f"Text: token {at} of the vocabulary must be text without line breaks, "
                f"not {token!r}."
            )
        if token in seen:
            raise SiteBuilderError(
                f"Text: {token!r} comes twice in the vocabulary, as token {seen[token]} and {at}."
            )
        seen[token] = at
    for what, token in (("unknown", unknown_token), ("pad", pad)):
        if token not in seen:
            raise SiteBuilderError(
                f"Text: the vocabulary lacks {token!r}. Put it in, or name the token that is "
                f'meant: Text(..., {what}="...").'
            )
    if unknown_token == pad:
        raise SiteBuilderError(
            f"Text: {pad!r} can't be both the unknown token and the padding's; the mask of a text "
            "could not be told."
        )
    return Tokenizer(tuple(seen), cut, lowercase, seen[unknown_token], seen[pad])


def _readable(tokenizer: Tokenizer) -> list[str]:
    """The tokens that a text can give.

    Raises:
        SiteBuilderError: If one is not in the normal form of texts, or there is none at all.
    """
    found = []
    for at, token in enumerate(tokenizer.vocabulary):
        if at in (tokenizer.pad, tokenizer.unknown):
            continue
        folded, parts = tokenizer.fold(token), tokenizer.parts(token)
        if folded != token and (tokenizer.cut == "pieces" or parts == [folded]):
            raise SiteBuilderError(
                f"Text: no text gives the token {token!a}, since it is read as {folded!a}. Write "
                f"it so in the vocabulary{', or pass lowercase=False' * tokenizer.lowercase}."
            )
        if parts == [token]:
            found.append(token)
    if not found:
        raise SiteBuilderError(
            f"Text: no text gives any token of this vocabulary when it is cut into "
            f'"{tokenizer.cut}"; the others are {", ".join(repr(c) for c in CUTS)}.'
        )
    return found


def _line(what: str, text: str) -> str:
    if not isinstance(text, str) or len(text.splitlines()) > 1 or text[-1:] in ("\n", "\r"):
        raise SiteBuilderError(f"Text: {what} must be one line of text, not {text!r}.")
    if len(text) > LONGEST:
        raise SiteBuilderError(
            f"Text: {what} has {len(text)} characters; a line may have {LONGEST}."
        )
    return text
