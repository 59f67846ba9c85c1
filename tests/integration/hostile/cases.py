"""What a case is, and good rows to put around what is bad."""

import json
from collections.abc import Callable
from dataclasses import dataclass

GOOD = 12
HEAD = "id,received,day,area,drug,rank,text"


@dataclass(frozen=True)
class Case:
    """One file.

    Attributes:
        format: format of the description it is read by: csv, jsonl, xlsx or parquet.
        make: gives its bytes; big ones are made only when they are needed.
        accepted: rows that must be stored.
        held_back: rows that must be in quarantine, each with a reason.
        refused: words of the reason for which the whole file is refused, empty: it is not.
        is_bomb: it unpacks to far more than it is, and memory is watched.
    """

    name: str
    format: str
    make: Callable[[], bytes]
    accepted: int = 0
    held_back: int = 0
    refused: str = ""
    is_bomb: bool = False


def line(number: int, *, day: str = "2026-09-30", text: str = "found drowsy", **other: str) -> str:
    """Give one good row as CSV, with some cells changed."""
    cells = {"area": "E06000002", "drug": "heroin", "rank": "1"} | other
    return (
        f"{other.get('id', f'D{number}')},2026-10-01T09:00:00Z,{day},"
        f"{cells['area']},{cells['drug']},{cells['rank']},{text}"
    )


def lines(*changed: str, head: str = HEAD, good: int = GOOD) -> list[str]:
    """Give a heading, good rows, and the changed ones behind them."""
    return [head, *(line(number) for number in range(good)), *changed]


def plain(*changed: str, end: str = "\n", encoding: str = "utf-8") -> bytes:
    """Give a whole CSV file of good rows and changed ones."""
    return (end.join(lines(*changed)) + end).encode(encoding)


def report(number: int, **changes: object) -> dict[str, object]:
    """Give one good row as an object of JSON Lines."""
    return {
        "id": f"D{number}",
        "received": "2026-10-01T09:00:00Z",
        "day": "2026-09-30",
        "area": "E06000002",
        "drugs": [{"name": "heroin"}],
        "rank": 1,
        "text": "found drowsy",
    } | changes


def objects(*changed: str, good: int = GOOD) -> bytes:
    """Give a whole JSON Lines file of good rows and changed lines."""
    rows = [json.dumps(report(number)) for number in range(good)]
    return ("\n".join([*rows, *changed]) + "\n").encode()
