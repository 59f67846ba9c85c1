"""The task that keeps a batch: its numbers go to an asset, and its buttons to what was found."""

from typing import Any

from airflow.sdk import Asset, BaseOperator, BaseOperatorLink, Context
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowFailException

from config.settings import load_settings


def kept(feed: str) -> Asset:
    """Give the asset whose events carry the numbers of a feed's batches."""
    return Asset(f"dews://kept/{feed}")


def page(path: str) -> str:
    """Give the address of a page of the plugin, as a browser reaches Airflow."""
    return f"{conf.get('api', 'base_url', fallback='').rstrip('/')}/dews/{path}"


class ChecksLink(BaseOperatorLink):
    """The button to the Data Docs of the feed."""

    name = "Data Docs"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """Give the address; the pages are of the newest batch, whichever task asks."""
        del ti_key
        return page(f"data-docs/{getattr(operator, 'feed', '')}/index.html")


class QuarantineLink(BaseOperatorLink):
    """The button to the rows of the batch that are held back."""

    name = "Rows held back"

    def get_link(self, operator: BaseOperator, *, ti_key: Any) -> str:
        """Give the address of the batch's page."""
        del ti_key
        return page(f"batches/{getattr(operator, 'batch_id', '')}")


class KeepBatch(BaseOperator):
    """Keep one batch, put its numbers on the feed's asset, and tell of what is odd.

    The DAG names ``kept(feed)`` among its outlets.

    Args:
        feed: name of the feed.
        batch_id: the batch.
    """

    template_fields = ("batch_id",)
    operator_extra_links = (ChecksLink(), QuarantineLink())

    def __init__(self, *, feed: str, batch_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.feed = feed
        self.batch_id = batch_id

    def execute(self, context: Context) -> dict[str, int]:
        """Keep the batch; one that is refused fails at once, for trying again cannot help."""
        from alerts.jobs import report_batch
        from surveillance import jobs
        from surveillance.errors import RejectedBatch, SettingsError

        settings, now = load_settings(), jobs.clock()
        try:
            counts = dict(jobs.keep(settings, self.batch_id, now=now).counts)
        except (RejectedBatch, SettingsError) as error:
            report_batch(settings, jobs.batch_news(settings, self.batch_id, now=now))
            raise AirflowFailException(str(error)) from error
        news = jobs.batch_news(settings, self.batch_id, now=now)
        report_batch(settings, news)
        context["outlet_events"][kept(self.feed)].extra = {
            "batch": self.batch_id,
            "verdict": news.verdict,
            **counts,
            "findings": list(news.findings),
            "data_docs": page(f"data-docs/{self.feed}/index.html"),
            "rows_held_back": page(f"batches/{self.batch_id}"),
        }
        return counts
