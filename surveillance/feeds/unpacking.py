"""Takes the wrapping off a file: gzip, zip, and the encoding of its text.

What the wrapping is, the first bytes say, never the name.
"""

import codecs
import gzip
import io
import zipfile
import zlib
from fnmatch import fnmatch

from surveillance.errors import RejectedBatch
from surveillance.feeds.rules import SourceRules

GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
_ENCRYPTED = 0x1
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def unpack(content: bytes, source: SourceRules) -> bytes:
    """Give the file inside gzip or zip; a workbook, itself a zip, stays as it is.

    Raises:
        RejectedBatch: the file is empty, cut short or damaged, or the zip does not hold
            exactly one file that fits.
    """
    if content.startswith(GZIP_MAGIC):
        content = _gunzip(content)
    if content.startswith(ZIP_MAGIC) and source.format != "xlsx":
        content = _unzip(content, source.member)
    if not content.strip():
        raise RejectedBatch("the file is empty.")
    return content


def _gunzip(content: bytes) -> bytes:
    try:
        return gzip.decompress(content)
    except EOFError as error:
        raise RejectedBatch(
            "the gzip file is cut short: it ends before its end mark. Fetch it again."
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise RejectedBatch(f"the gzip file is damaged: {error}. Fetch it again.") from error


def _unzip(content: bytes, member: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = [entry for entry in archive.infolist() if not entry.is_dir()]
            fitting = [entry for entry in files if fnmatch(entry.filename, member)]
            if len(fitting) != 1:
                names = ", ".join(entry.filename for entry in files) or "nothing"
                raise RejectedBatch(
                    f"{len(fitting)} files in the zip fit source.member = {member!r}, and it must "
                    f"be one. The zip holds: {names}. Name the one in the description."
                )
            if fitting[0].flag_bits & _ENCRYPTED:
                raise RejectedBatch("the zip is locked with a password. Ask for an open one.")
            return archive.read(fitting[0])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise RejectedBatch(f"the zip file is damaged: {error}. Fetch it again.") from error


def decode(content: bytes, encoding: str) -> str:
    """Give the text; a UTF-8 byte-order mark in front is dropped.

    Raises:
        RejectedBatch: the bytes are not of that encoding; says at which byte and line.
    """
    if content.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    elif content.startswith(_WIDE_MARKS) and not encoding.casefold().startswith("utf-16"):
        raise RejectedBatch(
            f"the file begins with the mark of UTF-16, and the description says {encoding}. "
            "Set source.encoding to 'utf-16'."
        )
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RejectedBatch(
            f"byte {error.start:,} (line {line:,}) is not {encoding}. If the file is right, set "
            "source.encoding, for example to 'cp1252'."
        ) from error
