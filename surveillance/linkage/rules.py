"""The figures that linkage judges by; ``config/linkage.toml`` gives each with its reason."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from surveillance.errors import SettingsError

# Sorts of pair; each has its own share of records that have a partner.
SORTS = ("emergency", "services", "again", "copy", "fatal", "later_death")
FIELDS = (
    "age_band",
    "sex",
    "setting",
    "reactions",
    "seriousness",
    "naloxone_given",
    "outcome",
    "person_key",
)
_DAYS = {"reports": "reports", "copies": "deaths"}
_ADDS_UP = 0.011


@dataclass(frozen=True)
class FieldRule:
    """How telling the agreement of one field is.

    Attributes:
        match: probability of each level for two records of one event, the closest level first.
        chance: the same for records of two events.
        frequencies: share of each value, where agreeing on a rare value tells more.
    """

    match: tuple[float, ...]
    chance: tuple[float, ...]
    frequencies: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class LinkRules:
    """Every figure of ``linkage.toml``, under the same names."""

    version: str
    floor: float
    crowding_days: tuple[int, ...]
    least_crowding: float
    usual_neighbours: float
    most_in_reach: int
    reach: Mapping[str, int]
    shares: Mapping[str, float]
    services: Mapping[str, float]
    days: Mapping[str, tuple[float, ...]]
    area: Mapping[str, float]
    substances: Mapping[str, float]
    fields: Mapping[str, FieldRule]
    places: Mapping[str, str]


    def flat(self) -> dict[str, tuple[float, ...]]:
        """Give the figures that can be fitted, each under the name it has in the file."""
        figures = {f"[shares] {name}": (one,) for name, one in self.shares.items()}
        figures |= {f"[services] {name}": (one,) for name, one in self.services.items()}
        figures |= {f"[days] {name}": shares for name, shares in self.days.items()}
        figures |= {f"[area] {name}": (one,) for name, one in self.area.items()}
        figures |= {f"[substances] {name}": (one,) for name, one in self.substances.items()}
        for name, rule in self.fields.items():
            figures |= {
                f"[fields.{name}] match": rule.match,
                f"[fields.{name}] chance": rule.chance,
            }
            frequencies = {f"[fields.{name}] {v}": (s,) for v, s in rule.frequencies.items()}
            figures |= frequencies
        return figures


def read_rules(path: Path) -> LinkRules:
    """Read the figures.

    Raises:
        SettingsError: one is missing, unknown or out of range; the message names it.
    """
    try:
        values: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{path.name} cannot be read: {error}. Nothing was linked; mend the file."
        ) from error
    wrong = sorted({entry.name for entry in fields(LinkRules)}.symmetric_difference(values))
    if wrong:
        raise _refused(path, f"missing or unknown: {', '.join(wrong)}")
    try:
        rules = LinkRules(
            **{
                **values,
                "crowding_days": tuple(values["crowding_days"]),
                "days": {name: tuple(shares) for name, shares in values["days"].items()},
                "fields": {name: _field(one) for name, one in values["fields"].items()},
            }
        )
        faults = list(_faults(rules))
    except (TypeError, KeyError, AttributeError) as error:
        raise _refused(path, f"not as expected: {error}") from error
    if faults:
        raise _refused(path, "; ".join(faults))
    return rules


def _field(values: Mapping[str, Any]) -> FieldRule:
    return FieldRule(
        match=tuple(values["match"]),
        chance=tuple(values["chance"]),
        frequencies=dict(values.get("frequencies", {})),
    )


def _faults(rules: LinkRules) -> list[str]:
    named = {
        "shares": (set(rules.shares), set(SORTS)),
        "fields": (set(rules.fields), set(FIELDS)),
        "reach": (
            set(rules.reach),
            {"reports", "before_death", "after_report", "deaths", "person"},
        ),
        "days": (set(rules.days), {"reports", "death", "copies"}),
        "area": (set(rules.area), {"same", "adjoining", "apart"}),
        "substances": (set(rules.substances), {"agreeing", "kin", "none"}),
    }
    faults = [
        f"[{table}] needs exactly {', '.join(sorted(wanted))}"
        for table, (given, wanted) in named.items()
        if given != wanted
    ]
    return faults or [*_uneven(rules), *_out_of_range(rules)]


def _uneven(rules: LinkRules) -> list[str]:
    """Find lists of another length than the days or levels they speak of."""
    days = {name: rules.reach[reach] + 1 for name, reach in _DAYS.items()}
    days["death"] = rules.reach["before_death"] + rules.reach["after_report"] + 1
    faults = [
        f"[days] {name} needs {wanted} figures, one a day of its reach"
        for name, wanted in days.items()
        if len(rules.days[name]) != wanted
    ]
    return faults + [
        f"[fields.{name}] match and chance differ in length"
        for name, one in rules.fields.items()
        if len(one.match) != len(one.chance)
    ]


def _out_of_range(rules: LinkRules) -> list[str]:
    lists = {f"[days] {name}": shares for name, shares in rules.days.items()}
    for name, one in rules.fields.items():
        lists[f"[fields.{name}] match"] = one.match
        lists[f"[fields.{name}] chance"] = one.chance
    lists["[area]"] = tuple(rules.area.values())
    lists["[substances]"] = tuple(rules.substances.values())
    faults = [
        f"{name} must be above 0 and add up to 1"
        for name, shares in lists.items()
        if min(shares) <= 0 or abs(sum(shares) - 1) > _ADDS_UP
    ]
    shares = {f"[shares] {name}": share for name, share in rules.shares.items()}
    shares |= {f"[services] {name}": share for name, share in rules.services.items()}
    for name, one in rules.fields.items():
        shares |= {f"[fields.{name}.frequencies] {v}": s for v, s in one.frequencies.items()}
    shares["floor"] = rules.floor
    faults += [
        f"{name} must lie between 0 and 1" for name, one in shares.items() if not 0 < one < 1
    ]
    above = ("least_crowding", "usual_neighbours", "most_in_reach")
    if min(*rules.crowding_days, *(getattr(rules, name) for name in above)) <= 0:
        faults.append(f"crowding_days, {', '.join(above)} must be above 0")
    return faults


def _refused(path: Path, what: str) -> SettingsError:
    return SettingsError(f"{path.name}: {what}. Nothing was linked; mend the file and run again.")
