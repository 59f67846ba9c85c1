from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from surveillance.simulate import DrawnCountry, World
from surveillance.simulate.figures import deaths as death_figures
from surveillance.simulate.figures import indicators as figures
from surveillance.simulate.figures.indicators import CountFigure, ShareFigure

ShareWithin = Callable[[float, float, int], bool]
COUNTED = [
    ("acquisitive_crime", figures.CRIMES),
    ("treatment_presentations", figures.TREATMENT),
    ("hospital_admissions", figures.ADMISSIONS),
    ("release_deaths", figures.RELEASE_DEATHS),
]
TESTED = [
    ("prison_tests", figures.PRISON_TESTS),
    ("blood_borne_viruses", figures.VIRUSES),
]


def newest(calm: DrawnCountry, feed: str) -> pd.DataFrame:
    """Give the figures as they will finally be known."""
    cases = calm.cases[feed].sort_values("received_at", kind="stable")
    return cases.drop_duplicates("figure_id", keep="last")


def each(
    listed: list[tuple[str, tuple[CountFigure, ...]]] | list[tuple[str, tuple[ShareFigure, ...]]],
) -> list[object]:
    return [
        pytest.param(feed, figure, id=f"{feed}-{figure.category}")
        for feed, several in listed
        for figure in several
    ]


def gamma_bound(expected: float, cells: int, cv: float) -> float:
    """Give four standard errors of a sum of so many cells that scatter beyond Poisson."""
    return 4 * float(np.sqrt(expected + (cv * expected) ** 2 / cells * 3))


@pytest.mark.parametrize(("feed", "figure"), each(COUNTED))
def test_a_year_in_the_middle_has_the_stated_cases(
    calm: DrawnCountry, feed: str, figure: CountFigure
) -> None:
    cells = newest(calm, feed)
    middle = cells[
        (cells["category"] == figure.category)
        & (cells["day"] >= "2023-04-01")
        & (cells["day"] < "2024-04-01")
    ]
    # Where a force has a gap, its crimes of the month are missing: scale up by the cells present.
    most = cells[cells["category"] == figure.category].groupby("day").size().max()
    periods = middle["day"].nunique()

    total = middle["numerator"].sum() * most * periods / len(middle)

    bound = gamma_bound(figure.per_year, len(middle), figure.cv)
    assert total == pytest.approx(figure.per_year, abs=bound + 0.02 * figure.per_year)


@pytest.mark.parametrize("figure", figures.CRIMES, ids=lambda figure: figure.category)
def test_quarters_and_growth_of_crime_are_as_stated(
    calm: DrawnCountry, figure: CountFigure
) -> None:
    cells = newest(calm, "acquisitive_crime")
    mine = cells[cells["category"] == figure.category]
    by_month = mine.groupby("day")["numerator"].mean()
    month = pd.DatetimeIndex(by_month.index).month.to_numpy()
    years = (np.arange(len(by_month)) - (len(by_month) - 1) / 2) / 12
    design = np.column_stack(
        [years, *(((month - 4) % 12 // 3 == quarter) for quarter in range(4))]
    ).astype(float)

    fitted, *_ = np.linalg.lstsq(design, np.log(by_month.to_numpy()), rcond=None)

    seasons = np.exp(fitted[1:]) / np.exp(fitted[1:]).mean()
    assert np.expm1(fitted[0]) == pytest.approx(figure.growth, abs=0.01)
    assert seasons == pytest.approx(np.array(figure.quarters), abs=0.02)


def test_an_authoritys_months_scatter_as_stated(calm: DrawnCountry) -> None:
    cells = newest(calm, "acquisitive_crime")
    steady = cells[cells["category"] == "other-theft"]
    table = steady.pivot_table(index="area_code", columns="day", values="numerator").dropna()
    level = table.mean().to_numpy() / table.to_numpy().mean()
    adjusted = table / level

    beyond = (adjusted.var(axis=1) - adjusted.mean(axis=1)).clip(lower=0)
    cv = np.sqrt((beyond / adjusted.mean(axis=1) ** 2).mean())

    assert cv == pytest.approx(0.18, abs=0.01)


def test_crime_is_highest_in_london_and_lowest_in_the_south_west(
    calm: DrawnCountry, world: World
) -> None:
    country = world.country
    region = dict(zip(country.authorities, country.regions, strict=True))
    people = pd.Series(country.population).groupby(country.regions).sum()
    cells = newest(calm, "acquisitive_crime")

    rates = cells.groupby(cells["area_code"].map(region))["numerator"].sum() / people

    assert rates.dropna().idxmax() == "E12000007"
    assert rates["E12000007"] / rates["E12000009"] == pytest.approx(53.7 / 20.4, rel=0.4)


def test_a_month_that_a_force_does_not_supply_is_no_row_and_never_zero(
    calm: DrawnCountry,
) -> None:
    crimes = calm.cases["acquisitive_crime"]
    cells = crimes.drop_duplicates(["supplier", "day"])
    forces, months = cells["supplier"].nunique(), cells["day"].nunique()

    missing = 1 - len(cells) / (forces * months)

    assert 0 < missing < 0.03
    stated = figures.GAP_SHARE * figures.GAP_MONTHS
    assert missing == pytest.approx(stated, abs=4 * stated / np.sqrt(forces * months * 0.002))


def test_tests_on_arrest_add_up_to_the_stated_total_while_the_forces_grow(
    calm: DrawnCountry,
) -> None:
    tests = calm.cases["arrest_tests"]
    during = tests[(tests["day"] >= "2022-03-01") & (tests["day"] < "2024-03-01")]
    forces = tests.groupby("day")["area_code"].nunique()

    total, cells = during["denominator"].sum(), len(during)

    bound = gamma_bound(figures.ARREST_TESTS, cells, figures.ARREST_CV)
    assert total == pytest.approx(figures.ARREST_TESTS, abs=bound)
    assert forces[forces.index < "2022-03-01"].unique().tolist() == [14]
    assert forces[forces.index >= "2024-03-01"].unique().tolist() == [30]
    assert forces.is_monotonic_increasing


def test_arrest_tests_are_positive_in_their_stated_share(calm: DrawnCountry) -> None:
    tests = calm.cases["arrest_tests"]
    settled = tests[tests["day"] >= "2024-03-01"]

    share = settled["numerator"].sum() / settled["denominator"].sum()

    # All forces supply then, and all forces together have the stated share.
    assert share == pytest.approx(figures.ARREST_POSITIVE, abs=0.01)
    assert (tests["numerator"] <= tests["denominator"]).all()


@pytest.mark.parametrize(("feed", "figure"), each(TESTED))
def test_the_tested_are_positive_in_their_stated_share(
    calm: DrawnCountry, feed: str, figure: ShareFigure, share_within: ShareWithin
) -> None:
    cells = calm.cases[feed]
    mine = cells[cells["category"] == figure.category]
    tested = mine["denominator"].sum()
    years = mine["day"].nunique() * ((mine["end"] - mine["day"]).dt.days.mean() / 365.25)

    assert tested / years == pytest.approx(
        figure.tested_per_year, abs=4 * np.sqrt(figure.tested_per_year / years) + 20
    )
    assert share_within(mine["numerator"].sum() / tested, figure.share, int(tested))


def test_estimates_add_up_lie_in_their_interval_and_come_years_later(calm: DrawnCountry) -> None:
    cases = calm.cases["opiate_crack_use"]
    first = cases.sort_values("received_at").drop_duplicates("figure_id")
    by_year = first.groupby("day")["value"].sum()

    assert by_year.mean() == pytest.approx(figures.OCU_PEOPLE, rel=0.01)
    one_year = first[first["day"] == first["day"].min()]
    rate = 1000 * figures.OCU_PEOPLE / one_year["denominator"].sum()
    assert rate == pytest.approx(figures.OCU_PER_1000, abs=0.05)
    assert (first["value_low"] <= first["value"]).all()
    assert (first["value"] <= first["value_high"]).all()
    waited = (first["received_at"] - first["end"]).dt.days
    assert waited.median() == pytest.approx(figures.OCU_RELEASE.lag[0], rel=0.1)


def test_one_year_in_four_is_not_estimated_and_a_new_method_revises_one(
    calm: DrawnCountry,
) -> None:
    cases = calm.cases["opiate_crack_use"]
    years = sorted(cases["day"].dt.year.unique())
    again = cases[cases.duplicated("figure_id", keep=False)]

    ratio = again.groupby("figure_id")["value"].max() / again.groupby("figure_id")["value"].min()

    assert set(range(years[0], years[-1] + 1)) - set(years) == {
        year for year in range(years[0], years[-1] + 1) if year % 4 == 0
    }
    assert set(again["day"]) == {cases["day"].min()}
    assert ratio.mean() == pytest.approx(figures.OCU_REVISION, abs=0.001)


def test_more_people_are_admitted_in_the_north_west_than_in_london(
    calm: DrawnCountry, world: World
) -> None:
    country = world.country
    region = dict(zip(country.authorities, country.regions, strict=True))
    people = pd.Series(country.population).groupby(country.regions).sum()
    cells = newest(calm, "hospital_admissions")

    rates = cells.groupby(cells["area_code"].map(region))["numerator"].sum() / people

    assert rates["E12000002"] / rates["E12000007"] == pytest.approx(41 / 12.5, rel=0.3)
    assert not any(code[0] != "E" for code in cells["area_code"])


@pytest.mark.parametrize(
    ("feed", "release"),
    [
        ("acquisitive_crime", figures.CRIME_RELEASE),
        ("treatment_presentations", figures.TREATMENT_RELEASE),
        ("hospital_admissions", figures.ADMISSION_RELEASE),
        ("release_deaths", figures.RELEASE_DEATHS_RELEASE),
    ],
)
def test_revisions_add_what_was_missing_after_their_stated_time(
    calm: DrawnCountry, feed: str, release: figures.Release, share_within: ShareWithin
) -> None:
    cases = calm.cases[feed].sort_values("received_at", kind="stable")
    again = cases[cases.duplicated("figure_id", keep=False)].groupby("figure_id")
    first, last = again.first(), again.last()

    figures_sent = cases["figure_id"].nunique()

    share = len(first) / figures_sent
    assert share == release.revised_share == 1 or share_within(
        share, release.revised_share, figures_sent
    )
    waited = (last["received_at"] - first["received_at"]).dt.days
    assert set(waited) == {release.revised_after_days}
    known = first["numerator"].sum() / last["numerator"].sum()
    assert share_within(known, release.first_share, int(last["numerator"].sum()))
    assert (first["numerator"] <= last["numerator"]).all()


def test_a_release_brings_every_area_of_a_period_at_one_moment(calm: DrawnCountry) -> None:
    cases = calm.cases["prison_tests"]

    moments = cases.groupby(["day", "category"])["received_at"].nunique()

    assert set(cases.groupby("day")["received_at"].nunique()) == {1}
    assert set(moments) == {1}


def test_treatment_follows_the_regions_that_deaths_follow(calm: DrawnCountry, world: World) -> None:
    country = world.country
    region = dict(zip(country.authorities, country.regions, strict=True))
    people = pd.Series(country.population).groupby(country.regions).sum()
    cells = newest(calm, "treatment_presentations")

    rates = cells.groupby(cells["area_code"].map(region))["numerator"].sum() / people

    stated = death_figures.DEATH_RATES["E12000001"] / death_figures.DEATH_RATES["E12000007"]
    assert rates["E12000001"] / rates["E12000007"] == pytest.approx(stated, rel=0.3)
