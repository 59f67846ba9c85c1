"""Figures of the reaction reports; the marks are explained in the package."""

from types import MappingProxyType

# 347 reports between March 2017 and about November 2018 [V:2].
REPORTS_PER_WEEK = 4.1
# Relative growth a year [J].
REPORT_TREND_PER_YEAR = 0.02
# Amplitude of the yearly cosine, highest at New Year [J].
REPORT_SEASON = 0.10
# Harms by day, Monday first [J].
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
# Where harms happen [J].
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
# What is named beside the suspect, each as often [J].
CO_USED = ("alcohol", "cannabis", "diazepam", "pregabalin", "cocaine")
# Days from the harm to the report's arrival: lognormal, median and sigma of the log [J].
REPORT_LAG = (3.0, 0.9)
# Share of harms that both an emergency department and an ambulance service report [J].
TWIN_SHARE = 0.03
# Share of the reports whose harm is a death of the deaths feed, and the most of the deaths that
# reports may tell of, however many reports are asked for [J].
DIED_SHARE, MOST_DEATHS_REPORTED = 0.015, 0.6
# Days from the overdose to the death, in that order of probability [J].
DAYS_TO_DEATH = MappingProxyType({"0": 0.75, "1": 0.20, "2": 0.05})
# Which service tells of a death [J].
DEATH_REPORTERS = MappingProxyType({"ambulance": 0.65, "emergency_department": 0.35})
# What the crew or the hospital names of the substances of somebody who dies [J].
DEATH_NAMES = MappingProxyType({"substance": 0.30, "group": 0.35, "unknown": 0.35})
# How the second record of a harm disagrees with the first: the probability that it leaves the
# age band unknown, puts it into the next band, or leaves the sex unknown [J].
AGE_MISSING, AGE_NEXT_BAND, SEX_MISSING = 0.12, 0.05, 0.04
# Probability that it dates the harm a day later [J].
DAY_LATER = 0.08
# What it names: the same substance, its group, or nothing [J].
NAMED_AS = MappingProxyType({"substance": 0.60, "group": 0.25, "unknown": 0.15})
# Probability that it gives the area of residence where the other gives that of the incident [J].
AREA_ELSEWHERE = 0.12
# Probability that it gives another setting [J].
SETTING_DIFFERS = 0.20
# Which other setting it then gives [J].
OTHER_SETTINGS = MappingProxyType({"unknown": 0.5, "community": 0.3, "hospital": 0.2})
# Which services report an emergency [J].
_EMERGENCY = MappingProxyType({"emergency_department": 0.6, "ambulance": 0.3, "drug_service": 0.1})
# Which services report from each setting [J].
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
# Who is harmed [J].
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
# Who is harmed [J].
REPORT_SEXES = MappingProxyType({"male": 0.76, "female": 0.22, "other": 0.01, "unknown": 0.01})
# How the substance was identified [J].
IDENTIFIED_BY = MappingProxyType(
    {"patient_said": 0.72, "packaging": 0.12, "presumptive": 0.13, "confirmed": 0.03}
)
# How serious a harm that is survived is [J].
SERIOUSNESS = MappingProxyType(
    {
        "hospital": 0.42,
        "life-threatening": 0.12,
        "other": 0.25,
        "none": 0.19,
        "disability": 0.005,
    }
)
# What becomes of those who live [J].
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
