"""How a description reshapes a file is understood whole, or refused with what is wrong."""

from collections.abc import Callable

import pytest

from surveillance.errors import SettingsError
from surveillance.feeds.description import FeedDescription

Describe = Callable[[str], FeedDescription]

WIDE = """
title = "Rates of a test"
kind = "indicator"
owner = "Test desk"
cadence = "quarterly"
expected_lag_days = 100

[source]
location = "in/*"
format = "csv"
name_pattern = "{year}-rates*"

[unpivot]
by = ["place"]
names = ["period"]
value = "n"

[derived.area]
column = "place"
drop_last = 2
area = true

[[keep]]
column = "place"
values = ["*"]
others = ["Total"]

[aggregate]
by = ["area", "period"]
sums = ["n"]

[identity]
columns = ["area", "period"]

[received]
published_days = 30

[area]
columns = ["area"]
kinds = ["authority"]

[indicator]
name = "blood_borne_virus_tests"
unit = "positives"
numerator = "n"

[columns]
occurred_on = { year = "period", first_month = 4 }
"""


def test_a_description_that_reshapes_is_understood(describe: Describe) -> None:
    description = describe(WIDE)

    assert description.shape.made == {"area", "period", "n"}
    assert description.added == {"file.year"}
    assert description.substances.constant == "all"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('by = ["place"]\nnames', "names", "unpivot.by is missing"),
        ('names = ["period"]', "names = []", "unpivot.names and value must name new columns"),
        ('value = "n"', 'value = "place"', "each once and not in by"),
        ('value = "n"', 'value = "n"\nvalues = "m"', "unpivot.values is not a known key"),
        ('by = ["place"]\n', 'by = ["town"]\n', "unpivot.by must hold 'place'"),
        ("drop_last = 2", "drop_last = 0", "derived.area.drop_last must be 1 or more"),
        ("drop_last = 2", "drop_last = 2\nfirst = 3", "drop_last and first cannot both be given"),
        ("drop_last = 2\narea = true", "", "must come with first, last, drop_first, drop_last"),
        ('column = "place"\ndrop_last', "drop_last", "derived.area.column is missing"),
        (
            "[derived.area]",
            '[derived.town]\ncolumn = "area"\nfirst = 2\n[derived.area]',
            "derived.town is made of 'area', which is derived below it",
        ),
        ('values = ["*"]', "values = []", r"keep\[1\]\.values must name at least one"),
        ('values = ["*"]', "", r"keep\[1\]\.values is missing"),
        ('others = ["Total"]', 'others = ["*"]', r"keep\[1\]\.others and values both name '\*'"),
        ('others = ["Total"]', 'other = ["Total"]', "other is not a known key"),
        ('sums = ["n"]', "", "aggregate.count or aggregate.sums must be given"),
        ('sums = ["n"]', 'sums = ["n"]\ncomplete = true', "a sum may be not supplied"),
        ('sums = ["n"]', 'sums = ["period"]', "must be different columns"),
        ('by = ["area", "period"]', 'by = ["area"]', "aggregate.by must hold 'period'"),
        ("published_days = 30", "", "must be given, or published_days"),
        (
            "published_days = 30",
            'published_days = 30\ncolumn = "area"',
            "published_days and column cannot both be given",
        ),
        ('"{year}-rates*"', '"*-{place_name}"', r"needs a source.name_pattern with \{year\}"),
        ('"{year}-rates*"', '"rates*"', "must hold a piece"),
        ('"{year}-rates*"', '"{year}{year}"', "holds a piece twice"),
        ('"{year}-rates*"', '"{year}{month}{quarter}"', "cannot hold both"),
        ('kinds = ["authority"]', 'kinds = ["autority"]', "no kind of area .nearest: 'authority'"),
        ('numerator = "n"', "", "indicator.numerator or indicator.value must be given"),
        ('numerator = "n"', 'denominator = "n"\nvalue = "n"', "has a meaning beside numerator"),
        ('numerator = "n"', 'value = "n"\nvalue_low = "n"', "value_high must be given together"),
        ('unit = "positives"', "", "indicator.unit is missing"),
        ('unit = "positives"', 'units = "x"\nunit = "y"', "indicator.units is not a known key"),
        (
            "occurred_on = {",
            'numerator = "n"\noccurred_on = {',
            r"columns.numerator is made by \[indicator\]",
        ),
        ('kind = "indicator"', 'kind = "death"', "has a meaning for the kind indicator alone"),
        ("first_month = 4", "first_month = 13", "must be a month from 1 to 12"),
        (
            '{ year = "period", first_month = 4 }',
            '{ column = "period", first_month = 4 }',
            "has a meaning beside year, quarter and month alone",
        ),
        (
            '{ year = "period", first_month = 4 }',
            '{ year = "period", month = "period", quarter = "period" }',
            "quarter and month cannot both be given",
        ),
        ("[source]", "[source]\nheading_lines = 2", "heading_lines cannot be more than"),
        ("[unpivot]", '[constants]\nperiod = "x"\n[unpivot]', "'period' is made twice"),
        ('cadence = "quarterly"', 'cadence = "termly"', "cadence must be one of .*quarterly"),
    ],
)
def test_a_reshaping_that_makes_no_sense_is_refused(
    old: str, new: str, complaint: str, describe: Describe
) -> None:
    assert old in WIDE

    with pytest.raises(SettingsError, match=complaint):
        describe(WIDE.replace(old, new, 1))


def test_a_value_map_and_the_whole_name_are_read_for_lists(describe: Describe) -> None:
    named = '[[substances.list]]\ncolumn = "area"\nwhole = true\nvalues = { a = "heroin" }\n'

    (listed,) = describe(WIDE + named).substances.lists

    assert (listed.is_whole, listed.value_map) == (True, {"a": "heroin"})
