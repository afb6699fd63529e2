"""Calendar: events made of the record's Appointments, and a later look at what could not be said."""

from alembic import op

from ojas.kit.db import security

revision = "20261130000500"
down_revision = "20261130000000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE taken_appointments (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id)
        )
        """
    )
    for statement in security.by_person("taken_appointments", "owner"):
        op.execute(statement)
    op.execute("ALTER TABLE calendar_events ADD COLUMN look_at timestamptz")
    op.execute("DROP INDEX calendar_events_call_index")
    op.execute(
        "CREATE INDEX calendar_events_call_index ON calendar_events (greatest(call_at, look_at))"
        " WHERE call_at IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX calendar_events_call_index")
    op.execute(
        "CREATE INDEX calendar_events_call_index ON calendar_events (call_at) WHERE call_at IS NOT NULL"
    )
    op.execute("ALTER TABLE calendar_events DROP COLUMN look_at")
    op.execute("DROP TABLE taken_appointments")
