"""The first tables: projects, uploads, hypotheses, requests with their blocks, timings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _project(*, primary_key: bool = False, index: bool = False) -> sa.Column[str]:
    owner = sa.ForeignKey("projects.token", ondelete="CASCADE")
    return sa.Column("project", sa.String(64), owner, nullable=False, primary_key=primary_key, index=index)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "projects",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("exposure", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
    )
    op.create_table(
        "uploads",
        _project(primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("sample", sa.Text),
        sa.Column("overrides", sa.JSON, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
    )
    op.create_table(
        "hypotheses",
        sa.Column("id", sa.String(32), primary_key=True),
        _project(index=True),
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
    op.create_table(
        "requests",
        sa.Column("id", sa.String(32), primary_key=True),
        _project(index=True),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, index=True),
        sa.Column("fraction", sa.Double, nullable=False),
        sa.Column("errors", sa.JSON, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("owner", sa.Text),
        sa.Column("heartbeat", sa.Double, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("finished", sa.Double),
    )
    op.create_table(
        "blocks",
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
    op.create_table(
        "timings",
        sa.Column("kind", sa.String(200), primary_key=True),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("updated", sa.Double, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in ("timings", "blocks", "requests", "hypotheses", "uploads", "projects"):
        op.drop_table(name)
