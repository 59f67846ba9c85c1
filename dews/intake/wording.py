"""Say in words what came of a report: the same words on the page and in the answer to systems."""

import re

from surveillance.domain.intake import ReportStatus, Review

_PROGRESS = {
    "received": "Received. It has not been checked yet.",
    "accepted": "Checked and accepted.",
    "held_back": "Checked and held back. It is not counted until a person has looked into it.",
    "withdrawn": "Taken back by its sender. It is not counted.",
}
# No number, substance or place: whoever reports must learn nothing of other people.
_REVIEW: dict[Review, str] = {
    "none": "",
    "under_review": "People are looking at something that this report is part of.",
    "issued": "An alert has been issued about something that this report is part of.",
    "closed": "People looked at something that this report is part of. No more was needed.",
}
_RULE = re.compile(r'breaks "(.+)"')


def sentences(status: ReportStatus) -> list[str]:
    """Give what came of a report as sentences, in the order it happened."""
    said = [_PROGRESS[status.progress], *plain_reasons(status)]
    if status.progress == "accepted":
        titles = "; ".join(status.streams)
        said.append(
            f"It counts towards: {titles}."
            if titles
            else "None of our streams counts it, but it is kept and can be looked up."
        )
    return [sentence for sentence in (*said, _REVIEW[status.review]) if sentence]


def plain_reasons(status: ReportStatus) -> list[str]:
    """Give the reasons why a report is held back, each as a sentence.

    Example:
        >>> from datetime import UTC, datetime
        >>> plain_reasons(ReportStatus("6F7P-92ZU-D449", datetime(2026, 11, 24, tzinfo=UTC),
        ...     "held_back", reasons=('breaks "seriousness is given"',)))
        ['The rule "seriousness is given" does not hold.']
    """
    return [_sentence(reason) for reason in status.reasons]


def _sentence(reason: str) -> str:
    match = _RULE.fullmatch(reason)
    if match:
        return f'The rule "{match[1]}" does not hold.'
    return f"{reason[:1].upper()}{reason[1:]}."
