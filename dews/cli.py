"""The ``dews`` command: every job by hand.

It exits with 0 on success, 2 on a usage error, and 1 on a failure with a message that says
what failed, where, what is safe and what to do.
"""

import logging
import sys

import typer

from dews.commands.demo import demo
from dews.commands.detect import detect
from dews.commands.doctor import doctor
from dews.commands.feeds import feeds
from dews.commands.pipeline import deliver, migrate, replay, run
from dews.commands.quarantine import quarantine_app
from dews.commands.recall import recall
from dews.commands.resolve import resolve
from dews.commands.signals import signals
from dews.commands.simulate import simulate
from dews.commands.triangle import triangle
from dews.commands.up import down, up
from surveillance.errors import SurveillanceError

app = typer.Typer(
    name="dews",
    help="Drug Early Warning Surveillance: from scattered reports to alerts people can act on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    run,
    replay,
    simulate,
    detect,
    signals,
    deliver,
    feeds,
    recall,
    triangle,
    resolve,
    doctor,
    migrate,
    demo,
    up,
    down,
):
    app.command()(command)
app.add_typer(quarantine_app, name="quarantine")


def main() -> None:
    """Run the command line; a failure raised on purpose becomes one message and exit 1."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        app()
    except SurveillanceError as error:
        sys.stderr.write(f"dews: {error}\n")
        sys.exit(1)
