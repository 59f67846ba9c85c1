"""CSV files: encodings, line ends, quotation marks, spreadsheets' habits, sizes."""

from tests.integration.hostile.cases import GOOD, HEAD, Case, line, lines, plain

_LONG = "x" * (10 << 20)


def _row(name: str, row: str, *, holds_back: bool) -> Case:
    return Case(
        name,
        "csv",
        lambda: plain(row),
        accepted=GOOD + (not holds_back),
        held_back=int(holds_back),
    )


_ENCODINGS = (
    Case("a byte-order mark of UTF-8", "csv", lambda: plain(encoding="utf-8-sig"), GOOD),
    Case(
        "UTF-16 that the description calls UTF-8",
        "csv",
        lambda: plain(encoding="utf-16"),
        refused="UTF-16",
    ),
    Case(
        "UTF-16 without a mark",
        "csv",
        lambda: plain(encoding="utf-16-le"),
        refused="missing|NUL|UTF-16",
    ),
    Case(
        "Latin-1 that the description calls UTF-8",
        "csv",
        lambda: plain(line(99, text="café"), encoding="latin-1"),
        refused="line 14.*is not utf-8",
    ),
    Case(
        "curly quotation marks of Windows",
        "csv",
        lambda: plain(line(99, text="\u201cfound\u201d"), encoding="cp1252"),
        refused="is not utf-8",
    ),
    Case(
        "cut in the middle of a letter",
        "csv",
        lambda: plain(line(99, text="caf\u00e9"))[:-2],
        refused="is not utf-8",
    ),
    Case("a file of NUL bytes", "csv", lambda: b"\0" * 4096, refused="empty|NUL"),
    Case(
        "half-written, the rest NUL bytes",
        "csv",
        lambda: plain() + b"\0" * 4096,
        accepted=GOOD,
        held_back=1,
    ),
)
_LINES = (
    Case("line ends of Windows", "csv", lambda: plain(end="\r\n"), GOOD),
    Case("line ends of an old Macintosh", "csv", lambda: plain(end="\r"), GOOD),
    Case(
        "mixed line ends",
        "csv",
        lambda: "\r\n".join(lines()[:5]).encode() + b"\n" + "\n".join(lines()[5:]).encode(),
        accepted=GOOD,
    ),
    Case("no line end at the end", "csv", lambda: plain()[:-1], GOOD),
    Case(
        "blank lines between the rows",
        "csv",
        lambda: "\n\n\n".join(lines()).encode(),
        accepted=GOOD,
    ),
    Case("nothing at all", "csv", lambda: b"", refused="empty"),
    Case("only blank lines", "csv", lambda: b"\n\n \n", refused="empty"),
    Case("only headings", "csv", lambda: HEAD.encode() + b"\n", refused="the batch has rows"),
    Case("a web page", "csv", lambda: b"<!doctype html>\n<p>Log in", refused="missing"),
)
_QUOTES = (
    _row("a line end inside quotation marks", line(99, text='"two\r\nlines"'), holds_back=False),
    _row("a comma inside quotation marks", line(99, text='"a, b"'), holds_back=False),
    _row("a doubled quotation mark", line(99, text='"said ""ice"""'), holds_back=False),
    Case(
        "a quotation mark left open",
        "csv",
        lambda: plain(line(99, text='"no end')),
        refused="quotation mark",
    ),
    Case(
        "text behind a closing quotation mark",
        "csv",
        lambda: plain(line(99, text='"a" b')),
        refused="quotation mark",
    ),
    _row("a row cut short", "D99,2026-10-01T09:00", holds_back=True),
    _row("a row too long", line(99) + ",more,and more", holds_back=True),
    Case(
        "semicolons instead of commas",
        "csv",
        lambda: plain().replace(b",", b";"),
        refused="semicolon",
    ),
    Case("tabs instead of commas", "csv", lambda: plain().replace(b",", b"\t"), refused="a tab"),
)
_HEADINGS = (
    Case(
        "a heading that is used stands twice",
        "csv",
        lambda: "\n".join([HEAD + ",day", *(f"{row},x" for row in lines()[1:])]).encode(),
        refused="'day' stands more than once",
    ),
    Case(
        "a heading that is not used stands twice",
        "csv",
        lambda: "\n".join([HEAD + ",x,x", *(f"{row},1,2" for row in lines()[1:])]).encode(),
        accepted=GOOD,
    ),
    Case(
        "a heading is gone",
        "csv",
        lambda: plain().replace(b"day", b"date_of_death", 1),
        refused="'day'",
    ),
    Case(
        "twenty thousand columns",
        "csv",
        lambda: "\n".join(
            [HEAD + "," + ",".join(f"c{n}" for n in range(20_000))]
            + [row + "," * 20_000 for row in lines()[1:]]
        ).encode(),
        accepted=GOOD,
    ),
)
_CELLS = (
    _row("a formula", line(99, text='=HYPERLINK("x")'.replace('"', "'")), holds_back=False),
    _row("a formula as its key", line(99, id="@SUM(1)"), holds_back=False),
    _row("a command as a formula", line(99, text="=cmd|' /C calc'!A0"), holds_back=False),
    _row("a cell of 10 MB", line(99, text=_LONG), holds_back=True),
    _row("a key of 10 MB", line(99, id=_LONG), holds_back=True),
    _row("a drug of 10 MB", line(99, drug=_LONG), holds_back=True),
    _row("a NUL byte in a cell", line(99, text="a\0b"), holds_back=True),
    _row("an error of Excel as a day", line(99, day="#REF!"), holds_back=True),
    _row("an error of Excel as a rank", line(99, rank="#N/A"), holds_back=True),
    _row("Excel's number of a day", line(99, day="46295"), holds_back=True),
    _row("a day that does not exist", line(99, day="2026-02-31"), holds_back=True),
    _row("a day of nothing", line(99, day="0000-00-00"), holds_back=True),
    _row("a day of another century", line(99, day="1899-12-31"), holds_back=True),
    _row("a day to come", line(99, day="2126-09-30"), holds_back=True),
    _row("a day beyond all calendars", line(99, day="292277026596-12-04"), holds_back=True),
    _row("a day the American way", line(99, day="09/30/2026"), holds_back=True),
    _row("a number beyond all bounds", line(99, rank="1e400"), holds_back=True),
    _row("a number of 10,000 digits", line(99, rank="9" * 10_000), holds_back=True),
    _row("infinity", line(99, rank="inf"), holds_back=True),
    _row("not a number", line(99, rank="nan"), holds_back=True),
    _row("a whole number too great for a database", line(99, rank=str(2**70)), holds_back=True),
    _row("digits of another script", line(99, rank="\u0663"), holds_back=True),
    _row("text that turns to the left", line(99, text="\u202etfel\u202c"), holds_back=False),
    _row("invisible letters", line(99, text="a\u200bb\ufeffc"), holds_back=False),
    _row("pictures for letters", line(99, text="\U0001f48a\U0001f480"), holds_back=False),
    _row("a lone control sign", line(99, text="a\x07b\x1b[31m"), holds_back=False),
    _row("the drug called NA", line(99, drug="NA"), holds_back=False),
    _row("an area called null", line(99, area="null"), holds_back=False),
    _row("a script as a drug", line(99, drug="<script>alert(1)</script>"), holds_back=False),
    _row("SQL as a key", line(99, id="'; DROP TABLE record; --"), holds_back=False),
)
SEPARATED = (*_ENCODINGS, *_LINES, *_QUOTES, *_HEADINGS, *_CELLS)
