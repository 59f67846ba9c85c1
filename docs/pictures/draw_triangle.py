"""Draw the picture of docs/triangles.md: how late the simulated country's deaths are registered.

Three years of it are kept in a database that is thrown away afterwards.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from config.settings import CONFIG_FOLDER, Settings
from dews.triangle_chart import to_png
from surveillance import jobs
from surveillance.jobs.triangles import reporting_triangle
from surveillance.register import load_register
from surveillance.simulate import simulate

HERE = Path(__file__).parent
AS_OF = datetime(2026, 10, 5, 6, tzinfo=UTC)


def main() -> None:
    """Write triangle.png beside this file."""
    with tempfile.TemporaryDirectory(prefix="dews-triangle-") as folder:
        home = Path(folder)
        register = load_register(CONFIG_FOLDER)
        simulate(home, weeks=156, seed=1, end_week="2026-W40", register=register)
        settings = Settings(
            home=home,
            database_url=f"sqlite:///{home / 'dews.db'}",
            feeds=(CONFIG_FOLDER / "feeds" / "deaths.toml",),
        )
        jobs.prepare(settings)
        for batch_id in jobs.collect(settings, "deaths", now=AS_OF):
            jobs.keep(settings, batch_id, now=AS_OF)
        triangle = reporting_triangle(
            settings,
            "deaths",
            as_of=AS_OF,
            cadence="month",
            dates=("occurred", "registered"),
            unit=(None, None),
        )
    title = "Half of the deaths are registered within six months (simulated)"
    (HERE / "triangle.png").write_bytes(to_png(triangle, title=title, scale=1.2))


if __name__ == "__main__":
    main()
