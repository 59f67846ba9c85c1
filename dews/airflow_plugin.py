"""What DEWS adds to Airflow: the entry *Feeds* in its navigation, and the pages behind it."""

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from dews.airflow_pages import make_app


class DewsPlugin(AirflowPlugin):
    """Found by Airflow through the entry point ``airflow.plugins``."""

    name = "dews"
    fastapi_apps: list[Any] = [  # noqa: RUF012 - the attribute Airflow reads
        {"app": make_app(), "url_prefix": "/dews", "name": "DEWS"}
    ]
    external_views: list[Any] = [  # noqa: RUF012
        {
            "name": "Feeds",
            "href": "dews/feeds",
            "destination": "nav",
            "url_route": "dews-feeds",
        }
    ]
