"""Bytes become text block by block, and text becomes lines, whatever the file's size."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass

from surveillance.errors import RejectedBatch

_BLOCK_BYTES = 1 << 20
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Signs that are kept of a row that is too long to be kept itself.
BEGINNING = 80


@dataclass(frozen=True)
class Overlong:
    """What is left of a line that is longer than a line may be."""

    beginning: str
    characters: int


def decoded(stream: io.BufferedReader, encoding: str) -> Iterator[str]:
    """Give the text in blocks; a UTF-8 byte-order mark in front is dropped.

    Raises:
        RejectedBatch: the bytes are not of that encoding; says at which byte and line.
    """
    encoding = _by_its_mark(stream, encoding)
    decoder = codecs.getincrementaldecoder(encoding)()
    fed = lines = 0
    is_open = True
    while is_open:
        block = stream.read(_BLOCK_BYTES)
        is_open = bool(block)
        pending = len(decoder.getstate()[0])
        try:
            yield decoder.decode(block, final=not is_open)
        except UnicodeDecodeError as error:
            at = fed - pending + error.start
            line = lines + error.object.count(b"\n", 0, error.start) + 1
            raise RejectedBatch(
                f"byte {at:,} (line {line:,}) is not {encoding}. If the file is right, set "
                "source.encoding, for example to 'cp1252'."
            ) from error
        fed += len(block)
        lines += block.count(b"\n")


def _by_its_mark(stream: io.BufferedReader, encoding: str) -> str:
    beginning = stream.peek(len(codecs.BOM_UTF8))
    if beginning.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if beginning.startswith(_WIDE_MARKS) and not encoding.casefold().startswith("utf-16"):
        raise RejectedBatch(
            f"the file begins with the mark of UTF-16, and the description says {encoding}. "
            "Set source.encoding to 'utf-16'."
        )
    return encoding


def lines_of(blocks: Iterator[str], *, longest: int) -> Iterator[str | Overlong]:
    r"""Give the lines that a line feed ends, without it.

    Nothing else ends a line: JSON text may hold the other separators that ``splitlines``
    obeys. Of a line with more than ``longest`` signs only its beginning is kept.

    Example:
        >>> list(lines_of(iter(["a\nb", "c\n", "d"]), longest=9))
        ['a', 'bc', 'd']
    """
    rest, lost = "", 0
    for block in blocks:
        *whole, rest = (rest + block).split("\n")
        for line in whole:
            yield _bounded(line, lost, longest)
            lost = 0
        if len(rest) > longest:
            # Only the length of what is dropped here is remembered.
            lost += len(rest) - longest - 1
            rest = rest[: longest + 1]
    if rest:
        yield _bounded(rest, lost, longest)


def _bounded(line: str, lost: int, longest: int) -> str | Overlong:
    if len(line) + lost <= longest:
        return line
    return Overlong(line[:BEGINNING], len(line) + lost)


def csv_lines(blocks: Iterator[str], *, longest: int) -> Iterator[str]:
    r"""Give the lines that any mark of a line's end ends, with it, as a reader of CSV wants.

    Raises:
        RejectedBatch: a line has more than ``longest`` signs.

    Example:
        >>> list(csv_lines(iter(["a\r", "\nb\rc", "\n"]), longest=9))
        ['a\r\n', 'b\r', 'c\n']
    """
    rest = ""
    for block in blocks:
        text = rest + block
        # A carriage return at the very end may be the first half of a pair.
        end = max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1
        rest = text[end:]
        yield from io.StringIO(text[:end], newline="")
        if len(rest) > longest:
            raise RejectedBatch(
                f"a line has more than {longest:,} signs. The delimiter, a quotation mark left "
                "open, or the format is probably wrong. Ask the feed's owner for the file again."
            )
    if rest:
        yield rest
