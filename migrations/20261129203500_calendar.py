"""Calendar: what is planned, what became of each time it came to, and the secret addresses others' calendars read it by."""

from alembic import op

from ojas.kit.db import security

revision = "20261129203500"
down_revision = "20261129203000"
branch_labels = None
depends_on = None

WORKER = "current_setting('ojas.area', true) = 'calendar'"
FEED = "current_setting('ojas.area', true) = 'calendar_feed'"


def may(verb: str) -> str:
    """Shared: who may see the calendar. Clinical: who may see the record too. Private: whose record it is, or who keeps it."""
    owner = f"person_id = ANY({security.persons('may_read_owner')})"
    record = f"person_id = ANY({security.persons('may_read_record')})"
    return (
        f"person_id = ANY({security.persons(f'may_{verb}_calendar')})"
        f" AND (privacy IS DISTINCT FROM 'private' OR {owner})"
        f" AND (privacy IS DISTINCT FROM 'clinical' OR {record} OR {owner})"
    )


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE calendars (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            is_default boolean NOT NULL,
            version bigint NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id)
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX calendars_default_index ON calendars (person_id) WHERE is_default")
    # An event has no reference to its calendar: where that is deleted it is in the default one, until it is restored.
    op.execute(
        """
        CREATE TABLE calendar_events (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            calendar_id uuid,
            privacy text NOT NULL CHECK (privacy IN ('private', 'shared', 'clinical')),
            appointment boolean NOT NULL,
            first_at timestamptz NOT NULL,
            last_at timestamptz,
            clocks text NOT NULL,
            call_at timestamptz,
            version bigint NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id)
        )
        """
    )
    op.execute("CREATE INDEX calendar_events_first_index ON calendar_events (person_id, first_at)")
    op.execute(
        "CREATE INDEX calendar_events_call_index ON calendar_events (call_at) WHERE call_at IS NOT NULL"
    )
    op.execute(
        """
        CREATE TABLE occurrences (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            event_id uuid NOT NULL,
            key text NOT NULL CHECK (length(key) <= 40),
            privacy text NOT NULL CHECK (privacy IN ('private', 'shared', 'clinical')),
            status text CHECK (status IN ('pending', 'confirmed', 'completed', 'cancelled', 'no_show')),
            marked_at timestamptz,
            messages uuid[] NOT NULL,
            said_at timestamptz,
            PRIMARY KEY (person_id, id)
        )
        """
    )
    op.execute("CREATE INDEX occurrences_event_index ON occurrences (person_id, event_id, key)")
    op.execute(
        """
        CREATE TABLE event_templates (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            is_active boolean NOT NULL,
            version bigint NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE calendar_links (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            digest bytea NOT NULL UNIQUE,
            detail text NOT NULL CHECK (detail IN ('full', 'busy')),
            created_at timestamptz NOT NULL,
            read_at timestamptz,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id)
        )
        """
    )
    for table in ("calendars", "event_templates"):
        for statement in security.by_person(table, "calendar"):
            op.execute(statement)
    read, write = f"({may('read')}) OR {WORKER}", f"({may('write')}) OR {WORKER}"
    for table in ("calendar_events", "occurrences"):
        for statement in security.by_rule(table, read, write):
            op.execute(statement)
    for statement in security.by_person("calendar_links", "owner", or_read=FEED, or_write=FEED):
        op.execute(statement)


def downgrade() -> None:
    for table in ("calendar_links", "event_templates", "occurrences", "calendar_events", "calendars"):
        op.execute(f"DROP TABLE {table}")
