"""Hostile and broken files, each made here, with what must become of it.

A file either gives rows, of which those accepted and those held back are all that it holds, or is
refused whole with a reason. ``CASES`` lists every one; the modules beside this make them.
"""

from tests.integration.hostile.archives import ARCHIVES
from tests.integration.hostile.books import BOOKS
from tests.integration.hostile.json_lines import JSON_LINES
from tests.integration.hostile.separated import SEPARATED

CASES = (*SEPARATED, *JSON_LINES, *ARCHIVES, *BOOKS)
