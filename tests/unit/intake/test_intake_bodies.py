import pytest

from dews.intake.bodies import read_json_object
from dews.intake.problems import Problem

DEEP = b'{"a":' * 200 + b"1" + b"}" * 200
VERY_DEEP = b"[" * 30_000


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "line 1, column 1"),
        (b'{"a": "\xff"}', "byte 8 is not UTF-8"),
        (b"\xef\xbb\xbf{}", "not valid JSON"),
        (b'{"a": 1,}', "not valid JSON at line 1"),
        (b"[]", "not one object"),
        (b'"text"', "not one object"),
        (b'{"a": NaN}', "NaN and Infinity"),
        (b'{"a": -Infinity}', "NaN and Infinity"),
        (b'{"a": 1e999}', "a fraction or an exponent"),
        (b'{"a": 1.5}', "a fraction or an exponent"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "more than 18 digits"),
        (b'{"a": 1, "a": 2}', "the same field twice"),
        (b'{"a": {"b": 1, "b": 2}}', "the same field twice"),
        (b'{"a": "\\u0000"}', "a control character"),
        (b'{"a\\u0007": 1}', "a control character"),
        (b'{"a": "\\ud800"}', "half of a surrogate pair"),
        (DEEP, "nested more than 20 deep"),
        (VERY_DEEP, "nested more than 20 deep"),
    ],
)
def test_what_is_no_strict_json_object_is_refused_with_its_place(content: bytes, why: str) -> None:
    with pytest.raises(Problem) as refused:
        read_json_object(content)

    assert refused.value.status == 400
    assert why in refused.value.detail


def test_text_in_any_language_is_read_as_it_stands() -> None:
    read = read_json_object('{"narrative": "naïve \\ud83d\\ude00\\n新"}'.encode())

    assert read == {"narrative": "naïve 😀\n新"}
