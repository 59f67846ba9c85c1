"""A source's own pseudonym of a person becomes a keyed hash before anything else sees it.

The hash is HMAC-SHA256 with a key that lies outside the warehouse, so that nobody who holds the
stored rows can try out numbers and find the person. The same pseudonym of the same scheme always
gives the same hash under the same key; without a key nothing of it is kept.
"""

import hmac
import json
from dataclasses import replace
from hashlib import sha256

from surveillance.domain import RejectedRow
from surveillance.feeds.rules import PersonRule
from surveillance.feeds.table import Table, objects, raw_json
from surveillance.feeds.values import by_distinct

REMOVED = "[pseudonym removed]"
WITHHELD = "[row withheld: it may hold a person's pseudonym]"
_LENGTH = 32
# Letters alone: no run of digits can be taken for a number of another kind.
_LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")


def person_key(pseudonym: str, *, scheme: str, key: bytes) -> str:
    """Hash a pseudonym: 32 letters of HMAC-SHA256 over scheme and pseudonym.

    Example:
        >>> person_key("P-1", scheme="clinic", key=b"k" * 32)
        'cpnbhbecplhddkblfmmgohkjihjakggn'
    """
    digest = hmac.new(key, f"{scheme}\x1f{pseudonym}".encode(), sha256)
    return digest.hexdigest()[:_LENGTH].translate(_LETTERS)


def hide_persons(
    table: Table, rule: PersonRule, *, key: bytes | None
) -> tuple[Table, tuple[str, ...]]:
    """Give a table whose pseudonyms are hashes, in the column and in the rows as they stood.

    Rows that are no rows may hold a pseudonym anywhere, so that their text is withheld.

    Args:
        table: the source's rows.
        rule: the column and its scheme.
        key: the secret; None: the column is emptied.

    Returns:
        The table, and a finding where there is no key.
    """
    if rule.column not in table.columns:
        return table, ()
    texts = table.texts(rule.column)

    def hidden(text: str) -> str:
        return person_key(text, scheme=rule.scheme, key=key) if text and key else ""

    hashes = by_distinct(texts, hidden)
    given = (texts != "").to_numpy()
    raw = [
        _without(one, rule.column, hidden=found or REMOVED) if there else one
        for one, found, there in zip(table.raw, hashes, given, strict=True)
    ]
    shown = replace(
        table,
        by_column={**table.by_column, rule.column: hashes},
        raw=objects(raw),
        broken=tuple(RejectedRow(row.row_number, WITHHELD, row.reasons) for row in table.broken),
    )
    if key is not None or not given.any():
        return shown, ()
    return shown, (
        f"person_key: no key for pseudonyms is set, so that {given.sum():,} of {len(table):,} rows "
        "were stored without; set DEWS_PSEUDONYM_KEY_FILE (docs/privacy.md)",
    )


def _without(raw: str, column: str, *, hidden: str) -> str:
    """Put the hash in the place of the pseudonym in a row kept as JSON."""
    row = json.loads(raw)
    if not isinstance(row, dict) or column not in row:
        return WITHHELD
    return raw_json({**row, column: hidden})
