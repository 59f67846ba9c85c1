import csv
import io

import pandas as pd
import pytest

from surveillance.register import Register
from surveillance.simulate import Choices, DrawnCountry, World, draw_country, make_world
from surveillance.simulate.country import make_timeline
from surveillance.simulate.figures import reports as figures
from surveillance.simulate.files import links_bytes

WEEKS = 104
BUSY = Choices(reports_per_week=200, twin_share=0.3)


@pytest.fixture(scope="module")
def world(register: Register) -> World:
    return make_world(register, weeks=WEEKS, end_week="2026-W40", choices=BUSY)


@pytest.fixture(scope="module")
def drawn(world: World) -> DrawnCountry:
    return draw_country(world, seed=2)


@pytest.fixture(scope="module")
def reports(drawn: DrawnCountry) -> pd.DataFrame:
    cases = drawn.cases["reaction_reports"]
    return cases[cases["event_id"] == ""]


@pytest.fixture(scope="module")
def pairs(reports: pd.DataFrame) -> pd.DataFrame:
    """Both reports of each twin, side by side."""
    is_twin = reports.duplicated("harm_id", keep=False)
    twins = reports[is_twin]
    first = twins[twins["reporter_role"] == "emergency_department"]
    second = twins[twins["reporter_role"] == "ambulance"]
    return first.merge(second, on="harm_id", suffixes=("", "_copy"), validate="1:1")


@pytest.fixture(scope="module")
def links(drawn: DrawnCountry) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(links_bytes(drawn.records())))


def test_a_harm_with_one_record_alone_is_in_no_link() -> None:
    records = pd.DataFrame(
        {
            "feed": ["deaths", "deaths", "reaction_reports", "reaction_reports"],
            "source_ref": ["D-1", "D-1", "RR-1", "RR-2"],
            "harm_id": ["D-000001", "D-000001", "R-000001", "R-000001"],
        }
    )

    written = list(csv.DictReader(io.StringIO(links_bytes(records).decode())))

    assert [row["source_ref"] for row in written] == ["RR-1", "RR-2"]


def test_asked_for_reports_come_at_that_mean_whoever_they_tell_of(reports: pd.DataFrame) -> None:
    # Four standard errors of a mean of pairs: the variance is at most twice Poisson's.
    bound = 4 * (2 * BUSY.reports_per_week / WEEKS) ** 0.5

    assert len(reports) / WEEKS == pytest.approx(BUSY.reports_per_week, abs=bound)


def test_the_asked_share_of_harms_is_reported_twice(
    reports: pd.DataFrame, pairs: pd.DataFrame
) -> None:
    harms = reports["harm_id"].nunique()

    bound = 4 * (BUSY.twin_share * (1 - BUSY.twin_share) / harms) ** 0.5
    assert len(pairs) / harms == pytest.approx(BUSY.twin_share, abs=bound)


@pytest.mark.parametrize(
    ("column", "share"),
    [
        ("day", figures.DAY_LATER),
        ("setting", None),
        ("area_code", figures.AREA_ELSEWHERE),
        ("age_band", None),
        ("substance_id", None),
    ],
)
def test_the_copies_of_a_harm_disagree_in_their_stated_share(
    pairs: pd.DataFrame, column: str, share: float | None
) -> None:
    differ = (pairs[column] != pairs[f"{column}_copy"]).mean()

    if share is None:
        assert 0.05 < differ < 0.45
    else:
        assert differ == pytest.approx(share, abs=4 * (share * (1 - share) / len(pairs)) ** 0.5)


def test_a_second_record_leaves_the_age_out_in_its_stated_share(pairs: pd.DataFrame) -> None:
    missing = (pairs["age_band_copy"] == "").mean()

    assert missing == pytest.approx(figures.AGE_MISSING, abs=0.02)


def test_no_report_is_older_than_what_it_tells_of(reports: pd.DataFrame) -> None:
    assert (reports["presentation_date"] >= reports["day"]).all()
    assert (reports["received_at"] >= reports["presentation_date"]).all()


def test_a_report_of_a_death_shares_its_harm_and_nearly_its_day(
    drawn: DrawnCountry, reports: pd.DataFrame
) -> None:
    died = reports[reports["outcome"] == "died"]

    both = died.merge(drawn.cases["deaths"], on="harm_id", suffixes=("", "_death"))

    assert len(both) == len(died) > 100
    apart = (both["day_death"] - both["day"]).dt.days
    assert apart.between(-1, 2).all()
    assert (both["sex"] == both["sex_death"]).mean() > 0.9
    assert 0.8 < (both["area_code"] == both["area_code_death"]).mean() < 0.95
    assert len(died) / len(reports) == pytest.approx(figures.DIED_SHARE, abs=0.005)


def test_however_many_reports_are_asked_for_most_deaths_are_told_of_by_three_in_five_at_most(
    world: World,
) -> None:
    four_weeks = make_timeline(weeks=4, end_week="2026-W40")
    flood = World(world.country, four_weeks, Choices(reports_per_week=20_000))

    drawn = draw_country(flood, seed=2)

    died = drawn.cases["reaction_reports"].query("outcome == 'died'")["harm_id"].nunique()
    deaths = (~drawn.cases["deaths"]["cleared"]).sum()
    assert died / deaths == pytest.approx(figures.MOST_DEATHS_REPORTED, abs=0.1)


def test_the_links_name_every_record_of_a_harm_that_several_tell_of(
    drawn: DrawnCountry, links: pd.DataFrame
) -> None:
    reports, deaths = drawn.rows["reaction_reports"], drawn.rows["deaths"]

    assert list(links.columns) == ["feed", "source_ref", "harm_id"]
    assert not links.duplicated(["feed", "source_ref"]).any()
    assert links.groupby("harm_id").size().min() == 2
    assert set(links["feed"]) == {"deaths", "reaction_reports"}
    known = {*reports["report_id"], *deaths["death_id"]}
    assert set(links["source_ref"]) <= known
    of_three = links.groupby("harm_id")["feed"].agg(["size", "nunique"])
    assert ((of_three["size"] == 3) & (of_three["nunique"] == 2)).sum() > 20
