"""The simulated country's three feeds, as docs/feeds.md writes their files down."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from surveillance.domain import SubstanceMention
from surveillance.feeds.description import load_description
from surveillance.feeds.landing import land
from surveillance.feeds.parsing import ParsedBatch, parse
from surveillance.register import Register

NOW = datetime(2027, 4, 1, tzinfo=UTC)


@pytest.fixture
def page(config_folder: Path) -> str:
    return (config_folder.parent / "docs" / "feeds.md").read_text(encoding="utf-8")


def example(page: str, feed: str) -> str:
    """Give the example file that the page shows for a feed."""
    section = page[page.index("## The simulated country's files") :]
    found = re.search(rf"### `{feed}`.*?```(?:json|csv)\n(.*?)```", section, flags=re.DOTALL)
    assert found is not None
    return found[1]


def read(feed: str, *, text: str, folder: Path, config: Path, register: Register) -> ParsedBatch:
    description = load_description(config / "feeds" / f"{feed}.toml")
    inbox = folder / "inbox" / feed
    inbox.mkdir(parents=True)
    (inbox / "any name at all").write_text(text, encoding="utf-8")
    (batch,) = land(
        description,
        raw_folder=folder / "raw",
        fetched_at=NOW,
        is_history=True,
        known=set(),
        base=folder,
    )
    return parse(batch, description, raw_folder=folder / "raw", register=register)


def test_reaction_reports_are_read_as_the_page_shows_them(
    page: str, tmp_path: Path, config_folder: Path, register: Register
) -> None:
    text = example(page, "reaction_reports")

    parsed = read(
        "reaction_reports", text=text, folder=tmp_path, config=config_folder, register=register
    )

    assert parsed.rejected == ()
    row = parsed.rows.iloc[0]
    assert (row["source_ref"], row["area_code"]) == ("RR-0000001", "E06000002")
    assert row["occurred_on"] == date(2026, 9, 27)
    assert row["received_at"] == datetime(2026, 9, 30, 14, 5, tzinfo=UTC)
    assert (row["setting"], row["age_band"], row["naloxone_given"]) == ("prison", "25-34", "no")
    assert row["substances"][0] == SubstanceMention("mdmb_4en_pinaca", "mdmb_4en_pinaca", "suspect")
    assert row["substances"][1].role == "co-used"
    assert len(row["reactions"]) == 2


def test_versions_of_a_death_share_their_key_and_differ_in_receipt(
    page: str, tmp_path: Path, config_folder: Path, register: Register
) -> None:
    text = example(page, "deaths")

    parsed = read("deaths", text=text, folder=tmp_path, config=config_folder, register=register)

    assert parsed.rejected == ()
    columns = ["source_ref", "status", "registered_on", "suspected_rank"]
    assert parsed.rows[columns].to_numpy().tolist() == [
        ["D-000001", "suspected", None, 1],
        ["D-000001", "registered", date(2027, 3, 20), 1],
    ]
    assert parsed.rows["received_at"].is_monotonic_increasing
    assert parsed.rows["substances"][1] == [
        SubstanceMention("heroin", "heroin", "detected"),
        SubstanceMention("protonitazene", "protonitazene", "detected"),
        SubstanceMention("protonitazene", "protonitazene", "implicated"),
    ]


def test_prices_and_purities_are_read_as_the_page_shows_them(
    page: str, tmp_path: Path, config_folder: Path, register: Register
) -> None:
    text = example(page, "price_purity")

    parsed = read(
        "price_purity", text=text, folder=tmp_path, config=config_folder, register=register
    )

    assert parsed.rejected == ()
    row = parsed.rows.iloc[0]
    assert (row["occurred_on"], row["occurred_precision"]) == (date(2026, 9, 1), "month")
    assert (row["deal_mass_g"], row["price_gbp"]) == (0.2, 10.0)
    assert (row["purity_percent"], row["purity_n"]) == (38.5, 12)
    assert row["substances"] == [SubstanceMention("heroin", "heroin", "detected")]
