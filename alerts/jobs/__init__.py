"""The alerting half's jobs: what is told to reviewers, and what to the operators of the service."""

from alerts.jobs.expiring import remove_expired
from alerts.jobs.notices import deliver, make_page, requeue, route
from alerts.jobs.operations import report_batch, report_failure, report_late

__all__ = [
    "deliver",
    "make_page",
    "remove_expired",
    "report_batch",
    "report_failure",
    "report_late",
    "requeue",
    "route",
]
