"""The intake over TLS, behind a proxy, and its commands."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from typer.testing import CliRunner

from config.settings import Settings
from dews.cli import app
from dews.commands.doctor import examine
from dews.intake import Listening
from dews.intake.limits import RateLimits
from dews.intake.parts import Intake
from surveillance.domain.intake import Submission
from surveillance.errors import InputError
from surveillance.jobs.intake import submit
from surveillance.jobs.intake_access import grant_token, system_of
from tests.integration.intake.clients import ON_SQLITE, Clock, batches
from tests.integration.intake.conftest import PLENTY, running
from tests.unit.intake.report_cases import a_report

pytestmark = ON_SQLITE
RUN = CliRunner()


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Write a certificate of this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem, key_pem = tmp_path / "intake.pem", tmp_path / "intake.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, key_pem


def test_over_tls_reports_are_taken_and_browsers_are_told_to_stay_there(
    intake: Intake, certificate: tuple[Path, Path]
) -> None:
    pem, key = certificate
    token = grant_token(intake.settings, "north-ed", now=intake.clock())
    trusting = ssl.create_default_context(cafile=str(pem))

    with running(intake, Listening(port=0, certificate=pem, key=key)) as port:
        address = f"https://127.0.0.1:{port}"
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=address, verify=trusting, timeout=60) as client:
            answer = client.post("/reports", json=a_report(), headers=headers)
            cookie = client.get("/report").headers["set-cookie"]

    assert answer.status_code == 201
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "Secure" in cookie


def test_only_a_proxy_that_is_named_says_who_asks(intake: Intake) -> None:
    def statuses(proxies: str) -> list[int]:
        limits = RateLimits({**PLENTY, "request": "1 per hour"})
        own = Intake(intake.settings, intake.signer, limits=limits, clock=intake.clock)
        with running(own, Listening(port=0, proxies=proxies)) as port:
            return [
                httpx.get(
                    f"http://127.0.0.1:{port}/report",
                    headers={"X-Forwarded-For": f"192.0.2.{n}"},
                    timeout=60,
                ).status_code
                for n in (1, 2, 2)
            ]

    assert statuses("127.0.0.1") == [200, 200, 429]
    assert statuses("") == [200, 429, 429]


def test_a_proxy_speaks_for_tls(intake: Intake) -> None:
    with running(intake, Listening(port=0, proxies="127.0.0.1")) as port:
        answer = httpx.get(
            f"http://127.0.0.1:{port}/report",
            headers={"X-Forwarded-Proto": "https"},
            timeout=60,
        )

    assert "Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers


def test_tokens_are_granted_listed_and_revoked_by_hand(settings: Settings, clock: Clock) -> None:
    database = ["--database", settings.database_url]

    token = RUN.invoke(app, ["intake", "grant", "north-ed", *database]).stdout.strip()
    token_id = token.split("_")[1]
    assert system_of(settings, token, now=clock()) == "north-ed"
    listed = RUN.invoke(app, ["intake", "tokens", *database]).stdout
    revoked = RUN.invoke(app, ["intake", "revoke", token_id, *database])
    again = RUN.invoke(app, ["intake", "revoke", token_id, *database])

    assert token_id in listed
    assert token not in listed
    assert revoked.exit_code == 0
    assert system_of(settings, token, now=clock()) is None
    assert isinstance(again.exception, InputError)
    assert "is in force" in str(again.exception)


@pytest.mark.parametrize("name", ["form", "North", "a", "north ed", "x" * 41, ""])
def test_a_system_has_a_plain_name_that_is_not_the_forms(name: str, settings: Settings) -> None:
    told = RUN.invoke(app, ["intake", "grant", "--database", settings.database_url, "--", name])

    assert isinstance(told.exception, InputError)
    assert "cannot be the name of a system" in str(told.exception)


def test_what_waits_is_told_by_the_doctor_and_landed_by_hand(
    settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEWS_HOME", str(settings.home))
    submit(settings, Submission("north-ed", a_report()), now=clock())
    late = clock() + timedelta(minutes=11)

    before = {one.what: one for one in examine(settings, now=late)}["intake"]
    landed = RUN.invoke(app, ["intake", "land", "--database", settings.database_url])
    after = {one.what: one for one in examine(settings, now=late)}["intake"]

    assert before.state == "missing"
    assert "1 report waits since" in before.told
    assert landed.stdout.strip() == "1 reports, 1 batches"
    assert after.state == "ok"
    assert len(batches(settings)) == 1
