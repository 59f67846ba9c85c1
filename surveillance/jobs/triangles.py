"""Ask for the reporting triangle of a feed, in the words of a person."""

from datetime import datetime
from typing import TYPE_CHECKING

from surveillance.domain import ReportingTriangle, TriangleQuestion
from surveillance.errors import InputError
from surveillance.feeds.description import FeedDescription, load_description
from surveillance.jobs.session import database, feed_path, judges
from surveillance.periods import Cadence
from surveillance.register import Register
from surveillance.store import triangles
from surveillance.store.engine import reading

if TYPE_CHECKING:
    from config.settings import Settings


def reporting_triangle(
    settings: "Settings",
    feed: str,
    *,
    as_of: datetime,
    cadence: Cadence,
    dates: tuple[str, str],
    unit: tuple[str | None, str | None],
) -> ReportingTriangle:
    """Count a feed's events by the period they happened in and the delay until they arrived.

    Args:
        settings: where things lie.
        feed: name of a configured feed.
        as_of: the moment whose knowledge is used.
        cadence: the length of a period.
        dates: names of the two dates, as in ``surveillance.domain.TRIANGLE_DATES``.
        unit: a substance or group and an area, by id, code or name; None: all of them. A record
            whose area is not known counts only where no area is asked for.

    Raises:
        InputError: the feed, a date, the substance or the area is not known.
    """
    description = load_description(feed_path(settings, feed))
    register = judges(settings.config_folder).register
    substance, area = unit
    question = TriangleQuestion(
        kind=description.kind,
        feeds=[feed],
        as_of=as_of,
        cadence=cadence,
        dates=dates,
        substances=None if substance is None else _substances(substance, register),
        areas=None if area is None else _areas(area, description, register),
    )
    with reading(database(settings.database_url)) as connection:
        return triangles.reporting_triangle(connection, question)


def _substances(text: str, register: Register) -> frozenset[str]:
    found = register.substances.resolve_name(text)
    return register.substances.descendants(text if found is None else found)


def _areas(text: str, description: FeedDescription, register: Register) -> frozenset[str]:
    found = register.areas.resolve(text, within=description.area.within)
    if found is None:
        raise InputError(
            f"No area {text!r} below {description.area.within!r}, where {description.name} has its "
            "areas. Give a code or a name of config/areas.csv; dews resolve helps to find it."
        )
    return register.areas.descendants(found)
