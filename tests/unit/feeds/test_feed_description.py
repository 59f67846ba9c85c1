"""A description is understood whole, or refused with everything that is wrong in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from surveillance.errors import SettingsError
from surveillance.feeds.description import FeedDescription, load_description, load_descriptions

Describe = Callable[[str], FeedDescription]


def test_a_misspelt_key_is_refused_with_the_nearest_known_one(
    describe: Describe, description_text: str
) -> None:
    text = description_text.replace("cadence", "cadense")

    with pytest.raises(SettingsError) as caught:
        describe(text)

    assert "test_deaths.toml" in str(caught.value)
    assert "cadense is not a known key (nearest: 'cadence')" in str(caught.value)
    assert "cadence is missing" in str(caught.value)


def test_a_misspelt_target_column_is_refused_with_the_nearest_column_of_the_kind(
    describe: Describe, description_text: str
) -> None:
    text = description_text.replace("occurred_on =", 'registred_on = "r"\noccurred_on =')

    with pytest.raises(SettingsError, match=r"columns\.registred_on is no column of a death"):
        describe(text)


def test_all_faults_of_a_description_are_told_at_once(
    describe: Describe, description_text: str
) -> None:
    text = (
        description_text.replace('"csv"', '"cvs"')
        .replace("expected_lag_days = 14", 'expected_lag_days = "two weeks"')
        .replace('role = "detected"', 'role = "seen"')
        .replace('cadence = "weekly"', 'cadence = "weekly"\nschedule = "hourly"')
    )

    with pytest.raises(SettingsError) as caught:
        describe(text)

    message = str(caught.value)
    assert "4 faults" in message
    assert "source.format must be one of csv, jsonl, xlsx, parquet (nearest: 'csv')" in message
    assert "expected_lag_days must be a whole number" in message
    assert "substances.list[1].role must be one of" in message
    assert "schedule must be a cron line of five fields" in message


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('occurred_on = "day"', "", "columns.occurred_on is missing"),
        ('occurred_on = "day"', "occurred_on = 7", "must be the name of a source column"),
        ('occurred_on = "day"', "occurred_on = {}", "must be given, or columns, constant or parts"),
        (
            'occurred_on = "day"',
            'occurred_on = { column = "day", columns = ["d"] }',
            "and column cannot both be given",
        ),
        (
            'occurred_on = "day"',
            'occurred_on = "day"\nsex = { column = "s", date_formats = ["%Y"] }',
            "date_formats has no meaning",
        ),
        (
            'occurred_on = "day"',
            'occurred_on = "day"\nsex = { column = "s", from_years = true }',
            "from_years has a meaning for age_band alone",
        ),
        (
            'occurred_on = "day"',
            'occurred_on = { month = "m" }',
            "they need year and a date column",
        ),
        (
            'occurred_on = "day"',
            'occurred_on = "day"\narea_code = "a"',
            r"columns.area_code is made by \[area\]",
        ),
        ('columns = ["id"]', "", "or identity.row = true must be given"),
        ('columns = ["id"]', 'columns = ["id"]\nrow = true', "one of the two"),
        ('columns = ["id"]', "columns = [1]", "must be a list of texts"),
        ('column = "received"', "", "or received.assumed_lag_days must be given"),
        ("[source]", '[source]\ndelimiter = "::"', "source.delimiter must be one character"),
        ("[source]", '[source]\nencoding = "utf-9"', "is no encoding that Python knows"),
        ("[source]", "[source]\nheader_rows = 0", "source.header_rows must be 1 or more"),
        ("[source]", "expected_rows = [9, 1]\n[source]", "expected_rows must be two whole numbers"),
        ("[source]", "enabled = 1\n[source]", "enabled must be true or false"),
        ("[source]", "expected_rows = [true, 1]\n[source]", "must be two whole numbers"),
        ("[identity]", "[constants]\nyear = 1.5\n[identity]", "must give a text for 'year'"),
        ("[[substances.list]]", "[substances.list]", "substances.list must be a list"),
        ("[[substances.list]]", "[substances]\nlist = [1]\n[old]", "must be written as"),
        (
            "[[substances.list]]",
            '[[counts]]\ncolumn = "n"\nsubstance = "all"\n[[substances.list]]',
            r"substances or \[\[counts\]\] must be given, one of the two",
        ),
        ('kind = "death"', 'kind = "deaths"', "kind must be one of .* \\(nearest: 'death'\\)"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(
    old: str, new: str, complaint: str, describe: Describe, description_text: str
) -> None:
    text = description_text.replace(old, new, 1)

    with pytest.raises(SettingsError, match=complaint):
        describe(text)


def test_a_feed_that_says_nothing_of_substances_is_refused(
    describe: Describe, description_text: str
) -> None:
    text = description_text[: description_text.index("[[substances")] + "[substances]\n"

    with pytest.raises(SettingsError, match="substances must say flags, text, list"):
        describe(text)


def test_a_suppressed_count_needs_two_bounds(describe: Describe, description_text: str) -> None:
    counts = '[[counts]]\ncolumn = "n"\nsubstance = "all"\nsuppressed = { "-" = [3, 0] }\n'
    text = description_text[: description_text.index("[[substances")] + counts

    with pytest.raises(SettingsError, match=r"counts\[1\]\.suppressed\.- must be two whole"):
        describe(text)


def test_broken_toml_and_a_missing_file_are_refused_by_name(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("title = ", encoding="utf-8")

    with pytest.raises(SettingsError, match=r"broken\.toml: the description is not valid TOML"):
        load_description(broken)
    with pytest.raises(SettingsError, match=r"none\.toml: the description cannot be opened"):
        load_description(tmp_path / "none.toml")


def test_the_faults_of_every_description_in_a_folder_are_told_together(
    tmp_path: Path, description_text: str
) -> None:
    (tmp_path / "one.toml").write_text("titel = 'x'", encoding="utf-8")
    (tmp_path / "two.toml").write_text("kind = 'y'", encoding="utf-8")
    (tmp_path / "fine.toml").write_text(description_text, encoding="utf-8")

    with pytest.raises(SettingsError) as caught:
        load_descriptions(tmp_path)

    assert "one.toml" in str(caught.value)
    assert "two.toml" in str(caught.value)
    assert "fine.toml" not in str(caught.value)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not a folder of feed descriptions"):
        load_descriptions(tmp_path / "nowhere")


def test_a_description_says_what_the_other_stages_ask_of_it(
    describe: Describe, description_text: str
) -> None:
    text = description_text.replace("[source]", "expected_rows = [1, 20]\n[source]")

    description = describe(text)

    assert (description.name, description.kind, description.cadence) == (
        "test_deaths",
        "death",
        "weekly",
    )
    assert (description.location, description.format) == ("in/*", "csv")
    assert (description.expected_lag_days, description.expected_rows) == (14, (1, 20))
    assert (description.has_own_receipt, description.assumed_lag_days) == (True, None)
    assert (description.enabled, description.schedule) == (True, None)


def test_every_shipped_description_is_understood_and_only_research_feeds_wait(
    config_folder: Path,
) -> None:
    descriptions = load_descriptions(config_folder / "feeds")

    running = {name for name, description in descriptions.items() if description.enabled}

    assert running == {"reaction_reports", "deaths", "price_purity", "intake_reports"}
    assert all(description.location for description in descriptions.values() if description.enabled)


def test_every_shipped_feed_has_its_page(config_folder: Path) -> None:
    pages = config_folder.parent / "docs" / "feeds"

    missing = [
        path.stem
        for path in (config_folder / "feeds").glob("*.toml")
        if not (pages / f"{path.stem}.md").is_file()
    ]

    assert missing == []
