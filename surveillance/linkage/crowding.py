"""How many unrelated records of a service one would meet anyway: by place, substance and day.

The expected number is taken from what surrounds a record, a cluster included. So agreeing on a rare
substance in a small place tells much, and agreeing on what a whole prison takes tells little.
"""

from dataclasses import dataclass

import numpy as np

from surveillance.domain import Floats
from surveillance.linkage.candidates import ANYWHERE, Places, unroll
from surveillance.linkage.coding import Coded, Ints
from surveillance.linkage.rules import LinkRules

_DAYS = 1 << 20
_ANY_SERVICE = -2


@dataclass(frozen=True)
class Spot:
    """Where one looks for unrelated records, shape (spots,) each.

    Attributes:
        service: who tells, -1 where it is not known.
        area: where, or ANYWHERE.
        unit: substance or group.
        day: the middle of the days looked at.
        own: records of the pair itself that tell as this service, which are left out.
    """

    service: Ints
    area: Ints
    unit: Ints
    day: Ints
    own: Ints


@dataclass(frozen=True)
class Crowd:
    """The records of each service, area and substance unit, sorted by day.

    Attributes:
        shares: usual share of each service among all reports, the last of one not known; 0 for
            deaths, which are no reports. Shape (services + 1,).
        ordered: one number an entry, ascending.
    """

    coded: Coded
    places: Places
    rules: LinkRules
    shares: Floats
    ordered: Ints

    def a_day(self, spot: Spot) -> Floats:
        """Expect so many unrelated records a day at each spot, never none; shape (spots,).

        It is the largest of several views, for a cluster must not pass for chance: a week and
        two months around the day, the service's own records and its share of all reports.
        """
        seen = [self._a_day(spot, around) for around in self.rules.crowding_days]
        imagined = self.rules.least_crowding / (2 * max(self.rules.crowding_days) + 1)
        return np.asarray(np.max(seen, axis=0) + imagined)

    def _a_day(self, spot: Spot, around: int) -> Floats:
        by_service = self._expected(spot.service, spot, spot.own, around)
        both = np.where(self.shares[spot.service] > 0, 2, 0)
        by_all = self._expected(np.full(len(spot.area), _ANY_SERVICE), spot, both, around)
        expected = np.maximum(by_service, self.shares[spot.service] * by_all)
        return np.asarray(expected / (2 * around + 1))

    def _expected(self, service: Ints, spot: Spot, own: Ints, around: int) -> Floats:
        """Half of what is seen in the area, half of what the whole country makes expect there."""
        here = self._count(service, spot.area, spot, around) - own
        anywhere = np.full(len(spot.area), ANYWHERE)
        everywhere = self._count(service, anywhere, spot, around) - own
        share = np.append(self.places.share, 1.0)[spot.area]
        return np.asarray(0.5 * (np.maximum(0, here) + share * np.maximum(0, everywhere)))

    def _count(self, service: Ints, area: Ints, spot: Spot, around: int) -> Ints:
        base = _key(self.coded, service, area, spot.unit) * _DAYS + spot.day
        last = np.searchsorted(self.ordered, base + around, side="right")
        return last - np.searchsorted(self.ordered, base - around, side="left")


def _key(coded: Coded, service: Ints, area: Ints, unit: Ints) -> Ints:
    # Services begin at -2 (any) and -1 (not known), areas at -1 (anywhere).
    place = (service + 2) * (len(coded.areas) + 1) + area + 1
    return np.asarray(place * len(coded.units) + unit)


def gather(coded: Coded, places: Places, rules: LinkRules) -> Crowd:
    """Sort the records of each service, area and unit by day.

    A record counts for its own area, for the wider ones that any record gives as its area, and
    for ANYWHERE; a report counts for its own service and among those of any.
    """
    row, area = _areas_of(coded, places)
    number = np.bincount(coded.owner, minlength=len(coded))
    first = np.cumsum(number) - number
    entry, step = unroll(number[row])
    owner, area = row[entry], area[entry]
    unit = coded.unit[first[owner] + step]
    report = ~coded.is_death[owner]
    any_service = np.full(int(report.sum()), _ANY_SERVICE)
    keys = [
        _key(coded, coded.service[owner], area, unit) * _DAYS + coded.day[owner],
        _key(coded, any_service, area[report], unit[report]) * _DAYS + coded.day[owner[report]],
    ]
    rarest = min(rules.services.values())
    shares = np.array([rules.services.get(name, rarest) for name in coded.services])
    of_deaths = np.isin(np.arange(len(shares)), coded.service[coded.is_death])
    shares = np.append(np.where(of_deaths, 0.0, shares), rarest)
    return Crowd(coded, places, rules, shares, np.sort(np.concatenate(keys)))


def _areas_of(coded: Coded, places: Places) -> tuple[Ints, Ints]:
    """Give each record with every area that it counts for."""
    own, wider = np.nonzero(places.narrower() & (places.shared != ANYWHERE))
    first = np.searchsorted(own, np.arange(len(coded.areas) + 1))
    entry, step = unroll(first[coded.area + 1] - first[coded.area])
    everyone = np.arange(len(coded))
    # A record of no known area has only ANYWHERE.
    known = np.diagonal(places.shared)[coded.area] != ANYWHERE
    above = wider[first[coded.area[entry]] + step].astype(np.int64)
    return (
        np.concatenate([everyone[known], everyone, entry]),
        np.concatenate([coded.area[known], np.full(len(coded), ANYWHERE), above]),
    )
