"""Erasing a person: who asked, until when it may be undone, how far it is; and shares that are shut meanwhile."""

from alembic import op

from ojas.kit.db import security

revision = "20261121074500"
down_revision = "20261121073000"
branch_labels = None
depends_on = None

ENDINGS = "'taken_back', 'left', 'declined', 'lapsed'"

TABLES = (
    """
    CREATE TABLE erasures (
        person_id uuid NOT NULL,
        id uuid NOT NULL UNIQUE,
        account_id uuid,
        asked_by uuid,
        asked_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        undone_at timestamptz,
        begun_at timestamptz,
        erased_at timestamptz CHECK (erased_at IS NULL OR begun_at IS NOT NULL),
        ended_at timestamptz CHECK (ended_at IS NULL OR erased_at IS NOT NULL),
        counts jsonb NOT NULL,
        letter bytea,
        PRIMARY KEY (person_id, id),
        CHECK (undone_at IS NULL OR begun_at IS NULL),
        CHECK (ended_at IS NULL OR (letter IS NULL AND account_id IS NULL AND asked_by IS NULL))
    )
    """,
    # A person is erased once.
    "CREATE UNIQUE INDEX erasures_standing_unique ON erasures (person_id) WHERE undone_at IS NULL",
    "CREATE INDEX erasures_due_index ON erasures (due_at) WHERE undone_at IS NULL AND ended_at IS NULL",
    "CREATE INDEX erasures_ended_index ON erasures (ended_at) WHERE ended_at IS NOT NULL",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    outside = "current_setting('ojas.area', true) = 'erasing'"
    for statement in security.by_person("erasures", "owner", or_read=outside, or_write=outside):
        op.execute(statement)
    _endings(f"{ENDINGS}, 'closed'")


def downgrade() -> None:
    op.execute("ALTER TABLE grants NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE grants SET revoked_as = 'taken_back' WHERE revoked_as = 'closed'")
    op.execute("ALTER TABLE grants FORCE ROW LEVEL SECURITY")
    _endings(ENDINGS)
    op.execute("DROP TABLE erasures")


def _endings(known: str) -> None:
    op.execute("ALTER TABLE grants DROP CONSTRAINT grants_revoked_as_check")
    op.execute(f"ALTER TABLE grants ADD CONSTRAINT grants_revoked_as_check CHECK (revoked_as IN ({known}))")
