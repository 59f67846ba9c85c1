"""What jobs tell each other: slices of work, and how much was done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from surveillance.domain.rows import Verdict


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


@dataclass(frozen=True)
class BatchNews:
    """What became of one batch, for the people who run the service.

    Attributes:
        verdict: what the checks said, or *hold* where the batch was refused.
        findings: every finding in words; it may hold counts of rows.
        abouts: what findings on the whole batch are about: stale, volume, empty, shape.
        is_fresh: the batch was judged just now, so that nobody has been told yet.
    """

    feed: str
    batch_id: str
    verdict: Verdict
    findings: tuple[str, ...]
    abouts: frozenset[str]
    is_fresh: bool


@dataclass(frozen=True)
class FeedHealth:
    """How a feed stands at a moment.

    Attributes:
        cadence: how often it is expected.
        last_fetched_at: when it last brought new bytes, None: never.
        newest_received_at: the newest receipt of a record that is stored, None: none is.
        last_verdict: what the checks said of the newest batch that was judged.
        due_by: when the next batch is due at the latest, None where it never brought one.
        is_late: nothing new came by then.
        state: the same in words.
        newest_day: the newest day that a stored record is dated, None: none is.
        is_stale: that day lies further back than the cadence and the usual lag allow.
        overdue: what is late and what is out of date, in words; empty: nothing is.
        runs_by_itself: it is collected by schedule; else a person brings its files, and
            nothing of it is ever late.
    """

    feed: str
    title: str
    kind: str
    cadence: str
    batches: int
    last_fetched_at: datetime | None
    newest_received_at: datetime | None
    last_verdict: str | None
    rows_accepted: int
    rows_rejected: int
    due_by: datetime | None
    is_late: bool
    state: str
    newest_day: date | None = None
    is_stale: bool = False
    overdue: str = ""
    runs_by_itself: bool = True
