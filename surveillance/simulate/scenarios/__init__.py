"""Planted events: twelve scenarios shaped on real ones, whose truth is known.

A scenario takes the country as drawn so far and returns it with its rows added or changed,
and what it planted. It draws from a stream of its own: leaving one out moves nothing else.
"""

from collections.abc import Mapping

from surveillance.domain import ALL_SUBSTANCES, UNKNOWN_SUBSTANCE
from surveillance.simulate.figures import planted as figures
from surveillance.simulate.scenarios import harms, market, samples, sources
from surveillance.simulate.scenarios.scene import Planted, Planting, Scenario, Scene

__all__ = ["PLAN", "SCENARIOS", "Planting", "Scenario", "Scene", "plant"]

SCENARIOS: Mapping[str, Scenario] = {
    "A": Scenario(
        harms.cluster_with_deaths,
        figures.CLUSTER_DAYS,
        "a nitazene kills over one summer",
        ("deaths", "reaction_reports"),
    ),
    "B": Scenario(
        harms.burst, figures.BURST_DAYS, "many overdoses in four days", ("reaction_reports",)
    ),
    "C": Scenario(
        market.drought, figures.DROUGHT_DAYS, "heroin is cut for a year", ("price_purity",)
    ),
    "D": Scenario(
        sources.backlog,
        figures.BACKLOG_DAYS + figures.BACKLOG_WAITED_DAYS,
        "a coroner clears a backlog in one week",
        ("deaths",),
    ),
    "E": Scenario(
        sources.forces_join,
        2 * figures.FORCES_DAYS,
        "the forces that test on arrest double",
        ("arrest_tests",),
    ),
    "F": Scenario(
        harms.prison_cluster, figures.PRISON_DAYS, "collapses in one prison", ("reaction_reports",)
    ),
    "G": Scenario(
        samples.novel_substance, 1, "one confirmed novel opioid", ("sightings", "reaction_reports")
    ),
    "H": Scenario(sources.feed_stops, 1, "a feed stops", ("street_events",)),
    "I": Scenario(
        harms.told_by_several,
        figures.TWIN_DAYS,
        "ambulance, hospital and coroner tell of one harm",
        ("reaction_reports",),
    ),
    "J": Scenario(
        sources.news_story,
        figures.STORY_DAYS,
        "a news story drives reports",
        ("reaction_reports",),
    ),
    "K": Scenario(
        sources.changed_codes,
        figures.CODES_DAYS,
        "the codes of areas change",
        ("deaths", "acquisitive_crime"),
    ),
    "L": Scenario(
        samples.mistaken_laboratory,
        figures.MISTAKEN_DAYS,
        "a laboratory takes a result back",
        ("reaction_reports",),
    ),
}

_KINGDOM, _SOMERSET = "K02000001", "E06000066"

# The first plantings fall into or touch the last fortnight, the others lie earlier. A2 covers
# June to August 2024 where the last week is 2026-W40.
PLAN: tuple[Planting, ...] = (
    Planting("A1", "A", "protonitazene", "E12000005", 13),
    Planting("B1", "B", "opioids", "E08000032", 3),
    Planting("D1", "D", ALL_SUBSTANCES, "E10000008", 9),
    Planting("E1", "E", ALL_SUBSTANCES, _KINGDOM, 0),
    Planting("F1", "F", "synthetic_cannabinoids", "E06000047", 2),
    Planting("G1", "G", "n_desethyl_isotonitazene", "N09000003", 4),
    Planting("G2", "G", UNKNOWN_SUBSTANCE, "E12000002", 5),
    Planting("H1", "H", ALL_SUBSTANCES, _KINGDOM, 35),
    Planting("I1", "I", "bromazolam", "W06000015", 8),
    Planting("K1", "K", ALL_SUBSTANCES, _SOMERSET, 6),
    Planting("L1", "L", "etonitazepyne", "E08000003", 12),
    Planting("A2", "A", "metonitazene", "E12000005", 764),
    Planting("B2", "B", "opioids", "S12000049", 60 * 7 + 2, size=10),
    Planting("C1", "C", "heroin", _KINGDOM, 104 * 7),
    Planting("D2", "D", ALL_SUBSTANCES, "E10000017", 90 * 7 + 2),
    Planting("F2", "F", "synthetic_cannabinoids", "E10000028", 130 * 7 + 1),
    Planting("G3", "G", "isotonitazene", "E08000003", 150 * 7 + 3, kind="reaction_report"),
    Planting("I2", "I", "etizolam", "E08000035", 45 * 7 + 1),
    Planting("J1", "J", "ketamine", _KINGDOM, 30 * 7 + 2),
    Planting("K2", "K", ALL_SUBSTANCES, figures.SPLIT_OLD, 0),
    Planting("L2", "L", "butonitazene", "E08000012", 80 * 7 + 3),
)


def plant(scene: Scene, planting: Planting) -> Planted:
    """Plant one event; where the simulated weeks are too few for it, nothing is planted."""
    scenario = SCENARIOS[planting.scenario]
    simulated = (scene.timeline.last_day - scene.timeline.first_day).days + 1
    if simulated - planting.days_before_end < scenario.needs_days:
        return scene.cases, ()
    return scenario.plant(scene, planting)
