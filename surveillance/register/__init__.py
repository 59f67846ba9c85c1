"""What things are called: substances, areas and reactions, each under one id.

The tables lie in ``config/`` and are read once, by :func:`load_register`. Everything here
is a pure look-up: no clock, no network, no database.
"""

from dataclasses import dataclass
from pathlib import Path

from surveillance.register.areas import Area, AreaRegister, load_areas
from surveillance.register.new_names import (
    NewName,
    Relative,
    Saying,
    find_relatives,
    list_new_names,
)
from surveillance.register.reactions import Reaction, ReactionRegister, load_reactions
from surveillance.register.reading.parts import load_parts
from surveillance.register.reading.plain import load_plain
from surveillance.register.recognition import Recognition
from surveillance.register.substances import Substance, SubstanceRegister, load_substances

__all__ = [
    "Area",
    "AreaRegister",
    "NewName",
    "Reaction",
    "ReactionRegister",
    "Recognition",
    "Register",
    "Relative",
    "Saying",
    "Substance",
    "SubstanceRegister",
    "find_relatives",
    "list_new_names",
    "load_register",
]


@dataclass(frozen=True)
class Register:
    """The three registers, loaded together so that they are of one version."""

    substances: SubstanceRegister
    areas: AreaRegister
    reactions: ReactionRegister


def load_register(folder: Path) -> Register:
    """Read the tables of substances, name parts, plain English, areas and reactions.

    Raises:
        SettingsError: a table is missing or contradicts itself; the message names the file
            and the entry. Nothing is loaded by halves.
    """
    return Register(
        substances=load_substances(
            folder / "substances.csv",
            parts=lambda groups: load_parts(folder / "name_parts.csv", groups=groups),
            plain=load_plain(folder / "plain_english.csv"),
        ),
        areas=load_areas(folder / "areas.csv", neighbours=folder / "neighbours.csv"),
        reactions=load_reactions(folder / "reactions.csv"),
    )
