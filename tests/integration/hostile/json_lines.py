"""JSON Lines: depth, size, numbers, broken text and values of the wrong sort."""

import json

from tests.integration.hostile.cases import GOOD, Case, objects, report


def _row(name: str, text: str, *, holds_back: bool) -> Case:
    return Case(
        name,
        "jsonl",
        lambda: objects(text),
        accepted=GOOD + (not holds_back),
        held_back=int(holds_back),
    )


def _changed(name: str, *, holds_back: bool, **changes: object) -> Case:
    return _row(name, json.dumps(report(99, **changes)), holds_back=holds_back)


_DEEP = "[" * 100_000 + "]" * 100_000
JSON_LINES = (
    _row("a hundred thousand brackets", f'{{"id": "D99", "text": {_DEEP}}}', holds_back=True),
    _row("a hundred thousand objects", '{"a":' * 100_000 + "1" + "}" * 100_000, holds_back=True),
    _row("a list instead of an object", "[1, 2, 3]", holds_back=True),
    _row("a bare text", '"D99"', holds_back=True),
    _row("a line cut short", '{"id": "D99", "received": "2026-1', holds_back=True),
    _row(
        "NaN", json.dumps(report(99)).replace("1}", "1}").replace(": 1,", ": NaN,"), holds_back=True
    ),
    _row("Infinity", json.dumps(report(99)).replace(": 1,", ": -Infinity,"), holds_back=True),
    _row(
        "a number of 10,000 digits",
        json.dumps(report(99)).replace(": 1,", f": {'9' * 10_000},"),
        holds_back=True,
    ),
    _row("half a letter", json.dumps(report(99)).replace("drowsy", "\\ud83d"), holds_back=True),
    _row(
        "a key that stands twice",
        json.dumps(report(99)).replace('"rank": 1', '"rank": 1, "rank": 2'),
        holds_back=False,
    ),
    _row(
        "separators that only Unicode calls line ends",
        json.dumps(report(99, text="a\u2028b\u0085c"), ensure_ascii=False),
        holds_back=False,
    ),
    _changed("a text of 10 MB", text="x" * (10 << 20), holds_back=True),
    _changed("a NUL byte in a text", text="a\0b", holds_back=True),
    _changed("an object where a text belongs", text={"a": [1]}, holds_back=False),
    _changed("true where a text belongs", text=True, holds_back=False),
    _changed("a text where the drugs belong", drugs="heroin", holds_back=True),
    _changed("a number among the drugs", drugs=[7], holds_back=True),
    _changed("a list as the name of a drug", drugs=[{"name": ["heroin"]}], holds_back=False),
    _changed("a hundred thousand drugs", drugs=[{"name": "heroin"}] * 100_000, holds_back=True),
    _changed("null everywhere", received=None, day=None, area=None, rank=None, holds_back=True),
    _changed("a rank of a half", rank=1.5, holds_back=True),
    Case("a mark in front", "jsonl", lambda: b"\xef\xbb\xbf" + objects(), GOOD),
    Case(
        "one list over many lines",
        "jsonl",
        lambda: json.dumps([report(n) for n in range(GOOD)], indent=1).encode(),
        refused="none of its|cannot be used",
    ),
    Case("a table", "jsonl", lambda: b"id,day\n1,2026-09-30\n", refused="none of its"),
    Case("bytes at random", "jsonl", lambda: bytes(range(256)) * 64, refused="is not utf-8"),
)
