"""How well names are read in texts, as tables."""

import pandas as pd

from dews.commands.signals import frame_table, wide_console
from surveillance.extract.gold import MENDED_KINDS, GoldScores

_MOST_ERRORS = 20
console = wide_console()


def print_scores(scores: GoldScores) -> None:
    """Print the scores of texts and of single words, and the first texts not read right."""
    console.print(frame_table(_texts(scores), title="Texts, isomers folded"))
    console.print(frame_table(_words(scores), title="Single words"))
    for text, needless, missed in scores.errors[:_MOST_ERRORS]:
        console.print(f"\nnot right: {text}", markup=False)
        console.print(f"  needless: {', '.join(needless) or 'none'}", markup=False)
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
        words, right = sum(one.words for one in ones), sum(one.right for one in ones)
        rows.append((name, words, right, sum(one.wrong for one in ones)))
    return pd.DataFrame(
        {
            "words": name,
            "number": f"{words:,}",
            "right": f"{right / words:.3f}" if words else "",
            "another drug": f"{wrong / words:.3f}" if words else "",
        }
        for name, words, right, wrong in rows
    )
