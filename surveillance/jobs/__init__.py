"""One function per task: read, call a pure stage, write.

DAG tasks and the command line call these, and only these; here alone the stages meet. Every job
may run twice and may die anywhere: it asks the database what is pending, and what it writes it
writes whole or not at all.
"""

from surveillance.jobs.assessing import assess
from surveillance.jobs.collecting import collect, keep, readmit
from surveillance.jobs.linked import (
    Decision,
    decide_link,
    evaluate_links,
    fit_links,
    linked_events,
)
from surveillance.jobs.linking import link
from surveillance.jobs.replaying import replay
from surveillance.jobs.session import clock, prepare
from surveillance.jobs.watching import batch_news, feed_health
from surveillance.jobs.weekly import detect, pending_weeks, plan

__all__ = [
    "Decision",
    "assess",
    "batch_news",
    "clock",
    "collect",
    "decide_link",
    "detect",
    "evaluate_links",
    "feed_health",
    "fit_links",
    "keep",
    "link",
    "linked_events",
    "pending_weeks",
    "plan",
    "prepare",
    "readmit",
    "replay",
]
