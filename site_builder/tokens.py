"""How a text is cut into the tokens of a vocabulary: the same way in PyTorch and in the page.

``runtime/src/tokens.ts`` has the same rules, and one table of cases tests both. They speak of code
points, and lean on no table that differs between versions of Python and of browsers (letters.py):

1. A half of a pair of surrogates becomes U+FFFD. The marks U+FE0E and U+FE0F go, which only choose
   between a character's black and its coloured picture.
2. Each stretch of letters, marks and digits is brought to the normal form NFC and, where text is
   lower-cased, so is each of its code points by itself, and the stretch to NFC again.
3. ``"characters"``: each code point is a token. ``"words"``: each stretch of letters, marks and
   digits is one, each other code point is one, and white space only separates. ``"pieces"``: from
   left to right, the longest token of the vocabulary that the text goes on with, or one code point.
4. What the vocabulary lacks is read as the unknown token. That and the token of padding are never
   read from a text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from site_builder.letters import LETTERS, stretches

CUTS = ("characters", "words", "pieces")

_SPACES = "\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


@dataclass(frozen=True)
class Token:
    """One token of a text.

    Attributes:
        text: The part of the text, in normal form.
        id: The token's place in the vocabulary.
    """

    text: str
    id: int


@dataclass(frozen=True)
class Tokenizer:
    """A vocabulary, and how text is cut into it.

    Attributes:
        vocabulary: The tokens; a token's id is its place.
        cut: One of `CUTS`.
        lowercase: Whether letters are lower-cased first.
        unknown: The id of what the vocabulary lacks.
        pad: The id that fills up a short text.
    """

    vocabulary: Sequence[str]
    cut: str
    lowercase: bool
    unknown: int
    pad: int

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> Tokenizer:
        """The tokenizer of a `Text` input, from its spec."""
        words = spec["vocabulary"].split("\n")
        return cls(words, spec["cut"], spec["lowercase"], spec["unknown"], spec["pad"])

    @cached_property
    def _ids(self) -> dict[str, int]:
        special = (self.unknown, self.pad)
        return {token: at for at, token in enumerate(self.vocabulary) if at not in special}

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._ids), default=1)

    def tokens(self, text: str) -> list[Token]:
        """All tokens of a text, however many."""
        return [Token(part, self._ids.get(part, self.unknown)) for part in self.parts(text)]

    def ids(self, text: str, length: int) -> list[int]:
        """The ids of the first `length` tokens, filled up with the padding's."""
        ids = [token.id for token in self.tokens(text)[:length]]
        return ids + [self.pad] * (length - len(ids))

    def parts(self, text: str) -> list[str]:
        """The text in normal form, cut."""
        folded = self.fold(text)
        if self.cut == "characters":
            return list(folded)
        if self.cut == "words":
            return _words().findall(folded)
        found, at = [], 0
        while at < len(folded):
            lengths = range(min(self._longest, len(folded) - at), 1, -1)
            size = next((n for n in lengths if folded[at : at + n] in self._ids), 1)
            found.append(folded[at : at + size])
            at += size
        return found

    def fold(self, text: str) -> str:
        """The text in normal form."""
        whole = re.sub("[\ud800-\udfff]", "\ufffd", text)
        return _runs().sub(self._fold_run, re.sub("[\ufe0e\ufe0f]", "", whole))

    def _fold_run(self, run: re.Match[str]) -> str:
        composed = unicodedata.normalize("NFC", run[0])
        if not self.lowercase:
            return composed
        # By itself: in its word, a sigma's small letter depends on what stands around it.
        return unicodedata.normalize("NFC", "".join(letter.lower() for letter in composed))


@lru_cache
def _letters() -> str:
    """The letters, marks and digits as a class of a regular expression, without its brackets."""
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in stretches(LETTERS))


@lru_cache
def _runs() -> re.Pattern[str]:
    return re.compile(f"[{_letters()}]+")


@lru_cache
def _words() -> re.Pattern[str]:
    return re.compile(f"[{_letters()}]+|[^{_SPACES}]")
