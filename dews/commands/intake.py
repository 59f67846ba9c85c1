"""The intake for reporters: run it, and say which systems may post."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from dews.commands.options import Database, settings_for
from dews.commands.signals import frame_table, wide_console
from surveillance import jobs
from surveillance.jobs import intake as intake_job
from surveillance.jobs import intake_access

console = wide_console()
intake_app = typer.Typer(
    help="The intake for reporters: systems post with a token, people use a form.",
    no_args_is_help=True,
)


@intake_app.command("serve")
def serve_intake(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 8443,
    certificate: Annotated[
        Path | None, typer.Option(help="PEM file of the certificate chain.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="PEM file of its private key.")] = None,
    proxies: Annotated[
        str, typer.Option(help="Addresses or networks of the TLS proxies in front, with commas.")
    ] = "",
    database: Database = None,
) -> None:
    """Run the intake until Ctrl-C: POST /reports for systems, /report for people.

    Example: dews intake serve --host 0.0.0.0 --certificate intake.pem --key intake.key
    """
    # The server and what checks texts take seconds to import.
    from dews.intake import Listening, serve

    settings = settings_for(database)
    listening = Listening(host, port, certificate, key, proxies)
    jobs.prepare(settings)
    scheme = "http" if certificate is None else "https"
    told = f"The intake listens at {scheme}://{host}:{port}/report. Stop with Ctrl-C."
    serve(settings, listening, ready=lambda: console.print(told))


@intake_app.command("grant")
def grant(
    system: Annotated[str, typer.Argument(help="Name of the system, such as north-ed.")],
    database: Database = None,
) -> None:
    """Make a token for a system. It is shown this once; only its hash is kept.

    Example: dews intake grant north-ed
    """
    settings = settings_for(database)
    token = intake_access.grant_token(settings, system, now=jobs.clock())
    typer.echo(token)


@intake_app.command("tokens")
def tokens(database: Database = None) -> None:
    """List the tokens by system: when they were made, last used and revoked.

    Example: dews intake tokens
    """
    found = intake_access.list_tokens(settings_for(database))
    rows = [
        {
            "token": token.token_id,
            "system": token.system,
            "granted": f"{token.created_at:%Y-%m-%d}",
            "last used": f"{token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never",
            "revoked": f"{token.revoked_at:%Y-%m-%d}" if token.revoked_at else "",
        }
        for token in found
    ]
    columns = ["token", "system", "granted", "last used", "revoked"]
    console.print(frame_table(pd.DataFrame(rows, columns=columns), title="Tokens of the intake"))


@intake_app.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(help="Id of the token, as dews intake tokens lists it.")],
    database: Database = None,
) -> None:
    """Revoke a token at once; what it posted stays.

    Example: dews intake revoke 3f9a0c2b7d41
    """
    intake_access.revoke_token(settings_for(database), token, now=jobs.clock())
    typer.echo(f"{token} is revoked.")


@intake_app.command("land")
def land(database: Database = None) -> None:
    """Land the reports that wait, where no intake runs that would; safe to repeat.

    Example: dews intake land
    """
    tally = intake_job.land_waiting(settings_for(database), now=jobs.clock())
    typer.echo(tally.describe(("reports", "batches")))
