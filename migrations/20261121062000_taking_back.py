"""Each import notes what it told, so that it can be taken back; a reading says whether a hand corrected it since."""

from alembic import op

from ojas.kit.db import security

revision = "20261121062000"
down_revision = "20261121060000"
branch_labels = None
depends_on = None

STATES = "'receiving', 'queued', 'running', 'done', 'failed', 'cancelled'"

TABLES = (
    """
    CREATE TABLE import_items (
        person_id uuid NOT NULL,
        import_id uuid NOT NULL,
        sort text NOT NULL CHECK (sort IN ('session', 'resource', 'reading', 'source')),
        item_id uuid NOT NULL,
        sealed bytea,
        PRIMARY KEY (person_id, import_id, sort, item_id),
        FOREIGN KEY (person_id, import_id) REFERENCES imports (person_id, id) ON DELETE CASCADE
    )
    """,
    # Whoever takes one import back asks of each thing who else told it.
    "CREATE INDEX import_items_item_index ON import_items (person_id, item_id)",
    """
    CREATE TABLE import_samples (
        person_id uuid NOT NULL,
        import_id uuid NOT NULL,
        id uuid NOT NULL,
        source_id uuid NOT NULL,
        kind text NOT NULL,
        first timestamptz NOT NULL,
        last timestamptz NOT NULL,
        n bigint NOT NULL CHECK (n > 0),
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, import_id, id),
        FOREIGN KEY (person_id, import_id) REFERENCES imports (person_id, id) ON DELETE CASCADE
    )
    """,
    "ALTER TABLE import_samples ALTER COLUMN sealed SET STORAGE EXTERNAL",
    "CREATE INDEX import_samples_time_index ON import_samples (person_id, source_id, kind, last)",
)


def upgrade() -> None:
    op.execute("ALTER TABLE readings ADD COLUMN touched boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE imports ADD COLUMN noted boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE imports DROP CONSTRAINT imports_state_check")
    op.execute(
        "ALTER TABLE imports ADD CONSTRAINT imports_state_check"
        f" CHECK (state IN ({STATES}, 'taking_back', 'taken_back'))"
    )
    for statement in TABLES:
        op.execute(statement)
    for name in ("import_items", "import_samples"):
        for statement in security.by_person(name, "connections"):
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE import_samples, import_items")
    # The older house knows no import that is gone: of what was taken back nothing is left but the line.
    op.execute("ALTER TABLE imports NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE imports SET state = 'cancelled' WHERE state IN ('taking_back', 'taken_back')")
    op.execute("ALTER TABLE imports FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE imports DROP CONSTRAINT imports_state_check")
    op.execute(f"ALTER TABLE imports ADD CONSTRAINT imports_state_check CHECK (state IN ({STATES}))")
    op.execute("ALTER TABLE imports DROP COLUMN noted")
    op.execute("ALTER TABLE readings DROP COLUMN touched")
