"""Tells which mentions a text denies: "no fentanyl", "negative for", "cocaine not detected".

A denial reaches over a list ("denies heroin, cocaine or speed") until a word that does not
belong to it, or the end of the clause. A verdict after a mention ("fentanyl negative") reaches
that mention alone, because "heroin, fentanyl negative" says nothing certain of heroin.
"""

from collections.abc import Sequence, Set

from surveillance.register.names import Word, word_set

_NEGATORS = word_set(
    "no not negative neg denies denied denying deny without never nil non neither nor absent "
    "cannot didn doesn hasn isn wasn"
)
_CARRIERS = word_set(
    "for of to on in any the a an use used uses using taking taken takes take having had has "
    "been being was is were are evidence history sign signs presence trace traces recent current "
    "longer other illicit drug drugs test tests tested testing screen screened known"
)
_DENIALS = frozenset({"negative", "neg", "absent", "excluded", "undetected"})
_FINDINGS = frozenset({"detected", "found", "present", "confirmed", "identified", "seen"})
_AFFIRMATIONS = frozenset({"positive", "pos"})
_LINKS = frozenset({"was", "were", "is", "are", "test", "tested", "screen", "result"})


def find_negated(mentions: Sequence[tuple[int, int]], words: Sequence[Word]) -> set[int]:
    """Find the mentions that the text denies.

    Args:
        mentions: index of the first and last word of each mention, in the order of the text.
        words: the words of the text.

    Returns:
        The indices of the first words of the denied mentions.
    """
    last_of = dict(mentions)
    negated: set[int] = set()
    is_denying = False
    place = clause = 0
    while place < len(words):
        word = words[place]
        is_denying = is_denying and word.clause == clause
        clause = word.clause
        if place in last_of:
            verdict, after = _read_verdict(last_of[place] + 1, words, last_of.keys())
            is_denying = is_denying and verdict is not True
            if is_denying or verdict is False:
                negated.add(place)
            place = after
            continue
        is_denying = word.text in _NEGATORS or (is_denying and word.text in _CARRIERS)
        place += 1
    return negated


def _read_verdict(after: int, words: Sequence[Word], starts: Set[int]) -> tuple[bool | None, int]:
    """Read what is said right after a mention: found, denied or nothing; and where it ends."""
    place = after
    while _says(place, words, after, _LINKS):
        place += 1
    if _says(place, words, after, _AFFIRMATIONS):
        return True, place + 1
    if _says(place, words, after, _DENIALS) and not _opens_list(place, words, starts):
        return False, place + 1
    is_not = _says(place, words, after, frozenset({"not", "wasn", "isn"}))
    if is_not and any(_says(place + step, words, after, _FINDINGS) for step in (1, 2)):
        return False, place + 2
    return None, after


def _says(place: int, words: Sequence[Word], after: int, expected: frozenset[str]) -> bool:
    """Tell whether one of the expected words stands here, in the clause of the mention."""
    return (
        place < len(words)
        and words[place].clause == words[after - 1].clause
        and words[place].text in expected
    )


def _opens_list(place: int, words: Sequence[Word], starts: Set[int]) -> bool:
    """Tell whether a denial belongs to what follows ("heroin, negative for fentanyl")."""
    if place + 1 >= len(words):
        return False
    is_own_item = words[place].item != words[place - 1].item
    return words[place + 1].text == "for" or (is_own_item and place + 1 in starts)
