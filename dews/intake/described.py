"""The OpenAPI description of the endpoints for systems, with the schema of reports inside."""

import json
from typing import Any, get_args

from config.settings import CODE_VERSION
from dews.intake.problems import PROBLEM_JSON
from dews.intake.validation import report_schema
from surveillance.domain.intake import Progress, Review, Welcome

_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_TEXTS = {"type": "array", "items": _TEXT}
_SECURED: list[dict[str, list[str]]] = [{"token": []}]
KEY_LENGTH = 255


def describe() -> dict[str, Any]:
    """Give the description, in OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "DEWS intake",
            "version": CODE_VERSION,
            "description": "Reports of adverse reactions to drugs. docs/intake.md is the manual.",
        },
        "paths": {
            "/reports": {"post": _posting()},
            "/reports/{reference}": {"get": _asking()},
            "/schema": {
                "get": {
                    "summary": "The JSON Schema of reports",
                    "responses": _answers({"200": _content("application/schema+json", {})}),
                }
            },
            "/health": {
                "get": {
                    "summary": "Whether the database answers",
                    "responses": _answers({"200": _json(_object(status={"const": "ok"}))}),
                }
            },
        },
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _schemas() -> dict[str, Any]:
    return {
        "Report": _report(),
        "Receipt": _object(
            reference=_TEXT,
            outcome={"enum": [name for name in get_args(Welcome) if name != "conflict"]},
            notes=_TEXTS,
            status=_TEXT,
        ),
        "Status": _object(
            reference=_TEXT,
            received_at=_MOMENT,
            progress={"enum": list(get_args(Progress))},
            checked_at={"anyOf": [_MOMENT, {"type": "null"}]},
            reasons=_TEXTS,
            streams=_TEXTS,
            review={"enum": list(get_args(Review))},
            words=_TEXT,
        ),
        "Problem": _problem(),
    }


def _posting() -> dict[str, Any]:
    receipt = _json(_ref("Receipt"))
    key = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key and report again give the same reference and store nothing.",
        "schema": {**_TEXT, "minLength": 1, "maxLength": KEY_LENGTH, "pattern": "^[!-~]+$"},
    }
    return {
        "summary": "Send a report",
        "security": _SECURED,
        "parameters": [key],
        "requestBody": {"required": True, **_content("application/json", _ref("Report"))},
        "responses": _answers({"200": receipt, "201": receipt}),
    }


def _asking() -> dict[str, Any]:
    reference = {"name": "reference", "in": "path", "required": True, "schema": _TEXT}
    return {
        "summary": "What came of a report",
        "security": _SECURED,
        "parameters": [reference],
        "responses": _answers({"200": _json(_ref("Status"))}),
    }


def _report() -> dict[str, Any]:
    """Give the schema with its own references led to where it stands in this document."""
    text = json.dumps(report_schema()).replace('"#/$defs/', '"#/components/schemas/Report/$defs/')
    schema: dict[str, Any] = json.loads(text)
    return {name: value for name, value in schema.items() if name not in ("$schema", "$id")}


def _problem() -> dict[str, Any]:
    fault = _object(pointer=_TEXT, detail=_TEXT)
    problem = _object(type=_TEXT, title=_TEXT, status={"type": "integer"}, detail=_TEXT)
    problem["properties"]["errors"] = {"type": "array", "items": fault}
    return problem


def _answers(successes: dict[str, Any]) -> dict[str, Any]:
    said = {status: {"description": "Done", **content} for status, content in successes.items()}
    problem = _content(PROBLEM_JSON, _ref("Problem"))
    return {**said, "default": {"description": "A problem (RFC 9457)", **problem}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return _content("application/json", schema)


def _content(media_type: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema}}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(**fields: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(fields),
        "additionalProperties": False,
    }
