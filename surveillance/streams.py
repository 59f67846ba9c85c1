"""Read the case definitions and the detectors' configurations.

``config/streams.toml`` says what is counted, ``config/detectors.toml`` how it is judged, and
both say why.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

from surveillance.domain import DetectorChoice, Stream
from surveillance.errors import SettingsError


def read_streams(path: Path) -> dict[str, Stream]:
    """Read the streams, by name, in the order of the file.

    Raises:
        SettingsError: a key is missing or unknown; the message names stream and key.
    """
    table = _read(path)
    names = {field.name for field in fields(Stream)} - {"name"}
    required = {field.name for field in fields(Stream) if field.default is MISSING} - {
        "name",
        "where",
    }
    streams = {}
    for name, values in table.items():
        _refuse(path, name, unknown=set(values) - names, missing=required - set(values))
        lists = {key: tuple(value) for key, value in values.items() if isinstance(value, list)}
        where = {key: tuple(accepted) for key, accepted in values.get("where", {}).items()}
        streams[name] = Stream(name=name, **{**values, **lists, "where": where})
    return streams


def read_detectors(path: Path) -> dict[str, DetectorChoice]:
    """Read the configured detectors, by name.

    Raises:
        SettingsError: a key is missing or unknown; the message names detector and key.
    """
    choices = {}
    for name, values in _read(path).items():
        known = {"method", "version", "params", "reason"}
        _refuse(path, name, unknown=set(values) - known, missing=known - set(values))
        choices[name] = DetectorChoice(
            name=name,
            method=values["method"],
            version=str(values["version"]),
            params=values["params"],
        )
    return choices


def streams_of(streams: Mapping[str, Stream], feeds: frozenset[str]) -> dict[str, Stream]:
    """Keep the streams that some feeds can fill, each narrowed to those feeds."""
    narrowed = {
        name: replace(stream, feeds=tuple(feed for feed in stream.feeds if feed in feeds))
        for name, stream in streams.items()
    }
    return {name: stream for name, stream in narrowed.items() if stream.feeds}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"{path.name} cannot be read: {error}. Nothing was judged; mend the file."
        ) from error


def _refuse(path: Path, name: str, *, unknown: set[str], missing: set[str]) -> None:
    faults = [f"unknown key {key!r}" for key in sorted(unknown)]
    faults += [f"missing key {key!r}" for key in sorted(missing)]
    if faults:
        raise SettingsError(
            f"{path.name} [{name}]: {', '.join(faults)}. Nothing was judged; mend the file."
        )
