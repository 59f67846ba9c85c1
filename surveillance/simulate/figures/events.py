"""Figures of what workers and officers notice; the marks are explained in the package."""

from types import MappingProxyType

# Notices a week over the whole country: a local system brings a few a month [J].
EVENTS_PER_WEEK = 3.0
# Notices by day, Monday first [J].
EVENT_WEEKDAYS = (1.2, 1.2, 1.15, 1.15, 1.2, 0.6, 0.5)
# A single anecdote, seen by a clinician, agreed by two independent streams [J].
GRADES = MappingProxyType({"G0": 0.60, "G1": 0.30, "G2": 0.10})
# Share of notices of each grade that turn out wrong: another drug, or nothing at all [J].
WRONG_SHARE = MappingProxyType({"G0": 0.35, "G1": 0.12, "G2": 0.02})
# Who notices [J].
OBSERVERS = MappingProxyType(
    {
        "drug_worker": 0.34,
        "outreach_worker": 0.18,
        "police_officer": 0.16,
        "peer": 0.12,
        "hostel_worker": 0.10,
        "clinician": 0.07,
        "prison_officer": 0.03,
    }
)
# What notices are about [J].
EVENT_SUBSTANCES = MappingProxyType(
    {
        "synthetic_cannabinoids": 0.24,
        "heroin": 0.18,
        "crack_cocaine": 0.10,
        "benzodiazepines": 0.14,
        "nitazenes": 0.05,
        "pregabalin": 0.06,
        "mdma": 0.06,
        "ketamine": 0.05,
        "ghb": 0.02,
        "unknown": 0.10,
    }
)
# Where it was noticed [J].
EVENT_SETTINGS = MappingProxyType(
    {
        "street": 0.40,
        "hostel": 0.22,
        "home": 0.12,
        "nightlife": 0.10,
        "festival": 0.03,
        "prison": 0.05,
        "unknown": 0.08,
    }
)
# Days from what was noticed to the notice: lognormal, median and sigma of the log [J].
EVENT_LAG = (4.0, 0.7)
# Probability that a notice fills each of the heads that it may leave out [J].
HEAD_SHARES = MappingProxyType(
    {
        "exposure": 0.80,
        "analysis": 0.20,
        "identification": 0.45,
        "health_risks": 0.90,
        "social_risks": 0.30,
        "health_measures": 0.40,
        "other_measures": 0.20,
        "further": 0.25,
    }
)
