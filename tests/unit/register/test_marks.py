"""What a text says of a mention: denied, past, doubted, or there."""

import pytest

from surveillance.register import Register, SubstanceRegister


@pytest.fixture
def substances(register: Register) -> SubstanceRegister:
    return register.substances


def marks(substances: SubstanceRegister, text: str) -> dict[str, str]:
    spoken = {}
    for one in substances.read(text):
        said = [
            word
            for word, is_so in (
                ("denied", one.negated),
                ("past", one.historical),
                ("doubted", one.probable),
            )
            if is_so
        ]
        spoken[one.substance_id] = " ".join(said) or "there"
    return spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Heroin (not fentanyl) and cocaine",
         {"heroin": "there", "fentanyl": "denied", "cocaine": "there"}),
        ("no\nheroin", {"heroin": "denied"}),
        ("denies use of\nheroin or cocaine", {"heroin": "denied", "cocaine": "denied"}),
        ("heroin\nfentanyl negative", {"heroin": "there", "fentanyl": "denied"}),
        ("heroin and cocaine were not detected", {"heroin": "denied", "cocaine": "denied"}),
        ("heroin, cocaine were not detected", {"heroin": "denied", "cocaine": "denied"}),
        ("heroin, cocaine not detected", {"heroin": "there", "cocaine": "denied"}),
        ("cannot exclude fentanyl", {"fentanyl": "doubted"}),
        ("fentanyl cannot be ruled out", {"fentanyl": "doubted"}),
        ("no doubt heroin", {"heroin": "there"}),
        ("no drugs other than heroin", {"heroin": "there"}),
        ("no known allergies, heroin found", {"heroin": "there"}),
        ("allergic to codeine", {"codeine": "denied"}),
        ("sold as diazepam, contained bromazolam", {"diazepam": "denied", "bromazolam": "there"}),
        ("tablets sold as diazepam", {"diazepam": "there"}),
        ("cocaine was suspected but not found", {"cocaine": "denied"}),
    ],
)  # fmt: skip
def test_denials(substances: SubstanceRegister, text: str, expected: dict[str, str]) -> None:
    assert marks(substances, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("history of heroin use, acute cocaine toxicity", {"heroin": "past", "cocaine": "there"}),
        ("history of hypertension, heroin in blood", {"heroin": "there"}),
        ("history of depression and cocaine abuse", {"cocaine": "past"}),
        ("remote cocaine use", {"cocaine": "past"}),
        ("remote fentanyl intoxication", {"fentanyl": "there"}),
        ("chronic alcoholism", {"alcohol": "past"}),
        ("acute and chronic alcoholism", {"alcohol": "there"}),
        ("recent and chronic cocaine use", {"cocaine": "there"}),
        ("alcohol withdrawal", {"alcohol": "past"}),
        ("heroin three years ago", {"heroin": "past"}),
        ("heroin two days ago", {"heroin": "there"}),
        ("opioid use disorder, took ketamine", {"opioids": "past", "ketamine": "there"}),
    ],
)
def test_histories(substances: SubstanceRegister, text: str, expected: dict[str, str]) -> None:
    assert marks(substances, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("probable heroin and cocaine", {"heroin": "doubted", "cocaine": "doubted"}),
        ("cocaine, and probable heroin toxicity", {"cocaine": "there", "heroin": "doubted"}),
        ("Probable Acute Mixed Drug (Fentanyl and Heroin) Intoxication ; cocaine",
         {"fentanyl": "doubted", "heroin": "doubted", "cocaine": "there"}),
        ("?heroin", {"heroin": "doubted"}),
    ],
)  # fmt: skip
def test_doubts(substances: SubstanceRegister, text: str, expected: dict[str, str]) -> None:
    assert marks(substances, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("smoked crack in the car", ["crack_cocaine"]),
        ("a crack in the car", []),
        ("a bag of ice", []),
        ("injected ice", ["methamphetamine"]),
        ("high on speed at high speed", ["amphetamine"]),
        ("seen by his PCP", []),
        ("PCP toxicity", ["pcp"]),
    ],
)
def test_a_phrase_of_plain_english_gives_way_to_drug_use_alone(
    substances: SubstanceRegister, text: str, expected: list[str]
) -> None:
    assert [one.substance_id for one in substances.read(text)] == expected
