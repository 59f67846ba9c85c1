"""Fit the figures of linkage to records without being told which belong together.

Expectation and maximisation, as Winkler (1988) fits Fellegi and Sunter's model: what pairs agree
on is weighed by the probability that they are of one event, and that probability is worked out
anew from what the weighing gave. The figures to begin with count as some pairs already seen, so
that a field of which the records say little keeps its figure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from surveillance.domain import Floats
from surveillance.linkage.assigning import Weighed, probabilities
from surveillance.linkage.candidates import ADJOINING, SAME, candidates, lay_out, of_one_person
from surveillance.linkage.coding import EMERGENCY, Coded, Ints
from surveillance.linkage.crowding import gather
from surveillance.linkage.evidence import (
    AGREEING,
    DEATHS_OF_REPORTS,
    NONE,
    Compared,
    compare,
    count_neighbours,
    joined,
    log_area,
    log_days,
    log_fields,
    log_prior,
    log_substances,
)
from surveillance.linkage.rules import SORTS, FieldRule, LinkRules
from surveillance.register import Register

_MOST_ROUNDS = 30
_ENOUGH = 1e-4


@dataclass(frozen=True)
class Fitted:
    """Figures that fit some records.

    Attributes:
        rules: the figures; what cannot be fitted is as configured.
        links: expected number of links among the records.
    """

    rules: LinkRules
    links: float


def fit(coded: Coded, *, register: Register, rules: LinkRules, seen_already: float) -> Fitted:
    """Fit shares, days, areas, substances and the levels of each field to some records.

    Args:
        coded: the records.
        register: names, groups and areas.
        rules: the figures to begin with.
        seen_already: for how many pairs the figures to begin with count, above 0.
    """
    rules = _counted(coded, rules)
    crowd = gather(coded, lay_out(coded.areas, register), rules)
    parts = [compare(coded, pairs, crowd) for pairs in candidates(coded, crowd.places, rules)]
    neighbours = count_neighbours(parts, records=len(coded))
    compared = joined([*parts, compare(coded, of_one_person(coded, rules), crowd)])
    first, links = rules, 0.0
    for _ in range(_MOST_ROUNDS):
        by_substance, state = log_substances(coded, compared, crowd, rules)
        log_odds = (
            log_prior(compared, rules)
            + log_days(coded, compared, rules)
            + log_area(coded, compared, crowd, rules)
            + log_fields(coded, compared, neighbours, rules)
            + by_substance
        )
        pairs = compared.pairs
        weighed = Weighed(pairs.left, pairs.right, compared.sort, log_odds)
        probability = probabilities(coded, weighed)
        rules = _refitted(coded, compared, state, probability, first, seen_already)
        before, links = links, float(probability.sum())
        if abs(links - before) < _ENOUGH * max(1.0, links):
            break
    return Fitted(rules, links)


def _counted(coded: Coded, rules: LinkRules) -> LinkRules:
    """Take the frequency of each value, and each service's share, from the records themselves."""
    fields = {}
    for name, rule in rules.fields.items():
        code = coded.levels.get(name, np.zeros(0, dtype=np.int64))
        number = np.bincount(code[code >= 0], minlength=len(rule.frequencies))
        fields[name] = replace(
            rule, frequencies=_shares(rule.frequencies, number) if rule.frequencies else {}
        )
    told = coded.service[~coded.is_death]
    number = np.bincount(told[told >= 0], minlength=len(coded.services))
    by_name = dict(zip(coded.services, number.tolist(), strict=True))
    services = _shares(rules.services, np.array([by_name.get(name, 0) for name in rules.services]))
    return replace(rules, fields=fields, services=services)


def _shares(known: Mapping[str, float], number: Ints) -> dict[str, float]:
    # One case each is added, for a value not met yet is rare and not impossible.
    share = (number[: len(known)] + 1) / (number[: len(known)].sum() + len(known))
    return dict(zip(known, share.tolist(), strict=True))


def _refitted(
    coded: Coded,
    compared: Compared,
    state: Ints,
    probability: Floats,
    first: LinkRules,
    seen_already: float,
) -> LinkRules:
    def fitted(level: Ints, weight: Floats, figures: Sequence[float]) -> tuple[float, ...]:
        return _fitted(level, weight, figures, seen_already)

    mixed = np.isin(compared.sort, DEATHS_OF_REPORTS)
    exact = np.where(compared.slack == 0, probability, 0.0)
    ahead = compared.distance + np.where(mixed, first.reach["before_death"], 0)
    days = dict(first.days)
    days["reports"] = fitted(ahead, np.where(mixed, 0.0, exact), days["reports"])
    days["death"] = fitted(ahead, np.where(mixed, exact, 0.0), days["death"])
    relation = np.select([compared.relation == SAME, compared.relation == ADJOINING], [0, 1], -1)
    near = [first.area["same"], first.area["adjoining"]]
    same, adjoining = fitted(relation, probability, near)
    together = sum(near)
    named = np.where((state >= AGREEING) & (state <= NONE), state, -1)
    substances = fitted(named, probability, tuple(first.substances.values()))
    return replace(
        first,
        days=days,
        area={**first.area, "same": same * together, "adjoining": adjoining * together},
        substances=dict(zip(first.substances, substances, strict=True)),
        fields={
            name: FieldRule(
                match=fitted(compared.levels[name], probability, rule.match),
                chance=fitted(compared.levels[name], 1 - probability, rule.chance),
                frequencies=rule.frequencies,
            )
            for name, rule in first.fields.items()
        },
        shares=_refitted_shares(coded, compared, probability, first, seen_already),
    )


def _fitted(
    level: Ints, weight: Floats, figures: Sequence[float], seen_already: float
) -> tuple[float, ...]:
    inside = (level >= 0) & (level < len(figures))
    seen = np.bincount(level[inside], weights=weight[inside], minlength=len(figures))
    prior = seen_already * np.array(figures) / sum(figures)
    return tuple(((seen + prior) / (seen.sum() + seen_already)).tolist())


def _refitted_shares(
    coded: Coded,
    compared: Compared,
    probability: Floats,
    first: LinkRules,
    seen_already: float,
) -> dict[str, float]:
    linked = np.bincount(compared.sort, weights=probability, minlength=len(SORTS))
    possible = _possible(coded)
    return {
        name: float((linked[place] + seen_already * first.shares[name]) / (number + seen_already))
        for place, (name, number) in enumerate(possible.items())
    }


def _possible(coded: Coded) -> dict[str, int]:
    """Count for each sort the records of the rarer service, which at most have a partner."""
    frame = pd.DataFrame({"service": coded.service, "slot": coded.slot, "died": coded.died})
    reports = frame[~coded.is_death]
    number = np.bincount(reports["service"] + 1, minlength=len(coded.services) + 1)[1:]
    urgent = [coded.services.index(name) for name in EMERGENCY if name in coded.services]
    emergency = int(number[urgent].min()) if len(urgent) == len(EMERGENCY) else 0
    by_slot = [
        np.unique(part["slot"], return_counts=True)[1].astype(np.int64)
        for _, part in frame[frame["service"] >= 0].groupby("service")
    ]
    died, deaths = int(reports["died"].sum()), int(coded.is_death.sum())
    return {
        "emergency": emergency,
        "services": _of_any_two(number) - emergency,
        "again": len(reports),
        "copy": sum(_of_any_two(number) for number in by_slot),
        "fatal": min(died, deaths),
        "later_death": min(len(reports) - died, deaths),
    }


def _of_any_two(number: Ints) -> int:
    """Sum the smaller number of any two.

    Example:
        >>> _of_any_two(np.array([5, 3, 2]))
        7
    """
    downwards = np.sort(number)[::-1]
    return int((np.arange(len(downwards)) * downwards).sum())
