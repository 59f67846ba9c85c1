"""Figures of what is planted and of the dirt; the marks are explained in the package."""

from types import MappingProxyType

# Focal Point 2012: heroin fell from 45 to 40 pounds while purity about halved [V:109].
DROUGHT_PRICE_FACTOR = 40.0 / 45.0
DROUGHT_PURITY_FACTOR = 0.5

# Dirt: share of a feed's rows that get each fault [J].
DIRT_SHARES = MappingProxyType(
    {"reaction_reports": 0.004, "deaths": 0.0004, "price_purity": 0.0006}
)
