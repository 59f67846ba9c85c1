"""Two countries of six years, drawn once: one with everything planted, one with nothing."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from surveillance.register import Register
from surveillance.simulate import Choices, DrawnCountry, World, draw_country, make_world

WEEKS = 312
SEED = 1
# So many standard errors may an observation lie from what is stated; the seed is fixed.
FAR = 4.0


@pytest.fixture(scope="session")
def world(register: Register) -> World:
    return make_world(register, weeks=WEEKS, end_week="2026-W40")


@pytest.fixture(scope="session")
def drawn(world: World) -> DrawnCountry:
    return draw_country(world, seed=SEED)


@pytest.fixture(scope="session")
def calm(register: Register) -> DrawnCountry:
    """The same country in which nothing is planted."""
    nothing = Choices(scenarios=frozenset())
    return draw_country(
        make_world(register, weeks=WEEKS, end_week="2026-W40", choices=nothing), seed=SEED
    )


@pytest.fixture(scope="session")
def share_within() -> Callable[[float, float, int], bool]:
    """Say whether an observed share of so many draws can be the stated one."""

    def is_within(observed: float, stated: float, draws: int) -> bool:
        bound = FAR * float(np.sqrt(stated * (1 - stated) / draws))
        return abs(observed - stated) <= bound

    return is_within


@pytest.fixture(scope="session")
def shares_within() -> Callable[[pd.Series, dict[str, float]], bool]:
    """Say whether drawn names can have the stated shares, each by itself."""

    def are_within(names: pd.Series, stated: dict[str, float]) -> bool:
        total, n = sum(stated.values()), len(names)
        seen = names.value_counts(normalize=True)
        return set(seen.index) <= stated.keys() and all(
            abs(seen.get(name, 0.0) - share / total)
            <= FAR * np.sqrt(share / total * (1 - share / total) / n)
            for name, share in stated.items()
        )

    return are_within
