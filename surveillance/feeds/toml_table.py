"""One table of a settings file, read key by key; every fault is collected.

It knows types and spelling, nothing of feeds. The caller raises once, with all faults.
"""

from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any, TypeVar

Value = TypeVar("Value")

_TYPE_WORDS = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


def nearest(word: str, choices: Collection[str]) -> str | None:
    """Find the choice spelt most like a word, blanks and capitals aside; None if none is near.

    Example:
        >>> nearest("DateType", ["Date", "Date Type"])
        'Date Type'
    """
    plain = {_plain(choice): choice for choice in choices}
    found = get_close_matches(_plain(word), plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def _plain(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())


def did_you_mean(word: str, choices: Collection[str]) -> str:
    """Give the end of a sentence that names the nearest choice, or nothing."""
    near = nearest(word, choices)
    return f" (nearest: {near!r})" if near else ""


class TomlTable:
    """A table and its place in the file; asked for a key, it checks and remembers it.

    A wrong or missing value adds a fault and gives an empty one of the right type, so
    that reading goes on and finds the other faults.
    """

    def __init__(self, values: Mapping[str, Any], *, path: str, faults: list[str]) -> None:
        self.values = values
        self.path = path
        self.faults = faults
        self._known: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def where(self, key: str) -> str:
        """Name a key with its table, as in ``source.format``."""
        return f"{self.path}.{key}" if self.path else key

    def fault(self, key: str, problem: str) -> None:
        """Remember what is wrong with a key."""
        self.faults.append(f"{self.where(key)} {problem}")

    def text(self, key: str, *, default: str | None = None, choices: Collection[str] = ()) -> str:
        """Give a text, one of the choices if any are named."""
        value = self._typed(key, str, default=default, blank="")
        if choices and key in self.values and value not in choices:
            self.fault(key, f"must be one of {', '.join(choices)}{did_you_mean(value, choices)}")
        return value

    def maybe_text(self, key: str) -> str | None:
        """Give a text, None where the key is left out."""
        self._known.add(key)
        return self.text(key) if key in self.values else None

    def whole(self, key: str, *, default: int | None = None, least: int = 0) -> int:
        """Give a whole number that is not below the least."""
        value = self._typed(key, int, default=default, blank=least)
        if value < least:
            self.fault(key, f"must be {least} or more")
        return value

    def maybe_whole(self, key: str) -> int | None:
        """Give a whole number of 0 or more, None where the key is left out."""
        self._known.add(key)
        return self.whole(key) if key in self.values else None

    def flag(self, key: str, *, default: bool) -> bool:
        """Give true or false."""
        return self._typed(key, bool, default=default, blank=default)

    def texts(self, key: str, *, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        """Give a list of texts; a default of None makes the key necessary."""
        given = list(default) if default is not None else None
        values: list[Any] = self._typed(key, list, default=given, blank=[])
        if not all(isinstance(value, str) for value in values):
            self.fault(key, "must be a list of texts")
            return ()
        return tuple(values)

    def pair(self, key: str) -> tuple[int, int] | None:
        """Give two whole numbers, the lower first; None where the key is left out."""
        self._known.add(key)
        if key not in self.values:
            return None
        return read_pair(self.values[key], partial(self.fault, key))

    def table(self, key: str, *, necessary: bool = True) -> "TomlTable":
        """Give a table inside this one, an empty one where it may be left out."""
        values = self._typed(key, dict, default=None if necessary else {}, blank={})
        return TomlTable(values, path=self.where(key), faults=self.faults)

    def tables(self, key: str) -> list["TomlTable"]:
        """Give the tables of an array of tables, written ``[[key]]``."""
        values: list[Any] = self._typed(key, list, default=[], blank=[])
        if not all(isinstance(value, dict) for value in values):
            self.fault(key, f"must be written as [[{self.where(key)}]] blocks")
            return []
        return [
            TomlTable(value, path=f"{self.where(key)}[{number}]", faults=self.faults)
            for number, value in enumerate(values, start=1)
        ]

    def texts_by_key(self, key: str, *, necessary: bool = True) -> dict[str, str]:
        """Give a table whose keys are free and whose values are texts or whole numbers."""
        values: dict[str, Any] = self._typed(key, dict, default=None if necessary else {}, blank={})
        for name, value in values.items():
            if isinstance(value, bool) or not isinstance(value, str | int):
                self.fault(key, f"must give a text for {name!r}")
        return {name: str(value) for name, value in values.items()}

    def done(self, *, others: Collection[str] = ()) -> None:
        """Add a fault for every key that nobody asked for; ``others`` may also stand here."""
        known = self._known | set(others)
        for key in self.values:
            if key not in known:
                self.fault(key, f"is not a known key{did_you_mean(key, known)}")

    def _typed(self, key: str, kind: type[Value], *, default: Value | None, blank: Value) -> Value:
        self._known.add(key)
        if key not in self.values:
            if default is None:
                self.fault(key, f"is missing; it must be {_TYPE_WORDS[kind]}")
                return blank
            return default
        value = self.values[key]
        # In Python true is a whole number; in a description it is a slip.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fault(key, f"must be {_TYPE_WORDS[kind]}")
            return blank
        return value


def read_pair(values: Any, fault: Callable[[str], None]) -> tuple[int, int] | None:
    """Read two whole numbers of 0 or more, the lower first; None and a fault otherwise."""
    whole = isinstance(values, list) and all(type(value) is int for value in values)
    if not whole or len(values) != len(("low", "high")) or not 0 <= values[0] <= values[1]:
        fault("must be two whole numbers, the lower first, such as [0, 2]")
        return None
    return values[0], values[1]
