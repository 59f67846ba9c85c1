"""The live service on this machine: start it, stop it."""

import time

import typer

from dews.airflow_installation import prepare_airflow
from dews.airflow_service import SERVICE_PARTS, AirflowService, end_running, ended_by_signals
from dews.commands.options import Database, settings_for
from surveillance import jobs

_LOOK_EVERY_SECONDS = 1.0


def up(database: Database = None) -> None:
    """Start the live service and keep it running until Ctrl-C.

    A feed file put into the inbox folder of its feed is stored within a minute.

    Example: dews up
    """
    settings = settings_for(database)
    with ended_by_signals():
        typer.echo("Starting. The first start takes about a minute.")
        jobs.prepare(settings)
        installation = prepare_airflow(settings, runs_by_itself=True, report=typer.echo)
        with AirflowService(installation, parts=SERVICE_PARTS) as service:
            service.wait_until_healthy(report=typer.echo)
            typer.echo(f"Airflow answers at {installation.access.url}")
            typer.echo(f"Log in as {installation.access.user}, {installation.access.password}")
            typer.echo(f"Inbox: {settings.home / 'inbox'}/<feed>/. Stop with Ctrl-C or make down.")
            try:
                while True:
                    service.check_alive()
                    time.sleep(_LOOK_EVERY_SECONDS)
            finally:
                typer.echo("Stopping.")


def down(database: Database = None) -> None:
    """Stop the live service that runs in this home; safe to repeat.

    Example: dews down
    """
    ended = end_running(settings_for(database))
    typer.echo("Stopped." if ended else "Nothing was running.")
