import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.channels.slack import blocks
from alerts.escaping import escape_mrkdwn, plain
from alerts.message import Notice, plain_text
from tests.integration.slack_server import faults_of

HOSTILE = (
    "<!channel>",
    "<!here|here>",
    "<!everyone>",
    "<@U024BE7LH>",
    "<#C024BE7R>",
    "<!subteam^S1>",
    "<https://evil.example|click>",
    "https://evil.example/path",
    "evil.example",
    "@here @channel @everyone",
    "#general",
    "mailto:ann@clinic.example",
    "`code` ```block```",
    "*bold* _italic_ ~gone~",
    "> quoted",
    ":rotating_light: :smile:",
    "&lt;!channel&gt;",
    "<\u200b!channel>",
    "\u202e<!channel>",
    "@\u200bhere",
    "line\nbreak\r\n\u2028more",
    "\x1b[31mred\x07",
    "a" * 5_000,
    "&<>" * 1_500,
)
SECTIONS = Notice.__dataclass_fields__


def hostile_notice(text: str) -> Notice:
    values = dict.fromkeys(SECTIONS, text)
    return Notice.from_json({**values, "version": 2, "streams": [text]})


def texts_of(value: object) -> list[str]:
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            return [str(value["text"])]
        return [text for part in value.values() for text in texts_of(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts_of(part)]
    return []


def calls(text: str) -> bool:
    """Tell whether Slack would see a mention, link, address, emoji or code in mrkdwn."""
    return bool(re.search(r"[<>`]|[@#](?=\w)|://|:\w+:|(?<=\w)\.(?=\w)|&(?!amp;|lt;|gt;)", text))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_means_nothing_in_mrkdwn(text: str) -> None:
    assert not calls(escape_mrkdwn(text))


@given(st.text())
def test_no_text_at_all_means_anything_in_mrkdwn(text: str) -> None:
    escaped = escape_mrkdwn(text)

    assert not calls(escaped)
    assert "\n" not in escaped


@given(st.text())
def test_a_plain_text_is_one_line_of_visible_characters(text: str) -> None:
    assert all(character.isprintable() for character in plain(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_of_a_notice_can_mention_link_or_break_slacks_limits(text: str) -> None:
    built = [block.to_dict() for block in blocks(hostile_notice(text))]

    assert faults_of(built) == []
    for mrkdwn in texts_of(built):
        assert not calls(re.sub(r"^\*[A-Z][a-z ]+:?\*", "", mrkdwn.replace("\n", " ")))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_field_of_a_notice_can_add_a_line_or_move_the_cursor(text: str) -> None:
    harmless = plain_text(hostile_notice("x")).splitlines()

    shown = plain_text(hostile_notice(text)).splitlines()

    assert len(shown) == len(harmless)
    assert all(character.isprintable() for line in shown for character in line)


def test_the_header_shows_emoji_names_as_they_are() -> None:
    [header] = [
        block.to_dict() for block in blocks(hostile_notice(":smile:")) if block.type == "header"
    ]

    assert header["text"]["emoji"] is False
