"""Tell the operators of the service: a task failed, a batch is odd, a feed is late.

Always in the log and, where it is set up, in Slack. Nothing here raises, so that a silent Slack
hides no failure. Slack is an outward channel: no count of cases and no value of a row goes there.
"""

import logging
from datetime import datetime

from alerts.channels import slack
from config.settings import Settings
from surveillance.domain import BatchNews
from surveillance.errors import SurveillanceError

_LOG = logging.getLogger(__name__)
_VERDICTS = {
    "degraded": "was stored, but is *degraded*",
    "hold": "is on *hold*: nothing of it was stored, its bytes are kept",
}
_ODDITIES = {
    "stale": "its newest record is older than expected",
    "volume": "it is much shorter or longer than usual",
    "shape": "its columns are not those of the batch before",
    "empty": "it has no rows",
}


def report_failure(
    settings: Settings, *, dag_id: str, task_id: str, run_id: str, now: datetime
) -> None:
    """Tell that a task failed for good.

    No exception text goes out, for it may quote what must stay inside.
    """
    _tell(
        f"{dag_id}: {task_id} failed at {now:%Y-%m-%d %H:%M %Z} (run {run_id}). See the task's "
        "log in Airflow; docs/airflow.md says what to do.",
        settings,
    )


def report_batch(settings: Settings, news: BatchNews) -> None:
    """Tell that a batch is degraded, on hold, or of another shape or size; once a batch."""
    oddities = [words for about, words in _ODDITIES.items() if about in news.abouts]
    if not news.is_fresh or (news.verdict == "pass" and not oddities):
        return
    state = _VERDICTS.get(news.verdict, "was stored")
    _tell(
        f"Feed {news.feed}: batch {news.batch_id} {state}"
        f"{'; ' + '; '.join(oddities) if oddities else ''}. The findings stand in Airflow at the "
        f"task's buttons, and with: dews feeds; dews quarantine show {news.batch_id}",
        settings,
    )


def report_late(settings: Settings, *, feed: str, due: datetime) -> None:
    """Tell that a feed brought nothing by the moment it was due."""
    _tell(
        f"Feed {feed} is late: a batch was due by {due:%Y-%m-%d %H:%M %Z} and none has come. Until "
        f"it does, its streams are not supplied, which is not calm. docs/feeds/{feed}.md names "
        "its delay; ask its owner.",
        settings,
    )


def _tell(text: str, settings: Settings) -> None:
    _LOG.error("%s", text)
    if not (settings.slack.token and settings.slack.channel):
        return
    try:
        slack.tell(text, settings)
    except SurveillanceError as error:
        _LOG.error("Slack was not told of it: %s", error)
