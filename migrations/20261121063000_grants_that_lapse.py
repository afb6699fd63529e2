"""A grant ends with the right of who gave it on another's behalf, and says who took it back."""

from alembic import op

revision = "20261121063000"
down_revision = "20261121062000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE grants ADD COLUMN revoked_by uuid")
    _endings("'taken_back', 'left', 'declined', 'lapsed'")


def downgrade() -> None:
    # What lapsed stays ended, in the one word there was for an end that others made.
    op.execute("ALTER TABLE grants NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE grants SET revoked_as = 'taken_back' WHERE revoked_as = 'lapsed'")
    op.execute("ALTER TABLE grants FORCE ROW LEVEL SECURITY")
    _endings("'taken_back', 'left', 'declined'")
    op.execute("ALTER TABLE grants DROP COLUMN revoked_by")


def _endings(known: str) -> None:
    op.execute("ALTER TABLE grants DROP CONSTRAINT grants_revoked_as_check")
    op.execute(f"ALTER TABLE grants ADD CONSTRAINT grants_revoked_as_check CHECK (revoked_as IN ({known}))")
