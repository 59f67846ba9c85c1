"""Distinct texts a second through the extraction of names, on one core.

The texts are made like certificates: a phrase, a list of one to six names out of the register,
another phrase; about 95 signs each, all distinct. For the second figure every fifth text has a
misspelled name, each its own misspelling. Seconds are of the processor, best of three rounds,
each with a register freshly loaded.

Example: python benchmarks/extraction.py --texts 20000
"""

import argparse
import random
import time
from collections.abc import Sequence

from config.settings import CONFIG_FOLDER
from surveillance.extract import extract
from surveillance.register import SubstanceRegister, load_register

_ROUNDS = 3
_COMMON = 300
_BEGINNINGS = (
    "Acute intoxication due to the combined effects of {}",
    "COMBINED DRUG ({}) TOXICITY",
    "Acute Mixed Drug Intoxication ({})",
    "Multidrug toxicity including {}",
    "Complications of probable acute {} toxicity",
)
_ENDINGS = (
    "",
    "; hypertensive and atherosclerotic cardiovascular disease",
    "; recent cocaine use",
    "; chronic obstructive pulmonary disease, obesity",
    "; coronary atherosclerosis",
)


def main() -> None:
    """Measure loading, exact texts and texts with misspellings."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--texts", type=int, default=20_000)
    asked = options.parse_args()
    substances = load_register(CONFIG_FOLDER).substances
    exact = make_texts(substances, asked.texts, misspelt=False)
    misspelt = make_texts(substances, asked.texts, misspelt=True)
    signs = sum(map(len, exact)) / len(exact)
    loading = min(_seconds_to_load() for _ in range(_ROUNDS))
    print("| extraction | figure |\n| --- | --- |")
    print(f"| signs a text | {signs:.0f} |")
    print(f"| loading the register | {loading:.2f} s |")
    for name, texts in (("every name written right", exact), ("every fifth misspelt", misspelt)):
        seconds = min(_seconds_to_read(texts) for _ in range(_ROUNDS))
        print(f"| {name}, texts a second | {len(texts) / seconds:,.0f} |")


def _seconds_to_load() -> float:
    began = time.process_time()
    load_register(CONFIG_FOLDER)
    return time.process_time() - began


def _seconds_to_read(texts: Sequence[str]) -> float:
    substances = load_register(CONFIG_FOLDER).substances
    began = time.process_time()
    extract(texts, substances)
    return time.process_time() - began


def make_texts(substances: SubstanceRegister, number: int, *, misspelt: bool) -> list[str]:
    """Make distinct texts like certificates; with ``misspelt`` every fifth has an error."""
    dice = random.Random(1)
    named = sorted(
        (entry for entry in substances.all() if not entry.is_group),
        key=lambda entry: (-len(entry.aliases), entry.substance_id),
    )
    names = [entry.name for entry in named[:_COMMON]]
    texts: dict[str, None] = {}
    while len(texts) < number:
        listed = dice.sample(names, dice.randint(1, 6))
        if misspelt and len(texts) % 5 == 0:
            listed[0] = _misspell(listed[0], dice)
        ending = ", and ".join((", ".join(listed[:-1]), listed[-1])) if listed[1:] else listed[0]
        texts[dice.choice(_BEGINNINGS).format(ending) + dice.choice(_ENDINGS)] = None
    return list(texts)


def _misspell(name: str, dice: random.Random) -> str:
    place = dice.randrange(1, len(name))
    letter = dice.choice(("", name[place] * 2, dice.choice("abcdefghijklmnopqrstuvwxyz")))
    return name[:place] + letter + name[place + 1 :]


if __name__ == "__main__":
    main()
