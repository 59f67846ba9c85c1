"""What a text names, in the register's words."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from surveillance.register.negation import DENIED, PAST, PROBABLE
from surveillance.register.reading import Reader

NEW_NAME = "new name"
HOW = ("name", "alias", "street name", "plural", "run together", "misspelling", NEW_NAME)


class Recognition(NamedTuple):
    """One mention of a substance in a text.

    Attributes:
        substance_id: id of the register; of a *new name*, the group that its make shows.
        name: the preferred name; of a new name, the name as it was written.
        matched_text: the words as they stood in the text.
        how: one of ``HOW``.
        confidence: our trust in the reading, above 0 and up to 1; an order, no probability.
        negated: the text says that the substance was *not* there, or not taken.
        historical: the text speaks of the past or of a standing condition, not of this event.
        probable: the text itself is not sure.
        marker_of: substances whose use it proves, where it is a metabolite or precursor.
        start: place of the first sign in the text.
        end: place after the last sign.
    """

    substance_id: str
    name: str
    matched_text: str
    how: str
    confidence: float
    negated: bool
    historical: bool = False
    probable: bool = False
    marker_of: tuple[str, ...] = ()
    start: int = 0
    end: int = 0

    @property
    def is_present(self) -> bool:
        """Whether the text says that it was there, now, if only probably."""
        return not (self.negated or self.historical)


class Entry(Protocol):
    """What is asked of an entry of the register."""

    @property
    def name(self) -> str:
        """The preferred name."""
        ...

    @property
    def marker_of(self) -> tuple[str, ...]:
        """What its presence proves."""
        ...


def recognise(
    text: str, reader: Reader, entries: Mapping[str, Entry]
) -> tuple[Recognition, ...]:
    """Read a text and give each mention, in its order."""
    cut, found = reader.read(text)
    recognitions = []
    for match, marks in found:
        start, end = cut.starts[match.first], cut.ends[match.last]
        entry = entries[match.identifier]
        recognitions.append(
            Recognition(
                match.identifier,
                match.new_name or entry.name,
                text[start:end],
                match.how,
                match.confidence,
                DENIED in marks,
                PAST in marks,
                PROBABLE in marks,
                match.marker_of or ((), entry.marker_of)[not match.new_name],
                start,
                end,
            )
        )
    return tuple(recognitions)
