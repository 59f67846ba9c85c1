"""The table of English that names no drug."""

from pathlib import Path

import pytest

from surveillance.errors import SettingsError
from surveillance.register import Register
from surveillance.register.reading.plain import load_plain


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("noun,heart", "the kind 'noun' of 'heart'"),
        ("word,ice cream", "'ice cream' is no word"),
        ("phrase,heart", "'heart' is no phrase"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "plain_english.csv"
    path.write_text(f"kind,text\n{line}\n", encoding="utf-8")

    with pytest.raises(SettingsError, match=message):
        load_plain(path)


def test_no_plain_word_is_a_name_that_needs_no_context(
    config_folder: Path, register: Register
) -> None:
    plain = load_plain(config_folder / "plain_english.csv")
    names = register.substances.reader.index.by_key

    clashing = [
        word
        for word in sorted(plain.words | plain.lookalikes)
        if word in names and names[word].identifier and not names[word].is_everyday
    ]

    assert clashing == []


def test_no_phrase_is_a_name(config_folder: Path, register: Register) -> None:
    plain = load_plain(config_folder / "plain_english.csv")
    substances = register.substances

    assert [phrase for phrase in plain.phrases if substances.resolve_name(phrase)] == []
