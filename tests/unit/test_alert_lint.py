import pytest

from alerts.lint import describe, lint

GOOD = (
    "Review: more reports naming nitazenes in Leeds than expected\n"
    "Level:   Level 0: signal, unverified\n"
    "Grade:   G1: reported by professionals\n"
    "Action:  Look at the evidence by 13 October 2026.\n"
    "Change:  fewer than 8 reports in 4 weeks to 4 October 2026; more than expected\n"
    "Valid until:  22 October 2026"
)


def rules_of(text: str) -> set[str]:
    return {finding.rule for finding in lint(text)}


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("50 times stronger than heroin", "potency"),
        ("a super-strength batch", "potency"),
        ("killer tablets", "potency"),
        ("known addicts", "stigma"),
        ("drug abusers", "stigma"),
        ("a bad batch", "unanalysed claim"),
        ("laced with xylazine", "unanalysed claim"),
        ("seen as 943 476 5919", "identifier"),
        ("ring 020 7946 0000", "identifier"),
        ("write to ann@clinic.example", "identifier"),
        ("lives at LS1 4AP", "identifier"),
        ("DOB known", "identifier"),
        ("aged 15", "age"),
        ("a 15-year-old", "age"),
        ("people under 25", "age"),
        ("4 reports", "count under the floor"),
        ("three deaths", "count under the floor"),
        ("2 suspected overdoses", "count under the floor"),
        ("deaths: 3", "count under the floor"),
        ("observed 5", "count under the floor"),
        ("expected 0.5", "derived figure"),
        ("a ratio of four", "derived figure"),
        ("p < 0.001", "derived figure"),
        ("12 per 100,000", "derived figure"),
        ("56% positive", "derived figure"),
        ("<!channel> look", "mention"),
        ("@here look", "mention"),
    ],
)
def test_what_must_not_go_out_is_found(words: str, rule: str) -> None:
    assert rule in rules_of(f"{GOOD}\n{words}")


@pytest.mark.parametrize(
    ("label", "rule"),
    [
        ("Grade:", "no grade"),
        ("Level:", "no level"),
        ("Action:", "no action"),
        ("Valid until:", "no expiry"),
    ],
)
def test_a_missing_part_is_found(label: str, rule: str) -> None:
    without = "\n".join(line for line in GOOD.splitlines() if not line.startswith(label))

    assert rules_of(without) == {rule}


def test_an_action_without_a_time_limit_is_no_action() -> None:
    assert rules_of(GOOD.replace(" by 13 October 2026", "")) == {"no action"}


@pytest.mark.parametrize(
    "words",
    [
        "two independent streams agree",
        "8 to 12 reports",
        "41 deaths",
        "about 2 times what is expected",
        "3 times what is expected, or more",
        "Issued: 8 October 2026, 09:30 UTC",
        "OHID guidance on potent synthetic opioids",
    ],
)
def test_what_may_go_out_is_let_out(words: str) -> None:
    assert lint(f"{GOOD}\n{words}") == []


def test_a_finding_never_quotes_the_words() -> None:
    told = describe(lint(f"{GOOD}\nseen as 943 476 5919, aged 15"))

    assert "943" not in told
    assert "15" not in told
    assert "identifier" in told
