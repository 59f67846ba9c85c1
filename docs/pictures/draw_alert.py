"""Draw the picture of the readme: the strongest signal of the last ``make run``.

Where there has been none it says so and draws nothing.
"""

import sys
from pathlib import Path

from alerts import charts
from config.settings import CONFIG_FOLDER, load_settings
from surveillance.domain import Signal
from surveillance.errors import StoreError
from surveillance.register import load_register
from surveillance.store.engine import open_engine, reading
from surveillance.store.signals import load_signals

HERE = Path(__file__).parent


def main() -> None:
    """Write alert.png beside this file."""
    home = load_settings().home / "demo"
    try:
        with reading(open_engine(f"sqlite:///{home / 'dews.db'}")) as connection:
            signals = load_signals(connection, realm="live")
    except StoreError:
        signals = []
    if not signals:
        sys.stderr.write("No signal of make run was found; the readme's picture stays.\n")
        return
    strongest = max(signals, key=lambda signal: signal.rank_score)
    (HERE / "alert.png").write_bytes(charts.to_png(picture_of(strongest), scale=1.6))


def picture_of(signal: Signal) -> charts.Picture:
    """Give the curve of a signal's strongest alarm with a title that says the finding."""
    register = load_register(CONFIG_FOLDER)
    substance = register.substances.get(signal.substance_id).name.lower()
    area = register.areas.get(signal.area_code).name
    lead = signal.evidence[0]
    return charts.Picture(
        title=f"More reports naming {substance} in {area} than expected (simulated)",
        axis="Reports a week",
        cadence="week",
        curve=signal.curve,
        raised=frozenset(
            alarm["period_start"] for alarm in signal.evidence if alarm["stream"] == lead["stream"]
        ),
    )


if __name__ == "__main__":
    main()
