"""The states of a signal, and the moves between them that are legal now; pure.

Only what a rule may do is here yet. The moves that people make come with their verdicts.

Source: docs/field.md, states of a signal.
"""

from collections.abc import Mapping

from surveillance.domain import SignalState

MOVES: Mapping[SignalState, tuple[SignalState, ...]] = {
    "detected": ("validating", "auto_suppressed", "closed"),
    "auto_suppressed": (),
    "validating": (),
    "not_validated": (),
    "validated": (),
    "closed": (),
}


def awaits_people(state: SignalState) -> bool:
    """Tell whether a signal in this state is for people to look at.

    Example:
        >>> awaits_people("detected"), awaits_people("validating"), awaits_people("closed")
        (True, True, False)
    """
    return state == "validating" or "validating" in MOVES[state]
