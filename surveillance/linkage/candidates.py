"""Which pairs of records are worth comparing: near in place and time, or of one person.

Comparing all with all is out of reach for a feed of a million, and a cluster that reports
thousands in one place and week would be as bad, so that what is crowded is first narrowed and then
left out and counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from surveillance.domain import UNKNOWN_AREA
from surveillance.linkage.coding import Bools, Coded, Ints
from surveillance.linkage.rules import LinkRules
from surveillance.register import Register

# How two areas lie to each other.
SAME, WIDER, ADJOINING, APART = 0, 1, 2, 3
ANYWHERE = -1
_ROWS_AT_ONCE = 20_000
_DAYS, _PERSONS = 1 << 20, 256


@dataclass(frozen=True)
class Places:
    """How the areas present lie to each other, shape (areas, areas) unless stated.

    Attributes:
        relation: SAME, WIDER (one holds the other, or is not known), ADJOINING or APART.
        shared: for SAME and WIDER the area that both lie in; ANYWHERE where that is not known.
        adjoining: how many of the areas present adjoin each area, shape (areas,).
        share: residents of each area as a share of its whole country's, shape (areas,).
    """

    relation: npt.NDArray[np.int8]
    shared: Ints
    adjoining: Ints
    share: npt.NDArray[np.float64]

    def narrower(self) -> Bools:
        """Tell of each pair of WIDER areas whether the first is the narrower."""
        own = np.arange(len(self.shared))[:, np.newaxis]
        is_known = np.diagonal(self.shared)[:, np.newaxis] != ANYWHERE
        return np.asarray((self.relation == WIDER) & (self.shared != own) & is_known)


@dataclass(frozen=True)
class Pairs:
    """Pairs of records by their places, shape (pairs,) each.

    ``crowded`` are records that have too many others in reach to be compared with them.
    """

    left: Ints
    right: Ints
    crowded: Ints


def lay_out(areas: tuple[str, ...], register: Register) -> Places:
    """Work out how the areas present lie to each other."""
    size = len(areas)
    place = {code: number for number, code in enumerate(areas)}
    relation = np.full((size, size), APART, dtype=np.int8)
    shared = np.full((size, size), ANYWHERE, dtype=np.int64)
    share = np.ones(size)
    for code, own in place.items():
        above = register.areas.ancestors(code)
        for near in (place[one] for one in register.areas.neighbours(code) if one in place):
            relation[own, near] = relation[near, own] = ADJOINING
        for wider in (place[one] for one in above if one in place):
            relation[own, wider] = relation[wider, own] = WIDER
            shared[own, wider] = shared[wider, own] = wider
        share[own] = _share(code, above, register)
    np.fill_diagonal(relation, SAME)
    np.fill_diagonal(shared, np.arange(size))
    if UNKNOWN_AREA in place:
        unknown = place[UNKNOWN_AREA]
        relation[unknown, :] = relation[:, unknown] = WIDER
        relation[unknown, unknown] = SAME
        shared[unknown, unknown] = ANYWHERE
    return Places(relation, shared, (relation == ADJOINING).sum(axis=1).astype(np.int64), share)


def _share(code: str, above: tuple[str, ...], register: Register) -> float:
    own = register.areas.get(code).population
    whole = register.areas.get(above[-1]).population if above else own
    if own and whole:
        return min(1.0, own / whole)
    siblings = len(register.areas.children(above[0])) if above else 1
    return 1.0 / max(1, siblings)


def candidates(coded: Coded, places: Places, rules: LinkRules) -> Iterator[Pairs]:
    """Give the pairs near each other, part by part, each pair once.

    Two records are compared where their dates lie within reach and one place is the other,
    holds it, adjoins it or is not known. The deaths of one feed are never compared: a register
    of deaths has one entry a person.
    """
    reach = rules.reach
    reports, deaths = np.flatnonzero(~coded.is_death), np.flatnonzero(coded.is_death)
    join = _Join(coded, places, rules)
    mutual = (reach["reports"], reach["reports"])
    yield from join.near(reports, reports, mutual)
    yield from join.wider(reports, reports, mutual)
    onwards = (reach["before_death"], reach["after_report"])
    yield from join.near(reports, deaths, onwards)
    yield from join.wider(reports, deaths, onwards)
    yield from join.wider(deaths, reports, onwards[::-1])
    if len(np.unique(coded.slot[deaths])) > 1:
        mutual = (reach["deaths"], reach["deaths"])
        yield from join.near(deaths, deaths, mutual)
        yield from join.wider(deaths, deaths, mutual)


def of_one_person(coded: Coded, rules: LinkRules) -> Pairs:
    """Give the pairs that bear one person's key, wherever they are; a pair may come twice."""
    rows = np.flatnonzero(coded.levels["person_key"] >= 0)
    key = coded.levels["person_key"][rows] * _DAYS + coded.day[rows]
    order = np.argsort(key, kind="stable")
    first = np.searchsorted(key[order], key, side="left")
    last = np.searchsorted(key[order], key + rules.reach["person"], side="right")
    is_long = last - first > rules.most_in_reach
    entry, step = unroll(np.where(is_long, 0, last - first))
    found = rows[order[first[entry] + step]]
    return _of_two(coded, Pairs(rows[entry], found, rows[is_long]))


class _Join:
    """Records sorted by place, person and day, so that all in reach of one are one stretch."""

    def __init__(self, coded: Coded, places: Places, rules: LinkRules) -> None:
        self._coded = coded
        self._near = np.isin(places.relation, (SAME, ADJOINING))
        self._narrower = places.narrower()
        self._most = rules.most_in_reach
        age, sex = coded.levels["age_band"], coded.levels["sex"]
        self._person = np.where((age >= 0) & (sex >= 0), age * 16 + sex, -1)

    def near(self, left: Ints, right: Ints, days: tuple[int, int]) -> Iterator[Pairs]:
        """Pair records of one area or of two that adjoin, each pair once."""
        one_way = left is right
        for pairs in self._among(left, right, days, self._near):
            yield _kept(pairs, pairs.left < pairs.right) if one_way else pairs

    def wider(self, left: Ints, right: Ints, days: tuple[int, int]) -> Iterator[Pairs]:
        """Pair records with those of a wider area on the right, each pair once."""
        yield from self._among(left, right, days, self._narrower)

    def _among(
        self, left: Ints, right: Ints, days: tuple[int, int], meets: Bools
    ) -> Iterator[Pairs]:
        slack = self._coded.slack
        for of_left in np.unique(slack[left]):
            for of_right in np.unique(slack[right]):
                widened = (int(days[0] + of_left + of_right), int(days[1] + of_left + of_right))
                rows = right[slack[right] == of_right]
                chosen = left[slack[left] == of_left]
                for start in range(0, len(chosen), _ROWS_AT_ONCE):
                    part = chosen[start : start + _ROWS_AT_ONCE]
                    yield self._part(part, rows, widened, meets)

    def _part(self, left: Ints, right: Ints, days: tuple[int, int], meets: Bools) -> Pairs:
        row, area = self._reachable(left, right, meets)
        nobody = np.zeros(len(self._coded), dtype=np.int64)
        entry, found, is_long = self._stretch(row, right, area, days, nobody)
        by_person = is_long & (self._person[row] >= 0)
        known = right[self._person[right] >= 0]
        entry_2, found_2, still_long = self._stretch(
            row[by_person], known, area[by_person], days, self._person
        )
        crowded = [row[is_long & ~by_person], row[by_person][still_long]]
        pairs = Pairs(
            left=np.concatenate([row[entry], row[by_person][entry_2]]),
            right=np.concatenate([found, found_2]),
            crowded=np.unique(np.concatenate(crowded)),
        )
        return _of_two(self._coded, pairs)

    def _reachable(self, left: Ints, right: Ints, meets: Bools) -> tuple[Ints, Ints]:
        """Give each record on the left with every area on the right that it may meet in."""
        present = np.zeros(len(meets), dtype=bool)
        present[np.unique(self._coded.area[right])] = True
        own, near = np.nonzero(meets & present)
        first = np.searchsorted(own, np.arange(len(meets) + 1))
        area = self._coded.area[left]
        row, step = unroll(first[area + 1] - first[area])
        return left[row], near[first[area[row]] + step].astype(np.int64)

    def _stretch(
        self, row: Ints, right: Ints, area: Ints, days: tuple[int, int], person: Ints
    ) -> tuple[Ints, Ints, Bools]:
        """Give entry and right-hand record of each pair, and which entries have too many."""
        coded = self._coded
        key = (coded.area[right] * _PERSONS + person[right]) * _DAYS + coded.day[right]
        order = np.argsort(key, kind="stable")
        key = key[order]
        base = (area * _PERSONS + person[row]) * _DAYS + coded.day[row]
        first = np.searchsorted(key, base - days[0], side="left")
        number = np.searchsorted(key, base + days[1], side="right") - first
        is_long = number > self._most
        entry, step = unroll(np.where(is_long, 0, number))
        return entry, right[order[first[entry] + step]], is_long


def _of_two(coded: Coded, pairs: Pairs) -> Pairs:
    """Leave out a record with itself, and two deaths of one feed."""
    left, right = pairs.left, pairs.right
    deaths = coded.is_death[left] & (coded.slot[left] == coded.slot[right])
    return _kept(pairs, (left != right) & ~deaths)


def _kept(pairs: Pairs, chosen: Bools) -> Pairs:
    return Pairs(pairs.left[chosen], pairs.right[chosen], pairs.crowded)


def unroll(number: Ints) -> tuple[Ints, Ints]:
    """Repeat each entry so many times, and count its repeats from 0.

    Example:
        >>> [part.tolist() for part in unroll(np.array([2, 0, 1]))]
        [[0, 0, 2], [0, 1, 0]]
    """
    entry = np.repeat(np.arange(len(number)), number)
    step = np.arange(len(entry)) - np.repeat(np.cumsum(number) - number, number)
    return entry, step
