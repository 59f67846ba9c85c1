"""Reaction terms of our own, free of licence.

The columns for MedDRA and SNOMED CT codes are empty here; who holds a licence fills them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from surveillance.errors import InputError, SettingsError
from surveillance.register.names import squeeze
from surveillance.register.tables import read_table, split_list

_COLUMNS = ("code", "term", "system", "synonyms", "icd10", "meddra_code", "snomed_code")


@dataclass(frozen=True)
class Reaction:
    """One reaction term.

    Attributes:
        code: our own code, lower case with underscores.
        term: the preferred term.
        system: the body system or kind of harm it belongs to.
        synonyms: other words for it.
        icd10: the nearest ICD-10 code, or empty.
        meddra_code: empty unless a licensed user filled it.
        snomed_code: empty unless a licensed user filled it.
    """

    code: str
    term: str
    system: str
    synonyms: tuple[str, ...]
    icd10: str = ""
    meddra_code: str = ""
    snomed_code: str = ""


@dataclass(frozen=True)
class ReactionRegister:
    """Reaction terms by code and by name."""

    by_code: Mapping[str, Reaction]
    by_name: Mapping[str, str]

    def get(self, code: str) -> Reaction:
        """Give the reaction with this code.

        Raises:
            InputError: the register has no such code.
        """
        if code not in self.by_code:
            raise InputError(
                f"No reaction {code!r} in the register. Codes are listed in config/reactions.csv."
            )
        return self.by_code[code]

    def resolve_name(self, text: str) -> str | None:
        """Find the code of a whole cell that is one code, term or synonym; None if unknown."""
        return self.by_name.get(squeeze(text))

    def all(self) -> tuple[Reaction, ...]:
        """List the reactions in the order of the table."""
        return tuple(self.by_code.values())


def load_reactions(path: Path) -> ReactionRegister:
    """Read the reaction terms.

    Raises:
        SettingsError: a code, or a name after folding, stands twice.
    """
    by_code: dict[str, Reaction] = {}
    by_name: dict[str, str] = {}
    for row in read_table(path, columns=_COLUMNS):
        reaction = Reaction(
            code=row["code"],
            term=row["term"],
            system=row["system"],
            synonyms=split_list(row["synonyms"]),
            icd10=row["icd10"],
            meddra_code=row["meddra_code"],
            snomed_code=row["snomed_code"],
        )
        by_code[reaction.code] = reaction
        for name in {squeeze(n) for n in (reaction.code, reaction.term, *reaction.synonyms)}:
            if name in by_name:
                raise SettingsError(
                    f"{path.name}: {name!r} is a name of both {by_name[name]!r} and "
                    f"{reaction.code!r}. Nothing was loaded. Keep it at one of them."
                )
            by_name[name] = reaction.code
    return ReactionRegister(by_code=by_code, by_name=by_name)
