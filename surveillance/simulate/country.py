"""Where and when the simulated country lives: its areas, its words and its weeks."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from surveillance.domain import ALL_SUBSTANCES, UNKNOWN_SUBSTANCE, Floats, Texts
from surveillance.errors import InputError
from surveillance.periods import Days, week_as_of, week_start
from surveillance.register import Register

UNITED_KINGDOM = "K02000001"
SCOTLAND_PREFIX = "S"
NORTHERN_IRELAND_PREFIX = "N"
_STREET_WORDS = 3
_UNKNOWN_WORDS = ("unknown", "unknown powder", "unknown tablets")


@dataclass(frozen=True)
class Timeline:
    """The weeks that are simulated, from a Monday to a Sunday.

    ``as_of`` is when the last week is first judged: nothing received later is in the files.
    """

    first_day: date
    last_day: date
    as_of: datetime

    @property
    def days(self) -> Days:
        """Every day, shape (days,), oldest first."""
        return np.arange(np.datetime64(self.first_day, "D"), np.datetime64(self.last_day, "D") + 1)

    def before_end(self, days: int) -> date:
        """Give the day so many days before the last."""
        return self.last_day - timedelta(days=days)


def make_timeline(*, weeks: int, end_week: str) -> Timeline:
    """Lay out so many ISO weeks that end with ``end_week``.

    Raises:
        InputError: fewer than one week, a malformed week, or weeks before the calendar begins.
    """
    if weeks < 1:
        raise InputError(f"Cannot simulate {weeks} weeks. Give at least 1, for example 312.")
    last_monday = week_start(end_week)
    try:
        first_day = last_monday - timedelta(weeks=weeks - 1)
    except OverflowError as error:
        raise InputError(
            f"{weeks:,} weeks before {end_week} is before the calendar begins. Give fewer."
        ) from error
    return Timeline(first_day, last_monday + timedelta(days=6), week_as_of(end_week))


@dataclass(frozen=True)
class Country:
    """The areas people live in and the words they have for substances.

    Attributes:
        authorities: codes of the upper-tier authorities, shape (authorities,).
        regions: region or nation of each authority, shape (authorities,).
        population: residents of each authority, shape (authorities,).
        register: names of substances, areas and reactions.
    """

    authorities: Texts
    regions: Texts
    population: Floats
    register: Register

    @property
    def region_codes(self) -> tuple[str, ...]:
        """The nine English regions and the three other nations, in the order of their codes."""
        return tuple(sorted(set(self.regions.tolist())))

    def weights(self, area_code: str) -> Floats:
        """Share of each authority in the population of an area; zero outside it."""
        inside = self.register.areas.descendants(area_code)
        lives = np.array([code in inside for code in self.authorities])
        people = np.where(lives, self.population, 0.0)
        if people.sum() == 0:
            raise InputError(f"The register has no authority with a population in {area_code}.")
        return np.asarray(people / people.sum())

    def words(self, substance_id: str) -> tuple[str, ...]:
        """Words that the register reads back as this substance, the preferred name first."""
        if substance_id == UNKNOWN_SUBSTANCE:
            return _UNKNOWN_WORDS
        substances = self.register.substances
        entry = substances.get(substance_id)
        candidates = (entry.name, *entry.street_names[:_STREET_WORDS])
        known = tuple(word for word in candidates if substances.resolve_name(word) == substance_id)
        return known or (substance_id,)

    def preferred(self, substance_id: str) -> str:
        """The word a laboratory writes for a substance."""
        return self.words(substance_id)[0]

    def group_of(self, substance_id: str) -> str:
        """Give the nearest group that holds a substance; a group below no other is its own."""
        nearest = self.register.substances.ancestors(substance_id)[0]
        return substance_id if nearest == ALL_SUBSTANCES else nearest

    def named(self, substance_id: str, *, how: str) -> str:
        """Give what somebody names: the ``substance``, its ``group``, or ``unknown``."""
        if how == "unknown" or substance_id == UNKNOWN_SUBSTANCE:
            return UNKNOWN_SUBSTANCE
        return self.group_of(substance_id) if how == "group" else substance_id


def make_country(register: Register) -> Country:
    """Take the authorities of the United Kingdom out of the register.

    Raises:
        InputError: an authority has no population, or the register has none at all.
    """
    codes, regions, population = [], [], []
    for code in sorted(register.areas.descendants(UNITED_KINGDOM)):
        area = register.areas.get(code)
        if area.kind != "authority":
            continue
        if area.population is None:
            raise InputError(f"config/areas.csv gives no population for {code}. Fill it in.")
        codes.append(code)
        regions.append(_region_of(register, code))
        population.append(float(area.population))
    if not codes:
        raise InputError("config/areas.csv names no authority of the United Kingdom.")
    return Country(
        authorities=np.array(codes, dtype=object),
        regions=np.array(regions, dtype=object),
        population=np.array(population),
        register=register,
    )


def _region_of(register: Register, code: str) -> str:
    for ancestor in register.areas.ancestors(code):
        if register.areas.get(ancestor).kind in ("region", "nation"):
            return ancestor
    raise InputError(f"config/areas.csv puts the authority {code} in no region or nation.")
