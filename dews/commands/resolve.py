"""What the register recognises in a text, and why."""

from typing import Annotated

import pandas as pd
import typer

from dews.commands.options import settings_for
from dews.commands.signals import frame_table, wide_console
from surveillance.jobs.session import judges

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
            "group": (register.substances.ancestors(one.substance_id) or ("",))[0],
            "matched": one.matched_text,
            "how": one.how,
            "confidence": f"{one.confidence:.2f}",
            "negated": "yes" if one.negated else "no",
        }
        for one in found
    ]
    if rows:
        console.print(frame_table(pd.DataFrame(rows), title="Substances"))
    else:
        console.print("No substance recognised: it would be kept verbatim as unknown.")
    area = register.areas.resolve(text, within="")
    if area is not None:
        place = register.areas.get(area)
        console.print(f"Area: {place.name} ({place.code}, {place.kind})")
    reaction = register.reactions.resolve_name(text)
    if reaction is not None:
        console.print(f"Reaction: {register.reactions.get(reaction).term} ({reaction})")
