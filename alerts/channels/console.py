"""Print notices on the standard output, for use by hand and for logs.

A terminal cannot be searched, so that a repeat after a crash prints again.
"""

import re
import sys
import textwrap
from typing import Any

from alerts.message import Notice, plain_text
from alerts.outbox import Envelope

_WIDTH = 78
_LABEL = re.compile(r"[A-Z][a-z ]+: +")
_RULE = "-" * _WIDTH


def recipient(_settings: Any) -> str:
    """Name the reader of the terminal or log."""
    return "reviewers"


def send(notice: Notice, envelope: Envelope) -> str:
    """Print one notice as plain text."""
    lines = [_wrap(line) for line in plain_text(notice).splitlines()]
    sys.stdout.write("\n".join([_RULE, *lines, _RULE, ""]))
    sys.stdout.flush()
    return f"printed {envelope.delivery_id}"


def _wrap(line: str) -> str:
    label = _LABEL.match(line)
    indent = " " * (label.end() if label else 2)
    return textwrap.fill(line, _WIDTH, subsequent_indent=indent)
