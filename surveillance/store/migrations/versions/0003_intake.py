"""The intake: tokens, idempotency keys and reports that came in."""

import sqlalchemy as sa
from alembic import op

from surveillance.store.schema import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "intake_token",
        sa.Column("token_id", sa.String(length=16), nullable=False),
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("last_used_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_intake_token")),
    )
    op.create_index("ix_intake_token_system", "intake_token", ["system"])
    op.create_table(
        "intake_key",
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("used_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("system", "key_hash", name=op.f("pk_intake_key")),
    )
    op.create_table(
        "intake_report",
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("source_ref", sa.String(length=80), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=True),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.String(length=16), nullable=True),
        sa.Column("row_number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["raw_batch.batch_id"],
            name=op.f("fk_intake_report_batch_id_raw_batch"),
        ),
        sa.PrimaryKeyConstraint("reference", "version", name=op.f("pk_intake_report")),
    )
    op.create_index("ix_intake_report_source", "intake_report", ["system", "source_ref"])
    op.create_index("ix_intake_report_batch", "intake_report", ["batch_id"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("intake_report")
    op.drop_table("intake_key")
    op.drop_table("intake_token")
