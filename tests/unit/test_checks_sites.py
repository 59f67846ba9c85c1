"""Names of sites: masked wherever they stand for a site, and left where they are a town."""

import json
from pathlib import Path

import pandas as pd
import pytest

from surveillance.checks.sites import Sites, mask_rows, read_sites
from surveillance.domain import SubstanceMention, record_columns
from surveillance.errors import SettingsError

HEADING = "name,kind,alone,aliases,source"
COLUMNS = [column.name for column in record_columns("reaction_report")]


@pytest.fixture(scope="module")
def sites(config_folder: Path) -> Sites:
    return read_sites(config_folder / "sites.csv")


def rows(*narratives: str | None, verbatim: str = "spice") -> pd.DataFrame:
    made = [
        dict.fromkeys(COLUMNS)
        | {
            "row_number": number,
            "narrative": narrative,
            "substances": [SubstanceMention("unknown", verbatim)],
        }
        for number, narrative in enumerate(narratives, start=1)
    ]
    return pd.DataFrame(made, columns=COLUMNS, dtype=object)


@pytest.mark.parametrize("line", ["A House,castle,yes,,us", "A House,prison,perhaps,,us"])
def test_a_list_with_an_unknown_kind_or_mark_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "sites.csv"
    path.write_text(f"{HEADING}\n{line}\n", encoding="utf-8")

    with pytest.raises(SettingsError, match="A House"):
        read_sites(path)


@pytest.mark.parametrize(
    "text",
    [
        "moved from Leeds to York",
        "send help",
        "Pentonville Road",
        "prison. Birmingham hospital",
        "Leedsprison",
        "",
    ],
)
def test_a_town_a_word_or_a_street_is_no_site(sites: Sites, text: str) -> None:
    assert sites.mask(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("on B wing at HMP Leeds, twice", "on B wing at [site removed], twice"),
        ("the jail at Durham", "the [site removed]"),
        ("in Leeds prison and Hull prison", "in [site removed] and [site removed]"),
        ("ex-strangeways", "ex-[site removed]"),
        ("GUY\u2019S MARSH", "[site removed]"),
        ("\u0130 think HMP\nWandsworth", "\u0130 think [site removed]"),
        ("HMP Newbuild Park wing", "[site removed] wing"),
        ("at Elm House approved premises", "at [site removed]"),
    ],
)
def test_a_site_is_masked_with_its_title_and_nothing_else(
    sites: Sites, text: str, left: str
) -> None:
    assert sites.mask(text) == left


def test_an_installation_adds_its_own_sites(tmp_path: Path, config_folder: Path) -> None:
    own = tmp_path / "sites.csv"
    own.write_text(f"{HEADING}\nThe Old Mill,hostel,yes,Mill House,us\n", encoding="utf-8")

    both = read_sites(config_folder / "sites.csv", own)

    assert both.mask("at the old mill, then Mill House") == "at [site removed], then [site removed]"


def test_many_texts_are_masked_at_once_without_mixing_them_up(sites: Sites) -> None:
    texts = ["HMP", "Leeds", None, "", "HMP Leeds", "calm", "HMP Leeds"]

    assert sites.mask_texts(texts) == {4: "[site removed]", 6: "[site removed]"}


def test_a_row_kept_as_json_stays_json(sites: Sites) -> None:
    raw = json.dumps({"note": "HMP\nLeeds", "more": ["Belmarsh", 3], "n": None})

    masked = json.loads(sites.mask_json(raw))

    assert masked == {"note": "[site removed]", "more": ["[site removed]", 3], "n": None}
    assert sites.mask_json("7;Belmarsh;x") == "7;[site removed];x"
    assert sites.mask_json('{"a": 1}') == '{"a": 1}'


def test_rows_keep_their_number_and_lose_the_names_with_a_finding(sites: Sites) -> None:
    given = rows("calm", "HMP Leeds", None, "Belmarsh", verbatim="spice from HMP Hull")

    masked, findings = mask_rows(given, kind="reaction_report", sites=sites)

    assert masked["narrative"].where(masked["narrative"].notna(), None).tolist() == [
        "calm",
        "[site removed]",
        None,
        "[site removed]",
    ]
    assert {one.verbatim for named in masked["substances"] for one in named} == {
        "spice from [site removed]"
    }
    assert findings == (
        "names of sites were removed from narrative in 2 rows (rows 2, 4), kept",
        "names of sites were removed from substances in 4 rows (rows 1, 2, 3, 4), kept",
    )
    assert given["narrative"].tolist()[1] == "HMP Leeds"


def test_rows_without_a_site_are_left_as_they_are(sites: Sites) -> None:
    given = rows("calm", None)

    masked, findings = mask_rows(given, kind="reaction_report", sites=sites)

    assert findings == ()
    pd.testing.assert_frame_equal(masked, given)
