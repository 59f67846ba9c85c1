"""Records for tests of linkage: a person's harm as some services tell it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd

from surveillance.domain import LINK_KEY, TOLD_COLUMNS, Told

DAY = date(2026, 3, 4)
LEEDS, BRADFORD, CARDIFF, YORKSHIRE = "E08000035", "E08000032", "W06000015", "E12000003"
NO_VERDICTS = pd.DataFrame(columns=[*LINK_KEY, "is_one"])


def report(ref: str, role: str | None = "ambulance", **other: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "version_id": f"v{ref}",
        "kind": "reaction_report",
        "feed": "reports",
        "source_ref": ref,
        "occurred_on": DAY,
        "occurred_precision": "day",
        "area_code": LEEDS,
        "count_low": 1,
        "count_high": 1,
        "age_band": "25-34",
        "sex": "male",
        "setting": "community",
        "reporter_role": role,
        "seriousness": "hospital",
        "naloxone_given": "no",
        "outcome": "recovered",
        "substances": ("etizolam",),
        "reactions": ("drowsiness", "confusion"),
    }
    return values | other


def death(ref: str, **other: Any) -> dict[str, Any]:
    values = report(ref, None, kind="death", feed="deaths", setting=None, reactions=())
    values |= {"seriousness": None, "naloxone_given": None, "outcome": None, "place_type": "home"}
    return values | other


def fatal(ref: str, role: str = "ambulance", **other: Any) -> dict[str, Any]:
    return report(ref, role, seriousness="died", outcome="died", **other)


def days_after(days: int) -> date:
    return DAY + timedelta(days=days)


def told(rows: Sequence[Mapping[str, Any]]) -> Told:
    records = pd.DataFrame(list(rows)).reindex(columns=list(TOLD_COLUMNS))
    records["occurred_on"] = pd.to_datetime(records["occurred_on"])
    mentions = [(row["version_id"], name, "suspect") for row in rows for name in row["substances"]]
    reactions = [(row["version_id"], code) for row in rows for code in row["reactions"]]
    return Told(
        records=records,
        mentions=pd.DataFrame(mentions, columns=["version_id", "substance_id", "role"]),
        reactions=pd.DataFrame(reactions, columns=["version_id", "reaction_code"]),
    )


def verdict(ref: str, other: str, *, is_one: bool, other_feed: str = "reports") -> pd.DataFrame:
    row = ("reports", ref, other_feed, other, is_one)
    return pd.DataFrame([row], columns=[*LINK_KEY, "is_one"])


def background(number: int, *, first: int = 0) -> list[dict[str, Any]]:
    """Give unrelated reports, so far apart that they meet nobody."""
    return [
        report(f"far{place}", occurred_on=DAY - timedelta(days=40 * (place + 1)))
        for place in range(first, first + number)
    ]
