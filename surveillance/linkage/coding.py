"""Records as arrays of small numbers, so that millions of pairs can be compared at once.

What a record leaves open is -1 and says nothing for or against a pair.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from surveillance.domain import ALL_SUBSTANCES, UNKNOWN_SUBSTANCE, Told
from surveillance.linkage.rules import LinkRules
from surveillance.register import Register

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
DEATH = "death"
EMERGENCY = ("ambulance", "emergency_department")
_SLACK_DAYS = {"day": 0, "week": 6, "month": 30}
_NOT_TAKEN = frozenset({"antidote"})
_BITS = 63
_AGREEING = ("seriousness", "naloxone_given", "outcome", "person_key", "sex", "setting")


@dataclass(frozen=True)
class Coded:
    """Records in the order of feed and source_ref, shape (records,) unless stated.

    Attributes:
        keys: feed and source_ref of each record.
        service: who tells: ``death`` or the reporter's role; -1 where it is not known.
        services: names of the services, in the order of their codes.
        slot: feed and service; one event has one record of each slot.
        is_death: whether the record is of a death.
        died: whether the record says that the person died.
        day: days since 1970 of the harm.
        slack: days by which the date may be off.
        area: place in ``areas``.
        areas: codes of the areas present.
        levels: each field of the rules -> its code.
        reactions: one bit a term named, shape (records, words).
        owner: the record of each entry of ``unit``, ascending.
        unit: substances and groups that a record belongs to, places in ``units``.
        named: whether the record names that unit itself, else it belongs to it by descent.
        units: ids of the substances and groups.
    """

    keys: pd.DataFrame
    service: Ints
    services: tuple[str, ...]
    slot: Ints
    is_death: Bools
    died: Bools
    day: Ints
    slack: Ints
    area: Ints
    areas: tuple[str, ...]
    levels: Mapping[str, Ints]
    reactions: Ints
    owner: Ints
    unit: Ints
    named: Bools
    units: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.keys)


def comparable(records: pd.DataFrame) -> pd.DataFrame:
    """Keep the records that tell of one person at a time that is known to the month or better."""
    single = (records["count_low"] == 1) & (records["count_high"] == 1)
    slack = records["occurred_precision"].fillna("day").map(_SLACK_DAYS)
    dated = records["occurred_on"].notna() & slack.notna()
    kept = records[single & dated].sort_values(["feed", "source_ref"], kind="stable")
    return kept.reset_index(drop=True)


def code_records(told: Told, *, register: Register, rules: LinkRules) -> Coded:
    """Turn records into arrays; those that stand for many or for no one day are left out.

    Args:
        told: the records.
        register: names, groups and areas.
        rules: the values whose agreement tells something.
    """
    kept = comparable(told.records)
    is_death = (kept["kind"] == DEATH).to_numpy(bool)
    service, services = _services(kept, is_death)
    feed = pd.factorize(kept["feed"])[0].astype(np.int64)
    slot = np.unique(feed * (len(services) + 1) + service, return_inverse=True)[1]
    area, areas = pd.factorize(kept["area_code"], sort=True)
    owner, unit, named, units = _units(kept, told.mentions, register)
    died = kept["seriousness"].eq("died") | kept["outcome"].eq("died") | is_death
    slack = kept["occurred_precision"].fillna("day").map(_SLACK_DAYS)
    return Coded(
        keys=kept[["feed", "source_ref"]],
        service=service,
        services=services,
        slot=slot.astype(np.int64),
        is_death=is_death,
        died=died.to_numpy(bool),
        day=kept["occurred_on"].to_numpy("datetime64[D]").astype(np.int64),
        slack=np.asarray(slack.to_numpy(), dtype=np.int64),
        area=area.astype(np.int64),
        areas=tuple(areas),
        levels=_levels(kept, is_death, rules),
        reactions=_bits(kept, told.reactions),
        owner=owner,
        unit=unit,
        named=named,
        units=units,
    )


def _services(kept: pd.DataFrame, is_death: Bools) -> tuple[Ints, tuple[str, ...]]:
    told = kept["reporter_role"].mask(is_death, DEATH)
    code, names = pd.factorize(told, sort=True)
    return code.astype(np.int64), tuple(names)


def _levels(kept: pd.DataFrame, is_death: Bools, rules: LinkRules) -> dict[str, Ints]:
    died_at = kept["place_type"].map(rules.places)
    told = kept.assign(setting=kept["setting"].mask(is_death, died_at))
    ages = tuple(rules.fields["age_band"].frequencies)
    levels = {"age_band": _places(told["age_band"], ages)}
    # Reactions are compared term by term, not by one code.
    levels["reactions"] = np.full(len(told), -1)
    for name in _AGREEING:
        values = told[name].mask(told[name].isin(["unknown", ""]))
        frequencies = rules.fields[name].frequencies
        if frequencies:
            levels[name] = _places(values, tuple(frequencies))
        else:
            levels[name] = pd.factorize(values, sort=True)[0].astype(np.int64)
    return levels


def _places(values: pd.Series, known: Sequence[str]) -> Ints:
    return pd.Index(known).get_indexer(pd.Index(values.astype(object))).astype(np.int64)


def _bits(kept: pd.DataFrame, reactions: pd.DataFrame) -> Ints:
    row = pd.Index(kept["version_id"]).get_indexer(pd.Index(reactions["version_id"]))
    term, terms = pd.factorize(reactions["reaction_code"], sort=True)
    words = np.zeros((len(kept), max(1, -(-len(terms) // _BITS))), dtype=np.int64)
    here = row >= 0
    np.bitwise_or.at(
        words,
        (row[here], term[here] // _BITS),
        np.left_shift(np.int64(1), (term[here] % _BITS).astype(np.int64)),
    )
    return words


def _units(
    kept: pd.DataFrame, mentions: pd.DataFrame, register: Register
) -> tuple[Ints, Ints, Bools, tuple[str, ...]]:
    """Give each record's substances with all their groups; everything belongs to ``all``."""
    row = pd.Index(kept["version_id"]).get_indexer(pd.Index(mentions["version_id"]))
    taken = (row >= 0) & ~mentions["role"].isin(_NOT_TAKEN).to_numpy()
    taken &= (mentions["substance_id"] != UNKNOWN_SUBSTANCE).to_numpy()
    own, names = pd.factorize(mentions["substance_id"][taken], sort=True)
    chains = [(name, *register.substances.ancestors(name)) for name in names]
    units = tuple(sorted({ALL_SUBSTANCES, *(unit for chain in chains for unit in chain)}))
    place = {unit: number for number, unit in enumerate(units)}
    lengths = np.array([len(chain) for chain in chains], dtype=np.int64)
    flat = np.array([place[unit] for chain in chains for unit in chain], dtype=np.int64)
    number = lengths[own]
    entry = np.repeat(np.arange(len(own)), number)
    step = np.arange(len(entry)) - np.repeat(np.cumsum(number) - number, number)
    first = np.cumsum(lengths) - lengths
    everyone = np.arange(len(kept))
    silent = ~np.isin(everyone, row[taken])
    owner = np.concatenate([row[taken][entry], everyone])
    unit = np.concatenate([flat[first[own[entry]] + step], np.full(len(kept), place["all"])])
    # A record that names nothing agrees with all, as far as it goes.
    named = np.concatenate([step == 0, silent])
    return _once(owner.astype(np.int64), unit.astype(np.int64), named, units)


def _once(
    owner: Ints, unit: Ints, named: Bools, units: tuple[str, ...]
) -> tuple[Ints, Ints, Bools, tuple[str, ...]]:
    key = owner * len(units) + unit
    order = np.lexsort((~named, key))
    key, named = key[order], named[order]
    first = np.ones(len(key), dtype=bool)
    first[1:] = key[1:] != key[:-1]
    return key[first] // len(units), key[first] % len(units), named[first], units
