"""One tree of errors.

::

    SurveillanceError            anything this service raises on purpose
    ├── SettingsError            a setting, description or parameter is wrong: stop at start
    ├── SourceError              a source could not be reached or read: retry
    │   └── LandingError         the raw bytes could not be kept: nothing was read, retry
    ├── RejectedBatch            a batch cannot be used at all: stop, tell the feed's owner
    ├── StoreError               the database failed: retry
    ├── DeliveryError            a channel did not take a message: retry later
    │   └── DeliveryRefused      a channel refused for good (token, channel): tell a person
    └── InputError               a file or argument a person gave a command cannot be used

A message says what failed, where, what is safe and what to do.
"""


class SurveillanceError(Exception):
    """Anything this service raises on purpose."""


class SettingsError(SurveillanceError):
    """A setting, a description or a parameter is wrong; the message names it."""


class SourceError(SurveillanceError):
    """A source could not be reached or read; trying again may help."""


class LandingError(SourceError):
    """The raw bytes of a source could not be kept; nothing was read from them."""


class RejectedBatch(SurveillanceError):
    """A batch cannot be used at all; its raw bytes are kept and its owner must act."""


class StoreError(SurveillanceError):
    """The database failed; nothing half-written was kept and trying again is safe."""


class DeliveryError(SurveillanceError):
    """A channel did not take a message; the delivery stays queued."""


class DeliveryRefused(DeliveryError):
    """A channel refused a message for good; a person must mend the settings."""


class InputError(SurveillanceError):
    """A file or an argument that a person gave to a command cannot be used."""
