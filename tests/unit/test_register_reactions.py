"""Reaction terms: our own codes by name."""

from pathlib import Path

import pytest

from surveillance.errors import InputError, SettingsError
from surveillance.register import Register
from surveillance.register.reactions import load_reactions

HEADER = "code,term,system,synonyms,icd10,meddra_code,snomed_code\n"


@pytest.mark.parametrize("text", ["", "\x00", "itchy feet of the third kind"])
def test_a_term_we_do_not_know_is_none(register: Register, text: str) -> None:
    assert register.reactions.resolve_name(text) is None


def test_an_unknown_code_is_an_error_that_says_where_codes_are(register: Register) -> None:
    with pytest.raises(InputError, match=r"config/reactions\.csv"):
        register.reactions.get("no_such_code")


@pytest.mark.parametrize("line", ["coma,Coma,x,FIT,,,\n", "fit,Spasm,x,,,,\n"])
def test_a_name_of_two_terms_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "reactions.csv"
    path.write_text(HEADER + "seizure,Seizure,x,fit,,,\n" + line, encoding="utf-8")

    with pytest.raises(SettingsError, match="name of both 'seizure' and"):
        load_reactions(path)


def test_a_code_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "reactions.csv"
    path.write_text(HEADER + "fit,Fit,x,,,,\nfit,Spasm,x,,,,\n", encoding="utf-8")

    with pytest.raises(SettingsError, match="name of both"):
        load_reactions(path)


@pytest.mark.parametrize("text", ["seizure", "Seizure", "FITTING", "convulsions"])
def test_code_term_and_synonym_lead_to_the_code(register: Register, text: str) -> None:
    assert register.reactions.resolve_name(text) == "seizure"


def test_a_term_carries_its_system_and_the_nearest_icd10_code(register: Register) -> None:
    reaction = register.reactions.get("respiratory_depression")

    assert (reaction.system, reaction.icd10) == ("respiratory", "J96.9")
