"""Send notices to one Slack channel, and look there before sending again.

Only answers that prove that Slack did not take a message are repeated blindly (429). After a
server error the channel's history is searched first; after a lost connection nobody knows,
so that the outbox waits and searches before its next attempt.

Slack's history needs the scope ``channels:history``; without it a repeat may send twice.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry import HttpResponse, RetryHandler
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from alerts.escaping import escape_mrkdwn, plain
from alerts.message import Notice, sections
from alerts.outbox import Envelope
from surveillance.errors import DeliveryError, DeliveryRefused, SettingsError

EVENT_TYPE = "dews_delivery"

_LOG = logging.getLogger(__name__)
_CHANNEL_ID = re.compile(r"^[CGD][A-Z0-9]{5,}$")
_CODE = re.compile(r"[a-z_]{1,60}")
_TIMEOUT_SECONDS = 10
_LONGEST_WAIT_SECONDS = 30
_PAUSES_SECONDS = (0.5, 2.0)
_SERVER_ERROR = 500
_TOO_MANY_REQUESTS = 429
_CLOCK_SKEW = timedelta(minutes=5)
_HEADER_LIMIT, _FIELD_LIMIT, _SECTION_LIMIT = 150, 2000, 3000
_MEND = {
    "invalid_auth": "put a valid bot token in SLACK_BOT_TOKEN",
    "not_authed": "put a valid bot token in SLACK_BOT_TOKEN",
    "token_revoked": "put a new bot token in SLACK_BOT_TOKEN",
    "token_expired": "put a new bot token in SLACK_BOT_TOKEN",
    "account_inactive": "put the token of an active workspace in SLACK_BOT_TOKEN",
    "missing_scope": "give the app the scopes that dews doctor names and install it again",
    "channel_not_found": "put the channel's ID in DEWS_SLACK_CHANNEL",
    "not_in_channel": "invite the app to the channel",
    "is_archived": "choose a channel that is not archived in DEWS_SLACK_CHANNEL",
    "restricted_action": "let the app post in the channel",
    "invalid_blocks": "report this as a fault of the service",
}
_FIELDS = ("Substance", "Area", "Change", "Dates of events", "Streams", "Found by")
_BODY = ("Known", "Not known", "Being done", "Clinical", "Harm reduction")
_FOOT = ("Reference", "Supersedes", "Issued", "Valid until", "Exact figures", "Tell us", "For")


class _ShortRateLimit(RateLimitErrorRetryHandler):
    """Wait out a short 429; a long one is left to the outbox, whose claim would run out."""

    def _can_retry(self, *, response: HttpResponse | None = None, **_others: Any) -> bool:
        if response is None or response.status_code != _TOO_MANY_REQUESTS:
            return False
        headers = {name.lower(): value for name, value in response.headers.items()}
        return int(headers.get("retry-after", ["1"])[0]) <= _LONGEST_WAIT_SECONDS


def recipient(settings: Any) -> str:
    """Give the ID of the channel that notices go to.

    Raises:
        SettingsError: there is none, or it is a name: Slack's history is found by ID only.
    """
    channel: str = settings.slack.channel
    if _CHANNEL_ID.match(channel) is None:
        raise SettingsError(
            "DEWS_SLACK_CHANNEL must hold the ID of a Slack channel, such as C0123ABCDEF (in "
            "Slack: the channel's name, About, at the bottom). Nothing was queued; set it or take "
            "slack out of DEWS_CHANNELS, then run again."
        )
    return channel


def send(notice: Notice, envelope: Envelope) -> str:
    """Post a notice; the receipt is ``channel/ts``.

    Raises:
        DeliveryRefused: the token, the channel or the app's rights must be mended.
        DeliveryError: Slack did not answer well; whether it took the message may be unknown.
    """
    client = _client(envelope.settings, _posting_handlers())
    for pause in _PAUSES_SECONDS:
        try:
            return _post(client, notice, envelope)
        except SlackApiError as error:
            if error.response.status_code < _SERVER_ERROR:
                raise _explain(error) from None
        except (OSError, HTTPException) as error:
            raise _unreachable(error) from None
        time.sleep(pause)
        receipt = find(envelope)
        if receipt is not None:
            return receipt
    with _told_plainly():
        return _post(client, notice, envelope)


def _post(client: WebClient, notice: Notice, envelope: Envelope) -> str:
    answer = client.chat_postMessage(
        channel=envelope.recipient,
        text=escape_mrkdwn(f"{notice.level}. {notice.grade}. {notice.headline}"),
        blocks=blocks(notice),
        metadata={
            "event_type": EVENT_TYPE,
            "event_payload": {"delivery_id": envelope.delivery_id},
        },
        unfurl_links=False,
        unfurl_media=False,
    )
    return f"{answer['channel']}/{answer['ts']}"


def find(envelope: Envelope) -> str | None:
    """Look for a delivery's message in the channel's history.

    Raises:
        DeliveryRefused: the token or the channel must be mended.
        DeliveryError: Slack did not answer, so that nobody knows.
    """
    client = _client(envelope.settings, _reading_handlers())
    since = (envelope.since - _CLOCK_SKEW).timestamp()
    cursor: str | None = None
    while cursor != "":
        try:
            with _told_plainly():
                page = client.conversations_history(
                    channel=envelope.recipient,
                    oldest=f"{since:.6f}",
                    include_all_metadata=True,
                    limit=200,
                    cursor=cursor,
                )
        except _MissingScope:
            _LOG.warning("Slack does not let us read the channel: a repeat may be sent twice.")
            return None
        for message in page["messages"]:
            if _is_delivery(message, envelope.delivery_id):
                return f"{envelope.recipient}/{message['ts']}"
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
    return None


def _is_delivery(message: dict[str, Any], delivery_id: str) -> bool:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return metadata.get("event_type") == EVENT_TYPE and payload.get("delivery_id") == delivery_id


def remove(receipt: str, settings: Any) -> None:
    """Delete a message that was sent; one that is gone already is as good.

    Raises:
        DeliveryRefused: the token, the channel or the app's rights must be mended.
        DeliveryError: Slack did not answer well; the message may still stand.
    """
    channel, _, ts = receipt.partition("/")
    client = _client(settings, _reading_handlers())
    with _told_plainly():
        try:
            client.chat_delete(channel=channel, ts=ts)
        except SlackApiError as error:
            if error.response.get("error") != "message_not_found":
                raise


def tell(text: str, settings: Any) -> None:
    """Post one plain line, such as that a task failed; it is not kept in the outbox.

    Raises:
        DeliveryError: Slack did not take it.
    """
    client = _client(settings, _posting_handlers())
    with _told_plainly():
        client.chat_postMessage(channel=recipient(settings), text=escape_mrkdwn(text))


def blocks(notice: Notice) -> list[Block]:
    """Build the Block Kit blocks of a notice: level and grade first, then what and what to do."""
    parts = dict(sections(notice))
    lead = [_line("Summary", parts), _line("Action", parts)]
    if "What is new" in parts:
        lead.insert(0, _line("What is new", parts))
    return [
        ContextBlock(
            elements=[
                MarkdownTextObject(text=f"*{_fit(parts['Level'], 200)}*"),
                _note("Grade", parts),
            ]
        ),
        HeaderBlock(text=PlainTextObject(text=_cut(plain(notice.headline)), emoji=False)),
        SectionBlock(text=MarkdownTextObject(text="\n".join(lead))),
        SectionBlock(fields=[_field(label, parts) for label in _FIELDS if label in parts]),
        DividerBlock(),
        SectionBlock(text=MarkdownTextObject(text="\n".join(_line(b, parts) for b in _BODY))),
        ContextBlock(elements=[_note(label, parts) for label in _FOOT]),
    ]


def _field(label: str, parts: dict[str, str]) -> MarkdownTextObject:
    return MarkdownTextObject(text=f"*{label}*\n{_fit(parts[label], _FIELD_LIMIT - 100)}")


def _line(label: str, parts: dict[str, str]) -> str:
    return f"*{label}:* {_fit(parts[label], _SECTION_LIMIT // (len(_BODY) + 1))}"


def _note(label: str, parts: dict[str, str]) -> MarkdownTextObject:
    return MarkdownTextObject(text=f"{label}: {_fit(parts[label], _FIELD_LIMIT - 100)}")


def _fit(text: str, limit: int) -> str:
    # Escaping makes a text longer, and cutting after it could cut an entity in two.
    while len(escaped := escape_mrkdwn(text)) > limit:
        text = f"{text[: len(text) * limit // len(escaped) - 1]}\u2026"
    return escaped


def _cut(text: str) -> str:
    return text if len(text) <= _HEADER_LIMIT else f"{text[: _HEADER_LIMIT - 1]}\u2026"


def _posting_handlers() -> list[RetryHandler]:
    return [_ShortRateLimit(max_retry_count=2)]


def _reading_handlers() -> list[RetryHandler]:
    return [
        _ShortRateLimit(max_retry_count=2),
        ServerErrorRetryHandler(max_retry_count=2),
        ConnectionErrorRetryHandler(max_retry_count=2),
    ]


def _client(settings: Any, handlers: list[RetryHandler]) -> WebClient:
    slack = settings.slack
    if not slack.token:
        raise DeliveryRefused(_refusal("there is no token", _MEND["invalid_auth"]))
    return WebClient(
        token=slack.token,
        base_url=slack.base_url,
        timeout=_TIMEOUT_SECONDS,
        retry_handlers=handlers,
    )


class _MissingScope(DeliveryRefused):
    """The token may not do this."""


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except SlackApiError as error:
        raise _explain(error) from None
    except (OSError, HTTPException) as error:
        raise _unreachable(error) from None


def _explain(error: SlackApiError) -> DeliveryError:
    # Only the code is told: the rest of an answer may quote the request.
    response: Any = error.response
    code = response.get("error") if isinstance(response.data, dict) else None
    if code in _MEND:
        kind: Callable[[str], DeliveryError] = DeliveryRefused
        if code == "missing_scope":
            kind = _MissingScope
        return kind(_refusal(code, _MEND[code]))
    # An answer that is no JSON arrives here as its own text, which may say anything.
    known = isinstance(code, str) and _CODE.fullmatch(code)
    what = code if known else f"HTTP status {response.status_code}"
    return DeliveryError(
        f"Slack answered {what}. The message is kept in the outbox and will be tried again."
    )


def _refusal(code: str, mend: str) -> str:
    return (
        f"Slack refused the message: {code}. It is kept in the outbox as dead and nothing was "
        f"sent. To mend it, {mend} (dews doctor tells more); then run: dews deliver --retry-dead"
    )


def _unreachable(error: Exception) -> DeliveryError:
    return DeliveryError(
        f"Slack could not be reached or the connection was lost ({type(error).__name__}). The "
        "message is kept in the outbox; before it is sent again the channel is searched for it."
    )
