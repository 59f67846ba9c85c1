"""Reads what is said right after a mention: found, denied, long ago, or nothing."""

import re
from collections.abc import Container
from dataclasses import dataclass

from surveillance.register.names import CLAUSE, CLOSED, COMMA, HYPHEN, ITEM, OPENED, Words, word_set

_LINKS = word_set(
    "was were is are be been has have had to on test tests tested testing screen screens "
    "screening strip strips assay immunoassay level levels result results came back urine blood "
    "serum plasma sample samples both all each also use used toxicity intoxication could can "
    "would did does initially subsequently later tox toxicology overdose poisoning ingestion "
    "exposure involvement"
)
_PLURAL = word_set("were are both all have tests results levels")
_DENIALS = word_set(
    "negative neg absent excluded undetected undetectable nil none denied unlikely allergy "
    "allergies allergic intolerance free naive disproved zero"
)
_AFFIRMATIONS = word_set("positive pos")
_FINDINGS = word_set(
    "detected found present confirmed identified seen taken used involved implicated suspected "
    "observed noted demonstrated ingested consumed positive isolated"
)
_BLAMED = word_set(
    "use take responsible there factor cause contributor contributory relevant culprit blame issue"
)
_CANNOT = word_set("cannot couldn not neither")
ANSWERS = word_set("no yes none nil")
_BEFORE_NOW = word_set("ago previously earlier before prior back")
_AGO = word_set("years year months month decades decade")
_STANDING = word_set(
    "dependence dependency dependent addiction addict addicted withdrawal withdrawals detox "
    "rehab rehabilitation history hx"
)
_USERS = word_set("user users abuser abusers")
_REMOTE = word_set("remote remotely previously formerly")
_OF_USE = word_set("use abuse misuse drug substance abuser user users using was is had")
_WHEN_YOUNG = word_set(
    "younger young teenager teens youth childhood adolescence adolescent twenties thirties"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
# "alcohol related cirrhosis", "cocaine induced cardiomyopathy": what long use has done.
_BROUGHT = word_set("related induced associated")
_LONG_HARM = word_set("liver hepatic cirrhosis cardiomyopathy pancreatitis dementia neuropathy")
_FAR = 9
# Words without which nothing that is said after a mention counts.
TELLING = _DENIALS | _AFFIRMATIONS | _CANNOT | _AGO | _STANDING | _WHEN_YOUNG | _REMOTE
TELLING |= ANSWERS | word_set(
    "ruled disorder past remission until related induced associated wasn isn weren aren t never "
    "known"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said after a mention.

    Attributes:
        kind: ``positive``, ``found``, ``denied``, ``past``, ``probable`` or nothing.
        after: index of the first word that is not part of it.
        is_plural: it speaks of several mentions.
    """

    kind: str
    after: int
    is_plural: bool = False


def read_verdict(cut: Words, after: int, starts: Container[int]) -> Verdict:
    """Read the verdict that begins at a word.

    Args:
        cut: the text.
        after: index of the word right after the mention.
        starts: indices at which mentions begin.
    """
    answer = _answered(cut, after)
    if answer is not None:
        return answer
    place = after
    is_plural = False
    while _is_link(cut, place, after, starts):
        is_plural |= cut.words[place] in _PLURAL
        place += 1
    found = _spoken(cut, place, after, starts)
    if found.kind:
        return Verdict(found.kind, found.after, is_plural or found.is_plural)
    return _standing(cut, after, starts)


def _says(cut: Words, place: int, expected: Container[str]) -> bool:
    return place < len(cut.words) and not cut.gaps[place] & CLAUSE and cut.words[place] in expected


def _is_link(cut: Words, place: int, after: int, starts: Container[int]) -> bool:
    if place in starts or not _says(cut, place, _LINKS):
        return False
    return place > after or not cut.gaps[place] & COMMA


def _answered(cut: Words, after: int) -> Verdict | None:
    """Read the answer of a form: "Fentanyl? No.", "heroin: no; cocaine: yes"."""
    if after >= len(cut.words) or cut.words[after] not in ANSWERS:
        return None
    ends = after + 1 == len(cut.words) or bool(cut.gaps[after + 1] & (ITEM | CLAUSE))
    is_asked = "?" in cut.text[cut.ends[after - 1] : cut.starts[after]]
    is_field = bool(cut.gaps[after] & ITEM) and not cut.gaps[after] & (COMMA | CLAUSE)
    if not ends or not (is_asked or is_field):
        return None
    return Verdict("positive" if cut.words[after] == "yes" else "denied", after + 1)


def _spoken(cut: Words, place: int, after: int, starts: Container[int]) -> Verdict:
    if _says(cut, place, _AFFIRMATIONS):
        return Verdict("positive", place + 1)
    if _says(cut, place, {"ruled"}) and _says(cut, place + 1, {"out"}):
        return Verdict("denied", place + 2)
    if _says(cut, place, _DENIALS):
        if _opens_list(cut, place, starts) or _is_free_of_doubt(cut, place):
            return Verdict("", after)
        return Verdict("denied", place + 1)
    if _says(cut, place, _CANNOT | {"wasn", "isn", "weren", "aren", "t"}):
        return _not_found(cut, place + 1, after, starts)
    if _says(cut, place, _FINDINGS) and not cut.gaps[after] & (ITEM | COMMA):
        return _taken_back(cut, place + 1, starts) or Verdict("found", place + 1)
    return Verdict("", after)


def _is_free_of_doubt(cut: Words, place: int) -> bool:
    """Tell "free" where it denies nothing: freebase, free from, free access."""
    if cut.words[place] != "free" or cut.gaps[place] & HYPHEN or place + 1 == len(cut.words):
        return False
    return not (cut.gaps[place + 1] & ITEM or cut.words[place + 1] in ("for", "since"))


def _taken_back(cut: Words, place: int, starts: Container[int]) -> Verdict | None:
    """Read "suspected but not found"."""
    if not _says(cut, place, {"but", "yet", "although", "though"}):
        return None
    step = place + 1
    while step < place + 3 and _says(cut, step, {"was", "were", "is", "never"}):
        step += 1
    if not _says(cut, step, {"not", "never"}):
        return None
    verdict = _not_found(cut, step + 1, step, starts)
    return verdict if verdict.kind == "denied" else None


def _not_found(cut: Words, place: int, after: int, starts: Container[int]) -> Verdict:
    """Read "not detected", "could not be confirmed", "cannot be ruled out"."""
    step = 0
    while step < 3 and _says(cut, place, {"be", "been", "t", "to", "yet", "being", "have"}):  # noqa: PLR2004
        place += 1
        step += 1
    if place in starts:
        return Verdict("", after)
    if _says(cut, place, {"excluded", "ruled", "exclude", "rule"}):
        return Verdict("probable", place + 1)
    if _says(cut, place, {"a", "the", "any"}):
        place += 1
    if _says(cut, place, _FINDINGS | _BLAMED):
        return Verdict("denied", place + 1)
    if _says(cut, place, {"negative"}):
        return Verdict("positive", place + 1)
    return Verdict("", after)


def _standing(cut: Words, after: int, starts: Container[int]) -> Verdict:
    """Read what makes a mention a thing of the past, or a standing condition."""
    place = after
    while place < after + 2 and place not in starts and _says(cut, place, _OF_USE):
        place += 1
    if _says(cut, place, _STANDING) and place not in starts and not cut.gaps[place] & COMMA:
        return Verdict("past", place + 1)
    if _says(cut, place, {"disorder"}) and place > after:
        return Verdict("past", place + 1)
    if _says(cut, after, _BROUGHT) and not _LONG_HARM.isdisjoint(cut.words[after + 1 : after + 4]):
        return Verdict("past", after + 1)
    if _says(cut, after, _USERS) and _is_known(cut, after):
        return Verdict("past", after + 1)
    if _says(cut, place, _REMOTE):
        return Verdict("past", place + 1, is_plural=True)
    return _long_ago(cut, after, starts)


def _is_known(cut: Words, after: int) -> bool:
    """Tell "known heroin user": it says what someone is, not what happened."""
    return "known" in cut.words[max(after - 4, 0) : after]


def _long_ago(cut: Words, after: int, starts: Container[int]) -> Verdict:
    for place in range(after, min(after + _FAR, len(cut.words))):
        if place in starts or cut.gaps[place] & (CLAUSE | OPENED | CLOSED):
            break
        if cut.words[place] in _AGO and _says(
            cut, place + 1, {"ago", "previously", "earlier", "before", "prior", "back"}
        ):
            return Verdict("past", place + 2, is_plural=True)
        if cut.words[place] == "until" and _is_year(cut, place + 1):
            return Verdict("past", place + 2, is_plural=True)
        if cut.words[place] == "the" and _says(cut, place + 1, {"past"}):
            return Verdict("past", place + 2, is_plural=True)
        if cut.words[place] in _WHEN_YOUNG:
            return Verdict("past", place + 1, is_plural=True)
        if cut.words[place] == "remission":
            return Verdict("past", place + 1)
    return Verdict("", after)


def _is_year(cut: Words, place: int) -> bool:
    return place < len(cut.words) and _YEAR.fullmatch(cut.words[place]) is not None


def _opens_list(cut: Words, place: int, starts: Container[int]) -> bool:
    """Tell whether a denial belongs to what follows ("heroin, negative for fentanyl")."""
    if place + 1 >= len(cut.words):
        return False
    is_own_item = bool(cut.gaps[place] & (ITEM | COMMA)) or cut.words[place - 1] in ("and", "or")
    if cut.gaps[place + 1] & CLAUSE or cut.words[place] == "free":
        return False
    return cut.words[place + 1] in ("for", "to") or (is_own_item and place + 1 in starts)
