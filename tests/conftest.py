"""Fixtures that every kind of test may use."""

from pathlib import Path

import pytest

from surveillance.register import Register, load_register

CHECKOUT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def config_folder() -> Path:
    return CHECKOUT / "config"


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    folder = CHECKOUT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the shared reference data does not lie beside this checkout")
    return folder


@pytest.fixture(scope="session")
def register(config_folder: Path) -> Register:
    return load_register(config_folder)
