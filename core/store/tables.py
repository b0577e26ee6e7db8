"""The tables. Times are seconds since 1970 UTC; migrations in ``migrations/`` create them."""

import sqlalchemy as sa

__all__ = ["blocks", "hypotheses", "metadata", "projects", "requests", "timings", "uploads"]

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


def _project_column(*, primary_key: bool = False, index: bool = False) -> sa.Column[str]:
    owner = sa.ForeignKey("projects.token", ondelete="CASCADE")
    return sa.Column("project", sa.String(64), owner, nullable=False, primary_key=primary_key, index=index)


projects = sa.Table(
    "projects",
    metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("exposure", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("updated", sa.Double, nullable=False),
)

# One upload a project: the primary key says so.
uploads = sa.Table(
    "uploads",
    metadata,
    _project_column(primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("path", sa.Text, nullable=False),  # inside the artifact store
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("sample", sa.Text),
    sa.Column("overrides", sa.JSON, nullable=False),
    sa.Column("created", sa.Double, nullable=False),
)

hypotheses = sa.Table(
    "hypotheses",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    _project_column(index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("letter", sa.String(8), nullable=False),
    sa.Column("colour", sa.String(16), nullable=False),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("deleted_at", sa.Double),
    sa.Column("updated", sa.Double, nullable=False),
)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    _project_column(index=True),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("fraction", sa.Double, nullable=False),
    sa.Column("errors", sa.JSON, nullable=False),
    sa.Column("result", sa.Text),  # path inside the artifact store
    sa.Column("owner", sa.Text),  # the service that runs it
    sa.Column("heartbeat", sa.Double, nullable=False),
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("finished", sa.Double),
)

blocks = sa.Table(
    "blocks",
    metadata,
    sa.Column("request", sa.String(32), sa.ForeignKey("requests.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("key", sa.String(128), primary_key=True, index=True),
    sa.Column("nodes", sa.JSON, nullable=False),
    sa.Column("hypotheses", sa.JSON, nullable=False),
    sa.Column("method", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("fraction", sa.Double, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
)

# How long fits of one kind took, for the estimate before the next.
timings = sa.Table(
    "timings",
    metadata,
    sa.Column("kind", sa.String(200), primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("updated", sa.Double, nullable=False),
)
