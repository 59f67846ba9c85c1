"""How much each pair's agreement speaks for one event: by service, time, place, words, fields.

The odds of a pair are those of Fellegi and Sunter (1969), doi:10.1080/01621459.1969.10501049. What
an agreement in place, time and substance is worth is not one figure for the country, but follows
from the number of unrelated records expected around that place and day, as in the likelihood ratio
by which catalogues of stars are matched: Sutherland and Saunders (1992),
doi:10.1093/mnras/259.3.413.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from surveillance.domain import ALL_SUBSTANCES, Floats
from surveillance.linkage.candidates import ADJOINING, ANYWHERE, APART, SAME, Pairs, unroll
from surveillance.linkage.coding import EMERGENCY, Coded, Ints
from surveillance.linkage.crowding import Crowd, Spot
from surveillance.linkage.rules import FIELDS, SORTS, FieldRule, LinkRules

MISSING = -1
# What two records name in common: the same or a group and its member, two members of a group,
# nothing; SILENT where one of them names nothing at all.
AGREEING, KIN, NONE, SILENT = 0, 1, 2, 3
_MOST_OF, _HALF_OF = 0.75, 0.4
_OF_REPORTS = ("seriousness", "naloxone_given", "outcome", "reactions")
DEATHS_OF_REPORTS = (SORTS.index("fatal"), SORTS.index("later_death"))


@dataclass(frozen=True)
class Compared:
    """What pairs agree on, shape (pairs,) each.

    Attributes:
        pairs: the pairs.
        sort: place in SORTS.
        distance: days between the dates; for a report and a death from the one to the other.
        slack: days by which that distance may be off.
        relation: how the areas lie to each other.
        levels: field -> level of agreement, 0 the closest, MISSING where it cannot be said.
    """

    pairs: Pairs
    sort: Ints
    distance: Ints
    slack: Ints
    relation: Ints
    levels: Mapping[str, Ints]

    def take(self, rows: Ints) -> "Compared":
        """Give some of the pairs."""
        return Compared(
            pairs=Pairs(self.pairs.left[rows], self.pairs.right[rows], self.pairs.crowded),
            sort=self.sort[rows],
            distance=self.distance[rows],
            slack=self.slack[rows],
            relation=self.relation[rows],
            levels={name: level[rows] for name, level in self.levels.items()},
        )


def joined(parts: Sequence[Compared]) -> Compared:
    """Put the pairs of several parts after each other, each pair once."""

    def whole(values: Iterable[Ints]) -> Ints:
        return np.concatenate(list(values))

    compared = Compared(
        pairs=Pairs(
            whole(part.pairs.left for part in parts),
            whole(part.pairs.right for part in parts),
            whole(part.pairs.crowded for part in parts),
        ),
        sort=whole(part.sort for part in parts),
        distance=whole(part.distance for part in parts),
        slack=whole(part.slack for part in parts),
        relation=whole(part.relation for part in parts),
        levels={name: whole(part.levels[name] for part in parts) for name in parts[0].levels},
    )
    one, other = compared.pairs.left, compared.pairs.right
    both = np.stack([np.minimum(one, other), np.maximum(one, other)])
    return compared.take(np.unique(both, axis=1, return_index=True)[1])


def compare(coded: Coded, pairs: Pairs, crowd: Crowd) -> Compared:
    """Say what each pair agrees on, substances excepted."""
    one, other = pairs.left, pairs.right
    ahead = coded.day[other] - coded.day[one]
    sign = coded.is_death[other].astype(np.int64) - coded.is_death[one].astype(np.int64)
    return Compared(
        pairs=pairs,
        sort=_sorts(coded, one, other),
        distance=np.where(sign == 0, np.abs(ahead), sign * ahead),
        slack=coded.slack[one] + coded.slack[other],
        relation=crowd.places.relation[coded.area[one], coded.area[other]].astype(np.int64),
        levels=_levels(coded, one, other),
    )


def _levels(coded: Coded, one: Ints, other: Ints) -> dict[str, Ints]:
    age = coded.levels["age_band"]
    levels = {
        "age_band": _steps(age[one], age[other]),
        "reactions": _shared(coded.reactions[one], coded.reactions[other]),
    }
    for name in ("sex", "setting", "seriousness", "naloxone_given", "outcome", "person_key"):
        levels[name] = np.minimum(_steps(coded.levels[name][one], coded.levels[name][other]), 1)
    mixed = coded.is_death[one] | coded.is_death[other]
    for name in _OF_REPORTS:
        levels[name] = np.where(mixed, MISSING, levels[name])
    # Each service gives a person a key of its own, unless they share their pseudonyms.
    two_sources = (coded.slot[one] != coded.slot[other]) & (levels["person_key"] > 0)
    levels["person_key"] = np.where(two_sources, MISSING, levels["person_key"])
    return levels


def _sorts(coded: Coded, one: Ints, other: Ints) -> Ints:
    urgent = np.array([*(name in EMERGENCY for name in coded.services), False])
    mixed = coded.is_death[one] != coded.is_death[other]
    sort = np.select(
        [
            mixed & coded.died[one] & coded.died[other],
            mixed,
            coded.slot[one] == coded.slot[other],
            (coded.service[one] == coded.service[other]) & (coded.service[one] >= 0),
            urgent[coded.service[one]] & urgent[coded.service[other]],
        ],
        [SORTS.index(name) for name in ("fatal", "later_death", "again", "copy", "emergency")],
        SORTS.index("services"),
    )
    return sort.astype(np.int64)


def _steps(one: Ints, other: Ints) -> Ints:
    known = (one >= 0) & (other >= 0)
    return np.where(known, np.minimum(np.abs(one - other), 2), MISSING)


def _shared(one: Ints, other: Ints) -> Ints:
    """Give the level of the terms that both name among all that either names."""
    both = np.bitwise_count(one & other).sum(axis=1).astype(np.int64)
    either = np.bitwise_count(one | other).sum(axis=1).astype(np.int64)
    share = both / np.maximum(1, either)
    level = np.select([share >= _MOST_OF, share >= _HALF_OF, share > 0], [0, 1, 2], 3)
    return np.where(one.any(axis=1) & other.any(axis=1), level, MISSING)


@dataclass(frozen=True)
class Neighbours:
    """How many of those that a record is compared with agree with it; shape (records,) each.

    Attributes:
        known: field -> neighbours of which it can be said.
        agreeing: field -> those among them that agree most closely.
    """

    known: Mapping[str, Ints]
    agreeing: Mapping[str, Ints]


def count_neighbours(parts: Iterable[Compared], *, records: int) -> Neighbours:
    """Count for each record and field how many of all it is compared with agree."""
    known = {name: np.zeros(records, dtype=np.int64) for name in FIELDS}
    agreeing = {name: np.zeros(records, dtype=np.int64) for name in FIELDS}
    for part in parts:
        for name, level in part.levels.items():
            for side in (part.pairs.left, part.pairs.right):
                known[name] += np.bincount(side[level >= 0], minlength=records)
                agreeing[name] += np.bincount(side[level == 0], minlength=records)
    return Neighbours(known, agreeing)


def log_fields(
    coded: Coded, compared: Compared, neighbours: Neighbours, rules: LinkRules
) -> Floats:
    """Give the logarithm of the likelihood ratio of all fields together; shape (pairs,)."""
    total = np.zeros(len(compared.sort))
    for name, rule in rules.fields.items():
        level = compared.levels[name]
        chance = _chances(rule, coded.levels[name][compared.pairs.left], level)
        nearby = _nearby(neighbours, name, compared.pairs, chance, rules.usual_neighbours)
        chance = np.where(level == 0, np.maximum(chance, nearby), chance)
        total += np.log(np.array([*rule.match, 1.0])[level] / chance)
    return total


def _chances(rule: FieldRule, values: Ints, level: Ints) -> Floats:
    """Give how often two records of two events agree at that level, as usual; 1 for MISSING."""
    chance = np.array([*rule.chance, 1.0])[level]
    if not rule.frequencies:
        return np.asarray(chance)
    of_value = np.array([*rule.frequencies.values(), 1.0])
    return np.where(level == 0, of_value[values], chance)


def _nearby(
    neighbours: Neighbours, name: str, pairs: Pairs, chance: Floats, usual: float
) -> Floats:
    """Give how often the neighbours of both records agree with them, the pair itself aside."""
    known, agreeing = neighbours.known[name], neighbours.agreeing[name]
    others = known[pairs.left] + known[pairs.right] - 2
    alike = agreeing[pairs.left] + agreeing[pairs.right] - 2
    return np.asarray((alike + usual * chance) / (np.maximum(0, others) + usual))


def log_prior(compared: Compared, rules: LinkRules) -> Floats:
    """Give the logarithm of the odds that a record of that sort has a partner; shape (pairs,)."""
    share = np.array([rules.shares[name] for name in SORTS])
    return np.asarray(np.log(share / (1 - share))[compared.sort])


def log_days(coded: Coded, compared: Compared, rules: LinkRules) -> Floats:
    """Give the logarithm of the probability of each distance in days; shape (pairs,)."""
    families = ("reports", "death", "copies")
    longest = max(len(rules.days[name]) for name in families)
    shares = np.full((len(families), longest + 1), min(min(rules.days[n]) for n in families))
    for row, name in enumerate(families):
        given = np.array(rules.days[name])
        # A distance without a direction may lie either way.
        shares[row, : len(given)] = given / np.where(np.arange(len(given)) > 0, 2, 1)
        if name == "death":
            shares[row, : len(given)] = given
    mixed = np.isin(compared.sort, DEATHS_OF_REPORTS)
    deaths = coded.is_death[compared.pairs.left] & ~mixed
    family = np.select([mixed, deaths], [1, 2], 0)
    place = compared.distance + np.where(mixed, rules.reach["before_death"], 0)
    exact = shares[family, np.where((place < 0) | (place > longest), longest, place)]
    # A date that is only known to the week or month lies anywhere within it.
    anywhere = 1 / (2 * compared.slack + 1)
    return np.asarray(np.log(np.where(compared.slack > 0, anywhere, exact)))


def log_area(coded: Coded, compared: Compared, crowd: Crowd, rules: LinkRules) -> Floats:
    """Give the logarithm of the probability of each relation of the areas; shape (pairs,)."""
    one, other = (coded.area[side] for side in (compared.pairs.left, compared.pairs.right))
    adjoining = np.minimum(crowd.places.adjoining[one], crowd.places.adjoining[other])
    relation = compared.relation
    share = np.select(
        [relation == SAME, relation == ADJOINING, relation == APART],
        [
            rules.area["same"],
            rules.area["adjoining"] / np.maximum(1, adjoining),
            rules.area["apart"],
        ],
        1.0,
    )
    return np.asarray(np.log(share))


def log_substances(
    coded: Coded, compared: Compared, crowd: Crowd, rules: LinkRules
) -> tuple[Floats, Ints]:
    """Give the logarithm of the ratio by place, day and substance, and what is in common.

    Of all units that both records belong to, the most telling one counts. The ratio is against
    the unrelated records a day that one would meet there, of the more frequent service.
    """
    pair, unit, state = _common(coded, compared.pairs)
    if not len(pair):
        return np.zeros(0), np.zeros(0, dtype=np.int64)
    density = np.maximum(
        _density(coded, compared, crowd, pair, unit, is_left=True),
        _density(coded, compared, crowd, pair, unit, is_left=False),
    )
    share = np.array([*(rules.substances[name] for name in ("agreeing", "kin", "none")), 1.0])
    ratio = np.log(share[state] / density)
    order = np.lexsort((-ratio, pair))
    best = order[np.unique(pair[order], return_index=True)[1]]
    return ratio[best], state[best]


def _common(coded: Coded, pairs: Pairs) -> tuple[Ints, Ints, Ints]:
    """Give each pair's common units with their state; every pair has ``all`` in common."""
    number = np.bincount(coded.owner, minlength=len(coded))
    first = np.cumsum(number) - number
    pair, step = unroll(number[pairs.left])
    entry = first[pairs.left[pair]] + step
    size = len(coded.units)
    known = coded.owner * size + coded.unit
    wanted = pairs.right[pair] * size + coded.unit[entry]
    place = np.searchsorted(known, wanted)
    there = known[np.minimum(place, len(known) - 1)] == wanted
    pair, unit = pair[there], coded.unit[entry[there]]
    by_one, by_other = coded.named[entry[there]], coded.named[place[there]]
    every = unit == coded.units.index(ALL_SUBSTANCES)
    state = np.select(
        [every & (by_one | by_other), every, by_one | by_other], [SILENT, NONE, AGREEING], KIN
    )
    return pair, unit, state.astype(np.int64)


def _density(
    coded: Coded, compared: Compared, crowd: Crowd, pair: Ints, unit: Ints, *, is_left: bool
) -> Floats:
    left, right = compared.pairs.left, compared.pairs.right
    side = (left if is_left else right)[pair]
    shared = crowd.places.shared[coded.area[left], coded.area[right]]
    area = np.where(compared.relation == ADJOINING, coded.area[left if is_left else right], shared)
    area = np.where(compared.relation == APART, ANYWHERE, area)
    one_service = coded.service[left] == coded.service[right]
    spot = Spot(
        service=coded.service[side],
        area=area[pair],
        unit=unit,
        day=coded.day[side],
        own=1 + one_service[pair].astype(np.int64),
    )
    return crowd.a_day(spot)
