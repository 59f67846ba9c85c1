"""The simulated country's feeds, as docs/feeds.md writes their files down and as they are drawn."""

import gzip
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from surveillance.domain import SubstanceMention
from surveillance.feeds.description import load_description
from surveillance.feeds.landing import land
from surveillance.feeds.parsing import ParsedBatch, parse
from surveillance.register import Register
from surveillance.simulate import GENERATORS, Choices, DrawnCountry, draw_country, make_world
from surveillance.simulate.figures import planted

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


def test_a_sighting_is_read_as_the_page_shows_it(
    page: str, tmp_path: Path, config_folder: Path, register: Register
) -> None:
    text = example(page, "sightings")

    parsed = read("sightings", text=text, folder=tmp_path, config=config_folder, register=register)

    assert parsed.rejected == ()
    row = parsed.rows.iloc[0]
    assert (row["source_ref"], row["occurred_on"]) == ("S-000001", date(2026, 9, 29))
    assert (row["found_by"], row["method"], row["grade"]) == ("drug_checking", "lc_ms", "G4")
    assert row["sold_as"] == "Diazepam"
    assert row["first_seen"] is False
    assert row["substances"] == [
        SubstanceMention("bromazolam", "Bromazolam", "detected"),
        SubstanceMention("caffeine", "Caffeine", "adulterant"),
        SubstanceMention("diazepam", "Diazepam", "sold-as"),
    ]


def test_a_notice_is_read_as_the_page_shows_it(
    page: str, tmp_path: Path, config_folder: Path, register: Register
) -> None:
    text = example(page, "street_events")

    parsed = read(
        "street_events", text=text, folder=tmp_path, config=config_folder, register=register
    )

    assert parsed.rejected == ()
    row = parsed.rows.iloc[0]
    assert (row["grade"], row["observer_role"], row["setting"]) == ("G1", "drug_worker", "hostel")
    assert row["origin"].startswith("Several people")
    assert row["analysis"] is None
    assert [one.substance_id for one in row["substances"]] == ["synthetic_cannabinoids"]


def test_indicators_are_read_as_the_page_shows_them(
    page: str, tmp_path: Path, config_folder: Path, register: Register
) -> None:
    text = example(page, "arrest_tests")

    parsed = read(
        "arrest_tests", text=text, folder=tmp_path, config=config_folder, register=register
    )

    assert parsed.rejected == ()
    row = parsed.rows.iloc[0]
    assert (row["occurred_on"], row["occurred_precision"]) == (date(2026, 7, 1), "month")
    assert (row["numerator"], row["denominator"]) == (124, 221)
    assert (row["area_code"], row["supplier"]) == ("E23000013", "E23000013")
    assert [one.substance_id for one in row["substances"]] == ["all"]


@pytest.fixture(scope="module")
def clean(register: Register) -> DrawnCountry:
    """A country without dirt, and without the name that scenario G plants and no register has."""
    without_new_names = Choices(scenarios=frozenset("ABCDEFHIJKL"))
    world = make_world(register, weeks=160, end_week="2026-W40", choices=without_new_names)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planted, "DIRT_SHARES", dict.fromkeys(planted.DIRT_SHARES, 1e-12))
        return draw_country(world, seed=5)


def as_text(feed: str, drawn: DrawnCountry) -> str:
    generator = GENERATORS[feed]
    return gzip.decompress(generator.encode(drawn.rows[feed], generator.columns)).decode()


@pytest.mark.parametrize("feed", list(GENERATORS))
def test_no_row_of_a_clean_country_is_held_back_and_every_area_and_name_is_known(
    tmp_path: Path, config_folder: Path, register: Register, clean: DrawnCountry, feed: str
) -> None:
    text = as_text(feed, clean)

    parsed = read(feed, text=text, folder=tmp_path, config=config_folder, register=register)

    assert len(clean.rows[feed]) > 15
    assert parsed.rejected == ()
    assert len(parsed.rows) == len(clean.rows[feed])
    assert not (parsed.rows["area_code"] == "unknown").any()
    named = [one for several in parsed.rows["substances"] for one in several if one.verbatim]
    strange = {one.verbatim for one in named if one.substance_id == "unknown"}
    assert strange <= {"unknown", "unknown powder", "unknown tablets"}


def test_dirt_holds_back_only_what_it_spoils(
    tmp_path: Path, config_folder: Path, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = "hospital_admissions"
    monkeypatch.setattr(planted, "DIRT_SHARES", {**planted.DIRT_SHARES, feed: 0.05})
    world = make_world(register, weeks=40, end_week="2026-W40")
    drawn = draw_country(world, seed=5)

    parsed = read(
        feed,
        text=as_text(feed, drawn),
        folder=tmp_path,
        config=config_folder,
        register=register,
    )

    words = (drawn.rows[feed]["numerator"] == "n/a").sum()
    assert len(parsed.rejected) == words > 20
    assert {reason for row in parsed.rejected for reason in row.reasons} == {
        "numerator: not a number"
    }
    assert len(parsed.rows) + len(parsed.rejected) == len(drawn.rows[feed])
