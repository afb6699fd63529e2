"""Medications: what a person takes, and each dose that came due or was answered."""

from alembic import op

from ojas.kit.db import security

revision = "20261121100000"
down_revision = "20261121091000"
branch_labels = None
depends_on = None

WORKER = "current_setting('ojas.area', true) = 'medications'"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE medicines (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            status text NOT NULL CHECK (status IN ('active', 'paused', 'discontinued', 'completed')),
            zone text,
            next_due_at timestamptz,
            version bigint NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id)
        )
        """
    )
    op.execute("CREATE INDEX medicines_due_index ON medicines (next_due_at) WHERE next_due_at IS NOT NULL")
    # A dose has no reference to its medicine: it stays when that is deleted, and is there again when it is restored.
    op.execute(
        """
        CREATE TABLE doses (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            medicine_id uuid NOT NULL,
            key text NOT NULL CHECK (length(key) <= 80),
            day date NOT NULL,
            planned text,
            at timestamptz NOT NULL,
            opens_at timestamptz NOT NULL,
            on_time_at timestamptz NOT NULL,
            closes_at timestamptz NOT NULL,
            action text CHECK (action IN ('take', 'skip', 'snooze')),
            answered_at timestamptz,
            told_at timestamptz,
            until timestamptz,
            held boolean NOT NULL,
            begun_at timestamptz NOT NULL,
            said bigint NOT NULL,
            call_at timestamptz,
            version bigint NOT NULL,
            created_at timestamptz NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id),
            CONSTRAINT doses_key_unique UNIQUE (person_id, medicine_id, key),
            CHECK ((action IS NULL) = (answered_at IS NULL)),
            CHECK ((action IS NULL) = (told_at IS NULL))
        )
        """
    )
    op.execute("CREATE INDEX doses_medicine_at_index ON doses (person_id, medicine_id, at)")
    op.execute("CREATE INDEX doses_at_index ON doses (person_id, at)")
    op.execute("CREATE INDEX doses_call_index ON doses (call_at) WHERE call_at IS NOT NULL")
    for table in ("medicines", "doses"):
        for statement in security.by_person(table, "medications", or_read=WORKER, or_write=WORKER):
            op.execute(statement)


def downgrade() -> None:
    for table in ("doses", "medicines"):
        op.execute(f"DROP TABLE {table}")
