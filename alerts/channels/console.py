"""Print notices on the standard output, for use by hand and for logs.

A terminal cannot be searched, so that a repeat after a crash prints again.
"""

import sys
from typing import Any

from alerts.message import Notice, plain_text
from alerts.outbox import Envelope

_RULE = "-" * 78


def recipient(_settings: Any) -> str:
    """Name the reader of the terminal or log."""
    return "reviewers"


def send(notice: Notice, envelope: Envelope) -> str:
    """Print one notice as plain text."""
    sys.stdout.write(f"{_RULE}\n{plain_text(notice)}\n{_RULE}\n")
    sys.stdout.flush()
    return f"printed {envelope.delivery_id}"
