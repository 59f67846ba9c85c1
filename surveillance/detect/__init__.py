"""Detectors over panels: each says of every series and period what it found, or why not.

``SERIES_DETECTORS`` is the whole mechanism: to add a detector, write its module and give it
a name here. Detectors never import each other; the arithmetic they share is in
``surveillance.counts``.
"""

from surveillance.detect import farrington_flexible, first_seen, gamma_poisson
from surveillance.domain import SeriesDetector

SERIES_DETECTORS: dict[str, SeriesDetector] = {
    "farrington_flexible": farrington_flexible.judge,
    "gamma_poisson": gamma_poisson.judge,
    "first_seen": first_seen.judge,
}
