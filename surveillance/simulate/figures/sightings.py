"""Figures of the sightings; the marks are explained in the package."""

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Finder:
    """Who finds samples, how many a year, and what a laboratory makes of them.

    Attributes:
        per_year: samples a year in which a drug is found.
        laboratory: code of who identifies it.
        lag: days from the sample to the result: median and sigma of the log.
        methods: analytical method -> share.
        confirmed: share of the results that are confirmed, the others are presumptive.
        substances: substance found -> share.
        second: probability that a second substance is found beside it.
    """

    per_year: float
    laboratory: str
    lag: tuple[float, float]
    methods: MappingProxyType[str, float]
    confirmed: float
    substances: MappingProxyType[str, float]
    second: float


# Analytical methods where mass spectrometry is used [J].
_MASS = MappingProxyType({"gc_ms": 0.7, "lc_ms": 0.2, "lc_qtof": 0.1})
# What is found in prisons [J].
_NPS = MappingProxyType(
    {
        "mdmb_4en_pinaca": 0.34,
        "adb_butinaca": 0.24,
        "5f_mdmb_pinaca": 0.06,
        "etizolam": 0.06,
        "cannabis": 0.10,
        "heroin": 0.04,
        "cocaine": 0.05,
        "ketamine": 0.03,
        "pregabalin": 0.05,
        "buprenorphine": 0.03,
    }
)
# What is found at the border [J].
_BORDER = MappingProxyType(
    {
        "cocaine": 0.17,
        "mdma": 0.13,
        "ketamine": 0.14,
        "cannabis": 0.16,
        "diazepam": 0.08,
        "etizolam": 0.05,
        "bromazolam": 0.05,
        "mephedrone": 0.05,
        "mdmb_4en_pinaca": 0.04,
        "adb_butinaca": 0.03,
        "amphetamine": 0.04,
        "tramadol": 0.03,
        "pregabalin": 0.03,
    }
)
# What police forces seize [J].
_STREET = MappingProxyType(
    {
        "heroin": 0.24,
        "cocaine": 0.25,
        "crack_cocaine": 0.14,
        "cannabis": 0.18,
        "mdma": 0.06,
        "ketamine": 0.05,
        "amphetamine": 0.04,
        "etizolam": 0.02,
        "mdmb_4en_pinaca": 0.02,
    }
)
# Samples a year in which a drug was found, 2021-22: border 478 of 490, with 671 substances;
# prisons 347 of 500 and 513 of 600, with 958 substances [V:83]. More than 7,000 samples sent to a
# drug-checking service in 2023-24 [WED]; SOLD_AS says what is in them. What is in the others, the
# seizures of forces and all lags [J].
FINDERS = MappingProxyType(
    {
        "border": Finder(478, "fews", (45.0, 0.5), _MASS, 0.97, _BORDER, 0.40),
        "prison": Finder(860, "fews", (60.0, 0.5), _MASS, 0.92, _NPS, 0.11),
        "seizure": Finder(
            600,
            "forensic_provider",
            (28.0, 0.6),
            MappingProxyType({"gc_ms": 0.55, "ftir": 0.25, "reagent": 0.20}),
            0.60,
            _STREET,
            0.10,
        ),
        "drug_checking": Finder(
            7_000,
            "drug_checking_service",
            (14.0, 0.4),
            MappingProxyType({"lc_ms": 0.75, "gc_ms": 0.15, "ftir": 0.10}),
            0.90,
            MappingProxyType({}),
            0.20,
        ),
    }
)
# What samples were sold as: 1,408 of about 7,000 as diazepam [WED]; the others [J].
SOLD_AS = MappingProxyType(
    {
        "diazepam": 0.20,
        "cocaine": 0.15,
        "mdma": 0.15,
        "ketamine": 0.12,
        "cannabis": 0.08,
        "heroin": 0.08,
        "alprazolam": 0.07,
        "amphetamine": 0.05,
        "pregabalin": 0.04,
        "mdmb_4en_pinaca": 0.03,
        "mephedrone": 0.03,
    }
)
# Share of the samples sold as diazepam that hold none [WED].
NOT_AS_SOLD = MappingProxyType({"diazepam": 0.48})
# 42 % of all samples held something else than was meant to be bought [WED]; so the others [J].
NOT_AS_SOLD_OTHERS = 0.405
# What is found instead: 75 of 1,408 sold as diazepam held a nitazene [WED]; the rest [J].
FOUND_INSTEAD = MappingProxyType(
    {
        "diazepam": MappingProxyType(
            {"bromazolam": 0.62, "etizolam": 0.15, "metonitazene": 0.11, "alprazolam": 0.12}
        ),
        "alprazolam": MappingProxyType({"bromazolam": 0.80, "etizolam": 0.20}),
        "heroin": MappingProxyType({"codeine": 0.55, "metonitazene": 0.10, "fentanyl": 0.35}),
        "cocaine": MappingProxyType({"ketamine": 0.30, "amphetamine": 0.30, "caffeine": 0.40}),
        "mdma": MappingProxyType({"caffeine": 0.45, "mephedrone": 0.35, "amphetamine": 0.20}),
        "all": MappingProxyType({"caffeine": 0.50, "ketamine": 0.25, "amphetamine": 0.25}),
    }
)
# What is found beside it [J].
ADULTERANTS = MappingProxyType({"caffeine": 0.55, "paracetamol": 0.35, "lidocaine": 0.10})
# Most samples come from Wales and the west; where else follows the population [J].
CHECKING_RATES = MappingProxyType({"W92000004": 6.0, "E12000009": 2.0})
# Results by day, Monday first [J].
RESULT_WEEKDAYS = (1.3, 1.3, 1.3, 1.3, 1.3, 0.3, 0.2)
# Grams of a border or police sample: lognormal, median and sigma of the log [J].
QUANTITY = (2.0, 1.2)
# Where the border samples are counted [J].
BORDER_AREA = "E12000008"
