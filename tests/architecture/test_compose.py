import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
TEXT = (CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8")
VARIABLE = re.compile(r"(?<!\$)\$\{([A-Z0-9_]+)([^}]*)\}")
ONE_OFF = {"databases", "migrate"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(TEXT)["services"])


@pytest.mark.shared
def test_the_file_holds_to_the_compose_specification(shared_folder: Path) -> None:
    schema = json.loads((shared_folder / "contracts" / "compose.schema.json").read_text("utf-8"))

    jsonschema.Draft7Validator(schema).validate(yaml.safe_load(TEXT))


def test_no_password_has_a_default() -> None:
    secret = re.compile("PASSWORD|KEY|SECRET")

    defaults = {name: rest for name, rest in VARIABLE.findall(TEXT) if secret.search(name)}

    assert defaults
    assert set(defaults.values()) == {":?see .env.example"}


def test_no_password_is_written_into_an_address() -> None:
    written = [
        found for found in re.findall(r"//\w*:([^@/\s]+)@", TEXT) if not found.startswith("${")
    ]

    assert written == []


def test_the_example_lists_exactly_the_variables_used_and_gives_no_secret() -> None:
    lines = (CHECKOUT / ".env.example").read_text(encoding="utf-8").splitlines()
    listed = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    used = {name for name, _ in VARIABLE.findall(TEXT)}

    assert set(listed) == used
    assert {name for name, value in listed.items() if value} == {"DEWS_PORT", "DEWS_INTAKE_PORT"}


def test_ports_are_open_to_this_machine_only(services: dict[str, dict[str, Any]]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]

    assert ports
    assert all(str(port).startswith("127.0.0.1:") for port in ports)


def test_every_service_has_a_health_check_or_ends_by_itself(
    services: dict[str, dict[str, Any]],
) -> None:
    without = {name for name, service in services.items() if "healthcheck" not in service}

    assert without == ONE_OFF


def test_every_dependency_states_what_it_waits_for(services: dict[str, dict[str, Any]]) -> None:
    awaited = {
        name: condition["condition"]
        for service in services.values()
        for name, condition in service.get("depends_on", {}).items()
    }

    assert awaited == {
        "postgres": "service_healthy",
        "redis": "service_healthy",
        "databases": "service_completed_successfully",
        "migrate": "service_completed_successfully",
    }


def test_the_service_has_every_part_of_airflow_and_two_workers(
    services: dict[str, dict[str, Any]],
) -> None:
    parts = {"api-server", "scheduler", "dag-processor", "triggerer", "worker"}

    assert parts < set(services)
    assert services["worker"]["deploy"]["replicas"] == 2


def test_both_databases_are_reached_by_the_one_driver_that_is_installed() -> None:
    drivers = set(re.findall(r"postgresql[^:]*(?=://)", TEXT))

    assert drivers == {"postgresql+psycopg", "postgresql+psycopg_async"}


def test_the_intake_knows_no_secret_but_its_own(services: dict[str, dict[str, Any]]) -> None:
    given = services["intake"]["environment"]

    assert set(given) == {"DEWS_HOME", "DEWS_DATABASE_URL", "DEWS_INTAKE_KEY"}


def test_no_file_of_the_host_is_mounted(services: dict[str, dict[str, Any]]) -> None:
    volumes = set(yaml.safe_load(TEXT)["volumes"])
    mounted = {
        str(volume).split(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
    }

    assert mounted == volumes
