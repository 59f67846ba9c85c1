"""Open the database, keep its schema current, and turn its faults into one error."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from surveillance.errors import SettingsError, StoreError
from surveillance.store.spool import name_of

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 60
# SQLite's own default, and what a million rows' indexes need to be built in memory.
_USUAL_ROOM_KIB, _ROOM_FOR_INDEXES_KIB = 2_000, 128_000


def open_engine(url: str) -> Engine:
    """Open the database at an SQLAlchemy URL; nothing is created yet but its folder.

    Raises:
        SettingsError: the URL cannot be read or names a driver that is not installed.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(url)
        return create_engine(parsed, pool_pre_ping=True)
    except (SQLAlchemyError, NoSuchModuleError, ImportError) as error:
        raise SettingsError(
            f"The database URL cannot be used: {error}. Write it as sqlite:///file.db or "
            "postgresql+psycopg://user@host/name."
        ) from error


def _open_sqlite(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def prepare(connection, _record) -> None:  # type: ignore[no-untyped-def]
        # Writers queue for the one lock from their first statement on, instead of failing
        # when a reader's snapshot turns out to be stale.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def writing(engine: Engine, *, beside: Sequence[Path] = ()) -> Iterator[Connection]:
    """Give a connection in one transaction: all of it is kept, or nothing.

    Args:
        engine: the database.
        beside: files of rows that SQLite reads in the same transaction, as ``file0`` and so
            on; other databases are given their rows.

    Raises:
        StoreError: the database failed; nothing of the transaction was kept.
    """
    try:
        with (
            engine.connect() as connection,
            _attached(connection, beside),
            connection.begin(),
        ):
            yield connection
    except DBAPIError as error:
        raise StoreError(_explain(error)) from error


@contextmanager
def _attached(connection: Connection, files: Sequence[Path]) -> Iterator[None]:
    """Let SQLite see further files while it adds their rows, with room to keep indexes."""
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or not files or driver is None:
        yield
        return
    for number, path in enumerate(files):
        driver.execute(f"ATTACH ? AS {name_of(number)}", (str(path),))
    driver.execute(f"PRAGMA cache_size = -{_ROOM_FOR_INDEXES_KIB}")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA cache_size = -{_USUAL_ROOM_KIB}")
        for number in range(len(files)):
            driver.execute(f"DETACH {name_of(number)}")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one consistent state and takes no write lock.

    Raises:
        StoreError: the database failed.
    """
    try:
        with engine.connect().execution_options(read_only=True) as connection, connection.begin():
            yield connection
    except DBAPIError as error:
        raise StoreError(_explain(error)) from error


def _explain(error: DBAPIError) -> str:
    reason = str(error.orig).strip().splitlines()[0] if error.orig else str(error)
    return (
        f"The database failed: {reason}. The transaction under way was undone and what was "
        "stored before is safe. Check that the database is up (dews doctor), then run the same "
        "command again: every job may run twice."
    )


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision; a second call changes nothing.

    Raises:
        StoreError: the database failed or cannot be reached.
    """
    try:
        with engine.connect() as connection:
            config = _alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except DBAPIError as error:
        raise StoreError(_explain(error)) from error


def schema_state(engine: Engine) -> tuple[str | None, str]:
    """Give the database's revision (absent: none yet) and the newest one."""
    head = ScriptDirectory.from_config(_alembic_config()).get_current_head()
    with reading(engine) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, head or ""


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
