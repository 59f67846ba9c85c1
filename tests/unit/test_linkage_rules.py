"""The figures of linkage: what is missing or impossible stops before anything is linked."""

from pathlib import Path

import pytest

from surveillance.errors import SettingsError
from surveillance.linkage import method_of, read_rules

SHIPPED = "linkage.toml"


@pytest.fixture
def changed(config_folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / SHIPPED
    path.write_text((config_folder / SHIPPED).read_text(encoding="utf-8"), encoding="utf-8")
    return path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_file_that_is_not_there_stops(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_rules(tmp_path / SHIPPED)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("floor = 0.1", "flour = 0.1", "missing or unknown: floor, flour"),
        ("floor = 0.1", "floor = 1.5", "floor must lie between 0 and 1"),
        ("emergency = 0.3", "emergency = 0", r"\[shares\] emergency must lie between"),
        ("emergency = 0.3", "urgent = 0.3", r"\[shares\] needs exactly again, copy, emergency"),
        ("reports = 3", "reports = 4", r"\[days\] reports needs 5 figures"),
        ("agreeing = 0.92", "agreeing = 0.2", r"\[substances\] must be above 0 and add up to 1"),
        ("match = [0.99, 0.01]", "match = [0.9]", r"\[fields.sex\] match and chance differ"),
        ("least_crowding = 0.2", "least_crowding = 0", "must be above 0"),
        ("crowding_days = [3, 28]", "crowding_days = 28", "not as expected"),
    ],
)
def test_a_figure_that_cannot_be_is_named(changed: Path, old: str, new: str, told: str) -> None:
    replace(changed, old, new)

    with pytest.raises(SettingsError, match=told):
        read_rules(changed)


def test_another_version_of_the_figures_is_another_method(changed: Path) -> None:
    before = method_of(read_rules(changed))
    replace(changed, 'version = "1"', 'version = "2"')

    assert method_of(read_rules(changed)) != before
