"""The first tables."""

import sqlalchemy as sa
from alembic import op

from surveillance.store.schema import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema forward."""
    op.create_table(
        "raw_batch",
        sa.Column("batch_id", sa.String(length=16), nullable=False),
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("fetched_at", Moment(), nullable=False),
        sa.Column("is_history", sa.Boolean(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("rows_present", sa.Integer(), nullable=False),
        sa.Column("rows_accepted", sa.Integer(), nullable=False),
        sa.Column("rows_rejected", sa.Integer(), nullable=False),
        sa.Column("rows_new", sa.Integer(), nullable=False),
        sa.Column("checked_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_raw_batch")),
        sa.UniqueConstraint("feed", "sha256", name=op.f("uq_raw_batch_feed")),
    )
    with op.batch_alter_table("raw_batch", schema=None) as batch_op:
        batch_op.create_index("ix_raw_batch_state", ["state"], unique=False)

    op.create_table(
        "run",
        sa.Column("run_id", sa.String(length=16), nullable=False),
        sa.Column("realm", sa.String(length=80), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("as_of", Moment(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("shards", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("settings_hash", sa.String(length=16), nullable=False),
        sa.Column("code_version", sa.String(length=40), nullable=False),
        sa.Column("assessed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run")),
        sa.UniqueConstraint("realm", "week", "as_of", name=op.f("uq_run_realm")),
    )
    op.create_table(
        "signal",
        sa.Column("signal_id", sa.String(length=16), nullable=False),
        sa.Column("realm", sa.String(length=80), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("substance_id", sa.String(length=80), nullable=False),
        sa.Column("area_code", sa.String(length=32), nullable=False),
        sa.Column("streams", sa.JSON(), nullable=False),
        sa.Column("first_raised_week", sa.String(length=8), nullable=False),
        sa.Column("last_raised_week", sa.String(length=8), nullable=False),
        sa.Column("first_raised_as_of", Moment(), nullable=False),
        sa.Column("first_period", sa.Date(), nullable=False),
        sa.Column("last_period", sa.Date(), nullable=False),
        sa.Column("rank_score", sa.Double(), nullable=False),
        sa.Column("is_count_signal", sa.Boolean(), nullable=False),
        sa.Column("quality", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("signal_id", name=op.f("pk_signal")),
        sa.UniqueConstraint("realm", "reference", name=op.f("uq_signal_realm")),
    )
    op.create_table(
        "decision",
        sa.Column("decision_id", sa.String(length=16), nullable=False),
        sa.Column("signal_id", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.String(length=16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_decision_run_id_run")),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signal.signal_id"], name=op.f("fk_decision_signal_id_signal")
        ),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_decision")),
        sa.UniqueConstraint("signal_id", "run_id", name=op.f("uq_decision_signal_id")),
    )
    op.create_table(
        "outcome",
        sa.Column("run_id", sa.String(length=16), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("detector", sa.String(length=40), nullable=False),
        sa.Column("substance_id", sa.String(length=80), nullable=False),
        sa.Column("area_code", sa.String(length=32), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=False),
        sa.Column("observed", sa.Double(), nullable=True),
        sa.Column("observed_high", sa.Double(), nullable=True),
        sa.Column("expected", sa.Double(), nullable=True),
        sa.Column("lower", sa.Double(), nullable=True),
        sa.Column("upper", sa.Double(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("alarm", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_outcome_run_id_run")),
        sa.PrimaryKeyConstraint(
            "run_id", "stream", "detector", "substance_id", "area_code", name=op.f("pk_outcome")
        ),
    )
    op.create_table(
        "outcome_count",
        sa.Column("run_id", sa.String(length=16), nullable=False),
        sa.Column("stream", sa.String(length=80), nullable=False),
        sa.Column("detector", sa.String(length=40), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("outcomes", sa.Integer(), nullable=False),
        sa.Column("tests", sa.Integer(), nullable=False),
        sa.Column("alarms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.run_id"], name=op.f("fk_outcome_count_run_id_run")
        ),
        sa.PrimaryKeyConstraint(
            "run_id", "stream", "detector", "shard", "reason", name=op.f("pk_outcome_count")
        ),
    )
    op.create_table(
        "quarantined_row",
        sa.Column("batch_id", sa.String(length=16), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["raw_batch.batch_id"], name=op.f("fk_quarantined_row_batch_id_raw_batch")
        ),
        sa.PrimaryKeyConstraint("batch_id", "row_number", name=op.f("pk_quarantined_row")),
    )
    op.create_table(
        "record",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("source_ref", sa.String(length=200), nullable=False),
        sa.Column("content_hash", sa.String(length=32), nullable=False),
        sa.Column("batch_id", sa.String(length=16), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("occurred_precision", sa.String(length=8), nullable=True),
        sa.Column("source_received_at", Moment(), nullable=True),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("landed_at", Moment(), nullable=False),
        sa.Column("delay_days", sa.Integer(), nullable=False),
        sa.Column("area_code", sa.String(length=32), nullable=False),
        sa.Column("area_verbatim", sa.Text(), nullable=True),
        sa.Column("count_low", sa.Integer(), nullable=False),
        sa.Column("count_high", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("age_band", sa.String(length=8), nullable=True),
        sa.Column("sex", sa.String(length=16), nullable=True),
        sa.Column("setting", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["raw_batch.batch_id"], name=op.f("fk_record_batch_id_raw_batch")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_record")),
    )
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.create_index("ix_record_feed_ref", ["feed", "source_ref"], unique=False)
        batch_op.create_index("ix_record_kind_received", ["kind", "received_at"], unique=False)

    op.create_table(
        "run_shard",
        sa.Column("run_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.run_id"], name=op.f("fk_run_shard_run_id_run")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_run_shard")),
    )
    op.create_table(
        "signal_event",
        sa.Column("signal_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signal.signal_id"], name=op.f("fk_signal_event_signal_id_signal")
        ),
        sa.PrimaryKeyConstraint("signal_id", "number", name=op.f("pk_signal_event")),
    )
    op.create_table(
        "signal_evidence",
        sa.Column("signal_id", sa.String(length=16), nullable=False),
        sa.Column("run_id", sa.String(length=16), nullable=False),
        sa.Column("alarms", sa.JSON(), nullable=False),
        sa.Column("curve", sa.JSON(), nullable=False),
        sa.Column("quality", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.run_id"], name=op.f("fk_signal_evidence_run_id_run")
        ),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signal.signal_id"], name=op.f("fk_signal_evidence_signal_id_signal")
        ),
        sa.PrimaryKeyConstraint("signal_id", "run_id", name=op.f("pk_signal_evidence")),
    )
    op.create_table(
        "death",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("suspected_rank", sa.Integer(), nullable=True),
        sa.Column("underlying_cause", sa.String(length=8), nullable=True),
        sa.Column("certificate_text", sa.Text(), nullable=True),
        sa.Column("place_type", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"], ["record.version_id"], name=op.f("fk_death_version_id_record")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_death")),
    )
    op.create_table(
        "delivery",
        sa.Column("delivery_id", sa.String(length=16), nullable=False),
        sa.Column("decision_id", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("message", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Moment(), nullable=False),
        sa.Column("claimed_until", Moment(), nullable=True),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.decision_id"], name=op.f("fk_delivery_decision_id_decision")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_delivery")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_state", ["state", "next_attempt_at"], unique=False)

    op.create_table(
        "market_observation",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("market_level", sa.String(length=16), nullable=True),
        sa.Column("deal_mass_g", sa.Double(), nullable=True),
        sa.Column("price_gbp", sa.Double(), nullable=True),
        sa.Column("purity_percent", sa.Double(), nullable=True),
        sa.Column("purity_n", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["record.version_id"],
            name=op.f("fk_market_observation_version_id_record"),
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_market_observation")),
    )
    op.create_table(
        "reaction_report",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("reporter_role", sa.String(length=40), nullable=True),
        sa.Column("presentation_date", sa.Date(), nullable=True),
        sa.Column("identification_basis", sa.String(length=40), nullable=True),
        sa.Column("seriousness", sa.String(length=40), nullable=True),
        sa.Column("naloxone_given", sa.String(length=8), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("narrative", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"], ["record.version_id"], name=op.f("fk_reaction_report_version_id_record")
        ),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_reaction_report")),
    )
    op.create_table(
        "record_reaction",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reaction_code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["record.version_id"], name=op.f("fk_record_reaction_version_id_record")
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_record_reaction")),
    )
    op.create_table(
        "record_substance",
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("substance_id", sa.String(length=80), nullable=False),
        sa.Column("verbatim", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["record.version_id"],
            name=op.f("fk_record_substance_version_id_record"),
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_record_substance")),
    )


def downgrade() -> None:
    """Take the schema back."""
    op.drop_table("record_substance")
    op.drop_table("record_reaction")
    op.drop_table("reaction_report")
    op.drop_table("market_observation")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_state")

    op.drop_table("delivery")
    op.drop_table("death")
    op.drop_table("signal_evidence")
    op.drop_table("signal_event")
    op.drop_table("run_shard")
    with op.batch_alter_table("record", schema=None) as batch_op:
        batch_op.drop_index("ix_record_kind_received")
        batch_op.drop_index("ix_record_feed_ref")

    op.drop_table("record")
    op.drop_table("quarantined_row")
    op.drop_table("outcome_count")
    op.drop_table("outcome")
    op.drop_table("decision")
    op.drop_table("signal")
    op.drop_table("run")
    with op.batch_alter_table("raw_batch", schema=None) as batch_op:
        batch_op.drop_index("ix_raw_batch_state")

    op.drop_table("raw_batch")
