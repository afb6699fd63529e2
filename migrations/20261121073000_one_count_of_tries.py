"""One count of tries; names of passkeys sealed; no answer kept that may hold a secret."""

from alembic import op

revision = "20261121073000"
down_revision = "20261121063000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Counts begin anew; that an upgrade forgives five wrong tries buys a guesser nothing.
    op.execute("DROP TABLE failures")
    op.execute("TRUNCATE tries")
    op.execute("ALTER TABLE tries ADD COLUMN at timestamptz NOT NULL")
    # It holds waits now, which a crash must not end.
    op.execute("ALTER TABLE tries SET LOGGED")
    op.execute("CREATE INDEX tries_at_index ON tries (at)")
    # SQL holds no keys, so the names given before cannot be sealed: such a passkey is shown by its day.
    op.execute("ALTER TABLE credentials ADD COLUMN sealed bytea, DROP COLUMN label")
    op.execute("TRUNCATE answers")


def downgrade() -> None:
    op.execute("ALTER TABLE credentials DROP COLUMN sealed, ADD COLUMN label text NOT NULL DEFAULT ''")
    op.execute("DROP INDEX tries_at_index")
    op.execute("TRUNCATE tries")
    op.execute("ALTER TABLE tries DROP COLUMN at")
    op.execute("ALTER TABLE tries SET UNLOGGED")
    op.execute(
        """
        CREATE TABLE failures (
            key bytea PRIMARY KEY,
            count bigint NOT NULL,
            at timestamptz NOT NULL,
            until timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE INDEX failures_at_index ON failures (at)")
    op.execute("ALTER TABLE failures ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE failures FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY failures_all ON failures USING (current_setting('ojas.area', true) = 'sign_in')"
        " WITH CHECK (current_setting('ojas.area', true) = 'sign_in')"
    )
