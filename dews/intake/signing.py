"""Sign the forms that are handed out, so that only they come back; pure.

A form carries a token: when it was made, a nonce, and a signature over both and over the
visitor's cookie. Nothing is stored; the nonce is the form's idempotency key.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from surveillance.domain.references import spell

VALID_FOR = timedelta(hours=4)
SECRET_LENGTH = 16
_PARTS = 3

Standing = Literal["good", "expired", "forged"]


@dataclass(frozen=True)
class Signer:
    """Signs with the installation's key."""

    key: bytes

    def form_token(self, *, cookie: str, nonce: str, now: datetime) -> str:
        """Make the token of one form."""
        stated = f"{int(now.timestamp())}.{nonce}"
        return f"{stated}.{self._sign('form', f'{cookie}.{stated}').hex()}"

    def check(self, token: str, *, cookie: str, now: datetime) -> tuple[Standing, str]:
        """Say how a form's token stands, and give its nonce where it is good."""
        parts = token.split(".")
        if len(parts) != _PARTS or not cookie:
            return "forged", ""
        made, nonce, signature = parts
        expected = self._sign("form", f"{cookie}.{made}.{nonce}").hex()
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            return "forged", ""
        age = now - datetime.fromtimestamp(int(made), tz=UTC)
        return ("good", nonce) if age <= VALID_FOR else ("expired", "")

    def secret(self, reference: str) -> str:
        """Make the secret by which the sender of a form may ask after it."""
        return spell(self._sign("secret", reference), length=SECRET_LENGTH)

    def _sign(self, what: str, text: str) -> bytes:
        return hmac.digest(self.key, f"{what}:{text}".encode(), hashlib.sha256)
