"""From odds of pairs to events: one event has one record of each service.

Rivals share one probability. Pairs are then taken from the likeliest down, each only where the
event that it would make has no service twice: no chain of likenesses joins two people.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from surveillance.domain import Flags, Floats
from surveillance.linkage.coding import Coded, Ints
from surveillance.linkage.rules import SORTS

_MOST_LOG_ODDS = 50.0


@dataclass(frozen=True)
class Weighed:
    """Pairs with the logarithm of their odds, shape (pairs,) each, ``left`` below ``right``."""

    left: Ints
    right: Ints
    sort: Ints
    log_odds: Floats

    def take(self, chosen: Flags | Ints) -> "Weighed":
        """Give some of the pairs."""
        return Weighed(
            self.left[chosen], self.right[chosen], self.sort[chosen], self.log_odds[chosen]
        )


@dataclass(frozen=True)
class Verdicts:
    """What people decided of pairs of records, by their places; shape (decisions,) each."""

    left: Ints
    right: Ints
    is_one: Flags


def probabilities(coded: Coded, weighed: Weighed) -> Floats:
    """Give the probability of each pair, rivals considered; shape (pairs,).

    A record has one partner in a slot or none. So the odds of a pair stand against none and
    against all other pairs of that slot that either record might be in instead: the reliability
    of Sutherland and Saunders (1992), taken from both sides.
    """
    odds = np.exp(np.minimum(weighed.log_odds, _MOST_LOG_ODDS))
    record = np.concatenate([weighed.left, weighed.right])
    partner = np.concatenate([weighed.right, weighed.left])
    slots = int(coded.slot.max(initial=0)) + 1
    _, place = np.unique(record * slots + coded.slot[partner], return_inverse=True)
    summed = np.bincount(place, weights=np.concatenate([odds, odds]))[place]
    from_left, from_right = summed[: len(odds)], summed[len(odds) :]
    return np.asarray(odds / (1.0 + from_left + from_right - odds))


def assign(
    coded: Coded, weighed: Weighed, probability: Floats, *, verdicts: Verdicts
) -> tuple[Flags, Ints]:
    """Choose the pairs that make events, and give each record its event.

    Args:
        coded: the records.
        weighed: the pairs that may be chosen.
        probability: of each pair, shape (pairs,).
        verdicts: pairs that people joined or split; they win over the model.

    Returns:
        Whether each pair was chosen, shape (pairs,), and a number for each record's event,
        shape (records,).
    """
    event = _joined(coded, verdicts)
    again = weighed.sort == SORTS.index("again")
    chosen = np.zeros(len(again), dtype=bool)
    for stage in (again, ~again):
        # What is one record told twice, or one event by a person's word, fills its slots once.
        grown = _Growing(coded, event, verdicts, once=stage is again)
        rows = np.flatnonzero(stage)
        order = rows[np.argsort(-probability[rows], kind="stable")]
        taken, event = grown.grow(weighed.left[order], weighed.right[order])
        chosen[order[taken]] = True
    return chosen, event


def _joined(coded: Coded, verdicts: Verdicts) -> Ints:
    size = len(coded)
    left, right = verdicts.left[verdicts.is_one], verdicts.right[verdicts.is_one]
    graph = sparse.coo_matrix((np.ones(len(left)), (left, right)), shape=(size, size))
    return np.asarray(csgraph.connected_components(graph, directed=False)[1], dtype=np.int64)


class _Growing:
    """Events that grow by their likeliest pairs, round by round, all at once in each."""

    def __init__(self, coded: Coded, event: Ints, verdicts: Verdicts, *, once: bool) -> None:
        self._event = event
        self._once = once
        self._seat = np.unique(np.stack([event, coded.slot]), axis=1)
        apart = ~verdicts.is_one
        self._apart = event[verdicts.left[apart]], event[verdicts.right[apart]]

    def grow(self, left: Ints, right: Ints) -> tuple[Flags, Ints]:
        """Take pairs, the likeliest first; give which were taken, and each record's event."""
        one, other = self._event[left], self._event[right]
        now = np.arange(self._event.max(initial=-1) + 1)
        taken = np.zeros(len(left), dtype=bool)
        open_pairs = np.arange(len(left))
        while len(open_pairs):
            a, b = now[one[open_pairs]], now[other[open_pairs]]
            open_pairs, a, b = (part[a != b] for part in (open_pairs, a, b))
            best = _mutual_best(a, b)
            tried = np.arange(len(now))
            tried[np.maximum(a[best], b[best])] = np.minimum(a[best], b[best])
            refused = self._refused(tried[now])[tried[a[best]]]
            accepted = best[~refused]
            step = np.arange(len(now))
            step[np.maximum(a[accepted], b[accepted])] = np.minimum(a[accepted], b[accepted])
            now = step[now]
            taken[open_pairs[accepted]] = True
            open_pairs = np.delete(open_pairs, best)
        return taken, now[self._event]

    def _refused(self, now: Ints) -> Flags:
        """Say of each event whether it would hold a slot twice, or what a person split."""
        refused = np.zeros(len(now), dtype=bool)
        apart = now[self._apart[0]]
        refused[apart[apart == now[self._apart[1]]]] = True
        if not self._once:
            event, slot = now[self._seat[0]], self._seat[1]
            seats, number = np.unique(np.stack([event, slot]), axis=1, return_counts=True)
            refused[seats[0][number > 1]] = True
        return refused


def _mutual_best(one: Ints, other: Ints) -> Ints:
    """Give the pairs that come first for both of their sides, in order; they do not overlap."""
    both = np.stack([one, other], axis=1).ravel()
    first = np.zeros(len(both), dtype=bool)
    first[np.unique(both, return_index=True)[1]] = True
    return np.flatnonzero(first.reshape(-1, 2).all(axis=1))
