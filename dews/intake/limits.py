"""How often who may do what. Counted in memory: a restart forgets, and nothing is written down."""

import math
import time
from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address, ip_network

from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

# A hospital may share one address, and a whole city one mobile network's.
RATES: Mapping[str, str] = {
    "request": "300 per minute",
    "post": "120 per minute; 10000 per day",
    "form": "10 per 10 minutes; 100 per day",
    "form, all addresses": "600 per hour",
    "failed": "20 per 10 minutes",
}
_HOST_BITS = 64


class RateLimits:
    """Moving windows for each sort of request and each who."""

    def __init__(self, rates: Mapping[str, str] = RATES) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._items = {what: parse_many(rate) for what, rate in rates.items()}

    def seconds_to_wait(self, what: str, who: str) -> int:
        """Give the seconds until one more is not too many, 0 where it is not now."""
        for item in self._items[what]:
            if not self._limiter.test(item, what, who):
                reset = self._limiter.get_window_stats(item, what, who).reset_time
                return max(1, math.ceil(reset - time.time()))
        return 0

    def count(self, what: str, who: str) -> None:
        """Count one."""
        for item in self._items[what]:
            self._limiter.hit(item, what, who)


def address_key(host: str) -> str:
    """Give what counts as one address: of IPv6 the network that a household gets.

    Example:
        >>> address_key("2001:db8::1:2"), address_key("192.0.2.7"), address_key("a socket")
        ('2001:db8::/64', '192.0.2.7', 'unknown')
    """
    try:
        address = ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _HOST_BITS), strict=False))
    return str(address)
