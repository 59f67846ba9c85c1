"""Takes the wrapping off a file as it is read: gzip and zip, bounded in what they may grow to.

What the wrapping is, the first bytes say, never the name. Nothing is held in memory but the
block under way.
"""

import gzip
import io
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from fnmatch import fnmatch
from lzma import LZMAError
from typing import IO, TYPE_CHECKING

from surveillance.errors import RejectedBatch
from surveillance.feeds.limits import Limits
from surveillance.feeds.rules import SourceRules

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
EMPTY = "the file is empty."
_ENCRYPTED = 0x1
_BLOCK_BYTES = 1 << 18
_NAMES_SHOWN = 20
_GZIP_FAULTS = (EOFError, gzip.BadGzipFile, zlib.error)
_ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, LZMAError)
# The reader of Parquet jumps about in the file, so that it cannot be read from a stream.
_JUMPING = ("xlsx", "parquet")


@contextmanager
def unpacked(
    file: io.BufferedReader, source: SourceRules, limits: Limits
) -> Iterator[io.BufferedReader]:
    """Open what is inside gzip or zip; a workbook, itself a zip, stays as it is.

    Args:
        file: the kept bytes.
        source: which member of a zip is meant, and the format of what is inside.
        limits: how far it may grow.

    Raises:
        RejectedBatch: the file is empty, cut short or damaged, grows beyond the limits, or
            the zip does not hold exactly one file that fits. Also raised while it is read.
    """
    packed_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    if packed_bytes > limits.most_unpacked_bytes:
        raise RejectedBatch(_too_large(limits))
    with ExitStack() as stack:
        stream = file
        if _begins(stream, GZIP_MAGIC):
            inside = stack.enter_context(gzip.GzipFile(fileobj=file, mode="rb"))
            stream = _Bounded.open(inside, packed_bytes, limits, judge=_gzip_fault)
            if source.format in _JUMPING or _begins(stream, ZIP_MAGIC):
                stream = stack.enter_context(_on_disk(stream))
        if _begins(stream, ZIP_MAGIC) and source.format != "xlsx":
            stream = stack.enter_context(_unzipped(stream, source, packed_bytes, limits=limits))
            if source.format in _JUMPING:
                stream = stack.enter_context(_on_disk(stream))
        if not stream.peek(1):
            raise RejectedBatch(EMPTY)
        yield stream


def _begins(stream: io.BufferedReader, magic: bytes) -> bool:
    return stream.peek(len(magic)).startswith(magic)


@contextmanager
def _on_disk(stream: io.BufferedReader) -> Iterator[io.BufferedReader]:
    """Copy a stream to a file that nobody else sees and that is gone afterwards."""
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy, _BLOCK_BYTES)
        copy.seek(0)
        yield io.BufferedReader(copy)


class _Bounded(io.RawIOBase):
    """A packed stream that is unpacked as it is read, and refused when it grows too far."""

    def __init__(
        self,
        inside: IO[bytes] | gzip.GzipFile,
        packed_bytes: int,
        limits: Limits,
        judge: Callable[[Exception], RejectedBatch | None],
    ) -> None:
        self._inside = inside
        self._packed_bytes = packed_bytes
        self._limits = limits
        self._judge = judge
        self._given = 0

    @classmethod
    def open(
        cls,
        inside: IO[bytes] | gzip.GzipFile,
        packed_bytes: int,
        limits: Limits,
        *,
        judge: Callable[[Exception], RejectedBatch | None],
    ) -> io.BufferedReader:
        return io.BufferedReader(cls(inside, packed_bytes, limits, judge), _BLOCK_BYTES)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        try:
            block = self._inside.read(len(view))
        except (*_ZIP_FAULTS, OSError) as error:
            fault = self._judge(error)
            if fault is None:
                raise
            raise fault from error
        self._given += len(block)
        refuse_growth(self._given, packed_bytes=self._packed_bytes, limits=self._limits)
        view[: len(block)] = block
        return len(block)


def refuse_growth(unpacked_bytes: int, *, packed_bytes: int, limits: Limits) -> None:
    """Refuse a file that is larger, or grows further when it is unpacked, than a file may.

    Raises:
        RejectedBatch: it does; the message names the bound.
    """
    if unpacked_bytes > limits.most_unpacked_bytes:
        raise RejectedBatch(_too_large(limits))
    grown = unpacked_bytes > limits.expansion_free_bytes
    if grown and unpacked_bytes > limits.most_expansion * packed_bytes:
        raise RejectedBatch(
            f"unpacked it grows to more than {limits.most_expansion:,} times its size, as files do "
            "that are made to fill a disk. Reading stopped there. Ask the feed's owner; if the "
            "file is right, raise DEWS_MOST_EXPANSION."
        )


def _too_large(limits: Limits) -> str:
    return (
        f"it holds more than {limits.most_unpacked_bytes:,} bytes, unpacked. Reading stopped "
        "there. Ask the feed's owner for smaller files, or raise DEWS_MOST_UNPACKED_MB."
    )


def _gzip_fault(error: Exception) -> RejectedBatch | None:
    if isinstance(error, EOFError):
        return RejectedBatch(
            "the gzip file is cut short: it ends before its end mark. Fetch it again."
        )
    if isinstance(error, _GZIP_FAULTS):
        return RejectedBatch(f"the gzip file is damaged: {error}. Fetch it again.")
    return None


def _zip_fault(error: Exception) -> RejectedBatch | None:
    # bz2 tells of damage by an OSError without a number; one with a number is the disk's.
    if isinstance(error, OSError) and error.errno is not None:
        return None
    return RejectedBatch(f"the zip file is damaged: {error}. Fetch it again.")


@contextmanager
def _unzipped(
    stream: io.BufferedReader, source: SourceRules, packed_bytes: int, *, limits: Limits
) -> Iterator[io.BufferedReader]:
    with ExitStack() as stack:
        try:
            archive = stack.enter_context(zipfile.ZipFile(stream))
            entry = _fitting(archive, source.member)
            inside = stack.enter_context(archive.open(entry))
        except _ZIP_FAULTS as error:
            raise RejectedBatch(f"the zip file is damaged: {error}. Fetch it again.") from error
        refuse_growth(entry.file_size, packed_bytes=packed_bytes, limits=limits)
        yield _Bounded.open(inside, packed_bytes, limits, judge=_zip_fault)


def _fitting(archive: zipfile.ZipFile, member: str) -> zipfile.ZipInfo:
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    fitting = [entry for entry in files if fnmatch(entry.filename, member)]
    if len(fitting) != 1:
        names = ", ".join(entry.filename for entry in files[:_NAMES_SHOWN]) or "nothing"
        more = len(files) - _NAMES_SHOWN
        raise RejectedBatch(
            f"{len(fitting)} files in the zip fit source.member = {member!r}, and it must "
            f"be one. The zip holds: {names}{f' and {more:,} more' if more > 0 else ''}. Name "
            "the one in the description."
        )
    if fitting[0].flag_bits & _ENCRYPTED:
        raise RejectedBatch("the zip is locked with a password. Ask for an open one.")
    return fitting[0]
