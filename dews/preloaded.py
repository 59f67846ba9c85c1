"""Starts a part of Airflow with the pipeline's modules already imported.

Tasks are forked from the scheduler's workers, so that none of them imports pandas and the
rest again: seconds saved at each. Example: python -m dews.preloaded scheduler
"""

from airflow.__main__ import main

import alerts.jobs
import surveillance.jobs

PRELOADED = (surveillance.jobs, alerts.jobs)

if __name__ == "__main__":
    main()  # type: ignore[no-untyped-call]
