"""The engine and its transactions: SQLite in WAL mode by default, PostgreSQL when told.

SQLite allows one writer at a time. A transaction that starts by reading and then writes
can fail at once when another writer came between, whatever the busy timeout says; so every
writing transaction here says so from its first statement (``BEGIN IMMEDIATE``) and waits
for its turn. pysqlite's own transaction handling is switched off for this.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from core.errors import StoreError
from core.settings import close_to_others

__all__ = ["Database"]

BUSY_SECONDS = 30.0
CHECK_SECONDS = 2.5  # a check has no time for more
# Any number, as long as nobody else locks with it: two servers must not migrate at once.
MIGRATION_LOCK = 7_461_199_037


class Database:
    """An engine with migrated tables.

    Raises
    ------
    StoreError
        If the address is wrong, or the database cannot be reached or migrated.
    """

    def __init__(self, url: str) -> None:
        from alembic.util.exc import CommandError

        try:
            parsed = make_url(url)
            place = parsed.render_as_string(hide_password=True)
            if (file := _file_of(parsed)) is not None:
                _make_private(file)
            self._url = parsed
            self.engine = _engine(parsed)
            self._writer = self.engine.execution_options(whyboard_write=True)
            self._migrate()
        except (ArgumentError, NoSuchModuleError) as error:
            raise StoreError(
                f"the database address is not understood ({str(error).splitlines()[0]})",
                place="WHYBOARD_DATABASE_URL",
                hint="Use sqlite:///path or postgresql+pg8000://user:password@host/name, or leave it out.",
            ) from error
        except CommandError as error:  # tables of a version that this code has never heard of
            raise StoreError(
                "the database was written by a newer version of Whyboard",
                place=place,
                hint="Start that version, or give this one a data folder of its own (WHYBOARD_HOME).",
            ) from error
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(
                f"the database cannot be opened ({_first_line(error)})",
                place=place,
                hint="Check that it runs, that the address and password are right and that the folder is writable.",
            ) from error
        self.place = place

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection for reading."""
        with self._translated(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in a writing transaction, committed at the end."""
        with self._translated(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:  # a server that is silent is a time-out of the socket
            raise StoreError(
                f"the database did not answer as expected ({_first_line(error)})",
                place=self.place,
                hint="Try again; if it stays, check that the database is reachable and its disk is not full.",
            ) from error

    def upsert(self, connection: Connection, table: sa.Table, values: dict[str, Any], keys: tuple[str, ...]) -> None:
        """Insert a row, or update all but its keys where it exists."""
        if self.engine.dialect.name == "sqlite":
            from sqlalchemy.dialects.sqlite import insert
        else:
            from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]
        changed = {name: value for name, value in values.items() if name not in keys}
        connection.execute(insert(table).values(**values).on_conflict_do_update(index_elements=keys, set_=changed))

    def _migrate(self) -> None:
        """Bring the tables up to date; two processes that start together wait for each other."""
        from alembic import command
        from alembic.config import Config

        with self._writer.begin() as connection, as_file(files("core.store") / "migrations") as folder:
            if self.engine.dialect.name == "postgresql":
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            config = Config()
            config.set_main_option("script_location", str(folder).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def check(self, thorough: bool = False) -> None:
        """Write to the database over a new connection, as nothing else tells that one could.

        A file that was replaced, or a server that went away, goes unnoticed over connections that
        were made before; a disk that is full, over anything that is not committed.

        Parameters
        ----------
        thorough : bool
            Whether SQLite also looks through its whole file (about a second for 500 MB).

        Raises
        ------
        StoreError
            If it cannot be reached, read or written.
        """
        file = _file_of(self._url)
        if file is not None and not file.exists():
            raise StoreError(
                "the database file is gone",
                place=self.place,
                hint="Put it back, or start Whyboard anew to begin with an empty one.",
            )
        engine = _engine(self._url, CHECK_SECONDS)
        try:
            with self._translated(), engine.execution_options(whyboard_write=True).begin() as connection:
                if thorough and engine.dialect.name == "sqlite":
                    found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
                    if found != "ok":
                        raise StoreError(
                            f"the database is damaged ({str(found).splitlines()[-1][:200]})",
                            place=self.place,
                            hint="Put a copy from before in its place, or move it away to begin with an empty one.",
                        )
                if connection.exec_driver_sql("UPDATE alembic_version SET version_num = version_num").rowcount != 1:
                    raise StoreError(
                        "the database has no tables of Whyboard any more",
                        place=self.place,
                        hint="Put the database back, or start Whyboard anew to begin with an empty one.",
                    )
        finally:
            engine.dispose()

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def _file_of(url: sa.URL) -> Path | None:
    """Return the file of an SQLite database; None for any other."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database).removeprefix("file:"))


def _make_private(file: Path) -> None:
    """Make an SQLite file for its owner alone, with its folder; close one that is there to others."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists():
        close_to_others(file)
    else:
        file.touch(mode=0o600)


def _engine(url: sa.URL, once: float = 0.0) -> Engine:
    """Return an engine with a pool; with ``once`` one for a single connection that waits no longer than so."""
    # Addresses of projects must not stand in logs, where errors would print what was asked for.
    options: dict[str, Any] = {"hide_parameters": True}
    options |= {"poolclass": sa.pool.NullPool} if once else {"pool_size": 10, "max_overflow": 20}
    if url.get_backend_name() != "sqlite":
        if once and url.get_driver_name() == "pg8000":
            options["connect_args"] = {"timeout": once}
        return sa.create_engine(url, pool_pre_ping=True, **options)
    engine = sa.create_engine(url, connect_args={"timeout": once or BUSY_SECONDS}, **options)

    @sa.event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "temp_store=MEMORY"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("whyboard_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0][:200] if str(error) else type(error).__name__
