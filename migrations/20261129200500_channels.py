"""Channels: messages to somebody without an account, what is done from a message, when a delivery was tried."""

from alembic import op

from ojas.kit.db import security

revision = "20261129200500"
down_revision = "20261121100000"
branch_labels = None
depends_on = None


MINE = f"account_id = {security.account()} OR current_setting('ojas.area', true) = 'deliveries'"


def upgrade() -> None:
    for statement in (
        "ALTER TABLE messages ADD COLUMN reader_id uuid, ADD COLUMN acted_at timestamptz, ADD COLUMN acted text",
        "UPDATE messages SET reader_id = account_id",
        "ALTER TABLE messages ALTER COLUMN reader_id SET NOT NULL, ALTER COLUMN account_id DROP NOT NULL",
        "ALTER TABLE messages DROP CONSTRAINT messages_key_unique",
        "ALTER TABLE messages ADD CONSTRAINT messages_key_unique UNIQUE (person_id, reader_id, kind, key)",
        "ALTER TABLE deliveries ALTER COLUMN account_id DROP NOT NULL,"
        " ADD COLUMN address_id uuid, ADD COLUMN tried_at timestamptz",
        "ALTER TABLE deliveries DROP CONSTRAINT deliveries_state_check",
        "ALTER TABLE deliveries ADD CONSTRAINT deliveries_state_check"
        " CHECK (state IN ('waiting', 'handed', 'refused', 'dead', 'hushed'))",
        """
        CREATE TABLE outsiders (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id)
        )
        """,
        """
        CREATE TABLE addresses (
            person_id uuid NOT NULL,
            id uuid NOT NULL,
            account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
            kind text NOT NULL CHECK (kind IN ('browser', 'phone', 'webhook')),
            digest bytea NOT NULL,
            created_at timestamptz NOT NULL,
            confirmed_at timestamptz,
            tries bigint NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id),
            CONSTRAINT addresses_digest_unique UNIQUE (account_id, kind, digest)
        )
        """,
        "CREATE INDEX deliveries_failed_index ON deliveries (channel) WHERE state IN ('refused', 'dead')",
        *security.by_person("outsiders", "notifications"),
        *security.by_person("addresses", "notifications", or_read=MINE, or_write=MINE),
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        "DROP TABLE outsiders, addresses",
        "DROP INDEX deliveries_failed_index",
        "DELETE FROM messages WHERE account_id IS NULL",
        "DELETE FROM deliveries WHERE state = 'hushed'",
        "ALTER TABLE deliveries DROP CONSTRAINT deliveries_state_check",
        "ALTER TABLE deliveries ADD CONSTRAINT deliveries_state_check"
        " CHECK (state IN ('waiting', 'handed', 'refused', 'dead'))",
        "ALTER TABLE deliveries DROP COLUMN tried_at, DROP COLUMN address_id, ALTER COLUMN account_id SET NOT NULL",
        "ALTER TABLE messages DROP CONSTRAINT messages_key_unique",
        "ALTER TABLE messages DROP COLUMN acted, DROP COLUMN acted_at, DROP COLUMN reader_id,"
        " ALTER COLUMN account_id SET NOT NULL",
        "ALTER TABLE messages ADD CONSTRAINT messages_key_unique UNIQUE (person_id, account_id, kind, key)",
    ):
        op.execute(statement)
