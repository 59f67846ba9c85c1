"""Draw the pictures of docs/simulation.md: some feeds of the usual simulated country."""

from pathlib import Path

from config.settings import CONFIG_FOLDER
from surveillance.register import load_register
from surveillance.simulate import draw_country, make_world
from surveillance.simulate.charts import picture_of
from surveillance.simulate.pictures import to_png

HERE = Path(__file__).parent
SHOWN = ("deaths", "reaction_reports", "price_purity", "arrest_tests", "street_events")


def main() -> None:
    """Write simulated_FEED.png beside this file."""
    world = make_world(load_register(CONFIG_FOLDER), weeks=312, end_week="2026-W40")
    drawn = draw_country(world, seed=1)
    for feed in SHOWN:
        picture = to_png(picture_of(feed, drawn, world=world))
        (HERE / f"simulated_{feed}.png").write_bytes(picture)


if __name__ == "__main__":
    main()
