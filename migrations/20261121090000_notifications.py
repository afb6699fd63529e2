"""Notifications: what is said to whom about a person, by which channel, and what became of it."""

from alembic import op

from ojas.kit.db import security

revision = "20261121090000"
down_revision = "20261121075500"
branch_labels = None
depends_on = None

# A message is read by whom it is for, while they may see what it tells of the person.
MINE = (
    f"account_id = {security.account()} AND person_id = ANY("
    "string_to_array(nullif(current_setting('ojas.may_read_' || scope, true), ''), ',')::uuid[])"
)
WORKER = "current_setting('ojas.area', true) = 'deliveries'"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE messages (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
            kind text NOT NULL,
            topic text NOT NULL,
            scope text NOT NULL CHECK (scope ~ '^[a-z_]+$'),
            urgency bigint NOT NULL CHECK (urgency BETWEEN 1 AND 5),
            key text NOT NULL CHECK (length(key) <= 200),
            created_at timestamptz NOT NULL,
            expires_at timestamptz,
            read_at timestamptz,
            archived_at timestamptz,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id),
            CONSTRAINT messages_key_unique UNIQUE (person_id, account_id, kind, key)
        )
        """
    )
    op.execute("CREATE INDEX messages_account_id_id_index ON messages (account_id, id)")
    op.execute(
        "CREATE INDEX messages_unread_index ON messages (account_id) WHERE read_at IS NULL AND archived_at IS NULL"
    )
    op.execute(
        """
        CREATE TABLE deliveries (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            message_id uuid NOT NULL,
            account_id uuid NOT NULL,
            channel text NOT NULL,
            urgency bigint NOT NULL,
            state text NOT NULL CHECK (state IN ('waiting', 'handed', 'refused', 'dead')),
            hold text CHECK (hold IN ('quiet', 'digest')),
            first_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            attempts bigint NOT NULL,
            answer text,
            handed_at timestamptz,
            PRIMARY KEY (person_id, id),
            FOREIGN KEY (person_id, message_id) REFERENCES messages ON DELETE CASCADE
        )
        """
    )
    op.execute("CREATE INDEX deliveries_message_index ON deliveries (person_id, message_id)")
    op.execute(
        "CREATE INDEX deliveries_urgent_index ON deliveries (due_at) WHERE state = 'waiting' AND urgency >= 4"
    )
    op.execute(
        "CREATE INDEX deliveries_due_index ON deliveries (due_at) WHERE state = 'waiting' AND urgency < 4"
    )
    op.execute(
        """
        CREATE TABLE notification_settings (
            account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
            chosen jsonb NOT NULL,
            version bigint NOT NULL,
            updated_at timestamptz NOT NULL
        )
        """
    )
    for statement in (
        *security.by_person("messages", "notifications", or_read=MINE, or_write=MINE),
        *security.by_person("deliveries", "notifications", or_read=WORKER, or_write=WORKER),
        *security.by_account("notification_settings", ["deliveries"]),
    ):
        op.execute(statement)


def downgrade() -> None:
    for table in ("notification_settings", "deliveries", "messages"):
        op.execute(f"DROP TABLE {table}")
