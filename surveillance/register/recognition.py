"""What a text names, in the register's words."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from surveillance.register.reading.negation import DENIED, PAST, PROBABLE
from surveillance.register.reading.reader import Reader

NEW_NAME, UNKNOWN_NAME = "new name", "unknown name"
HOW = (
    "name",
    "alias",
    "street name",
    "plural",
    "run together",
    "misspelling",
    NEW_NAME,
    UNKNOWN_NAME,
)
_UNKNOWN_ID = "unknown"
_LITTLE_TRUST = 0.3


class Recognition(NamedTuple):
    """One mention of a substance in a text.

    Attributes:
        substance_id: id of the register; of a *new name*, the group that its make shows; of an
            *unknown name*, which only a field of names can have, ``unknown``.
        name: the preferred name; of a new or unknown name, the name as it was written.
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


def recognise(text: str, reader: Reader, entries: Mapping[str, Entry]) -> tuple[Recognition, ...]:
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


def distinct(found: Iterable[Recognition]) -> tuple[Recognition, ...]:
    """Give each substance once, but a denied, a past and a plain mention of it apart."""
    kept: dict[tuple[str, str, bool, bool], Recognition] = {}
    for one in found:
        new_name = one.name if one.how in (NEW_NAME, UNKNOWN_NAME) else ""
        kept.setdefault((one.substance_id, new_name, one.negated, one.historical), one)
    return tuple(kept.values())


def recognise_field(
    text: str, reader: Reader, entries: Mapping[str, Entry]
) -> tuple[Recognition, ...]:
    """Read a field that should hold names alone; what nobody knows is kept as it stands.

    Each item of the field in which no name was found gives an *unknown name*, without plain
    words around it. Words that only describe ("white powder") give nothing.
    """
    found = recognise(text, reader, entries)
    unknown = [
        Recognition(
            _UNKNOWN_ID,
            " ".join(text[start:end].lower().split()),
            text[start:end],
            UNKNOWN_NAME,
            _LITTLE_TRUST,
            negated=False,
            start=start,
            end=end,
        )
        for start, end in reader.strange_items(text, [(one.start, one.end) for one in found])
    ]
    return tuple(sorted([*found, *unknown], key=lambda one: one.start))
