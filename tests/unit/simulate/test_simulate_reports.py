from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from surveillance.register import Register
from surveillance.simulate import DrawnCountry, World
from surveillance.simulate.figures import reports as figures

WEEKS = 312
SharesWithin = Callable[[pd.Series, dict[str, float]], bool]
ShareWithin = Callable[[float, float, int], bool]


@pytest.fixture(scope="module")
def reports(calm: DrawnCountry) -> pd.DataFrame:
    return calm.cases["reaction_reports"]


@pytest.fixture(scope="module")
def first_reports(reports: pd.DataFrame) -> pd.DataFrame:
    """One report a harm of somebody who lives: what a second service tells differs by design."""
    return reports[reports["record"].str.endswith("/1") & (reports["outcome"] != "died")]


def test_reports_come_at_the_stated_weekly_mean(reports: pd.DataFrame) -> None:
    # Twins come in pairs, so that the variance is a little above Poisson's.
    bound = 4 * np.sqrt(figures.REPORTS_PER_WEEK * (1 + 2 * figures.TWIN_SHARE) / WEEKS)

    assert len(reports) / WEEKS == pytest.approx(figures.REPORTS_PER_WEEK, abs=bound)


def test_weekly_reports_scatter_like_poisson_counts(first_reports: pd.DataFrame) -> None:
    week = (first_reports["day"] - first_reports["day"].min()).dt.days // 7
    counts = np.bincount(week, minlength=WEEKS)[:WEEKS]

    dispersion = counts.var(ddof=1) / counts.mean()

    # The dispersion of Poisson counts has the standard error sqrt(2 / weeks); a season adds little.
    assert dispersion == pytest.approx(1.0, abs=4 * np.sqrt(2 / WEEKS))


def test_six_reports_in_ten_name_a_synthetic_cannabinoid(
    first_reports: pd.DataFrame, register: Register, share_within: ShareWithin
) -> None:
    branch = register.substances.descendants("synthetic_cannabinoids")

    share = first_reports["substance_id"].isin(branch).mean()

    assert share_within(share, 0.60, len(first_reports))


@pytest.mark.parametrize(
    ("column", "stated"),
    [
        ("substance_id", figures.REPORT_SUBSTANCES),
        ("setting", figures.REPORT_SETTINGS),
        ("age_band", figures.REPORT_AGES),
        ("sex", figures.REPORT_SEXES),
        ("identification_basis", figures.IDENTIFIED_BY),
        ("seriousness", figures.SERIOUSNESS),
        ("outcome", figures.OUTCOMES),
    ],
)
def test_the_mixes_are_as_stated(
    first_reports: pd.DataFrame,
    column: str,
    stated: dict[str, float],
    shares_within: SharesWithin,
) -> None:
    assert shares_within(first_reports[column], dict(stated))


def test_who_reports_depends_on_the_setting_as_stated(
    reports: pd.DataFrame, shares_within: SharesWithin
) -> None:
    is_alone = ~reports["harm_id"].duplicated(keep=False) & (reports["outcome"] != "died")
    alone = reports[is_alone]
    prison = alone.loc[alone["setting"] == "prison", "reporter_role"]

    assert shares_within(prison, {"prison": 0.9, "emergency_department": 0.1})


def test_weekdays_keep_their_weights(
    first_reports: pd.DataFrame, shares_within: SharesWithin
) -> None:
    stated = {str(day): weight for day, weight in enumerate(figures.REPORT_WEEKDAYS)}

    assert shares_within(first_reports["day"].dt.day_of_week.astype(str), stated)


def test_reports_arrive_with_the_stated_lag(first_reports: pd.DataFrame) -> None:
    median, sigma = figures.REPORT_LAG
    days = (first_reports["received_at"].dt.normalize() - first_reports["day"]).dt.days

    n = len(days)
    assert days.median() == pytest.approx(median, abs=1)
    below = (days <= np.rint(median * np.exp(sigma))).mean()
    # Rounding to whole days lets a little more than the 84 % of the lognormal fall below.
    assert 0.84 - 4 * np.sqrt(0.84 * 0.16 / n) <= below <= 0.90


def test_a_third_of_reports_name_a_second_substance(
    first_reports: pd.DataFrame, share_within: ShareWithin
) -> None:
    # One named as the suspect already is not named again.
    names = figures.REPORT_SUBSTANCES
    same = sum(names.get(name, 0.0) for name in figures.CO_USED) / len(figures.CO_USED)
    stated = figures.CO_USE_SHARE * (1 - same / sum(names.values()))

    named = first_reports["substances"].map(len)

    assert set(named) == {1, 2}
    assert share_within((named == 2).mean(), stated, len(named))


def test_reactions_of_a_synthetic_cannabinoid_come_at_their_stated_rates(
    first_reports: pd.DataFrame, register: Register, share_within: ShareWithin
) -> None:
    branch = register.substances.descendants("synthetic_cannabinoids")
    seen = first_reports.loc[first_reports["substance_id"].isin(branch), "reactions"]

    for term, stated in figures.REACTIONS["synthetic_cannabinoids"].items():
        code = register.reactions.resolve_name(term)
        share = seen.map(lambda terms, code=code: code in terms).mean()
        assert share_within(share, stated, len(seen)), term


def test_harms_lie_where_people_live(first_reports: pd.DataFrame, world: World) -> None:
    country = world.country
    region = dict(zip(country.authorities, country.regions, strict=True))
    people = pd.Series(country.population).groupby(country.regions).sum()

    seen = first_reports["area_code"].map(region).value_counts(normalize=True)

    for code, share in (people / people.sum()).items():
        bound = 4 * np.sqrt(share * (1 - share) / len(first_reports))
        assert seen.get(code, 0.0) == pytest.approx(share, abs=bound), code


def test_every_reaction_term_is_in_the_register(register: Register) -> None:
    terms = {term for profile in figures.REACTIONS.values() for term in profile}

    assert {term for term in terms if register.reactions.resolve_name(term) is None} == set()
