from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from surveillance.simulate import DrawnCountry
from surveillance.simulate.figures import events as figures
from surveillance.simulate.wording import HEADS, OPENINGS

WEEKS = 312
HEADS_OF_A_NOTICE = ("origin", *HEADS)
SharesWithin = Callable[[pd.Series, dict[str, float]], bool]
ShareWithin = Callable[[float, float, int], bool]


@pytest.fixture(scope="module")
def notices(calm: DrawnCountry) -> pd.DataFrame:
    return calm.cases["street_events"]


def test_notices_come_at_their_stated_weekly_mean(notices: pd.DataFrame) -> None:
    bound = 4 * np.sqrt(figures.EVENTS_PER_WEEK / WEEKS)

    assert len(notices) / WEEKS == pytest.approx(figures.EVENTS_PER_WEEK, abs=bound)


@pytest.mark.parametrize(
    ("column", "stated"),
    [
        ("grade", figures.GRADES),
        ("substance_id", figures.EVENT_SUBSTANCES),
        ("observer_role", figures.OBSERVERS),
        ("setting", figures.EVENT_SETTINGS),
    ],
)
def test_the_mixes_of_notices_are_as_stated(
    notices: pd.DataFrame,
    column: str,
    stated: dict[str, float],
    shares_within: SharesWithin,
) -> None:
    assert shares_within(notices[column], dict(stated))


@pytest.mark.parametrize("grade", list(figures.GRADES))
def test_the_weaker_the_grade_the_more_notices_are_wrong(
    notices: pd.DataFrame, grade: str, share_within: ShareWithin
) -> None:
    here = notices[notices["grade"] == grade]

    wrong = (here["is_right"] == "false").mean()

    assert share_within(wrong, figures.WRONG_SHARE[grade], len(here))


@pytest.mark.parametrize("head", [head for head in figures.HEAD_SHARES if head != "analysis"])
def test_heads_are_filled_in_their_stated_shares(
    notices: pd.DataFrame, head: str, share_within: ShareWithin
) -> None:
    filled = (notices[head] != "").mean()

    assert share_within(filled, figures.HEAD_SHARES[head], len(notices))


def test_an_anecdote_has_no_analysis(notices: pd.DataFrame, share_within: ShareWithin) -> None:
    is_anecdote = notices["grade"] == "G0"
    others = notices[~is_anecdote]

    assert set(notices.loc[is_anecdote, "analysis"]) == {""}
    share = (others["analysis"] != "").mean()
    assert share_within(share, figures.HEAD_SHARES["analysis"], len(others))


def test_ten_heads_stand_in_the_feed_and_every_sentence_is_one_of_ours(
    calm: DrawnCountry,
) -> None:
    columns = calm.rows["street_events"].columns

    # Date and place are the tenth head; they have columns of their own.
    assert len(HEADS_OF_A_NOTICE) == 9
    assert {*HEADS_OF_A_NOTICE, "noticed_on", "area_code"} <= set(columns)
    written = set(calm.cases["street_events"]["health_risks"]) - {""}
    assert written <= set(HEADS["health_risks"])


def test_no_sentence_holds_a_name_a_number_or_a_dose() -> None:
    sentences = [*OPENINGS, *(one for several in HEADS.values() for one in several)]

    assert not any(letter.isdigit() for sentence in sentences for letter in sentence)
    assert all(sentence.endswith(".") for sentence in sentences)


def test_the_truth_of_notices_is_in_no_feed_but_in_its_own_table(calm: DrawnCountry) -> None:
    rumours = calm.rumours()

    assert list(rumours.columns) == ["feed", "source_ref", "is_right"]
    assert set(rumours["feed"]) == {"street_events"}
    assert set(rumours["source_ref"]) == set(calm.rows["street_events"]["event_ref"])
