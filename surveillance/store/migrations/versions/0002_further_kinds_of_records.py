"""Further kinds of records, and fields that the first kinds lacked."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Columns = dict[str, sa.types.TypeEngine[Any]]

_ADDED: dict[str, Columns] = {
    "record": {"grade": sa.String(length=2), "person_key": sa.String(length=32)},
    "death": {
        "coded_on": sa.Date(),
        "contributory_causes": sa.Text(),
        "intent": sa.String(length=40),
    },
    "market_observation": {
        "price_foreign": sa.Double(),
        "currency": sa.String(length=3),
        "purity_low_percent": sa.Double(),
        "purity_high_percent": sa.Double(),
        "laboratory": sa.String(length=80),
        "acquired_by": sa.String(length=40),
    },
}
_CREATED: dict[str, Columns] = {
    "indicator": {
        "indicator": sa.String(length=80),
        "category": sa.Text(),
        "unit": sa.String(length=40),
        "numerator": sa.Double(),
        "denominator": sa.Double(),
        "value": sa.Double(),
        "value_low": sa.Double(),
        "value_high": sa.Double(),
        "supplier": sa.String(length=80),
    },
    "sighting": {
        "sold_as": sa.Text(),
        "identified_by": sa.String(length=80),
        "identification_basis": sa.String(length=40),
        "method": sa.String(length=40),
        "sample_type": sa.String(length=40),
        "found_by": sa.String(length=40),
        "first_seen": sa.Boolean(),
        "quantity": sa.Double(),
        "quantity_unit": sa.String(length=40),
    },
    "event": {
        "observer_role": sa.String(length=40),
        "origin": sa.Text(),
        "exposure": sa.Text(),
        "analysis": sa.Text(),
        "identification": sa.Text(),
        "health_risks": sa.Text(),
        "social_risks": sa.Text(),
        "health_measures": sa.Text(),
        "other_measures": sa.Text(),
        "further": sa.Text(),
    },
}
_NEVER_EMPTY = {"indicator"}


def upgrade() -> None:
    """Bring the schema forward."""
    for table, columns in _ADDED.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name, sort in columns.items():
                batch_op.add_column(sa.Column(name, sort, nullable=True))
    for table, columns in _CREATED.items():
        op.create_table(
            table,
            sa.Column("version_id", sa.String(length=32), nullable=False),
            *(
                sa.Column(name, sort, nullable=name not in _NEVER_EMPTY)
                for name, sort in columns.items()
            ),
            sa.ForeignKeyConstraint(
                ["version_id"], ["record.version_id"], name=op.f(f"fk_{table}_version_id_record")
            ),
            sa.PrimaryKeyConstraint("version_id", name=op.f(f"pk_{table}")),
        )


def downgrade() -> None:
    """Take the schema back."""
    for table in reversed(_CREATED):
        op.drop_table(table)
    for table, columns in _ADDED.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in columns:
                batch_op.drop_column(name)
