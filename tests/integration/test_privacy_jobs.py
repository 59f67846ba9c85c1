"""What names a person or a site never reaches the store, also not in quarantine."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import CONFIG_FOLDER, Settings, load_settings
from surveillance import jobs
from surveillance.errors import SettingsError
from surveillance.jobs.session import database
from surveillance.store.batches import held_rows, load_result
from surveillance.store.engine import reading
from surveillance.store.schema import Base, ReactionReportRow, RecordRow

NOW = datetime(2026, 10, 5, 6, tzinfo=UTC)
SECRET = "PSEUDONYM-4711"
KEY = "a secret of at least 32 characters"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Iterator[Settings]:
    text = (CONFIG_FOLDER / "feeds" / "reaction_reports.toml").read_text(encoding="utf-8")
    path = tmp_path / "reaction_reports.toml"
    path.write_text(text + "\n[person]\ncolumn = 'person'\nscheme = 'clinic'\n", encoding="utf-8")
    made = Settings(
        home=tmp_path / "home", database_url=database_url, feeds=(path,), pseudonym_key=KEY
    )
    jobs.prepare(made)
    yield made
    database(database_url).dispose()


def report(key: str, **other: str | None) -> str:
    return json.dumps(
        {
            "report_id": key,
            "received_at": "2026-10-02T12:00:00Z",
            "event_date": "2026-10-01",
            "area_code": "E08000035",
            "age_band": "25-34",
            "substances": [{"name": "heroin", "role": "suspect"}],
            "reactions": ["seizure"],
            "seriousness": "hospital",
            "narrative": "Found collapsed.",
            "person": SECRET,
        }
        | other
    )


def bring(settings: Settings, *lines: str) -> str:
    folder = settings.home / "inbox" / "reaction_reports"
    (folder / "file.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (batch_id,) = jobs.collect(settings, "reaction_reports", now=NOW)
    jobs.keep(settings, batch_id, now=NOW)
    return batch_id


def everything_stored(settings: Settings) -> str:
    with reading(database(settings.database_url)) as connection:
        return repr(
            [connection.execute(select(table)).all() for table in Base.metadata.tables.values()]
        )


def findings(settings: Settings, batch_id: str) -> str:
    with reading(database(settings.database_url)) as connection:
        return " ".join(load_result(connection, batch_id).findings)


@pytest.mark.parametrize(
    ("key", "file", "message"),
    [
        ("too short", None, "fewer than 32 characters"),
        ("", "home/key", "lies in the folder of the data"),
        ("", "nowhere", "cannot be read"),
        ("", "empty", "fewer than 32 characters"),
    ],
)
def test_a_key_that_protects_nothing_is_refused_before_anything_is_stored(
    settings: Settings, key: str, file: str | None, message: str
) -> None:
    folder = settings.home.parent
    (folder / "empty").write_text("\n", encoding="utf-8")
    (folder / "home" / "key").write_text(KEY, encoding="utf-8")
    path = None if file is None else folder / file

    with pytest.raises(SettingsError, match=message):
        bring(replace(settings, pseudonym_key=key, pseudonym_key_file=path), report("R1"))

    assert SECRET not in everything_stored(settings)


def test_a_pseudonym_is_nowhere_in_the_store_also_not_where_a_row_is_held_back(
    settings: Settings,
) -> None:
    batch_id = bring(settings, report("R1"), report("R2", seriousness="?"), '{"person": "' + SECRET)

    with reading(database(settings.database_url)) as connection:
        keys = list(connection.scalars(select(RecordRow.person_key)))
        held = held_rows(connection, batch_id=batch_id)
    assert len(keys) == 1
    assert keys[0]
    assert len(held) == 2
    assert SECRET not in everything_stored(settings)


def test_without_a_key_the_row_is_stored_without_the_person_and_a_finding_says_so(
    settings: Settings,
) -> None:
    batch_id = bring(replace(settings, pseudonym_key=""), report("R1"))

    with reading(database(settings.database_url)) as connection:
        assert list(connection.scalars(select(RecordRow.person_key))) == [None]
    assert "no key for pseudonyms is set" in findings(settings, batch_id)
    assert SECRET not in everything_stored(settings)


def test_a_key_in_a_file_outside_the_data_is_the_same_key(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "key"
    path.write_text(KEY + "\n", encoding="utf-8")
    told = load_settings({"DEWS_HOME": str(settings.home), "DEWS_PSEUDONYM_KEY_FILE": str(path)})

    bring(settings, report("R1"))
    filed = replace(settings, pseudonym_key="", pseudonym_key_file=told.pseudonym_key_file)
    bring(filed, report("R2"))

    with reading(database(settings.database_url)) as connection:
        assert len(set(connection.scalars(select(RecordRow.person_key)))) == 1
    assert KEY not in repr(settings)


def test_the_name_of_a_site_is_masked_and_its_row_is_kept(settings: Settings) -> None:
    batch_id = bring(
        settings,
        report("R1", narrative="Collapsed at HMP Leeds."),
        report("R2", narrative="At Belmarsh, NHS 943 476 5919."),
        *(report(f"C{number}") for number in range(8)),
    )

    with reading(database(settings.database_url)) as connection:
        told = set(connection.scalars(select(ReactionReportRow.narrative)))
        held = held_rows(connection, batch_id=batch_id)
    assert told == {"Collapsed at [site removed].", "Found collapsed."}
    assert len(held) == 1
    assert json.loads(held[0].raw)["narrative"] == ("At [site removed], NHS [NHS number removed].")
    assert "names of sites were removed from narrative in 2 rows" in findings(settings, batch_id)


def test_an_installation_s_own_sites_are_masked_too(settings: Settings) -> None:
    (settings.home / "sites.csv").write_text(
        "name,kind,alone,aliases,source\nThe Old Mill,hostel,yes,,us\n", encoding="utf-8"
    )

    bring(settings, report("R1", narrative="Slept at The Old Mill."))

    with reading(database(settings.database_url)) as connection:
        told = list(connection.scalars(select(ReactionReportRow.narrative)))
    assert told == ["Slept at [site removed]."]
