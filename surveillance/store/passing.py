"""The temporary tables through which rows pass on their way into the store."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import BigInteger, Boolean, Column, Connection, Integer, MetaData, String, Table

from surveillance.store.schema import Moment, RecordRow

_TEMPORARY = MetaData()
OF_THE_RECEIPT = ("batch_id", "received_at", "landed_at", "delay_days")

# The versions that arrive, in the order of their ids; at last only those that are new.
ARRIVAL = Table(
    "arrival",
    _TEMPORARY,
    Column("place", Integer, primary_key=True),
    Column("seq", BigInteger),
    Column("version_id", String),
    Column("content_hash", String),
    Column("source_ref", String),
    Column("received_at", Moment),
    Column("delay_days", Integer),
    Column("is_silent", Boolean),
    prefixes=["TEMPORARY"],
)
# For each of them the stored versions of the same record and content.
MET = Table(
    "met",
    _TEMPORARY,
    Column("seq", BigInteger),
    Column("version_id", String),
    Column("batch_id", String),
    Column("received_at", Moment),
    prefixes=["TEMPORARY"],
)
# The records that must be looked at one by one, and every stored version of them.
CONTESTED = Table(
    "contested", _TEMPORARY, Column("source_ref", String, primary_key=True), prefixes=["TEMPORARY"]
)
STORED = Table(
    "stored",
    _TEMPORARY,
    Column("source_ref", String),
    Column("version_id", String),
    Column("content_hash", String),
    *(Column(name, RecordRow.__table__.c[name].type) for name in OF_THE_RECEIPT),
    prefixes=["TEMPORARY"],
)
# What was decided of a contested row: the id of the version it makes, none where it makes none.
DECIDED = Table(
    "decided",
    _TEMPORARY,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("version_id", String, nullable=True),
    prefixes=["TEMPORARY"],
)


@contextmanager
def passing(connection: Connection) -> Iterator[None]:
    """Make the tables, and take them away afterwards; after a failure the rollback does."""
    _TEMPORARY.create_all(connection)
    yield
    _TEMPORARY.drop_all(connection)
