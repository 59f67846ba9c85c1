"""Figures of what is planted and of the dirt; the marks are explained in the package."""

from types import MappingProxyType

# A: West Midlands, June to August: 18 deaths and 25 harms survived [V:151].
CLUSTER_DEATHS, CLUSTER_REPORTS, CLUSTER_DAYS = 18, 25, 92
# What the scene of these deaths names [J].
CLUSTER_SCENE = MappingProxyType({"substance": 0.4, "group": 0.3, "heroin": 0.2, "unknown": 0.1})
# The latest day of a suspicion, for a cluster is looked for [J].
CLUSTER_LATEST_SUSPICION = 10
# B: Dublin: 57 overdoses survived in four days, a laboratory result on the second [V:51].
BURST_REPORTS, BURST_DAYS, BURST_RESULT_DAY = 57, 4, 2
# What that result found [J].
BURST_FOUND = "metonitazene"
# What the reports name before the result, one substance each [J].
BURST_BEFORE = MappingProxyType({"heroin": 0.75, "opioids": 0.25})
# What they name from that day on [J].
BURST_AFTER = MappingProxyType({"heroin": 0.35, "opioids": 0.25, "metonitazene": 0.40})
# C: Focal Point 2012: heroin fell from 45 to 40 pounds a gram while its purity-adjusted price rose
# from 42.16 to 74.32 [V:109].
DROUGHT_PRICE_FACTOR, DROUGHT_ADJUSTED_FACTOR = 40.0 / 45.0, 74.32 / 42.16
# Purity follows from both [V:109].
DROUGHT_PURITY_FACTOR = DROUGHT_PRICE_FACTOR / DROUGHT_ADJUSTED_FACTOR
# It takes half of the year to set in, lasts the other half, and ends within a quarter [J].
DROUGHT_ONSET_DAYS, DROUGHT_DAYS, DROUGHT_RECOVERY_DAYS = 182, 364, 91
# D: registration waits half a year for one coroner, who clears it in one working week [J].
BACKLOG_DAYS, BACKLOG_WAITED_DAYS = 5, 182
# E: sixteen forces that would have joined over two years [V:116] join at once; the event lasts
# five months, of which three are published by its end [J].
FORCES_DAYS = 153
# F: collapses in one prison [J].
PRISON_REPORTS, PRISON_DAYS = 9, 10
# What those reports name [J].
PRISON_PRODUCTS = MappingProxyType({"synthetic_cannabinoids": 0.7, "mdmb_4en_pinaca": 0.3})
# G: a name of our own that no register has; it is no substance [J].
NEW_NAME = "Brozitazepidine"
# I: harms in one city, each reported by hospital and ambulance, some of them deaths [J].
TWIN_HARMS, TWIN_DEATHS, TWIN_DAYS = 6, 2, 5
# J: reports and rumours that a news story brings, of a drug that everybody knows [J].
STORY_REPORTS, STORY_RUMOURS, STORY_DAYS = 14, 6, 10
# Who tells of those who read it [J].
STORY_ROLES = MappingProxyType(
    {"general_practice": 0.45, "drug_service": 0.40, "sexual_health": 0.15}
)
# K: the days in which a change of codes could look like an event [J].
CODES_DAYS = 28
# On that day Cumbria became two authorities, and Somerset took another code [ONS-g].
CODES_CHANGED, RENAMED_OLD = "2023-04-01", "E10000027"
# The codes of Cumbria and of the two it became [ONS-g].
SPLIT_OLD, SPLIT_NEW = "E10000006", ("E06000063", "E06000064")
# L: reports that rest on a laboratory's result, and its samples; after so many days the result is
# taken back, and with it all reports but one, which then names another substance [J].
MISTAKEN_REPORTS, MISTAKEN_SAMPLES, MISTAKEN_DAYS = 7, 3, 4
# When it is taken back, and what the one report that stays then names [J].
CORRECTED_AFTER_DAYS, CORRECTED_TO, CORRECTED_REPORTS = 9, "cannabis", 1

# Share of a feed's rows that get each fault [J].
DIRT_SHARES = MappingProxyType(
    {
        "reaction_reports": 0.004,
        "deaths": 0.0004,
        "price_purity": 0.0006,
        "sightings": 0.0006,
        "street_events": 0.004,
        "acquisitive_crime": 0.0002,
        "arrest_tests": 0.001,
        "opiate_crack_use": 0.001,
        "treatment_presentations": 0.0004,
        "hospital_admissions": 0.0004,
        "blood_borne_viruses": 0.002,
        "release_deaths": 0.002,
        "prison_tests": 0.001,
    }
)
