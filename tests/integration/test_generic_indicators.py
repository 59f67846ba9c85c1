"""A new indicator needs a description and no code: from its file to its panel."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from config.settings import Settings
from surveillance import jobs
from surveillance.domain import FILLING, NOT_SUPPLIED, Panel, Stream
from surveillance.jobs.session import database
from surveillance.measures import read_fields
from surveillance.register import Register
from surveillance.series import Question, build_panel
from surveillance.store import batches, records
from surveillance.store.engine import reading

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
MIDDLESBROUGH, BRADFORD = "E06000002", "E08000032"
FRAME = """
title = "{name}"
kind = "indicator"
owner = "the tests"
cadence = "{cadence}"
expected_lag_days = 4000

[source]
location = "inbox/invented/*"
format = "{format}"

[received]
assumed_lag_days = 30

"""
# Name, cadence and format; the rest of the description; the file.
INVENTED: dict[str, tuple[str, str, str, str]] = {
    "blood_borne_viruses": (
        "quarterly",
        "csv",
        """
identity = { columns = ["area", "year", "quarter"] }
area = { columns = ["area"] }
columns = { occurred_on = { year = "year", quarter = "quarter", first_month = 4 } }
[indicator]
name = "hepatitis_c_positives"
unit = "positive tests"
numerator = "positive"
denominator = "tested"
missing = ["", "not reported"]
""",
        "area,year,quarter,positive,tested\n"
        "Middlesbrough,2025/26,1,12,100\nMiddlesbrough,2025/26,2,not reported,\n"
        "Middlesbrough,2025/26,3,0,90\n",
    ),
    "deaths_after_release": (
        "yearly",
        "csv",
        """
identity = { columns = ["Area", "years"] }
area = { columns = ["Area"] }
columns = { occurred_on = { year = "years" } }
unpivot = { by = ["Area"], names = ["years"], value = "deaths" }
[indicator]
name = "deaths_within_four_weeks_of_release"
unit = "deaths"
numerator = "deaths"
""",
        "Area,2023,2024,2025\nMiddlesbrough,2,,1\nBradford,4,3,5\n",
    ),
    "opiate_and_crack_users": (
        "yearly",
        "jsonl",
        """
identity = { columns = ["code", "year"] }
area = { columns = ["code"] }
columns = { occurred_on = { year = "year" } }
substances = { constant = "opioids" }
[indicator]
name = "opiate_users"
unit = "people per 1,000 aged 15 to 64"
value = "rate"
value_low = "low"
value_high = "high"
""",
        json.dumps({"code": MIDDLESBROUGH, "year": 2024, "rate": 21.4, "low": 19, "high": 24.1})
        + "\n"
        + json.dumps({"code": BRADFORD, "year": 2024, "rate": None, "low": None, "high": None}),
    ),
    "new_and_young_presentations": (
        "monthly",
        "csv",
        """
identity = { columns = ["area", "month", "age"] }
area = { columns = ["area"] }
columns = { occurred_on = { column = "month", date_formats = ["%b %Y"] }, age_band = "age" }
[indicator]
name = "new_treatment_presentations"
unit = "people"
numerator = "n"
[[keep]]
column = "age"
values = ["<16", "16-17", "18-24"]
others = ["25-34", "35-44", "45-54", "55+"]
[[substances.list]]
column = "drug"
""",
        "area,month,age,drug,n\nMiddlesbrough,Aug 2026,18-24,heroin,3\n"
        "Middlesbrough,Aug 2026,35-44,heroin,40\nMiddlesbrough,Sep 2026,18-24,heroin,9\n",
    ),
    "prison_tests": (
        "monthly",
        "csv",
        """
identity = { columns = ["month", "region"] }
area = { columns = ["region"], kinds = ["region"] }
columns.occurred_on = { column = "month", date_formats = ["%Y-%m"] }
columns.setting = { constant = "prison" }
substances = { constant = "synthetic_cannabinoids" }
[aggregate]
by = ["month", "region"]
sums = ["positive", "tests"]
[indicator]
name = "prison_tests"
unit = "positive tests"
numerator = "positive"
denominator = "tests"
""",
        "month,region,prison,positive,tests\n2026-08,North East,A,3,50\n"
        "2026-08,North East,B,7,50\n2026-09,North East,A,4,50\n",
    ),
    "arrest_tests": (
        "monthly",
        "csv",
        """
identity = { columns = ["month", "force"] }
area = { columns = ["force"], kinds = ["police_area"] }
columns = { occurred_on = { column = "month", date_formats = ["%Y-%m"] }, supplier = "force" }
[indicator]
name = "arrest_tests"
unit = "positive tests"
numerator = "positive"
denominator = "tests"
""",
        "month,force,positive,tests\n2026-08,Cleveland,56,100\n2026-09,Cleveland,112,200\n",
    ),
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    database(f"sqlite:///{tmp_path / 'dews.db'}").dispose()


def bring(home: Path, name: str) -> tuple[Settings, dict[str, int]]:
    cadence, form, rest, content = INVENTED[name]
    path = home / "invented.toml"
    keys, _, sections = rest.partition("\n[")
    frame = FRAME.format(name=name, cadence=cadence, format=form)
    path.write_text(f"{keys}\n{frame}\n[{sections}", encoding="utf-8")
    url = f"sqlite:///{home / 'dews.db'}"
    settings = Settings(home=home / "home", database_url=url, feeds=(path,))
    jobs.prepare(settings)
    folder = settings.home / "inbox" / "invented"
    folder.mkdir(exist_ok=True)
    (folder / "file").write_text(content, encoding="utf-8")
    (batch_id,) = jobs.collect(settings, "invented", now=NOW)
    return settings, dict(jobs.keep(settings, batch_id, now=NOW).counts)


def panel_of(settings: Settings, register: Register, **stream: Any) -> Panel:
    values: dict[str, Any] = {
        "name": "invented",
        "title": "Invented",
        "kind": "indicator",
        "feeds": ("invented",),
        "where": {},
        "groups": (),
        "area_root": "K02000001",
        "cadence": "month",
        "filling_days": 0,
        "silence_days": 4000,
        "as_first_known": False,
        "absent_means_zero": False,
        "measure": "numerator",
        "history_periods": 60,
        "detectors": (),
    }
    asked = Stream(**values | stream)
    with reading(database(settings.database_url)) as connection:
        found = records.load(
            connection,
            "indicator",
            as_of=NOW,
            feeds=["invented"],
            fields=["occurred_precision", *read_fields(asked.measure), *asked.where],
        )
    panel = build_panel(
        found.records.astype({"occurred_on": object}),
        found.mentions,
        stream=asked,
        register=register,
        question=Question(as_of=NOW, supplied_until=NOW, history_periods=60),
    )
    assert panel is not None
    return panel


def of_unit(panel: Panel, unit: str) -> pd.DataFrame:
    row = panel.units["unit"].tolist().index(unit)
    exposure = panel.exposure[row] if panel.exposure is not None else np.nan
    return pd.DataFrame(
        {"low": panel.low[row], "high": panel.high[row], "of": exposure, "state": panel.state[row]}
    )


def test_rates_of_blood_borne_viruses_with_a_quarter_not_reported(
    home: Path, register: Register
) -> None:
    settings, counts = bring(home, "blood_borne_viruses")

    series = of_unit(
        panel_of(settings, register, cadence="quarter", measure="rate"), f"all|{MIDDLESBROUGH}"
    )

    assert (counts["present"], counts["accepted"], counts["rejected"]) == (3, 2, 0)
    assert series["state"].tolist()[:3] == [0, NOT_SUPPLIED, 0]
    assert (series["low"][0], series["of"][0], series["low"][2]) == (12, 100, 0)
    assert np.isnan(series["low"][1])


def test_deaths_after_release_of_a_wide_table(home: Path, register: Register) -> None:
    settings, _ = bring(home, "deaths_after_release")

    panel = panel_of(settings, register, cadence="year")

    assert of_unit(panel, f"all|{BRADFORD}")["low"].tolist()[:3] == [4, 3, 5]
    assert of_unit(panel, f"all|{MIDDLESBROUGH}")["state"].tolist() == [0, NOT_SUPPLIED, 0, FILLING]
    assert of_unit(panel, "all|K02000001")["state"].tolist() == [0, NOT_SUPPLIED, 0, FILLING]


def test_estimates_of_users_with_their_interval(home: Path, register: Register) -> None:
    settings, counts = bring(home, "opiate_and_crack_users")

    panel = panel_of(settings, register, cadence="year", measure="value")

    assert counts["accepted"] == 1  # Bradford was not supplied
    assert panel.units["unit"].tolist() == [f"opioids|{MIDDLESBROUGH}"]
    assert (panel.low[0, 0], panel.high[0, 0]) == (19, 24.1)


def test_new_and_young_treatment_presentations(home: Path, register: Register) -> None:
    settings, counts = bring(home, "new_and_young_presentations")

    panel = panel_of(settings, register, where={"age_band": ("<16", "16-17", "18-24")})

    assert (counts["present"], counts["accepted"]) == (3, 2)
    assert of_unit(panel, f"heroin|{MIDDLESBROUGH}")["low"].tolist()[:2] == [3, 9]


def test_prison_tests_added_up_so_that_no_single_prison_is_kept(
    home: Path, register: Register
) -> None:
    settings, _ = bring(home, "prison_tests")

    series = of_unit(
        panel_of(settings, register, measure="rate"), "synthetic_cannabinoids|E12000001"
    )

    assert series["low"].tolist()[:2] == [10, 4]
    assert series["of"].tolist()[:2] == [100, 50]


def test_arrest_tests_of_a_force(home: Path, register: Register) -> None:
    settings, _ = bring(home, "arrest_tests")

    panel = panel_of(settings, register, measure="rate", area_root="E23000013")

    series = of_unit(panel, "all|E23000013")
    assert series["low"].tolist()[:2] == [56, 112]
    assert series["of"].tolist()[:2] == [100, 200]


RELEASES = (
    FRAME.replace(
        'format = "{format}"', 'format = "csv"\nname_pattern = "r_{{year}}-{{month}}*"'
    ).replace("assumed_lag_days = 30", "published_days = 20")
    + """
[identity]
columns = ["month"]

[constants]
country = "Scotland"

[area]
columns = ["country"]

[columns]
occurred_on = {{ column = "month", date_formats = ["%Y-%m"] }}

[indicator]
name = "tests"
unit = "tests"
numerator = "n"
"""
)


@pytest.mark.parametrize("as_history", [True, False])
def test_the_newer_release_holds_in_whatever_order_the_files_come(
    home: Path, as_history: bool
) -> None:
    path = home / "invented.toml"
    path.write_text(RELEASES.format(name="r", cadence="monthly"), encoding="utf-8")
    url = f"sqlite:///{home / 'dews.db'}"
    settings = Settings(home=home / "home", database_url=url, feeds=(path,))
    jobs.prepare(settings)
    folder = settings.home / "inbox" / "invented"
    # In order of name the releases of February and March come before that of January.
    files = {
        "r_2026-02_b.csv": "month,n\n2026-01,7\n2026-02,5\n",
        "r_2026-03_c.csv": "month,n\n2026-01,7\n2026-02,5\n2026-03,4\n",
        "r_2026-Jan.csv": "month,n\n2026-01,9\n",
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    batch_ids = jobs.collect(settings, "invented", now=NOW, as_history=as_history)
    new = [jobs.keep(settings, batch_id, now=NOW).counts["new"] for batch_id in batch_ids]

    def known(as_of: datetime) -> dict[date, float]:
        with reading(database(url)) as connection:
            found = records.load(
                connection, "indicator", as_of=as_of, feeds=["invented"], fields=["numerator"]
            ).records
        return dict(zip(found["occurred_on"], found["numerator"], strict=True))

    newest = {date(2026, 1, 1): 7, date(2026, 2, 1): 5, date(2026, 3, 1): 4}
    assert new == [1, 2, 1]  # what a release only tells again is no new version
    assert known(NOW + timedelta(days=1)) == newest
    early = known(datetime(2026, 2, 28, tzinfo=UTC))
    assert early == ({date(2026, 1, 1): 9} if as_history else {})


def test_what_became_of_every_row_is_stored_with_the_batch(home: Path) -> None:
    settings, counts = bring(home, "new_and_young_presentations")

    with reading(database(settings.database_url)) as connection:
        state = batches.feed_states(connection)["invented"]
        (batch_id,) = [
            row for (row,) in connection.exec_driver_sql("select batch_id from raw_batch")
        ]
        result = batches.load_result(connection, batch_id)

    assert (state.rows_accepted, state.rows_rejected) == (2, 0)
    assert "1 of 3 rows are not of this feed, by 'age'" in result.findings
    assert counts["present"] == 3
