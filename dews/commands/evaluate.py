"""``dews evaluate``: how well something is done, against what people know to be right."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from dews.commands.options import settings_for
from dews.commands.signals import frame_table, wide_console
from surveillance import jobs
from surveillance.extract.gold import MENDED_KINDS, GoldScores

console = wide_console()


def evaluate(
    extraction: Annotated[
        Path | None,
        typer.Option(metavar="GOLD_FOLDER", help="Annotated texts to read names in."),
    ] = None,
    errors: Annotated[
        bool, typer.Option("--errors", help="Also list each text that was not read right.")
    ] = False,
) -> None:
    """Measure quality against known truth; --extraction measures the reading of free text.

    GOLD_FOLDER holds gold.csv, misspellings.csv and gold_ct_flags.csv.gz; docs/extraction.md
    says what each must hold and how a text is scored.

    Example: dews evaluate --extraction gold/extraction
    """
    if extraction is None:
        raise typer.BadParameter("Say what to evaluate: --extraction GOLD_FOLDER.")
    scores = jobs.evaluate_extraction(settings_for(), extraction)
    console.print(frame_table(_texts(scores), title="Texts, isomers folded"))
    console.print(frame_table(_words(scores), title="Single words"))
    if errors:
        for text, needless, missed in scores.errors:
            console.print(f"\n{text}\n  needless: {', '.join(needless) or 'none'}", markup=False)
            console.print(f"  missed: {', '.join(missed) or 'none'}", markup=False)


def _texts(scores: GoldScores) -> pd.DataFrame:
    flags = {f"office's flags, {half}": score for half, score in scores.flags.items()}
    return pd.DataFrame(
        {
            "texts": name,
            "number": f"{score.texts:,}",
            "precision": f"{score.precision:.4f}",
            "recall": f"{score.recall:.4f}",
            "whole text right": f"{score.whole_share:.3f}",
        }
        for name, score in {**scores.strata, **flags}.items()
    )


def _words(scores: GoldScores) -> pd.DataFrame:
    mended = [one for one in scores.spellings if one.kind in MENDED_KINDS]
    rows = [(one.kind, one.words, one.right, one.wrong) for one in scores.spellings]
    for name, ones in (("mended kinds together", mended), ("all words", scores.spellings)):
        rows.append(
            (name, *(sum(getattr(s, f) for s in ones) for f in ("words", "right", "wrong")))
        )
    return pd.DataFrame(
        {
            "words": name,
            "number": f"{words:,}",
            "right": f"{right / words:.3f}" if words else "",
            "another drug": f"{wrong / words:.3f}" if words else "",
        }
        for name, words, right, wrong in rows
    )
