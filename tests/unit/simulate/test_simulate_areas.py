from dataclasses import replace
from pathlib import Path

import pytest

from surveillance.errors import InputError
from surveillance.register import Register
from surveillance.register.areas import load_areas
from surveillance.simulate import GENERATORS
from surveillance.simulate.country import make_country

HEADER = "code,name,kind,parent,population,population_year,aliases,valid_from,valid_to,members"
KINGDOM = "K02000001,United Kingdom,country_group,,,,,,,"
NORTH_EAST = "E12000001,North East,region,K02000001,,,,,,"
DURHAM = "E06000047,County Durham,authority,E12000001,528127,2022,,,,"


def with_areas(register: Register, folder: Path, *lines: str) -> Register:
    table, neighbours = folder / "areas.csv", folder / "neighbours.csv"
    table.write_text("\n".join([HEADER, KINGDOM, *lines]) + "\n")
    neighbours.write_text("area_code,neighbour_code,area_name,neighbour_name\n")
    return replace(register, areas=load_areas(table, neighbours=neighbours))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((NORTH_EAST,), "names no authority"),
        ((NORTH_EAST, DURHAM.replace("528127,2022", ",")), "no population for E06000047"),
        ((DURHAM.replace("E12000001", "K02000001"),), "E06000047 in no region"),
    ],
)
def test_a_table_of_areas_that_cannot_carry_a_country_is_refused_with_its_reason(
    tmp_path: Path, register: Register, lines: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        make_country(with_areas(register, tmp_path, *lines))


def test_an_area_without_an_authority_in_it_cannot_be_planted_in(register: Register) -> None:
    country = make_country(register)

    with pytest.raises(InputError, match="no authority with a population in US-CT"):
        country.weights("US-CT")


def test_people_of_an_area_are_shared_out_by_population(register: Register) -> None:
    country = make_country(register)

    weights = dict(zip(country.authorities, country.weights("E12000003"), strict=True))

    assert sum(weights.values()) == pytest.approx(1)
    assert weights["E08000035"] > weights["E08000032"] > 0
    assert weights["E06000047"] == 0


def test_every_simulated_feed_has_a_description(config_folder: Path) -> None:
    described = {path.stem for path in (config_folder / "feeds").glob("*.toml")}

    assert GENERATORS.keys() <= described
