"""Read the body of a request: so many bytes and no more, in so much time, as strict JSON."""

import asyncio
import json
from typing import Any, NoReturn

from starlette.requests import ClientDisconnect, Request

from dews.intake.problems import Problem

MOST_BYTES = 64 * 1024
READ_WITHIN_SECONDS = 20.0
_DEEPEST = 20
_MOST_DIGITS = 18
# Control signs that no text needs; PostgreSQL cannot store the first of them.
_UNWANTED = frozenset(map(chr, (*range(9), 11, 12, *range(14, 32), 127)))


async def read_body(request: Request, *, media_type: str) -> bytes:
    """Read a body of the right type that is not too large.

    A body that says that it is too large is refused unread, another one as soon as it is.

    Raises:
        Problem: type or size are wrong, or the body did not come in time.
    """
    given = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if given != media_type:
        raise Problem(
            "wrong-type",
            415,
            "The body is of another type",
            f"Nothing was read. Send it as {media_type}, in UTF-8 and not compressed.",
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(
            "wrong-type", 415, "The body is compressed", "Nothing was read. Send it as it is."
        )
    stated = request.headers.get("content-length", "0")
    if not stated.isdecimal() or int(stated[:20]) > MOST_BYTES:
        raise _too_large()
    try:
        return await asyncio.wait_for(_read(request), READ_WITHIN_SECONDS)
    except TimeoutError:
        raise Problem(
            "too-slow", 408, "The body did not come in time", "Nothing was stored. Send it again."
        ) from None
    except ClientDisconnect:
        raise Problem("cut-off", 400, "The body was cut off", "Nothing was stored.") from None


async def _read(request: Request) -> bytes:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BYTES:
            raise _too_large()
    return bytes(content)


def _too_large() -> Problem:
    return Problem(
        "too-large",
        413,
        "The body is too large",
        f"Nothing was stored. A report has at most {MOST_BYTES:,} bytes; send one at a time.",
        headers={"Connection": "close"},
    )


def read_json_object(content: bytes) -> dict[str, Any]:
    """Read one JSON object, as strictly as RFC 8259 and I-JSON (RFC 7493) have it.

    Raises:
        Problem: it is none; the message names the place by number, never by content.

    Example:
        >>> read_json_object(b'{"seriousness": "none"}')
        {'seriousness': 'none'}
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_json(f"byte {error.start + 1} is not UTF-8") from None
    try:
        read = json.loads(
            text,
            object_pairs_hook=_without_repeats,
            parse_constant=_refuse_constant,
            parse_float=_refuse_fraction,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _not_json(f"it is not valid JSON at {where}") from None
    except RecursionError:
        raise _not_json(f"it is nested more than {_DEEPEST} deep") from None
    if not isinstance(read, dict):
        raise _not_json("it is not one object in curly brackets")
    _check_texts(read, depth=0)
    return read


def _not_json(why: str) -> Problem:
    return Problem("not-json", 400, "The body is not a JSON object", f"Nothing was stored: {why}.")


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _not_json("an object has the same field twice")
    return made


def _refuse_constant(_name: str) -> NoReturn:
    raise _not_json("NaN and Infinity are no JSON")


def _refuse_fraction(_digits: str) -> NoReturn:
    raise _not_json("no field takes a number with a fraction or an exponent")


def _whole(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise _not_json(f"a number has more than {_MOST_DIGITS} digits")
    return int(digits)


def _check_texts(value: Any, *, depth: int) -> None:
    if depth > _DEEPEST:
        raise _not_json(f"it is nested more than {_DEEPEST} deep")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        for part in value:
            _check_texts(part, depth=depth + 1)
    elif isinstance(value, dict):
        for name, part in value.items():
            _check_text(name)
            _check_texts(part, depth=depth + 1)


def _check_text(text: str) -> None:
    if not _UNWANTED.isdisjoint(text):
        raise _not_json("a text holds a control character other than tab or new line")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _not_json("a text holds half of a surrogate pair") from None
