"""Read how long things are kept: ``config/retention.toml`` says how long and why."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from surveillance.errors import SettingsError

# A shorter period would take away what the service still works with.
LEAST_DAYS: Mapping[str, int] = {
    # A year of corrections: until then a batch may have to be read again.
    "raw_reports": 365,
    # A week, so that a person can look.
    "quarantine": 7,
    "slack": 1,
    # What was decided must outlive the reports it was decided on.
    "audit": 730,
}


@dataclass(frozen=True)
class Period:
    """How long one sort of thing is kept, in days, and why."""

    days: int
    reason: str

    def before(self, moment: datetime) -> datetime:
        """Give the moment before which things are past their period."""
        return moment - timedelta(days=self.days)


def read_periods(path: Path) -> dict[str, Period]:
    """Read the periods, by what they are about.

    Raises:
        SettingsError: a period is missing, unknown, without a reason or too short; nothing is
            removed on half a rule.
    """
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{path.name} cannot be read: {error}. Nothing was removed; mend the file."
        ) from error
    faults = [f"unknown [{name}]" for name in sorted(set(table) - set(LEAST_DAYS))]
    faults += [f"missing [{name}]" for name in sorted(set(LEAST_DAYS) - set(table))]
    for name in LEAST_DAYS.keys() & table.keys():
        faults += _faults(name, table[name])
    if faults:
        raise SettingsError(
            f"{path.name}: {'; '.join(sorted(faults))}. Nothing was removed; mend the file."
        )
    return {name: Period(table[name]["days"], table[name]["reason"]) for name in LEAST_DAYS}


def _faults(name: str, values: Any) -> list[str]:
    if not isinstance(values, dict) or set(values) != {"days", "reason"}:
        return [f"[{name}] must hold days and reason, and nothing else"]
    days, reason = values["days"], values["reason"]
    if not isinstance(days, int) or isinstance(days, bool) or days < LEAST_DAYS[name]:
        return [f"[{name}] days must be a whole number of at least {LEAST_DAYS[name]}"]
    if not isinstance(reason, str) or not reason.strip():
        return [f"[{name}] needs a reason"]
    return []
