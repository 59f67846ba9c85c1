"""Draw the pictures and tables of the Connecticut replay from the database it left.

Run the replay first; docs/replays/connecticut.md gives the command. Where no replay is found it
says so and draws nothing, so that ``make docs`` works without the data.
"""

import sys
from pathlib import Path

import altair as alt
import pandas as pd
import vl_convert
from sqlalchemy import select

from config.settings import CONFIG_FOLDER, load_settings
from dews.commands.signals import first_raised
from surveillance.errors import StoreError
from surveillance.periods import week_as_of, week_start
from surveillance.register import Register, load_register
from surveillance.store.engine import open_engine, reading
from surveillance.store.evidence import alarm_log
from surveillance.store.records import load
from surveillance.store.schema import RunRow

REALM = "replay:connecticut_deaths"
HERE = Path(__file__).parent
PICTURES = HERE.parent / "pictures"
NAVY, GREEN, ORANGE, GREY = "#12436D", "#28A197", "#F46A25", "#3D3D3D"
TOP = alt.Legend(orient="top")


def main() -> None:
    """Write two pictures and one page of tables."""
    settings = load_settings()
    engine = open_engine(settings.database_url)
    try:
        with reading(engine) as connection:
            log = alarm_log(connection, realm=REALM)
            last_week = max(connection.execute(select(RunRow.week)).scalars(), default="")
            known = load(
                connection,
                "death",
                as_of=week_as_of(last_week) if last_week else week_as_of("2013-W01"),
                feeds=["connecticut_deaths"],
            )
    except StoreError:
        # A database without tables is only another way of having no replay.
        log = pd.DataFrame()
    if log.empty:
        sys.stderr.write("No replay of Connecticut in this database; nothing drawn.\n")
        return
    register = load_register(CONFIG_FOLDER)
    deaths = weekly_fentanyl(known.records, known.mentions)
    firsts = first_fentanyl_alarms(log, deaths, register)
    save(draw_fentanyl(deaths, firsts, register), "connecticut_fentanyl.png")
    save(draw_months(log, register), "connecticut_months.png")
    (HERE / "connecticut_tables.md").write_text(tables(log, firsts, register), encoding="utf-8")


def weekly_fentanyl(records: pd.DataFrame, mentions: pd.DataFrame) -> pd.DataFrame:
    """Count deaths that name fentanyl by area and week: area_code, week (a Monday), deaths."""
    named = mentions.loc[mentions["substance_id"] == "fentanyl", "version_id"].unique()
    counted = records[records["version_id"].isin(named)].copy()
    days = pd.to_datetime(counted["occurred_on"])
    counted["week"] = days - pd.to_timedelta(days.dt.day_of_week, unit="D")
    state = counted.assign(area_code="US-CT")
    both = pd.concat([counted[counted["area_code"].str.startswith("US-CT-")], state])
    return (
        both.groupby(["area_code", "week"], as_index=False)
        .size()
        .rename(columns={"size": "deaths"})
    )


def first_fentanyl_alarms(
    log: pd.DataFrame, deaths: pd.DataFrame, register: Register
) -> pd.DataFrame:
    """Give for each area the first alarm of a count detector on fentanyl itself."""
    counted = log[log["p_value"].notna() & (log["substance_id"] == "fentanyl")]
    rows = []
    for area in sorted(deaths["area_code"].unique()):
        place = register.areas.get(area).name
        alarms = counted[counted["area_code"] == area].sort_values(["as_of", "p_value"])
        here = deaths[deaths["area_code"] == area]
        if alarms.empty:
            rows.append({"area_code": area, "area": place, "raised": "never"})
            continue
        first = alarms.iloc[0]
        until = pd.Timestamp(first["period_start"])
        rows.append(
            {
                "area_code": area,
                "area": place,
                "raised": first["week"],
                "judged_week": first["period_start"],
                "window": str(first["window"]),
                "observed": f"{first['observed']:.0f}",
                "expected": round(float(first["expected"]), 2),
                "p": f"{first['p_value']:.1e}",
                "signal": first["reference"],
                "deaths_by_then": str(here.loc[here["week"] <= until, "deaths"].sum()),
            }
        )
    return pd.DataFrame(rows)


def draw_fentanyl(
    deaths: pd.DataFrame, firsts: pd.DataFrame, register: Register
) -> alt.VConcatChart:
    """Draw weekly deaths by area with the week that was judged when the first signal came."""
    names = {code: register.areas.get(code).name for code in deaths["area_code"].unique()}
    shown = deaths.assign(area=deaths["area_code"].map(names))
    raised = firsts[firsts["raised"] != "never"].assign(
        judged=lambda f: pd.to_datetime(f["judged_week"]),
        told=lambda f: pd.to_datetime([week_as_of(w).date() for w in f["raised"]]),
    )
    rows = []
    for area in [names["US-CT"], *sorted(set(names.values()) - {names["US-CT"]})]:
        bars = (
            alt.Chart(shown[shown["area"] == area], title=area)
            .mark_bar(color=NAVY, width=2)
            .encode(
                x=alt.X("week:T", title=None, scale=alt.Scale(domain=["2012-01-01", "2017-12-31"])),
                y=alt.Y("deaths:Q", title="deaths a week", axis=alt.Axis(tickMinStep=1)),
            )
        )
        here = raised[raised["area"] == area]
        rule = alt.Chart(here).mark_rule(color=ORANGE, size=2, strokeDash=[5, 3]).encode(x="told:T")
        rows.append((bars + rule).properties(width=430, height=80))
    counties = firsts[firsts["area_code"] != "US-CT"]
    found = int((counties["raised"] != "never").sum())
    pairs = [alt.hconcat(*rows[n : n + 2]) for n in range(0, len(rows), 2)]
    return alt.vconcat(*pairs).properties(
        title=alt.TitleParams(
            f"Fentanyl was raised in {found} of {len(counties)} counties, and first in the west",
            subtitle="Deaths that name fentanyl, by week of death. Dashed: the moment a count "
            "detector first raised it there, sixty days of assumed lag included.",
            anchor="start",
            fontSize=17,
            subtitleColor=GREY,
        )
    )


def draw_months(log: pd.DataFrame, register: Register) -> alt.Chart:
    """Draw how many signals were first raised in each month, by counts and by sighting."""
    by_counts, sightings = first_raised(log, register)
    frames = [
        frame.assign(month=[week_start(w).replace(day=1) for w in frame["raised"]], by=label)
        for frame, label in ((by_counts, "count detector"), (sightings, "first sighting"))
    ]
    months = pd.concat(frames).groupby(["month", "by"], as_index=False).size()
    months["month"] = pd.to_datetime(months["month"])
    chart = (
        alt.Chart(months)
        .mark_bar()
        .encode(
            x=alt.X("yearmonth(month):T", title=None),
            y=alt.Y("size:Q", title="signals first raised"),
            color=alt.Color(
                "by:N",
                title=None,
                scale=alt.Scale(range=[NAVY, "#28A197"]),
                legend=alt.Legend(orient="top"),
            ),
        )
    )
    per_month = len(by_counts) / months["month"].nunique()
    return chart.properties(
        width=880,
        height=220,
        title=alt.TitleParams(
            f"About {per_month:.1f} signals a month by counts; bursts where dates are of report",
            anchor="start",
            fontSize=16,
        ),
    )


def tables(log: pd.DataFrame, firsts: pd.DataFrame, register: Register) -> str:
    """Write the tables as Markdown."""
    by_counts, sightings = first_raised(log, register)
    years = pd.Series([week_start(w).year for w in by_counts["raised"]]).value_counts().sort_index()
    seen = pd.Series([week_start(w).year for w in sightings["raised"]]).value_counts()
    per_year = pd.DataFrame({"year": years.index, "signals by counts": years.to_numpy()})
    per_year["first sightings"] = [int(seen.get(year, 0)) for year in years.index]
    shown = firsts.drop(columns="area_code").astype(object).where(firsts.notna(), "")
    parts = [
        "# Connecticut: tables",
        "Made by `docs/replays/draw_connecticut.py` from the replay's database.",
        "## Fentanyl: the first signal of a count detector by area",
        markdown(shown),
        "## Signals by year",
        markdown(per_year),
        "## Every signal by counts, oldest first",
        markdown(by_counts),
        "## Every first sighting, oldest first",
        markdown(sightings[["signal", "raised", "period", "substance", "area", "observed"]]),
    ]
    return "\n\n".join(parts) + "\n"


def markdown(frame: pd.DataFrame) -> str:
    """Write a data frame as a Markdown table."""
    names = [str(name).replace("_", " ") for name in frame.columns]
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(map(str, row))} |" for row in frame.to_numpy()]
    return "\n".join(lines)


def save(chart: alt.Chart | alt.VConcatChart, name: str) -> None:
    """Write a chart as a PNG of about twice its size."""
    PICTURES.mkdir(exist_ok=True)
    (PICTURES / name).write_bytes(vl_convert.vegalite_to_png(chart.to_dict(), scale=1.6))


if __name__ == "__main__":
    main()
