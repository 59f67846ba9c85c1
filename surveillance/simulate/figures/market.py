"""Figures of prices and purity; the marks are explained in the package."""

from types import MappingProxyType

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
            (1.0, 45.0, "retail", 0.12),
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
# Scatter of a deal's price: sigma of the log [J].
PRICE_SIGMA = 0.12
# The region of London [ONS-g].
LONDON = "E12000007"
# Powder cocaine reaches 120 pounds in London against about 80 elsewhere [V:108].
LONDON_COCAINE_FACTOR = 1.25
# Days from a price to its receipt: lognormal, median and sigma of the log [J].
PRICE_LAG = (5.0, 0.5)
# Mean and spread between samples, in per cent; heroin 43 % [V:111], cocaine from its two tiers
# [V:108]; the spreads [J].
PURITIES = MappingProxyType({"heroin": (43.0, 12.0), "cocaine": (53.0, 15.0)})
# Samples a region and month [J].
PURITY_SAMPLES_PER_MONTH = 8.0
# Days from a month's end to the receipt of its purity [J].
PURITY_LAG = (7.0, 0.3)
