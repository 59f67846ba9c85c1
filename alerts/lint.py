"""Read an outward text as a careful editor would, and name what must not go out.

A finding names the rule and never quotes the words, for they may be an identifier.

Source: docs/field.md, what a notice says and never says, and disclosure rules.
"""

import re
from dataclasses import dataclass

_COUNTED = r"(?:reports?|deaths?|cases?|people|persons?|patients?|overdoses?|incidents?|samples?)"
_SMALL = r"(?:[1-7]|one|two|three|four|five|six|seven)"
_DIGITS = r"\d[\d\s()-]{8,}\d"


@dataclass(frozen=True)
class Finding:
    """One reason why a text must not go out."""

    rule: str
    advice: str


_FORBIDDEN: tuple[tuple[Finding, str], ...] = (
    (
        Finding("potency", "say why there is a risk and what to do, never how strong it is"),
        r"times (?:stronger|more potent)|\bsuper[- ]?(?:strong|strength|potent)|\bkiller\b"
        r"|\bstrongest\b|\b(?:extra|very|really|ultra)[- ](?:strong|potent)\b|\bhigh[- ]strength\b"
        r"|\bdeadly batch\b|\bx ?(?:stronger|potency)\b",
    ),
    (
        Finding("stigma", "speak of the person first"),
        r"\b(?:drug[- ])?(?:addicts?|abusers?|junkies|junkie|druggies|smackheads?|crackheads?)\b"
        r"|\bsubstance abuse\b|\b(?:clean|dirty) (?:urine|test|needles?)\b|\bgot clean\b",
    ),
    (
        Finding("unanalysed claim", "without an analysis call it unverified"),
        r"\bbad batch\b|\bcontaminated\b|\blaced with\b|\bcut with\b",
    ),
    (
        Finding("identifier", "take out what names a person or a place"),
        rf"[\w.+-]+@[\w-]+\.\w+|(?<![\w-]){_DIGITS}(?![\w-])"
        r"|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b|\bd\.?o\.?b\b|\bdate of birth\b",
    ),
    (
        Finding("age", "leave ages out"),
        r"\baged? \d|\b\d{1,2}[- ]years?[- ]old|\b(?:under|over) \d\ds?\b",
    ),
    (
        Finding("count under the floor", "tell the band only"),
        rf"(?<!than )(?<![\d.,])\b{_SMALL}\b (?:[a-z]+ )?{_COUNTED}\b"
        rf"|\b{_COUNTED}: ?[1-7]\b(?![\d.,])|\b(?:observed|counted) (?:of )?[1-7]\b(?![\d.,])",
    ),
    (
        Finding("derived figure", "ratios, rates, expected values and p-values stay inside"),
        r"\d\.\d|\bp ?[<=>]|\bper (?:100,?000|1,?000|million)\b|\bexpected (?:of )?\d|\d ?%"
        r"|\b(?:ratio|z-score|q-value|p-value)\b",
    ),
    (
        Finding("mention", "no message calls a channel or a person"),
        r"<[!@#]|(?<!\w)@(?:here|channel|everyone)\b",
    ),
)
_REQUIRED: tuple[tuple[Finding, str], ...] = (
    (Finding("no grade", "state the verification grade"), r"^Grade: +G[0-5]: \S"),
    (Finding("no level", "state the level"), r"^Level: +Level [0-4]: \S"),
    (Finding("no action", "say what to do and by when"), r"^Action: +\S.*\bby \d"),
    (Finding("no expiry", "say until when it holds"), r"^Valid until: +\d"),
)


def lint(text: str) -> list[Finding]:
    """List what must not go out as it stands; empty where the text may.

    Args:
        text: the whole notice as plain lines, each beginning with its label.
    """
    forbidden = [
        finding for finding, pattern in _FORBIDDEN if re.search(pattern, text, re.IGNORECASE)
    ]
    missing = [
        finding for finding, pattern in _REQUIRED if not re.search(pattern, text, re.MULTILINE)
    ]
    return forbidden + missing


def describe(findings: list[Finding]) -> str:
    """Say the findings in one line."""
    return "; ".join(f"{finding.rule}: {finding.advice}" for finding in findings)
