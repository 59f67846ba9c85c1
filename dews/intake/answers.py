"""What the form offers to choose from, in the order and words that people meet."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One answer: the code that is kept and the words that are shown."""

    code: str
    words: str


WHEN = (
    Choice("today", "Today"),
    Choice("yesterday", "Yesterday"),
    Choice("earlier", "Earlier: write the day below"),
)
# The commonest of our reaction terms; anything else is written in words.
EFFECTS = (
    Choice("loss_of_consciousness", "Passed out or could not be woken"),
    Choice("respiratory_depression", "Slow or difficult breathing"),
    Choice("drowsiness", "Very sleepy"),
    Choice("seizure", "A fit or seizure"),
    Choice("agitation", "Very restless or agitated"),
    Choice("hallucinations", "Saw or heard things that were not there"),
    Choice("chest_pain", "Chest pain or a racing heart"),
    Choice("vomiting", "Was sick"),
    Choice("death", "Died"),
)
SERIOUSNESS = (
    Choice("died", "The person died"),
    Choice("life-threatening", "Their life was in danger"),
    Choice("hospital", "They were treated in hospital"),
    Choice("other", "They needed other help"),
    Choice("none", "They got better without help"),
)
NALOXONE = (Choice("yes", "Yes"), Choice("no", "No"), Choice("unknown", "I do not know"))
BASIS = (
    Choice("", "I do not know"),
    Choice("patient_said", "It was said or sold as that"),
    Choice("packaging", "From the packaging"),
    Choice("presumptive", "A test strip or quick test"),
    Choice("confirmed", "A laboratory"),
)
AGES = (
    Choice("", "I do not know"),
    Choice("<16", "Under 16"),
    Choice("16-17", "16 or 17"),
    Choice("18-24", "18 to 24"),
    Choice("25-34", "25 to 34"),
    Choice("35-44", "35 to 44"),
    Choice("45-54", "45 to 54"),
    Choice("55+", "55 or older"),
)
SEXES = (
    Choice("", "I do not know"),
    Choice("female", "Female"),
    Choice("male", "Male"),
    Choice("other", "Other"),
)
SETTINGS = (
    Choice("", "I do not know"),
    Choice("home", "A home"),
    Choice("street", "Outdoors or in the street"),
    Choice("hostel", "A hostel"),
    Choice("nightlife", "A club, bar or party"),
    Choice("festival", "A festival"),
    Choice("prison", "A prison"),
    Choice("custody", "Police custody"),
    Choice("school", "A school or college"),
    Choice("hospital", "A hospital"),
    Choice("drug_service", "A drug service"),
    Choice("other", "Somewhere else"),
)
ROLES = (
    Choice("public", "A member of the public"),
    Choice("drug_service", "Drug service"),
    Choice("hostel", "Hostel or housing"),
    Choice("ambulance", "Ambulance service"),
    Choice("emergency_department", "Emergency department"),
    Choice("general_practice", "General practice"),
    Choice("mental_health", "Mental health service"),
    Choice("sexual_health", "Sexual health service"),
    Choice("prison", "Prison"),
    Choice("custody", "Police custody"),
    Choice("other", "Other work"),
)


def codes(choices: tuple[Choice, ...]) -> frozenset[str]:
    """Give the codes that may come back.

    Example:
        >>> sorted(codes(NALOXONE))
        ['no', 'unknown', 'yes']
    """
    return frozenset(choice.code for choice in choices)
