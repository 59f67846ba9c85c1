"""What a reporter is told, and what nobody is told."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from surveillance.domain.intake import FORM_SYSTEM, Submission
from surveillance.jobs.intake import submit
from surveillance.jobs.intake_access import grant_token
from surveillance.jobs.session import database
from surveillance.store.engine import writing
from surveillance.store.schema import BatchRow, DecisionRow, RunRow
from tests.integration.alerts.stored_signals import raise_signal
from tests.integration.intake.clients import ON_SQLITE, Served
from tests.unit.alert_cases import alarm
from tests.unit.intake.report_cases import a_report

YOUNG = {"age_band": "18-24", "substances": [{"name": "heroin"}]}
MONDAY = date(2026, 11, 16)


def accepted(served: Served, **changes: Any) -> str:
    reference: str = served.post(a_report(**changes)).json()["reference"]
    served.keep_all()
    return reference


def raised(served: Served, *, state: str = "detected", level: int = 0, **changes: Any) -> None:
    """Raise a signal of the report's own unit, and decide about it."""
    later = served.clock() + timedelta(days=6)
    usual: dict[str, Any] = {
        "stream": "reaction_reports",
        "substance_id": "heroin",
        "area_code": "E08000025",
        "period_start": MONDAY,
        "window": 1,
    }
    engine = database(served.settings.database_url)
    one = raise_signal(
        engine,
        as_of=changes.pop("as_of", later),
        realm=changes.pop("realm", "live"),
        state=state,
        last_period=MONDAY,
        evidence=(alarm(**(usual | changes)),),
    )
    with writing(engine) as connection:
        [run_id] = connection.execute(RunRow.__table__.select()).scalars()
        connection.execute(
            insert(DecisionRow).values(
                decision_id="d1",
                signal_id=one.signal_id,
                run_id=run_id,
                level=level,
                outcome="notice",
                reason="",
                decided_at=later,
            )
        )


def test_who_did_not_send_it_is_told_nothing(served: Served) -> None:
    reference = served.post(a_report()).json()["reference"]
    other = grant_token(served.settings, "south-ed", now=served.clock())

    answers = [
        served.ask(reference, token=other),
        served.ask("2222-2222-2222"),
        served.ask("nonsense"),
        served.ask(reference, token="A-SECRET-OF-ANOTHER-FORM"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({answer.text for answer in answers}) == 1


def test_a_form_is_asked_after_by_its_own_secret_alone(served: Served) -> None:
    receipt = submit(
        served.settings,
        Submission(FORM_SYSTEM, a_report(), "n1"),
        now=served.clock(),
        secret_of=lambda reference: f"secret of {reference}",
    )

    right = served.ask(receipt.reference, token=f"secret of {receipt.reference}")

    assert right.status_code == 200
    assert served.ask(receipt.reference, token="secret of another").status_code == 404
    assert served.ask(receipt.reference).status_code == 404


def test_an_accepted_report_is_told_the_streams_that_count_it(served: Served) -> None:
    reference = accepted(served, **YOUNG)

    told = served.ask(reference.lower().replace("-", "")).json()

    assert told["progress"] == "accepted"
    assert told["checked_at"] == served.clock().isoformat()
    assert told["streams"] == [
        "Adverse reaction reports",
        "Heroin and crack reports of people under 25",
    ]
    assert told["review"] == "none"


@ON_SQLITE
def test_an_older_person_is_not_counted_among_the_young(served: Served) -> None:
    told = served.ask(accepted(served, age_band="55+")).json()

    assert told["streams"] == ["Adverse reaction reports"]


def test_a_report_held_back_is_told_why_in_plain_words(served: Served) -> None:
    # The door would have refused it: the checks behind it hold on their own.
    receipt = submit(
        served.settings,
        Submission("north-ed", a_report(presentation_date="2026-11-01")),
        now=served.clock(),
    )
    served.keep_all()

    told = served.ask(receipt.reference).json()

    assert told["progress"] == "held_back"
    assert told["reasons"] == [
        'The rule "presentation_date is not before occurred_on" does not hold.'
    ]
    assert told["streams"] == []


@ON_SQLITE
def test_a_report_in_a_batch_on_hold_is_held_back(served: Served) -> None:
    reference = accepted(served)
    with writing(database(served.settings.database_url)) as connection:
        connection.execute(update(BatchRow).values(state="held"))

    told = served.ask(reference).json()

    assert told["progress"] == "held_back"
    assert "a person looks into it" in told["reasons"][0]


def test_a_report_taken_back_counts_nowhere(served: Served) -> None:
    accepted(served, source_ref="ED-1")
    served.clock.now += timedelta(minutes=1)
    reference = accepted(served, source_ref="ED-1", withdrawn=True)

    told = served.ask(reference).json()

    assert (told["progress"], told["streams"]) == ("withdrawn", [])


@ON_SQLITE
@pytest.mark.parametrize(
    ("state", "level", "review"),
    [
        ("detected", 0, "under_review"),
        ("validating", 0, "under_review"),
        ("validated", 0, "under_review"),
        ("validated", 2, "issued"),
        ("closed", 0, "closed"),
        ("not_validated", 0, "closed"),
        ("auto_suppressed", 0, "none"),
    ],
)
def test_a_report_is_told_how_far_people_are_with_what_it_is_part_of(
    state: str, level: int, review: str, served: Served
) -> None:
    reference = accepted(served)
    raised(served, state=state, level=level)

    assert served.ask(reference).json()["review"] == review


@ON_SQLITE
@pytest.mark.parametrize(
    "changes",
    [
        {"area_code": "E08000035"},
        {"substance_id": "cocaine"},
        {"stream": "young_heroin_crack"},
        {"stream": "deaths"},
        {"period_start": MONDAY + timedelta(days=7)},
        {"period_start": MONDAY - timedelta(days=7)},
        {"realm": "replay:reaction_reports"},
    ],
)
def test_a_signal_that_the_report_is_no_part_of_is_never_told(
    changes: dict[str, Any], served: Served
) -> None:
    reference = accepted(served)
    raised(served, **changes)

    assert served.ask(reference).json()["review"] == "none"


@ON_SQLITE
def test_a_signal_raised_before_the_report_came_is_not_told(served: Served) -> None:
    reference = accepted(served)
    raised(served, as_of=served.clock() - timedelta(hours=1))

    assert served.ask(reference).json()["review"] == "none"


@ON_SQLITE
@pytest.mark.parametrize(
    "changes",
    [
        {"period_start": MONDAY + timedelta(days=7), "window": 2},
        {"area_code": "K02000001"},
        {"area_code": "E12000005", "substance_id": "heroin_group"},
        {"substance_id": "all"},
    ],
)
def test_a_report_is_part_of_wider_signals(changes: dict[str, Any], served: Served) -> None:
    reference = accepted(served)
    raised(served, **changes)

    assert served.ask(reference).json()["review"] == "under_review"


@ON_SQLITE
def test_the_words_hold_no_number_substance_or_place_of_others(served: Served) -> None:
    reference = accepted(served)
    raised(served, area_code="K02000001", substance_id="opioids", level=3)

    words = served.ask(reference).json()["words"]

    assert "An alert has been issued" in words
    assert not re.search(r"\d|opioid|heroin|Birmingham|Kingdom|S0", words)


@ON_SQLITE
def test_a_signal_that_is_closed_beside_one_that_is_open_is_under_review(served: Served) -> None:
    reference = accepted(served)
    raised(served, state="closed")
    engine = database(served.settings.database_url)
    other = raise_signal(
        engine,
        2,
        as_of=served.clock() + timedelta(days=6),
        last_period=MONDAY,
        evidence=(
            alarm(
                stream="reaction_reports",
                substance_id="all",
                area_code="K02000001",
                period_start=MONDAY,
                window=1,
            ),
        ),
    )

    assert other.state == "detected"
    assert served.ask(reference).json()["review"] == "under_review"
