"""A store on SQLite, and on PostgreSQL where there is one."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.store import Store
from tests.ports import free_port


def _program(name: str) -> str | None:
    found = shutil.which(name)
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return found or (str(kept[-1]) if kept else None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server: WHYBOARD_TEST_POSTGRES, or one of our own for this run."""
    if os.environ.get("WHYBOARD_TEST_POSTGRES"):
        yield os.environ["WHYBOARD_TEST_POSTGRES"]
        return
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("no PostgreSQL here: neither WHYBOARD_TEST_POSTGRES nor initdb and pg_ctl")
    user = {"user": "postgres"} if hasattr(os, "geteuid") and os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="whyboard-pg-"))
    try:
        if user:
            shutil.chown(folder, "postgres")
        folder.chmod(0o700)

        def run(*command: str) -> None:
            done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=120, check=False, **user)
            if done.returncode:
                pytest.skip(f"PostgreSQL does not start here: {(done.stderr or done.stdout).strip()[-300:]}")

        cluster, sockets = str(folder / "data"), str(folder)
        port = free_port()
        run(initdb, "-D", cluster, "-U", "whyboard", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses=127.0.0.1 -p {port} -k {sockets} -c fsync=off"
        run(pg_ctl, "-D", cluster, "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql+pg8000://whyboard@127.0.0.1:{port}/postgres"
        finally:
            run(pg_ctl, "-D", cluster, "-m", "immediate", "stop")
    except (LookupError, PermissionError) as error:
        pytest.skip(f"PostgreSQL does not start here: {error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'whyboard.db'}"
        return
    server = request.getfixturevalue("postgres")
    name = f"whyboard_{os.getpid()}_{abs(hash(tmp_path)) % 10**8}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    with Store(url=url, home=tmp_path) as opened:
        yield opened
