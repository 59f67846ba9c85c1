"""Is this installation healthy, and what is missing?"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import httpx
import typer
from rich.console import Console
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from config.settings import Settings
from dews.commands.options import Database, settings_for
from surveillance import jobs
from surveillance.errors import SurveillanceError
from surveillance.feeds.description import FeedDescription, load_description
from surveillance.jobs.intake import count_waiting
from surveillance.jobs.session import database as open_database
from surveillance.jobs.session import judges, pseudonym_key
from surveillance.store.batches import FeedState, feed_states
from surveillance.store.engine import reading, schema_state
from surveillance.store.expiry import load_retention

console = Console()
GOOD, NOTE, BAD = "ok", "note", "missing"
SLACK_SCOPES = ("chat:write", "channels:history", "groups:history")
_CADENCE_DAYS = {"daily": 1, "weekly": 7, "monthly": 31, "yearly": 366}

_LANDED_WITHIN = timedelta(minutes=10)
# It runs every week.
_RETAINED_WITHIN = timedelta(days=15)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``state`` is ok, note or missing."""

    state: str
    what: str
    told: str


def doctor(database: Database = None) -> None:
    """Tell what is configured, reachable, fresh and missing; exit 1 where something is missing.

    Example: dews doctor
    """
    settings = settings_for(database)
    findings = list(examine(settings, now=jobs.clock()))
    for finding in findings:
        style = {GOOD: "green", NOTE: "yellow", BAD: "bold red"}[finding.state]
        console.print(f"{finding.state:>8}", style=style, end="  ")
        console.print(f"{finding.what}: {finding.told}", markup=False, highlight=False)
    if not settings.slack.token:
        console.print("\nSlack app manifest, ready to paste at api.slack.com/apps:", style="bold")
        console.print_json(json.dumps(app_manifest()))
    if any(finding.state == BAD for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings, *, now: datetime) -> Iterator[Finding]:
    """Look at everything an installation needs."""
    yield _folder(settings.home)
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("database", lambda: _database(settings)),
        ("registers", lambda: _registers(settings)),
        ("Airflow", _airflow),
        ("Slack", lambda: _slack(settings)),
        ("pseudonyms", lambda: _pseudonyms(settings)),
        ("retention", lambda: _retention(settings, now=now)),
        ("intake", lambda: _intake(settings, now=now)),
    )
    for what, check in checks:
        try:
            yield check()
        except SurveillanceError as error:
            yield Finding(BAD, what, str(error))
    yield from _feeds(settings, now=now)


def _folder(home: Path) -> Finding:
    if home.is_dir():
        return Finding(GOOD, "folder", f"{home.name} is there")
    return Finding(NOTE, "folder", f"{home} is not there yet; dews migrate makes it")


def _database(settings: Settings) -> Finding:
    current, newest = schema_state(open_database(settings.database_url))
    if current == newest:
        return Finding(GOOD, "database", f"reachable, schema {newest}")
    return Finding(
        BAD, "database", f"schema {current or 'none'}, newest is {newest}: run dews migrate"
    )


def _registers(settings: Settings) -> Finding:
    tools = judges(settings.config_folder)
    count = len(tools.register.substances.all())
    return Finding(
        GOOD,
        "registers",
        f"{count} substances and groups, {len(tools.register.areas.all())} areas, "
        f"{len(tools.streams)} streams, {len(tools.detectors)} detectors",
    )


def _airflow() -> Finding:
    try:
        return Finding(GOOD, "Airflow", version("apache-airflow"))
    except PackageNotFoundError:
        return Finding(BAD, "Airflow", "not installed: run make setup")


def _slack(settings: Settings) -> Finding:
    slack = settings.slack
    if not slack.token:
        return Finding(NOTE, "Slack", "no SLACK_BOT_TOKEN: notices go to the console only")
    if not slack.channel:
        return Finding(BAD, "Slack", "no DEWS_SLACK_CHANNEL: say which channel gets notices")
    try:
        answer = WebClient(token=slack.token, base_url=slack.base_url).auth_test()
    except SlackApiError as error:
        return Finding(BAD, "Slack", f"refused the token: {error.response['error']}")
    except OSError as error:
        return Finding(BAD, "Slack", f"cannot be reached: {error}")
    granted = {
        scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",") if scope
    }
    lacking = [scope for scope in SLACK_SCOPES if scope not in granted]
    if lacking:
        return Finding(BAD, "Slack", f"the token lacks the scopes {', '.join(lacking)}")
    return Finding(GOOD, "Slack", f"token accepted, notices go to {slack.channel}")


def _pseudonyms(settings: Settings) -> Finding:
    if pseudonym_key(settings) is None:
        told = "no DEWS_PSEUDONYM_KEY_FILE: feeds with pseudonyms are stored without them"
        return Finding(NOTE, "pseudonyms", told)
    return Finding(GOOD, "pseudonyms", "there is a key, apart from the data")


def _retention(settings: Settings, *, now: datetime) -> Finding:
    with reading(open_database(settings.database_url)) as connection:
        passes = load_retention(connection)
    if not passes:
        return Finding(NOTE, "retention", "never applied yet: dews retention --dry-run")
    last = passes[-1].at
    late = now - last > _RETAINED_WITHIN
    told = f"last applied {last:%Y-%m-%d}" + (": dews retention" if late else "")
    return Finding(BAD if late else GOOD, "retention", told)


def _intake(settings: Settings, *, now: datetime) -> Finding:
    waiting, oldest = count_waiting(settings)
    if oldest is None:
        return Finding(GOOD, "intake", "no report waits to be landed")
    noun = "report waits" if waiting == 1 else "reports wait"
    told = f"{waiting} {noun} since {oldest:%Y-%m-%d %H:%M} UTC"
    if now - oldest > _LANDED_WITHIN:
        told += ": no intake runs, or it cannot write. Run dews intake land"
        return Finding(BAD, "intake", told)
    return Finding(GOOD, "intake", told)


def _feeds(settings: Settings, *, now: datetime) -> Iterator[Finding]:
    try:
        with reading(open_database(settings.database_url)) as connection:
            states = feed_states(connection)
    except SurveillanceError:
        states = {}
    for path in settings.feeds:
        try:
            description = load_description(path)
        except SurveillanceError as error:
            yield Finding(BAD, f"feed {path.stem}", str(error))
        else:
            yield _feed(description, states.get(path.stem), settings, now=now)


def _feed(
    description: FeedDescription, state: FeedState | None, settings: Settings, *, now: datetime
) -> Finding:
    what = f"feed {description.name}"
    unreachable = _unreachable(description, settings)
    if unreachable:
        return Finding(BAD, what, unreachable)
    if state is None or state.last_fetched_at is None:
        return Finding(
            NOTE, what, f"nothing has arrived; drop a file into {_inbox(description, settings)}"
        )
    age = now - state.last_fetched_at
    due = timedelta(days=_CADENCE_DAYS.get(description.cadence, 31))
    told = f"last batch {age.days} days ago, {state.last_verdict or 'not checked yet'}"
    if age > 2 * due:
        return Finding(BAD, what, f"{told}; expected {description.cadence}. Ask its owner")
    return Finding(GOOD if state.last_verdict == "pass" else NOTE, what, told)


def _unreachable(description: FeedDescription, settings: Settings) -> str:
    """Say why a feed's location cannot be reached; nothing where it can."""
    location = description.location
    if "://" in location:
        try:
            httpx.head(location, follow_redirects=True, timeout=10).raise_for_status()
        except httpx.HTTPError as error:
            return f"{location} cannot be reached: {error}. Try again, or ask its owner"
        return ""
    folder = (settings.home / location).parent
    if location and not folder.is_dir():
        return f"the folder {folder} is not there; dews migrate makes it"
    return ""


def _inbox(description: FeedDescription, settings: Settings) -> str:
    return str(settings.home / description.location) if description.location else "--location"


def app_manifest() -> dict[str, object]:
    """Give the manifest of the Slack app that DEWS needs, and nothing more."""
    return {
        "display_information": {
            "name": "DEWS",
            "description": "Drug early warning: unverified signals for reviewers",
        },
        "features": {"bot_user": {"display_name": "DEWS", "always_online": False}},
        "oauth_config": {"scopes": {"bot": list(SLACK_SCOPES)}},
        "settings": {"org_deploy_enabled": False, "socket_mode_enabled": False},
    }
