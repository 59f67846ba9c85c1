"""A local server that speaks the part of Slack's Web API that this service uses.

It validates what it is sent as Slack would: the token, the channel, and the blocks against the
SDK's own models and, where the shared folder has it, Slack's published types as a schema.
"""

import json
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qsl

from jsonschema import Draft7Validator
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

Fault = Literal[
    "rate_limited",
    "long_rate_limit",
    "server_error",
    "error_after_acceptance",
    "cut_before_acceptance",
    "cut_after_acceptance",
]
TOKEN = "xoxb-not-a-real-token-4711"
CHANNEL = "C0REVIEWERS"
_SCHEMA = Path(__file__).parents[2] / ".." / "shared" / "contracts" / "blockkit.schema.json"
_PAGE = 2


@dataclass
class FakeSlack:
    """One workspace with one channel.

    Attributes:
        faults: what goes wrong with the next calls of a method, in order.
        messages: what the channel holds, the oldest first.
        calls: methods called, in order.
        refusal: an error code that every call is answered with, or empty.
        scopes: scopes of the token.
    """

    faults: dict[str, deque[Fault]] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    refusal: str = ""
    scopes: tuple[str, ...] = ("chat:write", "channels:history", "groups:history")
    started: datetime = datetime(2030, 1, 1, tzinfo=UTC)

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/api/"

    def fail(self, method: str, *faults: Fault) -> None:
        """Let the next calls of a method go wrong."""
        self.faults.setdefault(method, deque()).extend(faults)

    def delivery_ids(self) -> list[str]:
        """List the deliveries that the channel shows."""
        return [
            message["metadata"]["event_payload"]["delivery_id"]
            for message in self.messages
            if "metadata" in message
        ]

    def answer(self, method: str, values: dict[str, Any], token: str) -> dict[str, Any]:
        """Answer one call as Slack would, or name the error."""
        known: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post_message,
            "conversations.history": self._history,
            "chat.delete": self._delete,
        }
        if method not in known:
            return {"ok": False, "error": "unknown_method"}
        if token != TOKEN:
            return {"ok": False, "error": "invalid_auth" if token else "not_authed"}
        if self.refusal:
            return {"ok": False, "error": self.refusal}
        return known[method](values)

    def _auth_test(self, _values: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "team": "Network", "user": "dews", "bot_id": "B1", "team_id": "T1"}

    def _post_message(self, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("channel") != CHANNEL:
            return {"ok": False, "error": "channel_not_found"}
        blocks = values.get("blocks") or []
        if faults_of(blocks):
            return {"ok": False, "error": "invalid_blocks", "errors": faults_of(blocks)}
        message = {
            "type": "message",
            "ts": f"{self.started.timestamp() + len(self.messages):.6f}",
            "text": values.get("text", ""),
            "blocks": blocks,
        }
        if "metadata" in values:
            message["metadata"] = values["metadata"]
        self.messages.append(message)
        return {"ok": True, "channel": CHANNEL, "ts": message["ts"], "message": message}

    def _delete(self, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("channel") != CHANNEL:
            return {"ok": False, "error": "channel_not_found"}
        left = [one for one in self.messages if one["ts"] != values.get("ts")]
        if len(left) == len(self.messages):
            return {"ok": False, "error": "message_not_found"}
        self.messages[:] = left
        return {"ok": True, "channel": CHANNEL, "ts": values["ts"]}

    def _history(self, values: dict[str, Any]) -> dict[str, Any]:
        if "channels:history" not in self.scopes:
            return {"ok": False, "error": "missing_scope", "needed": "channels:history"}
        if values.get("channel") != CHANNEL:
            return {"ok": False, "error": "channel_not_found"}
        oldest = float(values.get("oldest", 0))
        found = [m for m in reversed(self.messages) if float(m["ts"]) > oldest]
        if str(values.get("include_all_metadata", "")).lower() not in {"1", "true"}:
            found = [{k: v for k, v in m.items() if k != "metadata"} for m in found]
        start = int(values.get("cursor") or 0)
        more = start + _PAGE < len(found)
        return {
            "ok": True,
            "messages": found[start : start + _PAGE],
            "has_more": more,
            "response_metadata": {"next_cursor": str(start + _PAGE) if more else ""},
        }


@lru_cache(maxsize=1)
def _validator() -> Draft7Validator | None:
    if not _SCHEMA.is_file():
        return None
    return Draft7Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))


def faults_of(blocks: list[dict[str, Any]]) -> list[str]:
    """List what Slack would refuse in blocks; empty where it would take them."""
    faults = []
    for block in blocks:
        parsed = Block.parse(block)
        if parsed is None:
            faults.append(f"unknown block {block.get('type')!r}")
            continue
        try:
            parsed.to_dict()
        except SlackObjectFormationError as error:
            faults.append(str(error))
    validator = _validator()
    if validator is not None:
        faults += [error.message for block in blocks for error in validator.iter_errors(block)]
    return faults


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, slack: FakeSlack) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.slack = slack


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        slack = self.server.slack
        method = self.path.split("?")[0].rsplit("/", 1)[-1]
        values = self._values()
        slack.calls.append(method)
        faults = slack.faults.get(method)
        fault = faults.popleft() if faults else None
        if not self._refuse(fault):
            answer = slack.answer(method, values, self._token())
            self._give(answer, fault)

    def _refuse(self, fault: Fault | None) -> bool:
        if fault in {"rate_limited", "long_rate_limit"}:
            wait = "0" if fault == "rate_limited" else "3600"
            self._reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": wait})
            return True
        if fault == "server_error":
            self._reply(500, {"ok": False, "error": "internal_error"}, {})
            return True
        self.close_connection = fault == "cut_before_acceptance"
        return self.close_connection

    def _give(self, answer: dict[str, Any], fault: Fault | None) -> None:
        if fault == "error_after_acceptance":
            self._reply(503, {"ok": False, "error": "service_unavailable"}, {})
        elif fault == "cut_after_acceptance":
            self.close_connection = True
        else:
            self._reply(200, answer, {"x-oauth-scopes": ",".join(self.server.slack.scopes)})

    def _token(self) -> str:
        return str(self.headers.get("Authorization", "")).removeprefix("Bearer ")

    def _values(self) -> dict[str, Any]:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "json" in str(self.headers.get("Content-Type", "")):
            values: dict[str, Any] = json.loads(body)
            return values
        return dict(parse_qsl(body.decode()))

    def _reply(self, status: int, values: dict[str, Any], headers: dict[str, str]) -> None:
        body = json.dumps(values).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Keep the tests' output quiet."""
