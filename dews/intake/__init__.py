"""The intake for reporters: systems post with a token, people use a form without an account.

``docs/intake.md`` is its manual and ``report.schema.json`` its contract. What it takes in goes
the way of every feed; nothing here writes to the database but through the jobs.
"""

from dews.intake.app import create_app
from dews.intake.serving import Listening, serve

__all__ = ["Listening", "create_app", "serve"]
