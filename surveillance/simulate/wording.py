"""Sentences of the simulated notices, one list a head; ``{word}`` is what people call the drug."""

from collections.abc import Mapping
from types import MappingProxyType

UNFILLED = ""
# Type and origin of the risk: every notice says that much.
OPENINGS = (
    "People say that {word} is stronger than usual.",
    "A new batch of {word} is said to be about.",
    "Several people went over after using {word}.",
    "{word} is sold as something else, several people say.",
    "More {word} than usual is seen here.",
    "Something sold as {word} does not act like it.",
)
HEADS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "exposure": (
            "Smoked.",
            "Injected.",
            "Swallowed as tablets.",
            "Snorted.",
            "Vaped.",
            "Passed round in a group; how it was taken is not known.",
        ),
        "analysis": (
            "A sample was sent for analysis; no result yet.",
            "A test strip was positive.",
            "The sample was too small to analyse.",
        ),
        "identification": (
            "Named by the people who used it.",
            "Named on the packet.",
            "Recognised by its look and smell.",
            "A worker thinks so from the way people reacted.",
        ),
        "health_risks": (
            "People become drowsy and hard to wake.",
            "Two people needed naloxone.",
            "People collapse and come round within the hour.",
            "Agitation and confusion for several hours.",
            "One person was taken to hospital.",
            "Nothing unusual so far.",
        ),
        "social_risks": (
            "Younger people than usual are using it.",
            "People use it alone.",
            "More arguments in the hostel.",
            "The price has fallen.",
        ),
        "health_measures": (
            "Naloxone was handed out.",
            "Staff were told to check on people more often.",
            "Advice was given one to one.",
        ),
        "other_measures": (
            "The local police were told.",
            "Partners will be asked at the next meeting.",
        ),
        "further": (
            "Heard from one person alone.",
            "Heard from several people who do not know each other.",
            "The same was said last month.",
        ),
    }
)
