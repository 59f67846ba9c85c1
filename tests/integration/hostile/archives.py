"""Wrapped files: cut, nested, locked, with tricks in their names, and bombs."""

import gzip
import io
import stat
import zipfile

from tests.integration.hostile.cases import GOOD, Case, plain

_GIB = 1 << 30
_CHUNK = b"0" * (1 << 20)


def zipped(members: dict[str, bytes], *, level: int = 6) -> bytes:
    """Give a zip of the members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def _gzip_bomb() -> bytes:
    # Members of a gzip follow each other, so that one mebibyte need be packed only once.
    return gzip.compress(plain()) + gzip.compress(_CHUNK) * (4 * _GIB // len(_CHUNK))


def _zip_bomb() -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("deaths.csv", "w", force_zip64=True) as member,
    ):
        member.write(plain())
        for _ in range(2 * _GIB // len(_CHUNK)):
            member.write(_CHUNK)
    return target.getvalue()


def _with_a_lie_about_its_size() -> bytes:
    content = bytearray(zipped({"deaths.csv": plain()}))
    size = len(plain()).to_bytes(4, "little")
    return bytes(content).replace(size, (7).to_bytes(4, "little"))


def _symlink() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        entry = zipfile.ZipInfo("deaths.csv")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return target.getvalue()


def _locked() -> bytes:
    content = bytearray(zipped({"deaths.csv": plain()}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


ARCHIVES = (
    Case("a good gzip", "csv", lambda: gzip.compress(plain()), GOOD),
    Case("a gzip cut short", "csv", lambda: gzip.compress(plain())[:-20], refused="cut short"),
    Case(
        "a gzip with a flipped bit",
        "csv",
        lambda: (lambda data: data[:40] + bytes([data[40] ^ 255]) + data[41:])(
            gzip.compress(plain())
        ),
        refused="damaged|cut short",
    ),
    Case(
        "rubbish behind a gzip",
        "csv",
        lambda: gzip.compress(plain()) + b"rubbish",
        refused="damaged",
    ),
    Case(
        "two gzips in a row",
        "csv",
        lambda: gzip.compress(plain()[:200]) + gzip.compress(plain()[200:]),
        GOOD,
    ),
    Case(
        "a gzip in a gzip",
        "csv",
        lambda: gzip.compress(gzip.compress(plain())),
        refused="utf-8|packed twice",
    ),
    Case("a gzip of nothing", "csv", lambda: gzip.compress(b""), refused="empty"),
    Case("a gzip bomb", "csv", _gzip_bomb, refused="unpack", is_bomb=True),
    Case("a good zip", "csv", lambda: zipped({"deaths.csv": plain()}), GOOD),
    Case(
        "a zip cut short", "csv", lambda: zipped({"deaths.csv": plain()})[:-30], refused="damaged"
    ),
    Case("a zip of nothing", "csv", lambda: zipped({}), refused="holds|empty|utf-8|damaged"),
    Case(
        "a zip of two files",
        "csv",
        lambda: zipped({"a.csv": plain(), "b.csv": plain()}),
        refused="2 files in the zip",
    ),
    Case(
        "a zip in a zip",
        "csv",
        lambda: zipped({"a.zip": zipped({"a.csv": plain()})}),
        refused="utf-8|packed twice",
    ),
    Case(
        "a zip that climbs out of its folder",
        "csv",
        lambda: zipped({"../../../etc/cron.d/x": plain()}),
        GOOD,
    ),
    Case("a zip with an absolute path", "csv", lambda: zipped({"/etc/passwd": plain()}), GOOD),
    Case("a zip of a link", "csv", _symlink, refused="link"),
    Case("a zip with a password", "csv", _locked, refused="password"),
    Case("a zip that lies about its size", "csv", _with_a_lie_about_its_size, refused="damaged"),
    Case("a zip bomb", "csv", _zip_bomb, refused="unpack", is_bomb=True),
)
