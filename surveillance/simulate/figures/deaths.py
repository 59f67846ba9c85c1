"""Figures of the deaths; the marks are explained in the package."""

from types import MappingProxyType

# 4,859 drug-poisoning deaths registered in England and Wales in 2021 [V:105].
DEATHS_PER_WEEK_ENGLAND_AND_WALES = 93.0
# 1,092 to 1,295 suspected drug deaths a year in 2021-2023, about 24 a week
# [SG].
DEATHS_PER_WEEK_SCOTLAND = 24.0
# About two hundred a year [J].
DEATHS_PER_WEEK_NORTHERN_IRELAND = 4.0
# Registrations 2018-2020 per 100,000 of mid-2022 [ONS-r].
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
# Relative growth a year [J].
DEATH_TREND_PER_YEAR = 0.01
# Amplitude of the yearly cosine, highest at New Year [J].
DEATH_SEASON = 0.03
# Daily deaths by occurrence 2014-2018, Monday first [ONS-d].
DEATH_WEEKDAYS = (0.975, 0.972, 1.009, 0.991, 1.009, 1.029, 1.014)
# The same series scatters 1.46 times as widely as Poisson by week; part of that is season
# [ONS-d].
DEATH_WEEK_CV = 0.06
# Probability that a death involves each substance, outside Scotland and there. 46 % any opiate
# and 25 % heroin or morphine in the registrations of 2021 [ONS-r]; the rest [J]. In Scotland
# opioids in most deaths and benzodiazepines in more than half [J].
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
# Share of deaths with a suspected record [J].
SUSPECTED_SHARE = 0.80
# Days from the death to the suspected record: lognormal, median and sigma of the log [J].
SUSPECTED_LAG = (3.0, 0.6)
# What the scene names: nothing, the group of the main substance, or the substance itself [J].
SCENE_NAMES = MappingProxyType({"unknown": 0.50, "group": 0.30, "substance": 0.20})
# How likely a drug death was thought to be [J].
SUSPECTED_RANKS = MappingProxyType({"1": 0.60, "2": 0.25, "3": 0.15})
# Suspected records that toxicology later clears, over those it confirms [J].
CLEARED_SHARE = 0.04
# Days from the suspicion to its clearing [J].
CLEARED_LAG = (60.0, 0.5)
# England and Wales register after the inquest: median 6 to 7 months for drug misuse, mean
# inquest 26-27 weeks [V:104]; half of a year's registrations are of earlier years [V:4][V:5];
# 0.8 % are registered within 7 days [V:3]. Mixture of two lognormals.
INQUEST_QUICK_SHARE, INQUEST_QUICK_LAG, INQUEST_LAG = 0.01, (5.0, 0.4), (188.0, 0.45)
# Scotland registers at a median of about ten days [V:16].
SCOTTISH_REGISTRATION_LAG = (10.0, 0.5)
# Days from registration to toxicology in Scotland [J].
SCOTTISH_CONCLUSION_LAG = (80.0, 0.4)
# Days from registration to the coded record with toxicology, outside Scotland [J].
CODING_LAG = (21.0, 0.4)
# Where people die [J].
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
# Rounded from suspected deaths by age and sex 2021-2022 [SG]; under 18 [J].
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
# From the same source, rounded [SG].
DEATH_SEXES = MappingProxyType({"male": 0.71, "female": 0.285, "unknown": 0.005})
# Share of poisonings that were intended [J].
SELF_HARM_SHARE = 0.12
