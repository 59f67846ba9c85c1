"""One function per task: read, call a pure stage, write.

DAG tasks and the command line call these, and only these; here alone the stages meet. Every job
may run twice and may die anywhere: it asks the database what is pending, and what it writes it
writes whole or not at all.
"""

from surveillance.jobs.assessing import assess
from surveillance.jobs.collecting import collect, keep, readmit
from surveillance.jobs.recalling import affected_by, recall, reinstate
from surveillance.jobs.replaying import replay
from surveillance.jobs.session import clock, prepare
from surveillance.jobs.watching import batch_news, feed_health
from surveillance.jobs.weekly import detect, pending_weeks, plan

__all__ = [
    "affected_by",
    "assess",
    "batch_news",
    "clock",
    "collect",
    "detect",
    "feed_health",
    "keep",
    "pending_weeks",
    "plan",
    "prepare",
    "readmit",
    "recall",
    "reinstate",
    "replay",
]
