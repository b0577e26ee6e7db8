"""The store: one object over tables and files, safe to share between threads and processes."""

import logging
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa

from core.errors import StoreError
from core.settings import Settings, load_settings, make_home
from core.store import tables
from core.store.artifacts import Artifacts
from core.store.database import Database
from core.store.hypotheses import Hypotheses
from core.store.projects import Projects, token_folder, touch
from core.store.records import Deletion
from core.store.requests import Requests
from core.store.uploads import Uploads

__all__ = ["Store"]

logger = logging.getLogger("whyboard.store")


class Store(Projects, Uploads, Hypotheses, Requests):
    """Everything that is kept.

    Every method is one short transaction and returns frozen records. Make one store a
    process and share it; two processes on one home folder are safe too.

    Parameters
    ----------
    url : str, optional
        Database address, over ``WHYBOARD_DATABASE_URL``.
    home : path, optional
        Data folder, over ``WHYBOARD_HOME``. Given alone it also holds the database and the
        files, whatever the environment says.
    settings : Settings, optional
        All of it, already resolved.

    Raises
    ------
    StoreError
        If the database or the place for files cannot be used.
    """

    def __init__(
        self, url: str | None = None, home: str | Path | None = None, settings: Settings | None = None
    ) -> None:
        if settings is None:
            settings = load_settings(home, {} if home is not None else None)
        self.settings = settings
        try:
            told = make_home(settings)
        except OSError as error:
            raise StoreError(
                f"the data folder cannot be made ({error.strerror or error})",
                place=str(settings.home),
                hint="Set WHYBOARD_HOME to a folder that you may write to.",
            ) from error
        for line in told:
            logger.warning("%s", line)
        self.database = Database(url or settings.database_url)
        self.artifacts = Artifacts(settings.artifacts)

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def check(self, thorough: bool = False) -> None:
        """Find out, by writing, whether database and files can be used now.

        Parameters
        ----------
        thorough : bool
            Also look through the whole of an SQLite database.

        Raises
        ------
        StoreError
            If not; it says what is wrong and what to do.
        """
        self.database.check(thorough)
        self.artifacts.check()

    def close(self) -> None:
        """Close the database connections."""
        self.database.close()

    def where(self, token: str) -> dict[str, str]:
        """Return, in words, what is kept of a project and where: {what: place}."""
        upload = self.upload(token)
        places = {"drawings and settings": self.database.place}
        if upload is not None:
            places["upload"] = self.artifacts.where(upload.path)
        places["results of fits"] = self.artifacts.where(f"{token_folder(token)}/results")
        places["cache of fitted blocks"] = str(self.settings.blocks)
        return places

    def delete_project_data(self, token: str) -> Deletion:
        """Delete a project's upload, requests and results; its drawings stay.

        Blocks are shared between projects by content. Those that nobody else asked for are
        named in the answer, for the holder of the block cache to drop
        (``JobService.delete_project_data`` does both). Where a file cannot be deleted nothing
        is forgotten, so that it can be tried again.
        """
        upload = self.upload(token)
        with self.database.write() as connection:
            touch(connection, token)
            ours = sa.select(tables.requests.c.id).where(tables.requests.c.project == token)
            others = sa.select(tables.blocks.c.key).where(tables.blocks.c.request.not_in(ours))
            query = sa.select(tables.blocks.c.key).where(
                tables.blocks.c.request.in_(ours), tables.blocks.c.key.not_in(others)
            )
            keys = tuple(sorted(set(connection.execute(query).scalars())))
            gone = connection.execute(sa.delete(tables.requests).where(tables.requests.c.project == token)).rowcount
            connection.execute(sa.delete(tables.uploads).where(tables.uploads.c.project == token))
            files, size = self.artifacts.delete(token_folder(token))
        return Deletion(upload.name if upload else None, files, size, gone, keys)
