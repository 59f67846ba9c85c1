"""Scores of links against a truth, on cases small enough to count by hand."""

import math

import pandas as pd
import pytest

from surveillance.linkage.quality import LinkScore, Share, score_links

KNOWN = pd.DataFrame({"feed": "f", "source_ref": list("abcdefg")})


def score(*links: str, truth: str) -> LinkScore:
    """Score links such as "ab" against true events such as "abc de"."""
    found = pd.DataFrame(
        [("f", pair[0], "f", pair[1]) for pair in links],
        columns=["feed", "source_ref", "other_feed", "other_ref"],
    )
    true = pd.DataFrame(
        [("f", ref, event) for event in truth.split() for ref in event],
        columns=["feed", "source_ref", "harm_id"],
    )
    return score_links(found, true, known=KNOWN)


def test_of_nothing_nothing_can_be_said() -> None:
    nothing = score(truth="")

    assert math.isnan(nothing.precision.value)
    assert math.isnan(nothing.record_recall)
    assert nothing.recall.interval == (0.0, 1.0)


def test_every_pair_of_an_event_counts_not_only_its_links() -> None:
    found = score("ab", "bc", truth="abc")

    assert (found.precision, found.recall) == (Share(3, 3), Share(3, 3))


def test_what_is_missed_costs_recall_and_what_is_wrong_precision() -> None:
    found = score("ab", "fg", truth="abc de")

    assert (found.precision, found.recall) == (Share(1, 2), Share(1, 4))
    assert (found.events, found.true_events) == (2, 2)


def test_by_record_each_record_of_either_side_counts_once() -> None:
    found = score("ab", "fg", truth="abc de")

    # a, b: 1; c, d, e alone: 1; f, g: a half. Recall: a, b two of three, c a third, d, e a half.
    assert found.record_precision == pytest.approx((5 + 2 * 0.5) / 7)
    assert found.record_recall == pytest.approx((2 * 2 / 3 + 1 / 3 + 2 * 0.5 + 2) / 7)


def test_records_that_could_not_be_linked_are_left_out() -> None:
    found = score("ab", "ax", truth="abz")

    assert (found.precision, found.recall) == (Share(1, 1), Share(1, 1))


def test_the_interval_holds_the_share_and_never_leaves_nought_to_one() -> None:
    low, high = Share(20, 20).interval

    assert 0.8 < low < 1
    assert high == pytest.approx(1)
