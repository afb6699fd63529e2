"""Addresses: in which session a browser asked to be written to. It ends with that."""

from alembic import op

revision = "20261130000000"
down_revision = "20261129203500"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # No foreign key: a session that merely ran out is swept, and its browser is still reminded.
    op.execute("ALTER TABLE addresses ADD COLUMN session_id uuid")


def downgrade() -> None:
    op.execute("ALTER TABLE addresses DROP COLUMN session_id")
