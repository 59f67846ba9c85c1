"""Make any text harmless where it is shown: Slack's mark-up and terminals.

No register name, verbatim or reason may mention a channel or a person, hide a link, or move a
terminal's cursor.
"""

import re

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# Characters that carry meaning in mrkdwn, and look-alikes that carry none.
_LOOK_ALIKES = {"`": "\u02cb", "*": "\u2217", "_": "\uff3f", "~": "\u223c", "|": "\u00a6"}
# A word joiner is invisible, and after it Slack sees no mention, channel, address or emoji.
_JOINER = "\u2060"
_CALLS = re.compile(r"[@#]|:(?=[\w/])|(?<=\w)\.(?=\w)")


def plain(text: str) -> str:
    r"""Put a text on one line without control, direction or zero-width characters.

    Example:
        >>> plain("a\x1b[2Jb\u202ec\nd")
        'a[2Jbc d'
    """
    visible = (
        " " if character.isspace() else character
        for character in text
        if character.isspace() or character.isprintable()
    )
    return " ".join("".join(visible).split())


def escape_mrkdwn(text: str) -> str:
    r"""Make a text mean nothing but itself in a Slack message.

    Example:
        >>> escape_mrkdwn("<!here> & <https://x|y>")
        '&lt;!here&gt; &amp; &lt;https:\u2060//x¦y&gt;'
    """
    escaped = "".join(_ENTITIES.get(c, _LOOK_ALIKES.get(c, c)) for c in plain(text))
    return _CALLS.sub(lambda match: match[0] + _JOINER, escaped)
