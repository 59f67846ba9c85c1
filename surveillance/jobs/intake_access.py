"""Who may report: grant, check and revoke the tokens of systems, and the secrets of the form."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from surveillance.domain.intake import FORM_SYSTEM, TokenState
from surveillance.errors import InputError
from surveillance.jobs.session import database
from surveillance.store import intake as store
from surveillance.store.engine import reading, writing

if TYPE_CHECKING:
    from config.settings import Settings

_SYSTEM = re.compile(r"[a-z][a-z0-9_-]{1,39}")
_TOKEN = re.compile(r"dews_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_SECRET_BYTES = 32
_ID_BYTES = 6
_USES_NOTED_EVERY = timedelta(minutes=1)
# Compared with where no token of that id is in force, so that the answer takes as long.
_NO_HASH = "0" * 64


def grant_token(settings: "Settings", system: str, *, now: datetime) -> str:
    """Make a token for a system and give it; only its hash is kept, so it is shown this once.

    The hash has no salt and needs none: the secret is 256 random bits, in no dictionary.

    Raises:
        InputError: the name cannot be that of a system.
    """
    if not _SYSTEM.fullmatch(system) or system == FORM_SYSTEM:
        raise InputError(
            f"{system!r} cannot be the name of a system. No token was made. Use 2 to 40 small "
            f"letters, digits, - or _, a letter first, and not {FORM_SYSTEM!r}."
        )
    token_id, secret = secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
    with writing(database(settings.database_url)) as connection:
        store.add_token(
            connection, token_id=token_id, system=system, token_hash=_hash(secret), at=now
        )
    return f"dews_{token_id}_{secret}"


def list_tokens(settings: "Settings") -> list[TokenState]:
    """List all tokens by system; a revoked one stays, with the day."""
    with reading(database(settings.database_url)) as connection:
        return store.list_tokens(connection)


def revoke_token(settings: "Settings", token_id: str, *, now: datetime) -> None:
    """Revoke a token at once.

    Raises:
        InputError: no token of this id is in force.
    """
    with writing(database(settings.database_url)) as connection:
        if not store.revoke_token(connection, token_id, at=now):
            raise InputError(
                f"No token {token_id!r} is in force. Nothing was changed. List them with: "
                "dews intake tokens"
            )


def system_of(settings: "Settings", token: str, *, now: datetime) -> str | None:
    """Give the system whose token this is, and note its use; None where it is not in force."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    engine = database(settings.database_url)
    with reading(engine) as connection:
        found = store.find_token(connection, match[1])
    state, expected = found or (None, _NO_HASH)
    if not hmac.compare_digest(_hash(match[2]), expected) or state is None or state.revoked_at:
        return None
    if state.last_used_at is None or now - state.last_used_at >= _USES_NOTED_EVERY:
        with writing(engine) as connection:
            store.note_use(connection, state.token_id, at=now)
    return state.system


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
