"""Every number of the simulated country, each with its source or marked as our choice.

``[V:n]`` is source n of the list at the end of docs/simulation.md, ``[J]`` is our choice. The
formulas that use them are in the same page.
"""

from types import MappingProxyType

# Reaction reports -----------------------------------------------------------------------

# 347 reports between March 2017 and about November 2018 [V:2].
REPORTS_PER_WEEK = 4.1
REPORT_TREND_PER_YEAR = 0.02
REPORT_SEASON = 0.10
REPORT_WEEKDAYS = (0.95, 0.90, 0.92, 0.95, 1.05, 1.13, 1.10)
# Over 60 % were synthetic cannabinoids [V:2]; how the rest divides is [J].
REPORT_SUBSTANCES = MappingProxyType(
    {
        "synthetic_cannabinoids": 0.50,
        "mdmb_4en_pinaca": 0.07,
        "adb_butinaca": 0.03,
        "unknown": 0.08,
        "mdma": 0.045,
        "cocaine": 0.04,
        "ketamine": 0.035,
        "heroin": 0.035,
        "mephedrone": 0.03,
        "pregabalin": 0.03,
        "etizolam": 0.02,
        "diazepam": 0.02,
        "ghb": 0.02,
        "cannabis": 0.015,
        "amphetamine": 0.01,
        "crack_cocaine": 0.01,
        "opioids": 0.01,
    }
)
REPORT_SETTINGS = MappingProxyType(
    {
        "community": 0.40,
        "prison": 0.24,
        "hostel": 0.12,
        "hospital": 0.09,
        "nightlife": 0.06,
        "custody": 0.03,
        "festival": 0.02,
        "other": 0.01,
        "unknown": 0.03,
    }
)
# Share of reports that name a second substance [J].
CO_USE_SHARE = 0.30
CO_USED = ("alcohol", "cannabis", "diazepam", "pregabalin", "cocaine")
# Days from the harm to the report's arrival: lognormal, median and sigma of the log [J].
REPORT_LAG = (3.0, 0.9)
# Share of harms that both an emergency department and an ambulance service report [J].
TWIN_SHARE = 0.03
_EMERGENCY = MappingProxyType({"emergency_department": 0.6, "ambulance": 0.3, "drug_service": 0.1})
REPORTERS = MappingProxyType(
    {
        "community": MappingProxyType(
            {
                "emergency_department": 0.45,
                "ambulance": 0.15,
                "drug_service": 0.25,
                "general_practice": 0.06,
                "mental_health": 0.05,
                "sexual_health": 0.04,
            }
        ),
        "prison": MappingProxyType({"prison": 0.9, "emergency_department": 0.1}),
        "hostel": MappingProxyType({"hostel": 0.7, "drug_service": 0.2, "ambulance": 0.1}),
        "hospital": MappingProxyType({"emergency_department": 0.8, "mental_health": 0.2}),
        "nightlife": _EMERGENCY,
        "custody": MappingProxyType({"custody": 0.9, "emergency_department": 0.1}),
        "festival": _EMERGENCY,
        "other": _EMERGENCY,
        "unknown": _EMERGENCY,
    }
)
REPORT_AGES = MappingProxyType(
    {
        "<16": 0.03,
        "16-17": 0.05,
        "18-24": 0.22,
        "25-34": 0.30,
        "35-44": 0.24,
        "45-54": 0.12,
        "55+": 0.04,
    }
)
REPORT_SEXES = MappingProxyType({"male": 0.76, "female": 0.22, "other": 0.01, "unknown": 0.01})
IDENTIFIED_BY = MappingProxyType(
    {"patient_said": 0.72, "packaging": 0.12, "presumptive": 0.13, "confirmed": 0.03}
)
SERIOUSNESS = MappingProxyType(
    {
        "hospital": 0.42,
        "life-threatening": 0.12,
        "other": 0.25,
        "none": 0.19,
        "disability": 0.005,
        "died": 0.015,
    }
)
OUTCOMES = MappingProxyType(
    {"recovered": 0.55, "recovering": 0.22, "continuing": 0.08, "unknown": 0.15}
)
# Probability of each reaction. Mostly synthetic cannabinoids gave lowered consciousness,
# slurred speech, drowsiness, agitation and acute psychosis [V:2]. The register has no term for
# slurred speech, so confusion stands for it; the numbers are [J].
REACTIONS = MappingProxyType(
    {
        "synthetic_cannabinoids": MappingProxyType(
            {
                "loss of consciousness": 0.50,
                "drowsiness": 0.35,
                "confusion": 0.30,
                "agitation": 0.30,
                "psychosis": 0.15,
                "seizure": 0.10,
                "vomiting": 0.10,
            }
        ),
        "opioids": MappingProxyType(
            {
                "respiratory depression": 0.60,
                "loss of consciousness": 0.70,
                "cyanosis": 0.20,
                "drowsiness": 0.20,
            }
        ),
        "all": MappingProxyType(
            {
                "agitation": 0.35,
                "tachycardia": 0.30,
                "loss of consciousness": 0.25,
                "drowsiness": 0.20,
                "vomiting": 0.12,
                "hallucinations": 0.12,
                "seizure": 0.06,
            }
        ),
    }
)

# Deaths ---------------------------------------------------------------------------------

# 4,859 drug-poisoning deaths registered in England and Wales in 2021 [V:105].
DEATHS_PER_WEEK_ENGLAND_AND_WALES = 93.0
# 1,092 to 1,295 suspected drug deaths a year in 2021-2023 (Scottish Government), about 24 a week.
DEATHS_PER_WEEK_SCOTLAND = 24.0
DEATHS_PER_WEEK_NORTHERN_IRELAND = 4.0
# Registrations 2018-2020 per 100,000 of mid-2022: ONS drug poisoning by region.
DEATH_RATES = MappingProxyType(
    {
        "E12000001": 13.4,
        "E12000002": 9.6,
        "E12000003": 9.4,
        "E12000004": 6.2,
        "E12000005": 6.6,
        "E12000006": 6.0,
        "E12000007": 5.3,
        "E12000008": 5.9,
        "E12000009": 7.5,
        "W92000004": 8.4,
    }
)
DEATH_TREND_PER_YEAR = 0.01
DEATH_SEASON = 0.03
# Daily deaths by occurrence 2014-2018, Monday first (ONS ad hoc 14989).
DEATH_WEEKDAYS = (0.975, 0.972, 1.009, 0.991, 1.009, 1.029, 1.014)
# The same series scatters 1.46 times as widely as Poisson by week; part of that is season.
DEATH_WEEK_CV = 0.06
# Probability that a death involves each substance. 46 % any opiate and 25 % heroin or morphine
# (ONS, 2021 registrations); the rest [J]. Scotland: opioids in most deaths and benzodiazepines
# in more than half [J].
DEATH_SUBSTANCES = MappingProxyType(
    {
        "heroin": (0.27, 0.45),
        "methadone": (0.13, 0.42),
        "cocaine": (0.18, 0.33),
        "codeine": (0.07, 0.06),
        "tramadol": (0.04, 0.04),
        "diazepam": (0.08, 0.22),
        "etizolam": (0.02, 0.35),
        "bromazolam": (0.02, 0.10),
        "pregabalin": (0.09, 0.33),
        "gabapentin": (0.03, 0.20),
        "alcohol": (0.22, 0.14),
        "mdma": (0.02, 0.02),
        "amphetamine": (0.02, 0.03),
        "ketamine": (0.01, 0.01),
        "fentanyl": (0.012, 0.01),
        "metonitazene": (0.003, 0.004),
        "protonitazene": (0.003, 0.004),
        "synthetic_cannabinoids": (0.01, 0.01),
    }
)
# Share of detected substances that the conclusion implicates [J].
IMPLICATED_SHARE = 0.75
# Share of deaths with a suspected record, and days to it: lognormal [J].
SUSPECTED_SHARE = 0.80
SUSPECTED_LAG = (3.0, 0.6)
# What the scene names: nothing, the group of the main substance, or the substance itself [J].
SCENE_NAMES = MappingProxyType({"unknown": 0.50, "group": 0.30, "substance": 0.20})
SUSPECTED_RANKS = MappingProxyType({"1": 0.60, "2": 0.25, "3": 0.15})
# Suspected records that toxicology later clears, over those it confirms, and days to that [J].
CLEARED_SHARE = 0.04
CLEARED_LAG = (60.0, 0.5)
# England and Wales register after the inquest: median 6 to 7 months for drug misuse, mean
# inquest 26-27 weeks [V:104]; half of a year's registrations are of earlier years [V:4][V:5];
# 0.8 % are registered within 7 days [V:3]. Mixture of two lognormals.
INQUEST_QUICK_SHARE = 0.01
INQUEST_QUICK_LAG = (5.0, 0.4)
INQUEST_LAG = (188.0, 0.45)
# Scotland registers at a median of about ten days [V:16]; toxicology later [J].
SCOTTISH_REGISTRATION_LAG = (10.0, 0.5)
SCOTTISH_CONCLUSION_LAG = (80.0, 0.4)
# Days from registration to the coded record with toxicology, outside Scotland [J].
CODING_LAG = (21.0, 0.4)
PLACE_TYPES = MappingProxyType(
    {
        "home": 0.66,
        "hospital": 0.14,
        "hostel": 0.07,
        "public_place": 0.07,
        "prison": 0.015,
        "other": 0.025,
        "unknown": 0.02,
    }
)
# Rounded from suspected deaths by age and sex 2021-2022 (Scottish Government); under 18 [J].
DEATH_AGES = MappingProxyType(
    {
        "<16": 0.003,
        "16-17": 0.004,
        "18-24": 0.048,
        "25-34": 0.145,
        "35-44": 0.31,
        "45-54": 0.32,
        "55+": 0.17,
    }
)
DEATH_SEXES = MappingProxyType({"male": 0.71, "female": 0.285, "unknown": 0.005})
SELF_HARM_SHARE = 0.12

# Prices and purity ----------------------------------------------------------------------

# Observations a region and week of each substance [J].
PRICES_PER_REGION_WEEK = 1.0
# Deals: mass in grams, price in pounds, market level, share of that substance's observations.
# Retail heroin and cocaine [V:107][V:108]; the rest [J].
DEALS = MappingProxyType(
    {
        "heroin": (
            (0.1, 10.0, "retail", 0.35),
            (0.2, 10.0, "retail", 0.30),
            (0.5, 20.0, "retail", 0.15),
            (1.0, 40.0, "retail", 0.12),
            (28.0, 800.0, "mid", 0.05),
            (1000.0, 24000.0, "wholesale", 0.03),
        ),
        "crack_cocaine": (
            (0.1, 10.0, "retail", 0.45),
            (0.2, 20.0, "retail", 0.45),
            (28.0, 1000.0, "mid", 0.10),
        ),
        "cocaine": (
            (0.5, 25.0, "retail", 0.20),
            (1.0, 35.0, "retail", 0.45),
            (1.0, 80.0, "retail", 0.25),
            (28.0, 1100.0, "mid", 0.07),
            (1000.0, 38000.0, "wholesale", 0.03),
        ),
        "mdma": (
            (0.5, 22.0, "retail", 0.40),
            (1.0, 40.0, "retail", 0.50),
            (28.0, 550.0, "mid", 0.10),
        ),
    }
)
PRICE_SIGMA = 0.12
LONDON = "E12000007"
# Powder cocaine reaches 120 pounds in London against about 80 elsewhere [V:108].
LONDON_COCAINE_FACTOR = 1.25
PRICE_LAG = (5.0, 0.5)
# Mean and spread between samples, in per cent; heroin 43 % [V:111], cocaine from its two tiers.
PURITIES = MappingProxyType({"heroin": (43.0, 12.0), "cocaine": (53.0, 15.0)})
PURITY_SAMPLES_PER_MONTH = 8.0
PURITY_LAG = (7.0, 0.3)

# Planted events -------------------------------------------------------------------------

# Focal Point 2012: heroin fell from 45 to 40 pounds while purity about halved [V:109].
DROUGHT_PRICE_FACTOR = 40.0 / 45.0
DROUGHT_PURITY_FACTOR = 0.5

# Dirt: share of a feed's rows that get each fault [J].
DIRT_SHARES = MappingProxyType(
    {"reaction_reports": 0.004, "deaths": 0.0004, "price_purity": 0.0006}
)
