"""Figures of the indicators; the marks are explained in the package."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Level = Literal["authority", "region"]
# Relative rates of regions are per whatever their source counts; only their ratios matter.
Rates = MappingProxyType[str, float]
# Every region alike [J].
EVEN: Rates = MappingProxyType({})


@dataclass(frozen=True)
class Release:
    """When figures are published, and when they are published again.

    Attributes:
        lag: days from the period's end to the release: median and sigma of the log.
        revised_share: share of the figures that are sent again.
        revised_after_days: days from the first release to the revised one.
        first_share: share of the cases known when a figure that is revised first comes.
    """

    lag: tuple[float, float]
    revised_share: float = 0.0
    revised_after_days: int = 0
    first_share: float = 1.0


@dataclass(frozen=True)
class CountFigure:
    """A count by area and period.

    Attributes:
        per_year: cases a year over all areas together, in the middle of the timeline.
        quarters: weight of April-June, July-September, October-December, January-March.
        growth: relative growth a year.
        cv: coefficient of variation of a cell beyond Poisson.
    """

    category: str
    substance_id: str
    per_year: float
    quarters: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    growth: float = 0.0
    cv: float = 0.10


@dataclass(frozen=True)
class ShareFigure:
    """Positives among the tested, by area and period.

    Attributes:
        tested_per_year: tests a year over all areas together.
        share: probability that a test is positive.
        area_sd: standard deviation of an area's log odds.
    """

    category: str
    substance_id: str
    tested_per_year: float
    share: float
    area_sd: float


# Areas differ beyond population and region: sigma of the log of an authority's rate [J].
AUTHORITY_SIGMA = 0.25
# Growth stops so many years from the middle of the timeline [J].
GROWTH_YEARS = 3.0

# Recorded crimes 2023/24 in the 43 forces of England and Wales, quarters 2022/23-2024/25, growth
# a year 2021/22-2024/25 rounded: Home Office open data [HO]. Scatter of an authority's month:
# Cleveland 2023-2025, .09 to .59 [POL]; one value for all [J].
CRIMES = (
    CountFigure("burglary", "all", 265_678, (0.993, 0.996, 1.035, 0.976), -0.03, 0.18),
    CountFigure("robbery", "all", 79_019, (1.013, 1.006, 1.005, 0.976), 0.06, 0.18),
    CountFigure("vehicle-crime", "all", 378_097, (1.002, 1.012, 1.022, 0.964), -0.01, 0.18),
    CountFigure("shoplifting", "all", 440_437, (0.967, 1.019, 0.973, 1.041), 0.24, 0.18),
    CountFigure("theft-from-the-person", "all", 119_255, (0.961, 0.893, 1.123, 1.022), 0.18, 0.18),
    CountFigure("bicycle-theft", "all", 62_353, (1.094, 1.187, 0.948, 0.771), -0.09, 0.18),
    CountFigure("other-theft", "all", 480_134, (1.026, 1.032, 1.015, 0.927), 0.0, 0.18),
)
# Those crimes per 1,000 people in 2023/24 [HO].
CRIME_RATES: Rates = MappingProxyType(
    {
        "E12000001": 31.8,
        "E12000002": 25.8,
        "E12000003": 31.7,
        "E12000004": 24.8,
        "E12000005": 29.5,
        "E12000006": 22.6,
        "E12000007": 53.7,
        "E12000008": 23.3,
        "E12000009": 20.4,
        "W92000004": 21.3,
    }
)
# The portal publishes about two months later and revises older months [POL]; numbers [J].
CRIME_RELEASE = Release((45.0, 0.10), revised_share=0.10, revised_after_days=91, first_share=0.98)
# Some forces have gaps: chance a month that one begins, and its mean length in months [J].
GAP_SHARE, GAP_MONTHS = 0.002, 4.0

# 117,825 tests between March 2022 and March 2024, 56 % positive [V:116].
ARREST_TESTS, ARREST_POSITIVE = 117_825, 0.56
# In that time the forces that supplied grew from 14 to 30 [V:116].
ARREST_FORCES, ARREST_GROWTH = (14, 30), ("2022-03", "2024-03")
# How forces differ: standard deviation of the log odds, and a month's scatter beyond Poisson [J].
ARREST_FORCE_SD, ARREST_CV = 0.15, 0.15
# Returns come within six weeks [J].
ARREST_RELEASE = Release((40.0, 0.15))

# 341,032 people in England in 2019-20, 9.5 per 1,000 aged 15-64 [V:114].
OCU_PEOPLE, OCU_PER_1000 = 341_032, 9.5
# England has 57.1 million people of all ages, so that 62.9 % are of that age [J].
OCU_AGED_SHARE = 0.629
# Growth a year between the estimates of 2016-17 and 2019-20, 324,840 and 341,032 [V:114].
OCU_GROWTH = 0.0164
# Half of the national interval was 7.3 % of the estimate in 2018-19 [OCU]; an authority's [J].
OCU_HALF_WIDTH = 0.18
# Authorities differ beyond population and region: sigma of the log [J].
OCU_SIGMA = 0.30
# Published three and a half years after the year's end [V:114].
OCU_RELEASE = Release((1300.0, 0.03), revised_after_days=730)
# One year of four was not estimated; a change of method raised an earlier year by 3.5 %
# (313,971 to 324,840) [V:114].
OCU_YEAR_WITHOUT, OCU_REVISION = 4, 1.035

# Adults entering treatment in England 2021-22 with crack and opiates, crack alone, powder
# cocaine [OHID]; those under 25 [J].
TREATMENT = (
    CountFigure("crack with opiates", "crack_cocaine", 18_832, growth=-0.05),
    CountFigure("crack without opiates", "crack_cocaine", 4_711, growth=0.03),
    CountFigure("powder cocaine", "cocaine", 21_298, growth=0.05),
    CountFigure("opiates or crack, under 25", "opioids", 1_800, growth=-0.04),
)
# Submissions are mended for three months [J].
TREATMENT_RELEASE = Release(
    (60.0, 0.10), revised_share=0.30, revised_after_days=91, first_share=0.96
)

# 16,994 admissions for poisoning by drug misuse in England 2019/20 [NHSD]; half opioids [J].
ADMISSIONS = (
    CountFigure("opioids", "opioids", 8_500, growth=-0.01),
    CountFigure("other", "all", 8_494, growth=-0.01),
)
# Per 100,000 in 2014/15: North West 41, London 12.5 [NHSD-14]; the other regions [J].
ADMISSION_RATES: Rates = MappingProxyType(
    {
        "E12000001": 38.0,
        "E12000002": 41.0,
        "E12000003": 32.0,
        "E12000004": 24.0,
        "E12000005": 26.0,
        "E12000006": 20.0,
        "E12000007": 12.5,
        "E12000008": 20.0,
        "E12000009": 25.0,
    }
)
# Provisional months are completed two months later [J].
ADMISSION_RELEASE = Release(
    (50.0, 0.10), revised_share=1.0, revised_after_days=61, first_share=0.97
)

# Survey of people who inject: about 3,000 a year; hepatitis C antibodies 54 %, chronic
# hepatitis C 23 %, HIV .8 to 1.5 % [UAM]; how areas differ [J].
VIRUSES = (
    ShareFigure("hepatitis C antibodies", "all", 3_000, 0.54, 0.20),
    ShareFigure("chronic hepatitis C", "all", 3_000, 0.23, 0.25),
    ShareFigure("HIV", "all", 3_000, 0.012, 0.40),
)
# The report comes in the summer after the survey year [J].
VIRUS_RELEASE = Release((210.0, 0.10))

# 612 to 637 deaths a year on supervision after release from prison [HMPPS]; a third of deaths of
# offenders in the community are drug-related [ONS-off].
RELEASE_DEATHS = (
    CountFigure("drug-related", "all", 207),
    CountFigure("other causes", "all", 413),
)
# A fifth of the deaths of a year await their cause when it is first published [HMPPS]; more of
# the drug-related ones [J].
RELEASE_DEATHS_RELEASE = Release(
    (210.0, 0.05), revised_share=1.0, revised_after_days=365, first_share=0.75
)

# 54,047 random tests in the year to March 2020; 10.4 % positive for traditional drugs and 8.8 %
# for psychoactive substances [LL]; how areas differ [J].
PRISON_TESTS = (
    ShareFigure("traditional drugs", "all", 54_047, 0.104, 0.20),
    ShareFigure("psychoactive substances", "synthetic_cannabinoids", 54_047, 0.088, 0.30),
)
# Results come within five weeks [J].
PRISON_RELEASE = Release((35.0, 0.15))
