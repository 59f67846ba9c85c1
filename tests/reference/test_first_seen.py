"""``first_seen`` against cases worked by hand: it is a rule, so there is no package."""

import numpy as np
import pandas as pd
import pytest

from surveillance.detect.first_seen import LITTLE_HISTORY, judge
from surveillance.domain import Panel

LAST = 119


@pytest.mark.parametrize(
    ("seen", "now", "alarm", "score"),
    [
        ([], 1, True, 119),  # never in 119 weeks
        ([], 0, False, 119),  # nothing now either
        ([14], 1, True, 105),  # 105 weeks ago: more than the 104 quiet ones
        ([15], 1, False, 104),  # exactly 104 weeks ago
        ([15, 118], 3, False, 1),  # seen last week
    ],
)
def test_worked_cases(seen: list[int], now: int, alarm: bool, score: float) -> None:
    counts = np.zeros((1, LAST + 1))
    counts[0, seen] = 1.0
    counts[0, LAST] = now
    panel = Panel(
        units=pd.DataFrame({"unit": ["nitazenes"]}),
        frequency=52,
        starts=None,
        low=counts,
        high=counts,
        state=np.zeros(counts.shape, dtype=np.int8),
    )

    outcome = judge(panel, np.array([LAST]), {})
    early = judge(panel, np.array([13]), {})

    assert outcome.alarm[0, 0] == alarm
    assert outcome.score[0, 0] == score
    assert np.isnan(outcome.p_value[0, 0])
    assert early.reason[0, 0] == LITTLE_HISTORY
