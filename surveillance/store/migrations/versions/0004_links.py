"""Links between records of one event, verdicts on them, and the reports behind a count."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from surveillance.store.schema import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PAIR: tuple[tuple[str, Any], ...] = (
    ("feed", sa.String(length=80)),
    ("source_ref", sa.String(length=200)),
    ("other_feed", sa.String(length=80)),
    ("other_ref", sa.String(length=200)),
)


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "link_run",
        sa.Column("as_of", Moment(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("verdicts", sa.Integer(), nullable=False),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("as_of", name=op.f("pk_link_run")),
    )
    op.create_table(
        "record_link",
        sa.Column("pair_id", sa.String(length=32), nullable=False),
        sa.Column("linked_at", Moment(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        *(sa.Column(name, sort, nullable=False) for name, sort in _PAIR),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("decided_by", sa.String(length=16), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("delay_days", sa.Integer(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("pair_id", "linked_at", "revision", name=op.f("pk_record_link")),
    )
    op.create_index("ix_record_link_linked_at", "record_link", ["linked_at"], unique=False)
    op.create_table(
        "link_verdict",
        sa.Column("pair_id", sa.String(length=32), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        *(sa.Column(name, sort, nullable=False) for name, sort in _PAIR),
        sa.Column("is_one", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("pair_id", "decided_at", name=op.f("pk_link_verdict")),
    )
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.add_column(sa.Column("links", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reports", sa.Double(), nullable=True))


def downgrade() -> None:
    """Take the schema back."""
    with op.batch_alter_table("outcome", schema=None) as batch_op:
        batch_op.drop_column("reports")
    with op.batch_alter_table("run", schema=None) as batch_op:
        batch_op.drop_column("links")
    op.drop_table("link_verdict")
    op.drop_index("ix_record_link_linked_at", table_name="record_link")
    op.drop_table("record_link")
    op.drop_table("link_run")
