"""The ways out, by name; each is one module with one contract, ``alerts.outbox.Channel``.

To add one: write ``channels/x.py`` with ``send`` and, where the channel can be searched,
``find``; enter it in ``CHANNELS``; prove with a fake server that a retry sends no second
message.
"""

from collections.abc import Mapping

from alerts.channels import console, slack
from alerts.outbox import Channel

CHANNELS: Mapping[str, Channel] = {
    "console": Channel(recipient=console.recipient, send=console.send),
    "slack": Channel(
        recipient=slack.recipient, send=slack.send, find=slack.find, remove=slack.remove
    ),
}
