"""When each tick looked last, so that it is seen when nobody looks any more."""

from alembic import op

revision = "20261130001500"
down_revision = "20261130000500"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE TABLE ticks (name text PRIMARY KEY, looked_at timestamptz NOT NULL)")


def downgrade() -> None:
    op.execute("DROP TABLE ticks")
