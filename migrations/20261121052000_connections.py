"""Connections: imports, what was refused of them, exports."""

from alembic import op

from ojas.kit.db import security

revision = "20261121052000"
down_revision = "20261121048000"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE imports (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        account_id uuid,
        vendor text,
        state text NOT NULL CHECK (state IN ('receiving', 'queued', 'running', 'done', 'failed', 'cancelled')),
        done bigint NOT NULL,
        total bigint NOT NULL,
        size bigint NOT NULL,
        checkpoint bigint NOT NULL,
        attempts bigint NOT NULL,
        taken bigint NOT NULL,
        refused bigint NOT NULL,
        kept boolean NOT NULL,
        created_at timestamptz NOT NULL,
        started_at timestamptz,
        ended_at timestamptz,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, id)
    )
    """,
    """
    CREATE TABLE import_refusals (
        person_id uuid NOT NULL,
        import_id uuid NOT NULL,
        place bigint NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, import_id, place),
        FOREIGN KEY (person_id, import_id) REFERENCES imports (person_id, id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE exports (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        account_id uuid,
        state text NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
        done bigint NOT NULL,
        total bigint NOT NULL,
        size bigint NOT NULL,
        attempts bigint NOT NULL,
        created_at timestamptz NOT NULL,
        ended_at timestamptz,
        expires_at timestamptz,
        PRIMARY KEY (person_id, id)
    )
    """,
)


def upgrade() -> None:
    for table in TABLES:
        op.execute(table)
    # Who tidies up sees what is over, in whosever record: ids, states and dates; what is sealed stays so.
    tidy = "current_setting('ojas.area', true) = 'connections_tidy'"
    for name in ("imports", "exports"):
        for statement in security.by_person(name, "connections", or_read=tidy, or_write=tidy):
            op.execute(statement)
    for statement in security.by_person("import_refusals", "connections"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE exports, import_refusals, imports")
