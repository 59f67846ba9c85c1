from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from surveillance.simulate import DrawnCountry
from surveillance.simulate.figures import sightings as figures

YEARS = 312 * 7 / 365.25
SharesWithin = Callable[[pd.Series, dict[str, float]], bool]
ShareWithin = Callable[[float, float, int], bool]


@pytest.fixture(scope="module")
def sightings(calm: DrawnCountry) -> pd.DataFrame:
    return calm.cases["sightings"]


@pytest.fixture(scope="module")
def checked(sightings: pd.DataFrame) -> pd.DataFrame:
    return sightings[sightings["found_by"] == "drug_checking"]


@pytest.mark.parametrize("finder", list(figures.FINDERS))
def test_each_finder_has_its_samples_a_year(sightings: pd.DataFrame, finder: str) -> None:
    found = (sightings["found_by"] == finder).sum()

    expected = figures.FINDERS[finder].per_year * YEARS
    assert found == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_what_users_send_is_sold_as_stated(
    checked: pd.DataFrame, shares_within: SharesWithin
) -> None:
    assert shares_within(checked["sold_as_id"], dict(figures.SOLD_AS))


def test_four_samples_in_ten_are_not_what_they_were_sold_as(
    checked: pd.DataFrame, share_within: ShareWithin
) -> None:
    differs = checked["sold_as_id"] != checked["substance_id"]

    assert share_within(differs.mean(), 0.42, len(checked))


def test_half_of_what_is_sold_as_diazepam_holds_none_and_some_a_nitazene(
    checked: pd.DataFrame, share_within: ShareWithin
) -> None:
    diazepam = checked.loc[checked["sold_as_id"] == "diazepam", "substance_id"]

    assert share_within((diazepam != "diazepam").mean(), 0.48, len(diazepam))
    assert share_within((diazepam == "metonitazene").mean(), 75 / 1408, len(diazepam))


def test_only_users_say_what_a_sample_was_sold_as(sightings: pd.DataFrame) -> None:
    others = sightings[sightings["found_by"] != "drug_checking"]

    assert set(others["sold_as"]) == {""}


@pytest.mark.parametrize("finder", ["border", "prison", "seizure"])
def test_what_others_find_is_as_stated(
    sightings: pd.DataFrame, finder: str, shares_within: SharesWithin
) -> None:
    found = sightings.loc[sightings["found_by"] == finder, "substance_id"]

    assert shares_within(found, dict(figures.FINDERS[finder].substances))


@pytest.mark.parametrize("finder", list(figures.FINDERS))
def test_methods_lags_and_certainty_are_those_of_the_finder(
    sightings: pd.DataFrame, finder: str, shares_within: SharesWithin, share_within: ShareWithin
) -> None:
    here, stated = sightings[sightings["found_by"] == finder], figures.FINDERS[finder]
    median, sigma = stated.lag

    lag = (here["day"] - here["sampled"]).dt.days

    assert shares_within(here["method"], dict(stated.methods))
    confirmed = here["identification_basis"] == "confirmed"
    assert share_within(confirmed.mean(), stated.confirmed, len(here))
    # The median of a lognormal sample has the standard error 1.25 sigma / sqrt(n) on the log.
    bound = 4 * 1.2533 * sigma / np.sqrt(len(here)) + 0.5 / median
    assert np.log(lag.median() / median) == pytest.approx(0, abs=bound)


def test_prison_samples_lie_in_prisons_and_have_no_exact_place(
    sightings: pd.DataFrame, calm: DrawnCountry
) -> None:
    rows = calm.rows["sightings"]
    prison = rows["found_by"] == "prison"

    assert set(rows.loc[prison, "setting"]) == {"prison"}
    assert set(rows.loc[~prison, "setting"]) == {""}
    assert sightings["area_code"].str.startswith(("E12", "W92", "S92", "N92")).all()


def test_a_result_is_received_within_a_day_and_grades_follow_its_certainty(
    sightings: pd.DataFrame, calm: DrawnCountry
) -> None:
    days = (sightings["received_at"].dt.normalize() - sightings["day"]).dt.days

    assert set(days) == {0, 1}
    grades = calm.rows["sightings"].groupby("identification_basis")["grade"].unique()
    assert {basis: set(found) for basis, found in grades.items()} == {
        "presumptive": {"G3"},
        "confirmed": {"G4"},
    }


def test_nothing_is_called_new_before_something_is_planted(calm: DrawnCountry) -> None:
    assert set(calm.rows["sightings"]["first_seen"]) == {"false"}
