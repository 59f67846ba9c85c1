"""Find the records that tell of one event, within and across feeds; nothing is merged away.

A stage: records as they are known at a moment go in, pairs with a probability come out. It is pure.
docs/linkage.md explains the model and what it cannot see.
"""

from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd

from surveillance.domain import LINK_COLUMNS, Told
from surveillance.linkage.assigning import Verdicts, Weighed, assign, probabilities
from surveillance.linkage.candidates import candidates, lay_out, of_one_person
from surveillance.linkage.coding import Coded, code_records
from surveillance.linkage.crowding import Crowd, gather
from surveillance.linkage.evidence import (
    Compared,
    Neighbours,
    compare,
    count_neighbours,
    log_area,
    log_days,
    log_fields,
    log_prior,
    log_substances,
)
from surveillance.linkage.rules import LinkRules, read_rules
from surveillance.register import Register

__all__ = ["LinkRules", "Linked", "link_records", "method_of", "read_rules"]

# It grows whenever the same records and figures may give other links.
_MODEL = "crowding 1"

# What cannot reach this probability, whatever the substances say, is not looked at further.
_LEAST_LOG_ODDS = float(np.log(1e-3))
_DIGITS, _MOST_SURE = 3, 0.999


@dataclass(frozen=True)
class Linked:
    """What linkage found.

    Attributes:
        links: the columns of LINK_COLUMNS, one row a link, ``decided_by`` being model or
            person. The links of an event make a tree: so many as it has records, less one.
        compared: records that could be compared.
        crowded: of these, records with too many others in reach for anything to tell which.
    """

    links: pd.DataFrame
    compared: int
    crowded: int


def method_of(rules: LinkRules) -> str:
    """Name the method that links with these figures; every link keeps it."""
    return f"{_MODEL}, figures {rules.version}"


def link_records(
    told: Told, *, register: Register, rules: LinkRules, verdicts: pd.DataFrame
) -> Linked:
    """Link the records that probably tell of one event.

    Args:
        told: the records.
        register: names, groups and areas.
        rules: the figures of ``linkage.toml``.
        verdicts: what people decided: feed, source_ref, other_feed, other_ref and ``is_one``;
            it wins over the model.
    """
    coded = code_records(told, register=register, rules=rules)
    if not len(coded):
        return Linked(_links(coded.keys, coded.keys, np.zeros(0), by="model"), 0, 0)
    weighed, crowded = weigh_all(coded, register, rules)
    probability = probabilities(coded, weighed)
    likely = np.flatnonzero(probability >= rules.floor)
    weighed, probability = weighed.take(likely), probability[likely]
    decided = _placed(verdicts, coded)
    chosen, _ = assign(coded, weighed, probability, verdicts=decided)
    by_model = _links(
        coded.keys.iloc[weighed.left[chosen]],
        coded.keys.iloc[weighed.right[chosen]],
        probability[chosen],
        by="model",
    )
    joined = verdicts[verdicts["is_one"].astype(bool)]
    by_people = joined.assign(probability=1.0, decided_by="person")[list(LINK_COLUMNS)]
    links = pd.concat([part for part in (by_people, by_model) if len(part)] or [by_model])
    return Linked(links.reset_index(drop=True), compared=len(coded), crowded=crowded)


def weigh_all(coded: Coded, register: Register, rules: LinkRules) -> tuple[Weighed, int]:
    """Weigh every pair worth comparing; give them and the number of records left out.

    Each pair stands there once, by its places.
    """
    crowd = gather(coded, lay_out(coded.areas, register), rules)
    # Twice over all pairs, part by part, for keeping them all would cost more than it saves.
    compared = (compare(coded, pairs, crowd) for pairs in candidates(coded, crowd.places, rules))
    neighbours = count_neighbours(compared, records=len(coded))
    parts, crowded = [], [np.zeros(0, dtype=np.int64)]
    for pairs in chain(candidates(coded, crowd.places, rules), [of_one_person(coded, rules)]):
        parts.append(_weigh(coded, compare(coded, pairs, crowd), crowd, neighbours, rules))
        crowded.append(pairs.crowded)
    whole = Weighed(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in Weighed.__dataclass_fields__
        )
    )
    _, first = np.unique(whole.left * len(coded) + whole.right, return_index=True)
    return whole.take(first), len(np.unique(np.concatenate(crowded)))


def _weigh(
    coded: Coded, compared: Compared, crowd: Crowd, neighbours: Neighbours, rules: LinkRules
) -> Weighed:
    log_odds = (
        log_prior(compared, rules)
        + log_days(coded, compared, rules)
        + log_area(coded, compared, crowd, rules)
        + log_fields(coded, compared, neighbours, rules)
    )
    # Substances cost most to compare: only where they could still make a link of it.
    at_most = np.log((2 * max(rules.crowding_days) + 1) / rules.least_crowding)
    kept = np.flatnonzero(log_odds + at_most >= _LEAST_LOG_ODDS)
    compared = compared.take(kept)
    by_substance, _ = log_substances(coded, compared, crowd, rules)
    one, other = compared.pairs.left, compared.pairs.right
    weighed = Weighed(
        np.minimum(one, other),
        np.maximum(one, other),
        compared.sort,
        log_odds[kept] + by_substance,
    )
    return weighed.take(weighed.log_odds >= _LEAST_LOG_ODDS)


def _placed(verdicts: pd.DataFrame, coded: Coded) -> Verdicts:
    """Find the records that people decided about; those that are not compared are left out."""
    known = pd.MultiIndex.from_frame(coded.keys)
    sides = [
        known.get_indexer(pd.MultiIndex.from_frame(verdicts[names].astype(str)))
        for names in (["feed", "source_ref"], ["other_feed", "other_ref"])
    ]
    here = (sides[0] >= 0) & (sides[1] >= 0)
    is_one = verdicts["is_one"].to_numpy(dtype=bool)
    return Verdicts(sides[0][here], sides[1][here], is_one[here])


def _links(
    one: pd.DataFrame, other: pd.DataFrame, probability: np.ndarray, *, by: str
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "feed": one["feed"].to_numpy(),
            "source_ref": one["source_ref"].to_numpy(),
            "other_feed": other["feed"].to_numpy(),
            "other_ref": other["source_ref"].to_numpy(),
            # Only people are certain.
            "probability": np.minimum(np.round(probability, _DIGITS), _MOST_SURE),
            "decided_by": by,
        }
    )
