"""What a person should know of a batch: counts that add up over the parts of a file."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Findings:
    """Sentences such as *3 of 1,204 areas not recognised*, in the order they were first met.

    A count of none is noted too, so that parts of a file that find different things still
    give their sentences in one order.
    """

    _counts: dict[tuple[str, str, str], tuple[int, int | None]] = field(default_factory=dict)

    def count(self, found: int, what: str, *, of: int | None = None, about: str = "") -> None:
        """Add to a count.

        Args:
            found: how many.
            what: what was found, the words after the numbers.
            of: how many could have been found, None: the sentence does not say.
            about: the column or rule it is about, put in front.
        """
        key = (about, what, "of" if of is not None else "")
        before, out_of = self._counts.get(key, (0, None if of is None else 0))
        total = None if of is None or out_of is None else out_of + int(of)
        self._counts[key] = (before + int(found), total)

    def add(self, others: "Findings") -> None:
        """Add the counts of a further part of the file."""
        for (about, what, _), (found, of) in others._counts.items():
            self.count(found, what, of=of, about=about)

    def sentences(self) -> tuple[str, ...]:
        """Write what was found at all.

        Example:
            >>> findings = Findings()
            >>> findings.count(0, "areas not recognised", of=10)
            >>> findings.count(2, "counts not supplied", of=10, about="n")
            >>> findings.sentences()
            ('n: 2 of 10 counts not supplied',)
        """
        return tuple(self._written())

    def _written(self) -> Iterable[str]:
        for (about, what, _), (found, of) in self._counts.items():
            if found:
                numbers = f"{found:,}" if of is None else f"{found:,} of {of:,}"
                yield f"{about}: {numbers} {what}" if about else f"{numbers} {what}"
