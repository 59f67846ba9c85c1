"""How good links are against a known truth: pairs found, pairs right, and records as they fare.

The interval of a share is Wilson's (1927), doi:10.1080/01621459.1927.10502953; the scores by record
are B-cubed of Bagga and Baldwin (1998), which a few large events cannot outweigh.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

_KEY = ["feed", "source_ref"]
_OTHER = ["other_feed", "other_ref"]
_NORMAL_95 = 1.959964


@dataclass(frozen=True)
class Share:
    """So many of so many, with the interval that holds the true share in 95 of 100 cases."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        """The share; NaN of nothing."""
        return self.part / self.whole if self.whole else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval; 0 to 1 of nothing.

        Example:
            >>> [round(bound, 3) for bound in Share(95, 100).interval]
            [0.888, 0.978]
        """
        if not self.whole:
            return 0.0, 1.0
        spread = _NORMAL_95**2 / self.whole
        middle = (self.value + spread / 2) / (1 + spread)
        half = math.sqrt(self.value * (1 - self.value) * spread + spread**2 / 4)
        return middle - half / (1 + spread), middle + half / (1 + spread)


@dataclass(frozen=True)
class LinkScore:
    """Links against the truth.

    Attributes:
        precision: pairs of records in one found event that are of one true event.
        recall: pairs of records of one true event that are in one found event.
        record_precision: mean over records of the share of their found event that is right.
        record_recall: mean over records of the share of their true event that is found.
        events: found events of two records or more.
        true_events: true events of two records or more.
    """

    precision: Share
    recall: Share
    record_precision: float
    record_recall: float
    events: int
    true_events: int


def score_links(links: pd.DataFrame, truth: pd.DataFrame, *, known: pd.DataFrame) -> LinkScore:
    """Score links against the records that are truly of one event.

    Args:
        links: feed, source_ref, other_feed and other_ref of each link that counts.
        truth: feed, source_ref and harm_id of the records whose event has another record.
        known: feed and source_ref of the records that could be linked; truth and links of
            others are left out.
    """
    places = pd.MultiIndex.from_frame(known[_KEY])
    sides = [
        places.get_indexer(pd.MultiIndex.from_frame(links[names].astype(str)))
        for names in (_KEY, _OTHER)
    ]
    both = (sides[0] >= 0) & (sides[1] >= 0)
    graph = sparse.coo_matrix(
        (np.ones(int(both.sum())), (sides[0][both], sides[1][both])), shape=(len(known),) * 2
    )
    found = csgraph.connected_components(graph, directed=False)[1]
    harm = known[_KEY].merge(truth.drop_duplicates(_KEY), on=_KEY, how="left")["harm_id"]
    alone = pd.Series(np.arange(len(known)).astype(str), index=harm.index).radd("alone ")
    true = pd.factorize(harm.fillna(alone))[0]
    return _score(np.asarray(found, dtype=np.int64), true.astype(np.int64))


def _score(found: np.ndarray, true: np.ndarray) -> LinkScore:
    frame = pd.DataFrame({"found": found, "true": true})
    together = frame.groupby(["found", "true"])["found"].transform("size")
    of_found = frame.groupby("found")["found"].transform("size")
    of_true = frame.groupby("true")["true"].transform("size")
    # A record that stands alone and is left alone makes every score look good.
    asked = (of_found > 1) | (of_true > 1)
    right = _pairs(frame.groupby(["found", "true"]).size())
    return LinkScore(
        precision=Share(right, _pairs(frame.groupby("found").size())),
        recall=Share(right, _pairs(frame.groupby("true").size())),
        record_precision=float((together / of_found)[asked].mean()),
        record_recall=float((together / of_true)[asked].mean()),
        events=int((frame.groupby("found").size() > 1).sum()),
        true_events=int((frame.groupby("true").size() > 1).sum()),
    )


def _pairs(sizes: "pd.Series[int]") -> int:
    return int((sizes * (sizes - 1) // 2).sum())
