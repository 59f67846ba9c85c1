"""What jobs tell each other: slices of work, and how much was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ShardPlan:
    """One slice of a run's series: shard ``number`` of ``of``."""

    run_id: str
    number: int
    of: int


@dataclass(frozen=True)
class Tally:
    """How many things a job did, for logs and for XCom."""

    counts: Mapping[str, int] = field(default_factory=dict)

    def describe(self, names: Sequence[str]) -> str:
        """Say the counts in words, in the order asked for."""
        return ", ".join(f"{self.counts.get(name, 0):,} {name}" for name in names)
