"""Try a file against a feed's description, and keep nothing of either."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from surveillance.domain import CheckReport, RawBatch
from surveillance.errors import InputError, RejectedBatch
from surveillance.feeds.description import FeedDescription
from surveillance.feeds.landing import land
from surveillance.jobs.collecting import check_rows
from surveillance.register import Register

if TYPE_CHECKING:
    from surveillance.feeds.parsing import ParsedBatch


@dataclass(frozen=True)
class TriedFile:
    """What would become of a file.

    Attributes:
        description: the feed it was tried against.
        batch: the file as it would land.
        parsed: its rows, None where it is refused whole.
        report: what the checks say of them, None where it is refused whole.
        refusal: why it is refused whole, empty where it is not.
    """

    description: FeedDescription
    batch: RawBatch
    parsed: "ParsedBatch | None"
    report: CheckReport | None
    refusal: str

    @property
    def is_usable(self) -> bool:
        """Whether anything of the file would be used."""
        return self.report is not None and self.report.verdict != "hold"


def try_file(
    description: FeedDescription,
    path: Path,
    *,
    register: Register,
    now: datetime,
    as_history: bool,
) -> TriedFile:
    """Read and check a file as if it had come, in a folder that is removed again.

    Args:
        description: the feed.
        path: the file.
        register: what is known of substances and areas.
        now: the moment of the trial, as if the file were fetched then.
        as_history: judge it as an opening load, whose age says nothing.

    Raises:
        InputError: there is no such file.
        SettingsError: the description names what the register lacks.
    """
    from surveillance.feeds.parsing import parse

    if not path.is_file():
        raise InputError(f"{path} is no file. Nothing was read. Give the path of one file.")
    with TemporaryDirectory(prefix="dews-check-") as folder:
        raw_folder = Path(folder)
        (batch,) = land(
            description,
            raw_folder=raw_folder,
            fetched_at=now,
            is_history=as_history,
            known=(),
            location=str(path.resolve()),
        )
        try:
            parsed = parse(batch, description, raw_folder=raw_folder, register=register)
        except RejectedBatch as error:
            refusal = str(error.__cause__ or error)
            return TriedFile(description, batch, None, None, refusal)
    report = check_rows(batch, description, parsed, register=register, docs_folder=None)
    return TriedFile(description, batch, parsed, report, "")
