"""Laws of reading: whatever is written, what is read is a quotation of it."""

from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from surveillance.register import SubstanceRegister, load_register
from surveillance.register.names import cut_words, name_key

CONFIG = Path(__file__).parents[2] / "config"
PIECES = st.sampled_from(
    [
        "heroin",
        "fentanyl",
        "4-ANPP",
        "no",
        "not",
        "denies",
        "history of",
        "probable",
        "acetyl",
        "para-fluoro",
        "speed",
        "ice",
        "crack",
        "in",
        "(",
        ")",
        "[",
        ",",
        ";",
        ".",
        "/",
        "and",
        "...",
        "\n",
        "3,4-",
        "N,N-",
        "fentnayl",
        "ofheroin",
        "negative",
        "ago",
        "?",
        "\u03b1-",
        "\u00e9",
        "\x00",
        "s",
        "(s)",
        "-",
        "-ve",
        "MDMB-4en-PINACA",
        "toxicity",
        "sold as",
        "but",
    ]
)
texts = st.lists(PIECES, max_size=14).map(" ".join) | st.text(max_size=60)


@cache
def substances() -> SubstanceRegister:
    return load_register(CONFIG).substances


@settings(max_examples=400, deadline=None)
@given(texts)
def test_every_mention_quotes_the_text_and_is_of_the_register(text: str) -> None:
    found = substances().read(text)

    assert [one.start for one in found] == sorted(one.start for one in found)
    for one in found:
        assert text[one.start : one.end] == one.matched_text != ""
        assert substances().get(one.substance_id)
        assert 0 < one.confidence <= 1
        assert (one.how == "new name") == (one.name != substances().get(one.substance_id).name)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_case_does_not_matter(text: str) -> None:
    def ids(written: str) -> list[str]:
        return [one.substance_id for one in substances().read(written)]

    if text.isascii():
        assert ids(text) == ids(text.upper())


@settings(max_examples=300, deadline=None)
@given(texts)
def test_a_field_names_no_less_than_its_words_do(text: str) -> None:
    words = {(one.substance_id, one.negated) for one in substances().resolve(text)}
    field = {(one.substance_id, one.negated) for one in substances().resolve_field(text)}

    assert words <= field


@settings(max_examples=300, deadline=None)
@given(texts)
def test_words_and_gaps_belong_together(text: str) -> None:
    cut = cut_words(text)

    assert len(cut.gaps) == len(cut.words) + 1 or not cut.words
    assert len(cut.words) == len(cut.starts) == len(cut.ends)
    assert all(start < end for start, end in zip(cut.starts, cut.ends, strict=True))
    assert name_key(cut).replace("/", "").replace(",", "") == "".join(cut.words)
