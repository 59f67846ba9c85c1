from datetime import UTC, datetime

import pytest

from alerts.channels import console
from alerts.message import Edition, write_notice
from alerts.outbox import Envelope
from surveillance.register import Register
from tests.unit.alert_cases import RULES, STREAMS, signal

NOW = datetime(2026, 10, 5, 6, 30, tzinfo=UTC)


def test_a_notice_is_printed_in_lines_a_terminal_can_hold(
    register: Register, capsys: pytest.CaptureFixture[str]
) -> None:
    notice = write_notice(
        signal(),
        register=register,
        streams=STREAMS,
        rules=RULES,
        issued=NOW,
        edition=Edition(1, ""),
    )
    envelope = Envelope("d1", recipient="reviewers", since=NOW, settings=None)

    receipt = console.send(notice, envelope)

    lines = capsys.readouterr().out.splitlines()
    assert receipt == "printed d1"
    assert max(len(line) for line in lines) <= 78
    assert lines[1] == "Review: more reports naming nitazenes in Leeds than expected"
    assert any(line.startswith("Action:          Look at") for line in lines)
