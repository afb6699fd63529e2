"""Emergency: contacts, calls for help with whom they told, the card."""

from alembic import op

from ojas.kit.db import security

revision = "20261129202000"
down_revision = "20261129201500"
branch_labels = None
depends_on = None

WORKER = "current_setting('ojas.area', true) = 'emergency'"
OPENING = "current_setting('ojas.area', true) = 'emergency_card'"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE emergency_contacts (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            priority bigint NOT NULL CHECK (priority BETWEEN 1 AND 99),
            active boolean NOT NULL,
            can_receive_alerts boolean NOT NULL,
            account_id uuid,
            address_hash bytea NOT NULL,
            named_at timestamptz,
            refused_at timestamptz,
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
        CREATE TABLE emergency_alerts (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            test boolean NOT NULL,
            raised_by uuid,
            created_at timestamptz NOT NULL,
            pressed_at timestamptz NOT NULL,
            begun_at timestamptz NOT NULL,
            said bigint NOT NULL,
            call_at timestamptz,
            news bigint NOT NULL,
            resolved_at timestamptz,
            outcome text CHECK (outcome IN ('helped', 'false_alarm', 'lapsed')),
            version bigint NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id),
            CHECK ((resolved_at IS NULL) = (outcome IS NULL)),
            CHECK (resolved_at IS NULL OR call_at IS NULL)
        )
        """
    )
    op.execute(
        "CREATE INDEX emergency_alerts_call_index ON emergency_alerts (call_at) WHERE call_at IS NOT NULL"
    )
    # However often and from however many devices the button is pressed at once, there is one that runs; and one test.
    op.execute(
        "CREATE UNIQUE INDEX emergency_alerts_running_index ON emergency_alerts (person_id, test)"
        " WHERE resolved_at IS NULL"
    )
    op.execute(
        """
        CREATE TABLE emergency_helpers (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            alert_id uuid NOT NULL,
            contact_id uuid NOT NULL,
            rank bigint NOT NULL,
            told bigint NOT NULL,
            told_at timestamptz,
            message_ids uuid[] NOT NULL,
            answer text CHECK (answer IN ('coming', 'cannot')),
            answered_at timestamptz,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id),
            CONSTRAINT emergency_helpers_contact_unique UNIQUE (person_id, alert_id, contact_id),
            CONSTRAINT emergency_helpers_alert_reference FOREIGN KEY (person_id, alert_id)
                REFERENCES emergency_alerts (person_id, id) ON DELETE CASCADE,
            CHECK ((answer IS NULL) = (answered_at IS NULL))
        )
        """
    )
    op.execute(
        """
        CREATE TABLE emergency_cards (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            digest bytea,
            shown boolean NOT NULL,
            closed boolean NOT NULL,
            issued_at timestamptz,
            opened_at timestamptz,
            version bigint NOT NULL,
            updated_at timestamptz NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id),
            CHECK (id = person_id)
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX emergency_cards_digest_index ON emergency_cards (digest)")
    for table in ("emergency_contacts", "emergency_alerts", "emergency_helpers"):
        worker = WORKER if table == "emergency_alerts" else None
        for statement in security.by_person(table, "emergency", or_read=worker, or_write=worker):
            op.execute(statement)
    for statement in security.by_person("emergency_cards", "emergency", or_read=OPENING):
        op.execute(statement)


def downgrade() -> None:
    for table in ("emergency_cards", "emergency_helpers", "emergency_alerts", "emergency_contacts"):
        op.execute(f"DROP TABLE {table}")
