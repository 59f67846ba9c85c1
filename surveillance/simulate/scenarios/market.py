"""Scenario of the market: dealers cut before they raise the price."""

import numpy as np
import pandas as pd

from surveillance.domain import Floats
from surveillance.simulate.figures import planted as figures
from surveillance.simulate.scenarios.scene import Planted, Planting, Scene, days_of, event_of


def drought(scene: Scene, planting: Planting) -> Planted:
    """C: for a year a drug is cut; its purity halves while the price falls a little.

    The size is the observations within the year.
    """
    days = days_of(scene, planting, figures.DROUGHT_DAYS)
    market = scene.cases["price_purity"]
    here = (market["substance_id"] == planting.substance_id).to_numpy()
    since = (market["day"] - pd.Timestamp(days[0])).dt.days.to_numpy()
    depth = np.where(here, _depth(since), 0.0)
    changed = {
        "price_gbp": market["price_gbp"] * figures.DROUGHT_PRICE_FACTOR**depth,
        "purity_percent": market["purity_percent"] * figures.DROUGHT_PURITY_FACTOR**depth,
    }
    touched = depth > 0
    market = market.assign(**changed, event_id=market["event_id"].mask(touched, planting.event_id))
    inside = here & (since >= 0) & (since < figures.DROUGHT_DAYS)
    event = event_of(planting, kind="market_observation", days=days, size=int(inside.sum()))
    return {**scene.cases, "price_purity": market}, (event,)


def _depth(since: np.ndarray) -> Floats:
    """Say how far the drought has gone, 0 to 1, so many days after it began."""
    corners = np.cumsum(
        [
            0,
            figures.DROUGHT_ONSET_DAYS,
            figures.DROUGHT_DAYS - figures.DROUGHT_ONSET_DAYS,
            figures.DROUGHT_RECOVERY_DAYS,
        ]
    )
    return np.asarray(np.interp(since, corners, [0.0, 1.0, 1.0, 0.0]))
