"""Free text to substances: one row for each mention, and how well that is done.

How names are read is the register's matter (:mod:`surveillance.register.reading`); here whole
columns of texts are, each distinct text once.
"""

from surveillance.extract.mentions import MENTION_COLUMNS, extract

__all__ = ["MENTION_COLUMNS", "extract"]
