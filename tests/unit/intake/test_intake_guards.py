"""Rate limits, signed forms, and where the intake refuses to listen."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from config.settings import IntakeSettings, Settings, load_settings
from dews.intake.limits import RateLimits, address_key
from dews.intake.serving import Listening, configure, serve
from dews.intake.signing import VALID_FOR, Signer
from surveillance.errors import SettingsError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SIGNER = Signer(b"k" * 32)


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that never answers; none is asked here."""


def ask(limits: RateLimits, what: str, who: str) -> int:
    """Count one unless it is too many; gives the seconds to wait."""
    seconds = limits.seconds_to_wait(what, who)
    if not seconds:
        limits.count(what, who)
    return seconds


def test_one_too_many_waits_while_others_do_not() -> None:
    limits = RateLimits({"post": "2 per hour"})

    waits = [ask(limits, "post", "north-ed") for _ in range(4)]

    assert waits[:2] == [0, 0]
    assert all(0 < seconds <= 3_600 for seconds in waits[2:])
    assert ask(limits, "post", "south-ed") == 0


def test_every_window_of_a_rate_holds() -> None:
    limits = RateLimits({"form": "3 per minute; 2 per day"})

    waits = [ask(limits, "form", "somebody") for _ in range(3)]

    assert waits[:2] == [0, 0]
    assert waits[2] > 60


def test_all_of_one_household_count_as_one_address() -> None:
    assert address_key("2001:db8:1:2::3") == address_key("2001:db8:1:2:ffff::4")
    assert address_key("2001:db8:1:3::3") != address_key("2001:db8:1:2::3")


@pytest.mark.parametrize("token", ["", "a.b", "1.nonce.00", "x.nonce.ff", "1.nonce.é"])
def test_a_form_that_was_not_handed_out_is_forged(token: str) -> None:
    assert SIGNER.check(token, cookie="visit", now=NOW) == ("forged", "")


def test_a_form_of_another_visit_or_another_key_is_forged() -> None:
    token = SIGNER.form_token(cookie="visit", nonce="n1", now=NOW)

    assert SIGNER.check(token, cookie="other", now=NOW) == ("forged", "")
    assert SIGNER.check(token, cookie="", now=NOW) == ("forged", "")
    assert Signer(b"x" * 32).check(token, cookie="visit", now=NOW) == ("forged", "")
    assert SIGNER.check(token.replace("n1", "n2"), cookie="visit", now=NOW) == ("forged", "")


def test_a_form_is_good_for_four_hours() -> None:
    token = SIGNER.form_token(cookie="visit", nonce="n1", now=NOW)

    assert SIGNER.check(token, cookie="visit", now=NOW + VALID_FOR) == ("good", "n1")
    late = NOW + VALID_FOR + timedelta(seconds=1)
    assert SIGNER.check(token, cookie="visit", now=late) == ("expired", "")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "intake.example.org"])
def test_plain_http_is_refused_where_others_can_reach_it(host: str) -> None:
    with pytest.raises(SettingsError, match="would travel unprotected"):
        configure(Listening(host=host), nothing)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_plain_http_is_for_this_machine(host: str) -> None:
    config = configure(Listening(host=host), nothing)

    assert not config.is_ssl
    assert not config.access_log
    assert not config.proxy_headers


def test_a_certificate_goes_with_its_key_and_both_must_be_there(tmp_path: Path) -> None:
    there = tmp_path / "there.pem"
    there.touch()

    with pytest.raises(SettingsError, match="go together"):
        configure(Listening(certificate=there), nothing)
    with pytest.raises(SettingsError, match=r"missing\.pem is not a file"):
        configure(Listening(certificate=there, key=tmp_path / "missing.pem"), nothing)


@pytest.mark.parametrize(
    ("listening", "key"),
    [
        (Listening(host="0.0.0.0", proxies="10.0.0.0/8"), ""),
        (Listening(proxies="127.0.0.1"), ""),
        (Listening(), "short"),
    ],
)
def test_a_service_does_not_start_without_a_long_key(
    listening: Listening, key: str, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, database_url="sqlite://", intake=IntakeSettings(key=key))

    with pytest.raises(SettingsError, match="DEWS_INTAKE_KEY needs at least 32"):
        serve(settings, listening, ready=lambda: None)


def test_the_key_comes_from_the_environment_and_is_never_shown() -> None:
    settings = load_settings({"DEWS_INTAKE_KEY": "very-secret"})

    assert settings.intake.key == "very-secret"
    assert "very-secret" not in repr(settings)
