"""Find and remove what names a person in free text.

It knows NHS and CHI numbers, full UK postcodes, e-mail addresses, UK telephone numbers and
dates of birth that are called so. It does not know names or addresses: the source must
remove those. A finding says the kind of identifier, never the value.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

NHS_NUMBER = "NHS number"
_BIRTH = "date of birth"

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = (
    r"(?:\d{1,4}[-./ ]\d{1,2}[-./ ]\d{1,4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?[-./ ]{{1,2}}(?:of )?{_MONTH}[-./, ]{{1,2}}\d{{2,4}}"
    rf"|{_MONTH}[- ]\d{{1,2}}(?:st|nd|rd|th)?[-., ]{{1,2}}\d{{2,4}}|(?<!\d)\d{{8}}(?!\d))"
)
_BORN = r"(?<![a-z])(?:d\.? ?o\.? ?b(?![a-z])\.?|date[ _]of[ _]birth|birth[ _]?date|born(?: on)?)"
_BORN_KEY = re.compile(_BORN, re.IGNORECASE)
_ONLY_DATE = re.compile(rf"\s*{_DATE}", re.IGNORECASE)

# Units and ordinals that read like the second half of a postcode: "bed B12 2nd floor".
_NOT_INWARD = r"(?-i:(?!\d(?:st|nd|rd|th|hr|yr|lb)\b))"
_POSTCODE_AREA = (
    r"(?:A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|"
    r"I[GMPV]|JE|K[ATWY]|L[ADELNSU]?|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|"
    r"S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE)"
)
# Whole UK numbers only, in the groups people write, so that two dates side by side are none.
_TELEPHONE = (
    r"(?:(?:\+|\b00)44[ -]?(?:\(0\)[ -]?)?|(?<!\d)\(?0)[1-3579](?:"
    r"\d\)?[ -]?\d{4}[ -]?\d{4}|\d{2}\)?[ -]?\d{3}[ -]?\d{4}|\d{3}\)?[ -]?\d{3}[ -]?\d{3})(?!\d)"
)

# In order: a date of birth may hold what else would look like a number of another kind.
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (_BIRTH, rf"{_BORN}[^0-9a-z]{{0,6}}{_DATE}|{_DATE}[^0-9a-z]{{0,4}}{_BORN}(?![a-z])"),
        ("e-mail address", r"[a-z0-9._%+'-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"),
        (NHS_NUMBER, r"(?<![\d.])\d{3}[\s-]{0,2}\d{3}[\s-]{0,2}\d{4}(?![\d]|\.\d)"),
        ("telephone number", _TELEPHONE),
        (
            "postcode",
            rf"(?<![a-z0-9]){_POSTCODE_AREA}\d[a-z\d]?[\s-]{{0,2}}"
            rf"{_NOT_INWARD}\d[abd-hjlnp-uw-z]{{2}}(?![a-z0-9])",
        ),
    )
)
# What every identifier holds at least. It is much faster than the patterns themselves, and
# few texts hold it. The one sign in front lets the search skip all others.
_MAY_IDENTIFY = re.compile(
    r"[@\dBbDd](?:(?<=@)"
    r"|(?<=\d)(?:(?:[\s()-]{0,7}\d){9}|[A-Za-z\d]?[\s-]{0,2}\d[A-Za-z]{2}(?![A-Za-z\d]))"
    r"|(?<=[Bb])(?:[Oo][Rr][Nn]|[Ii][Rr][Tt][Hh])|(?<=[Dd])\.? ?[Oo]\.? ?[Bb])"
)
_NHS_WEIGHTS = range(10, 1, -1)


def find_identifiers(text: str) -> tuple[str, ...]:
    """List the kinds of identifier a text holds, each once.

    Example:
        >>> find_identifiers("seen with 943 476 5919, ring 020 7946 0000")
        ('NHS number', 'telephone number')
        >>> find_identifiers("took 2 tablets at 23:00 on 01-02-2016")
        ()
    """
    if _MAY_IDENTIFY.search(text) is None:
        return ()
    return tuple(
        kind
        for kind, pattern in _PATTERNS
        if any(_is_identifier(kind, match[0]) for match in pattern.finditer(text))
    )


def mask_identifiers(text: str) -> str:
    """Put ``[<kind> removed]`` in the place of every identifier of a text.

    Example:
        >>> mask_identifiers("NHS 943-476-5919, born 1 May 1980")
        'NHS [NHS number removed], [date of birth removed]'
    """
    if _MAY_IDENTIFY.search(text) is None:
        return text
    for kind, pattern in _PATTERNS:
        text = _mask_kind(text, kind=kind, pattern=pattern)
    return text


def mask_row(raw: str) -> str:
    """Mask the identifiers of a row kept as JSON; what was JSON stays JSON.

    Values are masked one by one, for JSON may write a space or a line break as an escape
    that no pattern would know. Text that is not JSON is masked as it stands.
    """
    try:
        row = json.loads(raw)
    except ValueError:
        return mask_identifiers(raw)
    return json.dumps(_mask_value(row, key=""), ensure_ascii=False)


def find_in_texts(texts: Iterable[str | None]) -> dict[int, tuple[str, ...]]:
    """Find identifiers in many texts.

    Returns:
        Place of the text -> kinds found; texts without any are absent.
    """
    given = list(texts)
    distinct = [text for text in dict.fromkeys(given) if isinstance(text, str)]
    ends = list(accumulate(len(text) + 1 for text in distinct))
    # One scan over all texts at once: calling the pattern for each text costs ten times more.
    suspects = {
        bisect_right(ends, hit.start()) for hit in _MAY_IDENTIFY.finditer("\0".join(distinct))
    }
    found = {
        distinct[number]: kinds
        for number in suspects
        if (kinds := find_identifiers(distinct[number]))
    }
    if not found:
        return {}
    return {place: found[text] for place, text in enumerate(given) if text in found}


def keys_like_nhs_numbers(keys: Sequence[str | None]) -> tuple[list[int], list[int]]:
    """Give the places of record keys with ten digits, and of those that pass modulus 11.

    What they are is judged of all keys of a batch together: one in eleven serial numbers
    passes by chance.
    """
    ten_digits = {
        place: match[0]
        for place, key in enumerate(keys)
        if isinstance(key, str) and (match := _PATTERN_OF[NHS_NUMBER].search(key))
    }
    passing = [place for place, text in ten_digits.items() if _is_nhs_number(text)]
    return list(ten_digits), passing


_PATTERN_OF = dict(_PATTERNS)


def _mask_kind(text: str, *, kind: str, pattern: re.Pattern[str]) -> str:
    return pattern.sub(
        lambda match: f"[{kind} removed]" if _is_identifier(kind, match[0]) else match[0], text
    )


def _is_identifier(kind: str, found: str) -> bool:
    return kind != NHS_NUMBER or _is_nhs_number(found)


def _is_nhs_number(text: str) -> bool:
    """Check the last digit by modulus 11; ten equal digits are a filler, not a person."""
    digits = [int(character) for character in text if character.isdigit()]
    if len(set(digits)) == 1:
        return False
    total = sum(weight * digit for weight, digit in zip(_NHS_WEIGHTS, digits, strict=False))
    return (11 - total % 11) % 11 == digits[-1]


def _mask_value(value: Any, *, key: str) -> Any:
    if isinstance(value, dict):
        return {name: _mask_value(part, key=str(name)) for name, part in value.items()}
    if isinstance(value, list):
        return [_mask_value(part, key=key) for part in value]
    if not isinstance(value, str | int) or isinstance(value, bool):
        return value
    text = str(value)
    if _BORN_KEY.search(key) and _ONLY_DATE.match(text):
        return f"[{_BIRTH} removed]"
    masked = mask_identifiers(text)
    return value if masked == text else masked
