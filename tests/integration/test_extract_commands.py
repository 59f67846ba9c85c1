"""``dews extract``, ``evaluate`` and ``names`` as a person meets them."""

import csv
import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dews.cli import app
from surveillance.errors import InputError

TEXTS = 'id,cause\n1,"Acute fentanyl, no heroin"\n2,\n3,"Quuxonitazene\ntoxicity"\n'
REPORTS = """death_id,received_at,date_of_death,date_of_death_precision,registered_on,status,\
suspected_rank,underlying_cause,certificate_text,area_code,place_type,age_band,sex,detected,\
implicated,withdrawn
D1,2024-01-10T09:00:00Z,2024-01-08,day,,suspected,1,,,E08000035,home,25-34,male,Zorbaxine,,false
D2,2024-03-11T09:00:00Z,2024-03-09,day,,suspected,1,,,E08000035,home,25-34,male,zorbaxine HCl,,false
D3,2024-03-12T09:00:00Z,2024-03-09,day,,suspected,1,,,E08000035,home,25-34,male,quuxonitazene,,false
D4,2024-03-12T09:00:00Z,2024-03-09,day,,suspected,1,,,E08000035,home,25-34,male,heroin,,false
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config_folder: Path) -> Path:
    for name in ("DEWS_DATABASE_URL", "SLACK_BOT_TOKEN", "DEWS_CHANNELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DEWS_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(config_folder.parent)
    return tmp_path


def dews(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "There is no file"),
        (b"", "cannot be read as a CSV table"),
        (b"id,text\n1,heroin\n", "has no column 'cause'. It has: id, text"),
        (b"id,cause\n1,caf\xe9\n", "cannot be read as a CSV table in UTF-8"),
        (b"id,cause\n1,a\n2,a,b,c\n", "cannot be read as a CSV table"),
        (b"cause\na,b\nc,d\n", "more fields than its header names"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_what_stood_there(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    source, out = tmp_path / "texts.csv", tmp_path / "mentions.csv"
    out.write_text("before", encoding="utf-8")
    if content is not None:
        source.write_bytes(content)

    result = dews("extract", source, "--column", "cause", "--out", out)

    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)
    assert out.read_text(encoding="utf-8") == "before"
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    source = tmp_path / "texts.csv"
    source.write_text(TEXTS, encoding="utf-8")

    result = dews("extract", source, "--column", "cause", "--out", tmp_path / "no" / "out.csv")

    assert isinstance(result.exception, InputError)
    assert "cannot be written" in str(result.exception)


@pytest.mark.parametrize("is_gzipped", [False, True])
def test_every_mention_becomes_a_row(tmp_path: Path, is_gzipped: bool) -> None:
    source, out = tmp_path / ("texts.csv.gz" if is_gzipped else "texts.csv"), tmp_path / "out.csv"
    content = b"\xef\xbb\xbf" + TEXTS.encode()
    source.write_bytes(gzip.compress(content) if is_gzipped else content)

    result = dews("extract", source, "--column", "cause", "--out", out)

    assert result.exit_code == 0, result.output
    assert "3 rows: 3 mentions, 1 of them denied, 1 of names" in result.output.replace("\n", " ")
    kept = [
        (row["row"], row["substance_id"], row["name"], row["how"], row["negated"])
        for row in rows_of(out)
    ]
    assert kept == [
        ("1", "fentanyl", "Fentanyl", "name", "false"),
        ("1", "heroin", "Heroin", "name", "true"),
        ("3", "nitazenes", "quuxonitazene", "new name", "false"),
    ]


def test_an_empty_text_counts_as_a_row_in_a_file_of_one_column(tmp_path: Path) -> None:
    source, out = tmp_path / "texts.csv", tmp_path / "out.csv"
    source.write_text("cause\nheroin\n\ncocaine\n", encoding="utf-8")

    dews("extract", source, "--column", "cause", "--out", out)

    assert [row["row"] for row in rows_of(out)] == ["1", "3"]


def test_evaluation_asks_what_to_evaluate() -> None:
    assert dews("evaluate").exit_code == 2


def test_evaluation_shows_texts_words_and_errors(tmp_path: Path) -> None:
    (tmp_path / "gold.csv").write_text(
        "stratum,text,substances\nrandom,Heroin toxicity,heroin|cocaine\n", encoding="utf-8"
    )
    (tmp_path / "misspellings.csv").write_text(
        "token,canonical,kind\nfentnayl,fentanyl,misspelling\n", encoding="utf-8"
    )
    flags = b"id,text,flags,not_tabulated\nCT1,Heroin,heroin,\n"
    (tmp_path / "gold_ct_flags.csv.gz").write_bytes(gzip.compress(flags))

    result = dews("evaluate", "--extraction", tmp_path)

    assert result.exit_code == 0, result.output
    assert "0.5000" in result.output
    assert "mended kinds together" in result.output
    assert "missed: cocaine" in result.output


def keep_reports(tmp_path: Path) -> None:
    (tmp_path / "deaths.csv").write_text(REPORTS, encoding="utf-8")
    feed, file = "config/feeds/deaths.toml", tmp_path / "deaths.csv"
    dews("migrate")
    result = dews("run", "--feeds", feed, "--week", "2024-W11", "--location", file)
    assert result.exit_code == 0, result.output


def test_names_of_an_empty_database_are_all_known() -> None:
    dews("migrate")

    assert "Every name in the records is known" in dews("names").output


def test_new_names_are_listed_with_their_like(tmp_path: Path) -> None:
    keep_reports(tmp_path)

    told = json.loads(dews("names", "--format", "json").output)

    assert [(name["name"], name["records"], name["group"]) for name in told] == [
        ("Zorbaxine", 2, ""),
        ("quuxonitazene", 1, "nitazenes"),
    ]
    assert told[0]["spellings"] == ["Zorbaxine", "zorbaxine HCl"] or len(told[0]["spellings"]) == 1
    assert told[0]["first_seen"].startswith("2024-01-10")
    assert told[1]["relatives"][0][0]


def test_a_moment_before_a_name_does_not_know_it(tmp_path: Path) -> None:
    keep_reports(tmp_path)

    before = dews("names", "--as-of", "2024-02-01", "--format", "csv").output
    since = dews("names", "--since", "2024-02-01", "--format", "csv").output

    assert "Zorbaxine" in before
    assert "quuxonitazene" not in before
    assert "quuxonitazene" in since
    assert "Zorbaxine" not in since
