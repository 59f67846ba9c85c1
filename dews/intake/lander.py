"""Land waiting reports soon after they came, several together where several came at once."""

import logging
import threading
from collections.abc import Callable

from surveillance.errors import SurveillanceError

GATHER_SECONDS = 2.0
LOOK_EVERY_SECONDS = 30.0
log = logging.getLogger(__name__)


class Lander(threading.Thread):
    """Calls a landing when told that a report came, and now and then by itself.

    It begins with a landing, for what an earlier process left, and ends with one.

    Args:
        land: lands whatever waits; called from this thread alone.
        gather_seconds: how long more reports are waited for after one came.
    """

    def __init__(self, land: Callable[[], object], *, gather_seconds: float) -> None:
        super().__init__(name="lander", daemon=True)
        self._land = land
        self._gather_seconds = gather_seconds
        self._came = threading.Event()
        self._ended = threading.Event()

    def notify(self) -> None:
        """Say that a report came."""
        self._came.set()

    def run(self) -> None:
        """Land until told to end."""
        while not self._ended.is_set():
            self._try()
            self._came.wait(LOOK_EVERY_SECONDS)
            self._ended.wait(self._gather_seconds)
            self._came.clear()
        self._try()

    def end(self) -> None:
        """Land what is left and end."""
        self._ended.set()
        self._came.set()
        self.join()

    def _try(self) -> None:
        try:
            self._land()
        except SurveillanceError as error:
            # The reports go on waiting, and the next look tries again. A traceback of the
            # database's error would show what they hold.
            log.error("reports could not be landed: %s", error)  # noqa: TRY400
        except Exception as error:  # noqa: BLE001 - a thread that died would land nothing more
            log.error("reports could not be landed: %s", type(error).__name__)  # noqa: TRY400
