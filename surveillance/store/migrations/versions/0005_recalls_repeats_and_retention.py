"""Recalls of batches, repeats of versions, and what the retention removed."""

import sqlalchemy as sa
from alembic import op

from surveillance.store.schema import Moment

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "batch_recall",
        sa.Column("batch_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("in_force", sa.Boolean(), nullable=False),
        sa.Column("leaves_gap", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["raw_batch.batch_id"], name="fk_batch_recall_batch_id_raw_batch"
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name="pk_batch_recall"),
    )
    op.create_table(
        "record_repeat",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.String(length=16), nullable=False),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("landed_at", Moment(), nullable=False),
        sa.Column("delay_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["record.version_id"], name="fk_record_repeat_version_id_record"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["raw_batch.batch_id"], name="fk_record_repeat_batch_id_raw_batch"
        ),
        sa.PrimaryKeyConstraint("version_id", "batch_id", name="pk_record_repeat"),
    )
    op.create_index("ix_record_repeat_batch", "record_repeat", ["batch_id"])
    op.create_index("ix_record_batch", "record", ["batch_id"])
    op.create_table(
        "retention",
        sa.Column("at", Moment(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("before", Moment(), nullable=False),
        sa.Column("period_days", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("at", "what", name="pk_retention"),
    )
    op.add_column("raw_batch", sa.Column("bytes_removed_at", Moment(), nullable=True))
    # No earlier run knew of a recall.
    op.add_column(
        "run", sa.Column("recalls", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )


def downgrade() -> None:
    """Take the schema back."""
    op.drop_column("run", "recalls")
    op.drop_column("raw_batch", "bytes_removed_at")
    op.drop_table("retention")
    op.drop_index("ix_record_batch", table_name="record")
    op.drop_table("record_repeat")
    op.drop_table("batch_recall")
