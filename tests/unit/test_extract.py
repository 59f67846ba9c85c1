"""Texts to mentions, and the scoring of it."""

import gzip
from pathlib import Path

import pytest

from surveillance.errors import InputError
from surveillance.extract import MENTION_COLUMNS, extract
from surveillance.extract.gold import Score, canonical, score_folder
from surveillance.register import Register, SubstanceRegister


@pytest.fixture
def substances(register: Register) -> SubstanceRegister:
    return register.substances


@pytest.mark.parametrize("texts", [[], [""], ["", "no drugs at all"]])
def test_texts_that_name_nothing_give_an_empty_table(
    substances: SubstanceRegister, texts: list[str]
) -> None:
    found = extract(texts, substances)

    assert (len(found), tuple(found.columns)) == (0, MENTION_COLUMNS)


def test_every_mention_is_a_row_in_the_order_of_the_texts(substances: SubstanceRegister) -> None:
    texts = ["skag", "", "no fentanyl; 4-ANPP, heroin", "skag", "Fentanyl and fentanyl"]

    found = extract(texts, substances, first_row=11)

    assert list(zip(found["row"], found["substance_id"], strict=True)) == [
        (11, "heroin"),
        (13, "fentanyl"),
        (13, "4_anpp"),
        (13, "heroin"),
        (14, "heroin"),
        (15, "fentanyl"),
        (15, "fentanyl"),
    ]
    assert found["negated"].tolist() == [False, True, False, False, False, False, False]
    assert found.loc[found["row"] == 11, "group"].tolist() == ["heroin_group"]
    assert found.loc[found["substance_id"] == "4_anpp", "marker_of"].tolist() != [""]


def test_every_mention_quotes_its_text(substances: SubstanceRegister) -> None:
    texts = ["Acute Fentnayl, \u00e9tizolam & O-Desmethyltramadol", "ofHeroin\nno Cocaine"]

    found = extract(texts, substances)

    assert len(found) >= 5
    for row in found.itertuples():
        assert (
            texts[int(str(row.row)) - 1][int(str(row.start)) : int(str(row.end))]
            == row.matched_text
        )


def test_a_name_is_compared_by_its_entry_and_without_its_isomer(
    substances: SubstanceRegister,
) -> None:
    assert canonical("para-fluorofentanyl", substances) == canonical("fluorofentanyl", substances)
    assert canonical("ethanol", substances) == canonical("alcohol", substances)
    assert canonical("quuxonitazene", substances) == "quuxonitazene"


def test_shares_of_nothing_are_whole() -> None:
    nothing = Score(right=0, needless=0, missed=0, whole=0, texts=0)

    assert (nothing.precision, nothing.recall, nothing.whole_share) == (1, 1, 1)


def write_gold(folder: Path) -> None:
    (folder / "gold.csv").write_text(
        "id,stratum,text,substances\n"
        "1,random,Heroin and cocaine toxicity,heroin|cocaine\n"
        "2,rare_token,Remote heroin use,heroin\n"
        "3,rare_token,opiates; ketamine,\n"
        "4,random,para-fluorobutyryl fentanyl/FIBF,para-fluorobutyrylfentanyl/fibf\n",
        encoding="utf-8",
    )
    (folder / "misspellings.csv").write_text(
        "token,canonical,kind\nfentnayl,fentanyl,misspelling\nheroin,fentanyl,misspelling\n"
        "renal,,not_a_drug_name\n",
        encoding="utf-8",
    )
    flags = (
        "id,text,flags,not_tabulated\n"
        "CT1,Heroin toxicity,heroin,xylazine\n"
        "CT2,Xylazine and fentanyl,fentanyl|cocaine,xylazine\n"
    )
    (folder / "gold_ct_flags.csv.gz").write_bytes(gzip.compress(flags.encode()))


def test_a_folder_of_gold_is_scored(tmp_path: Path, substances: SubstanceRegister) -> None:
    write_gold(tmp_path)

    scores = score_folder(tmp_path, substances)

    assert scores.strata["random"] == Score(right=3, needless=0, missed=0, whole=2, texts=2)
    assert scores.strata["rare_token"] == Score(right=0, needless=1, missed=1, whole=0, texts=2)
    assert scores.strata["all"].texts == 4
    assert scores.flags["odd ids"] == Score(right=1, needless=0, missed=0, whole=1, texts=1)
    assert scores.flags["even ids"] == Score(right=1, needless=0, missed=1, whole=0, texts=1)
    kinds = {one.kind: (one.right, one.wrong, one.words) for one in scores.spellings}
    assert kinds == {"misspelling": (1, 1, 2), "not_a_drug_name": (1, 0, 1)}
    assert [error[1:] for error in scores.errors] == [((), ("heroin",)), (("ketamine",), ())]


@pytest.mark.parametrize("name", ["gold.csv", "misspellings.csv", "gold_ct_flags.csv.gz"])
def test_a_missing_file_of_gold_is_named(
    tmp_path: Path, substances: SubstanceRegister, name: str
) -> None:
    write_gold(tmp_path)
    (tmp_path / name).unlink()

    with pytest.raises(InputError, match=name):
        score_folder(tmp_path, substances)


def test_a_missing_column_of_gold_is_named(tmp_path: Path, substances: SubstanceRegister) -> None:
    write_gold(tmp_path)
    (tmp_path / "gold.csv").write_text("id,text\n1,heroin\n", encoding="utf-8")

    with pytest.raises(InputError, match="no column 'substances'"):
        score_folder(tmp_path, substances)
