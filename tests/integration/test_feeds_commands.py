"""What a feed's owner and an analyst see: the list, a file tested, a first description."""

import csv
import io
import json
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from config.settings import load_settings
from dews.cli import app
from surveillance import jobs
from surveillance.errors import InputError, SettingsError
from surveillance.jobs.session import database

HEADING = (
    "death_id,received_at,date_of_death,date_of_death_precision,registered_on,status,"
    "suspected_rank,underlying_cause,certificate_text,area_code,place_type,age_band,sex,detected,"
    "implicated,withdrawn\n"
)
GOOD = "D1,2024-01-10T09:00:00Z,2024-01-08,day,,suspected,1,,,Leeds,home,25-34,male,herion,,false\n"
NEW_NAME = GOOD.replace("D1", "D4").replace("herion", "unobtainium").replace("Leeds", "Ruritania")
BAD_DAY = GOOD.replace("D1", "D2").replace("2024-01-08", "08/01/2024")
BAD_SEX = GOOD.replace("D1", "D3").replace(",male,", ",mail,")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config_folder: Path) -> Path:
    for name in ("DEWS_DATABASE_URL", "SLACK_BOT_TOKEN", "DEWS_CHANNELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEWS_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.chdir(config_folder.parent)
    (tmp_path / "tmp").mkdir()
    return tmp_path


def dews(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def written(home: Path, content: str | bytes, name: str = "file.csv") -> str:
    path = home / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def test_a_feed_that_nobody_described_is_named_with_those_that_are(home: Path) -> None:
    result = dews("feeds", "check", "deeths", written(home, HEADING))

    assert isinstance(result.exception, InputError)
    assert "deaths, " in str(result.exception)


def test_a_file_that_is_not_there_is_named(home: Path) -> None:
    result = dews("feeds", "check", "deaths", str(home / "none.csv"))

    assert isinstance(result.exception, InputError)
    assert "is no file" in str(result.exception)


def test_a_file_that_cannot_be_read_is_refused_with_one_and_the_reason(home: Path) -> None:
    result = dews("feeds", "check", "deaths", written(home, "id;day\n1;2\n"))

    assert result.exit_code == 1
    assert "RESULT: refused" in result.output
    assert "the delimiter is probably ';'" in result.output
    assert "The feed's owner is Mortality desk." in result.output


def test_rows_held_back_are_told_with_their_numbers_columns_and_a_hint(home: Path) -> None:
    result = dews("feeds", "check", "deaths", written(home, HEADING + GOOD + BAD_DAY + BAD_SEX))

    assert result.exit_code == 0
    assert "1 would be accepted, as 1 record" in result.output
    assert "2 would be held back" in result.output
    assert "occurred_on: not a date as %Y-%m-%d (from 'date_of_death'): row 2" in result.output
    assert "A date is written like 2026-12-31." in result.output
    assert "It may hold: female, male, other, unknown." in result.output
    assert "mail" not in result.output.replace("male", "")


def test_words_not_understood_are_spelt_out(home: Path) -> None:
    result = dews("feeds", "check", "deaths", written(home, HEADING + GOOD + NEW_NAME))

    assert '"Ruritania": 1' in result.output
    assert '"unobtainium": 1' in result.output
    assert "Heroin (heroin): 1" in result.output
    assert "a new name is" in result.output


def test_an_identifier_among_the_words_not_understood_is_masked(home: Path) -> None:
    row = NEW_NAME.replace("unobtainium", "see 943 476 5919")

    result = dews("feeds", "check", "deaths", written(home, HEADING + GOOD + row))

    assert "943 476 5919" not in result.output


def test_a_file_of_another_year_is_stale_as_news_and_not_as_history(home: Path) -> None:
    path = written(home, HEADING + GOOD)

    assert "stale: breaks" in dews("feeds", "check", "deaths", path).output
    assert "stale: breaks" not in dews("feeds", "check", "deaths", path, "--history").output


def test_a_file_on_hold_ends_with_one(home: Path) -> None:
    result = dews("feeds", "check", "deaths", written(home, HEADING + BAD_DAY * 12))

    assert result.exit_code == 1
    assert "RESULT: hold" in result.output
    assert "none would be used" in result.output


def test_a_test_leaves_nothing_behind(home: Path) -> None:
    path = written(home, HEADING + GOOD)

    dews("feeds", "check", "deaths", path)

    assert not (home / "home").exists()
    assert list((home / "tmp").iterdir()) == []


def test_a_figure_of_many_rows_is_named_by_what_makes_it(home: Path) -> None:
    rows = "2024-03,Middlesbrough 001A,Burglary\n" * 2 + "March,Middlesbrough 001A,Burglary\n"
    path = written(home, "Month,LSOA name,Crime type\n" + rows)

    result = dews("feeds", "check", "police_street_crime", path)

    assert "Month March, authority E06000002, Crime type Burglary" in result.output


@pytest.mark.usefixtures("home")
def test_the_list_names_feeds_that_wait_and_research_feeds_only_when_asked() -> None:
    dews("migrate")

    short, long = dews("feeds"), dews("feeds", "list", "--all")

    assert "deaths: waiting for its first file" in short.output
    assert "research feeds wait for a person's file: dews feeds list --all" in short.output
    assert "unodc_seizures" not in short.output
    assert "unodc_seizures" in long.output


@pytest.mark.usefixtures("home")
def test_a_feed_that_is_late_and_out_of_date_says_so_in_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = load_settings()
    jobs.prepare(settings)
    fetched = datetime(2024, 1, 12, 9, tzinfo=UTC)
    (settings.home / "inbox" / "deaths" / "file.csv").write_text(HEADING + GOOD, encoding="utf-8")
    for batch_id in jobs.collect(settings, "deaths", now=fetched):
        jobs.keep(settings, batch_id, now=fetched)
    monkeypatch.setattr(jobs, "clock", lambda: fetched + timedelta(days=40))

    result = dews("feeds", "list", "--format", "json")

    (deaths,) = [one for one in json.loads(result.stdout) if one["feed"] == "deaths"]
    assert (deaths["is_late"], deaths["is_stale"]) == (True, True)
    assert deaths["newest_day"] == "2024-01-08"
    assert "a weekly feed, its file was due by 2024-01-22" in deaths["overdue"]
    assert "its newest record is of 2024-01-08, 44 days ago; 14 days are usual" in deaths["overdue"]
    assert result.exit_code == 0
    database(settings.database_url).dispose()


@pytest.mark.usefixtures("home")
def test_the_list_is_written_as_csv() -> None:
    dews("migrate")

    rows = list(csv.DictReader(io.StringIO(dews("feeds", "--format", "csv").stdout)))

    assert {row["feed"] for row in rows} >= {"deaths", "price_purity", "reaction_reports"}
    assert rows[0]["accepted"] == "0"


def test_a_first_description_never_overwrites(home: Path) -> None:
    sample = written(home, "date,area,n\n2024-03-01,Leeds,4\n")
    out = home / "mine.toml"
    out.write_text("precious", encoding="utf-8")

    result = dews("feeds", "new", sample, "--out", str(out))

    assert isinstance(result.exception, InputError)
    assert "was left alone" in str(result.exception)
    assert out.read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--kind", "indicators"), "is none of reaction_report, death"),
        (("--name", "---"), "makes no name of a feed"),
    ],
)
def test_a_wrong_wish_for_a_description_is_named(
    words: tuple[str, ...], problem: str, home: Path
) -> None:
    sample = written(home, "date,area,n\n2024-03-01,Leeds,4\n")

    result = dews("feeds", "new", sample, *words)

    assert isinstance(result.exception, InputError)
    assert problem in str(result.exception)


def test_a_first_description_reads_its_sample_and_can_be_checked_at_once(home: Path) -> None:
    sample = written(home, "month,area,positive,tests\n2024-03,Leeds,4,10\n2024-04,Leeds,5,9\n")
    out = home / "arrest_tests.toml"

    made = dews("feeds", "new", sample, "--kind", "indicator", "--out", str(out))
    checked = dews("feeds", "check", str(out), sample)

    assert "It reads the sample: 2 of 2 rows, 2 records of the kind indicator." in made.output
    assert "CHECK" in out.read_text(encoding="utf-8")
    assert "2 would be accepted, as 2 records" in checked.output


def test_a_broken_description_is_refused_with_its_faults(home: Path) -> None:
    description = home / "mine.toml"
    description.write_text("titel = 'x'", encoding="utf-8")

    result = dews("feeds", "check", str(description), written(home, HEADING))

    assert isinstance(result.exception, SettingsError)
    assert "titel is not a known key" in str(result.exception)


REAL = {
    "stride_cocaine_2007/cocaine.csv": "market_observation",
    "ons_drug_poisoning/drug_poisoning_registrations_by_LA.csv": "indicator",
    "ons_drug_poisoning/2021registrations.csv": "indicator",
    "scot_suspected_drug_deaths/SuspectedDRDs_JanMar2022.xlsx": "indicator",
    "police_street_cleveland/street/2024-03-cleveland-street.csv.gz": "indicator",
    "nflis/Fentanyl_cooccurrence_month_state.csv": "indicator",
    "ct_drug_deaths/ct_accidental_drug_deaths_2012_2022.csv.gz": "death",
    "ons_daily_deaths/ons_dp_opioid.csv": "indicator",
}


@pytest.mark.shared
@pytest.mark.parametrize("sample", REAL)
def test_a_first_description_of_a_real_file_reads_it(
    sample: str, home: Path, shared_folder: Path
) -> None:
    out = home / "real.toml"

    result = dews("feeds", "new", str(shared_folder / "data" / sample), "--out", str(out))

    assert result.exit_code == 0, result.output
    assert f"of the kind {REAL[sample]}." in result.output
    read, present = result.output.split("sample: ")[1].split(" rows")[0].split(" of ")
    assert int(read.replace(",", "")) >= 0.99 * int(present.replace(",", ""))
