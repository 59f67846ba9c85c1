"""The alerting half's jobs: what is told to reviewers, and what to the operators of the service."""

from alerts.jobs.notices import deliver, make_page, requeue, route
from alerts.jobs.operations import report_batch, report_failure, report_late

__all__ = [
    "deliver",
    "make_page",
    "report_batch",
    "report_failure",
    "report_late",
    "requeue",
    "route",
]
