"""Scenarios of the laboratory: a novel opioid, a name nobody knows, and a mistake it mends."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from surveillance.domain import UNKNOWN_SUBSTANCE
from surveillance.periods import Days
from surveillance.simulate import reports, sightings
from surveillance.simulate.draws import Moments, moments_after
from surveillance.simulate.figures import planted as figures
from surveillance.simulate.figures import sightings as sighting_figures
from surveillance.simulate.scenarios.scene import (
    Planted,
    Planting,
    Scene,
    added,
    days_of,
    event_of,
    reports_of,
    spread,
)


def samples_of(scene: Scene, planting: Planting, days: Days) -> pd.DataFrame:
    """Draw confirmed sightings of an event, one a day of result, told the same day."""
    n = len(days)
    samples = pd.DataFrame(
        {
            "day": days,
            "area_code": planting.area_code,
            "substance_id": planting.substance_id,
            "sold_as_id": "",
            "found_by": "drug_checking",
            "identified_by": sighting_figures.FINDERS["drug_checking"].laboratory,
            "first_seen": "false",
        }
    )
    samples = sightings.with_analysis(
        samples,
        finder=sighting_figures.FINDERS["drug_checking"],
        country=scene.country,
        rng=scene.rng,
    )
    return samples.assign(
        sample=[f"{planting.event_id}-sample-{number}" for number in range(1, n + 1)],
        sampled=days - np.timedelta64(1, "D"),
        received_at=moments_after(scene.rng, days=days, lag_days=np.zeros(n, dtype=np.int64)),
        identification_basis="confirmed",
        method="lc_ms",
        adulterants="",
        event_id=planting.event_id,
    )


def novel_substance(scene: Scene, planting: Planting) -> Planted:
    """G: one opioid that nobody has named before, confirmed by a laboratory, once.

    It is a sighting, or a report where the planting says so. An unknown substance is written
    under a name that the register lacks.
    """
    days = days_of(scene, planting, 1)
    day = spread(scene, days, 1)
    if planting.kind == "reaction_report":
        planted = reports_of(
            scene, planting, day, names=[planting.substance_id], setting="hospital"
        )
        planted = planted.assign(
            identification_basis="confirmed", reporter_role="emergency_department"
        )
        event = event_of(planting, kind="reaction_report", days=days, size=1)
        return added(scene.cases, "reaction_reports", planted), (event,)
    event = event_of(planting, kind="sighting", days=days, size=1)
    sample = samples_of(scene, planting, day).assign(first_seen="true")
    if planting.substance_id == UNKNOWN_SUBSTANCE:
        sample = sample.assign(found=figures.NEW_NAME)
        event = replace(event, verbatim=figures.NEW_NAME)
    return added(scene.cases, "sightings", sample), (event,)


def mistaken_laboratory(scene: Scene, planting: Planting) -> Planted:
    """L: a laboratory finds something that is not there, and takes it back days later.

    Its sightings are withdrawn, and so are the reports that rest on them; one report is sent
    again with another substance. A signal was right until then.
    """
    days = days_of(scene, planting, figures.MISTAKEN_DAYS)
    mended_on = days[1] + timedelta(days=figures.CORRECTED_AFTER_DAYS)
    size = figures.MISTAKEN_REPORTS
    told = reports_of(
        scene,
        planting,
        spread(scene, days, size),
        names=[planting.substance_id] * size,
        setting="community",
    )
    told = told.assign(
        identification_basis="confirmed",
        reporter_role="emergency_department",
        substances=reports.suspects(told["substance_id"], scene.country, scene.rng),
    )
    found = samples_of(scene, planting, spread(scene, days, figures.MISTAKEN_SAMPLES))
    corrected = reports.with_substance(
        told[: figures.CORRECTED_REPORTS],
        figures.CORRECTED_TO,
        country=scene.country,
        rng=scene.rng,
    )
    withdrawn = told[figures.CORRECTED_REPORTS :].assign(withdrawn=True)
    mended = pd.concat([corrected, withdrawn])
    mended = mended.assign(received_at=_on(scene, mended_on, len(mended)))
    taken_back = found.assign(withdrawn="true", received_at=_on(scene, mended_on, len(found)))
    cases = added(scene.cases, "reaction_reports", pd.concat([told, mended]))
    cases = added(cases, "sightings", pd.concat([found, taken_back]))
    event = event_of(planting, kind="reaction_report", days=days, size=size, response="withdrawal")
    return cases, (replace(event, withdrawn_on=mended_on),)


def _on(scene: Scene, day: date, size: int) -> Moments:
    days = np.full(size, np.datetime64(day, "D"))
    return moments_after(scene.rng, days=days, lag_days=np.zeros(size, dtype=np.int64))
