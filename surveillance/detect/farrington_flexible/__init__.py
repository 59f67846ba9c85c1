"""Improved Farrington: a count against the same season of earlier years (Noufaily 2013).

``controls`` names the parameters, ``reference`` chooses the periods compared with,
``regression`` fits all series at once, ``thresholds`` turns predictions into bounds, and
``detector`` joins them.
"""

from surveillance.detect.farrington_flexible.detector import judge

__all__ = ["judge"]
