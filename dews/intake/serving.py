"""Run the intake: over TLS, on the loopback, or behind a proxy that speaks TLS; never otherwise."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from config.settings import Settings
from dews.intake.app import create_app
from dews.intake.parts import Intake
from dews.intake.signing import Signer
from surveillance.errors import SettingsError

LEAST_KEY_LENGTH = 32
_MOST_CONNECTIONS = 200
_KEEP_ALIVE_SECONDS = 5
_GRACE_SECONDS = 10
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listening:
    """Where and how the intake listens.

    Attributes:
        certificate: PEM file of the certificate chain, None: no TLS of its own.
        key: PEM file of the private key.
        proxies: addresses or networks of the proxies in front, separated by commas; their word
            on who is asking is trusted. Empty: none.

    Raises:
        SettingsError: reports would travel unprotected, or a file is missing.
    """

    host: str = "127.0.0.1"
    port: int = 8443
    certificate: Path | None = None
    key: Path | None = None
    proxies: str = ""

    def __post_init__(self) -> None:
        _check(self)

    @property
    def is_loopback(self) -> bool:
        """Whether nobody but this machine can reach it."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def is_private(self) -> bool:
        """Whether it is somebody's own trial on their own machine."""
        return self.is_loopback and not self.proxies and self.certificate is None


def serve(settings: Settings, listening: Listening, *, ready: Callable[[], None]) -> None:
    """Run the intake until it is told to stop; what waits is landed before it ends.

    Args:
        settings: the installation.
        listening: where it listens.
        ready: called when everything is loaded, right before it listens.

    Raises:
        SettingsError: the key is missing or short.
    """
    intake = Intake(settings=settings, signer=Signer(_signing_key(settings, listening)))
    config = configure(listening, create_app(intake))
    intake.warm_up()
    ready()
    uvicorn.Server(config).run()


def configure(listening: Listening, app: ASGIApp) -> uvicorn.Config:
    """Give the configuration of the server that runs an application."""
    return uvicorn.Config(
        app,
        host=listening.host,
        port=listening.port,
        ssl_certfile=listening.certificate,
        ssl_keyfile=listening.key,
        proxy_headers=bool(listening.proxies),
        forwarded_allow_ips=listening.proxies,
        # Who reported from where is written down nowhere.
        access_log=False,
        server_header=False,
        log_config=None,
        http="h11",
        ws="none",
        lifespan="on",
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _check(listening: Listening) -> None:
    if (listening.certificate is None) != (listening.key is None):
        raise SettingsError(
            "The intake did not start: a certificate and its key go together. Give both "
            "--certificate and --key, or neither."
        )
    for path in (listening.certificate, listening.key):
        if path is not None and not path.is_file():
            raise SettingsError(f"The intake did not start: {path} is not a file.")
    if listening.certificate is None and not listening.is_loopback and not listening.proxies:
        raise SettingsError(
            f"The intake did not start: on {listening.host} reports and tokens would travel "
            "unprotected. Give --certificate and --key; or --proxies with the address of the "
            "proxy that speaks TLS in front; or stay on 127.0.0.1."
        )


def _signing_key(settings: Settings, listening: Listening) -> bytes:
    key = settings.intake.key
    if len(key) >= LEAST_KEY_LENGTH:
        return key.encode()
    if key or not listening.is_private:
        raise SettingsError(
            f"The intake did not start: DEWS_INTAKE_KEY needs at least {LEAST_KEY_LENGTH} "
            "characters. Make one with: openssl rand -hex 32"
        )
    log.warning("no DEWS_INTAKE_KEY: forms that are open now are lost with this process")
    return secrets.token_bytes(LEAST_KEY_LENGTH)
