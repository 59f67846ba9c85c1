"""What the register recognises in a text, and why."""

from typing import Annotated

import pandas as pd
import typer

from dews.commands.options import settings_for
from dews.commands.signals import frame_table, wide_console
from surveillance.jobs.session import judges
from surveillance.register import Recognition, Register, find_relatives
from surveillance.register.recognition import NEW_NAME

console = wide_console()


def resolve(
    text: Annotated[str, typer.Argument(help="Words as a person or a laboratory wrote them.")],
) -> None:
    """Show which substances, areas and reactions the register recognises in a text, and why.

    Example: dews resolve "fentanyl and zannies, no heroin"
    """
    register = judges(settings_for().config_folder).register
    found = register.substances.resolve(text)
    rows = [
        {
            "substance": one.name,
            "id": one.substance_id,
            "group": register.substances.group_of(one.substance_id),
            "matched": one.matched_text,
            "how": one.how,
            "confidence": f"{one.confidence:.2f}",
            "negated": "yes" if one.negated else "no",
            "said of": _said_of(one),
            "shows use of": ", ".join(one.marker_of),
        }
        for one in found
    ]
    if rows:
        console.print(frame_table(pd.DataFrame(rows), title="Substances"))
    else:
        console.print("No substance recognised: it would be kept verbatim as unknown.")
    for one in found:
        if one.how == NEW_NAME:
            console.print(f"New name {one.name!r}; nearest: {_relatives(one.name, register)}")
    if not found:
        console.print(f"Nearest known names: {_relatives(text, register)}")
    area = register.areas.resolve(text, within="")
    if area is not None:
        place = register.areas.get(area)
        console.print(f"Area: {place.name} ({place.code}, {place.kind})")
    reaction = register.reactions.resolve_name(text)
    if reaction is not None:
        console.print(f"Reaction: {register.reactions.get(reaction).term} ({reaction})")


def _said_of(one: Recognition) -> str:
    if one.historical:
        return "the past"
    return "the event, not surely" if one.probable else "the event"


def _relatives(name: str, register: Register) -> str:
    near = find_relatives(name, register.substances)
    return ", ".join(f"{one.name} {one.score:.2f}" for one in near) or "none"
