"""Identity: persons and accounts, how they prove themselves, their sessions, roles and organisations."""

from alembic import op

from ojas.kit.db import security

revision = "20261121041500"
down_revision = "20261121040000"
branch_labels = None
depends_on = None

OWNED = """
    CREATE TABLE {name} (
        person_id uuid NOT NULL REFERENCES persons,
        id uuid NOT NULL,
        version bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, id),
        CONSTRAINT {name}_one_check CHECK (id = person_id)
    )
"""
TABLES = (
    """
    CREATE TABLE persons (
        person_id uuid PRIMARY KEY,
        created_at timestamptz NOT NULL,
        created_by uuid,
        synthetic boolean NOT NULL DEFAULT false
    )
    """,
    OWNED.format(name="profiles"),
    OWNED.format(name="privacy_settings"),
    """
    CREATE TABLE accounts (
        id uuid PRIMARY KEY,
        person_id uuid NOT NULL UNIQUE REFERENCES persons,
        email_index bytea NOT NULL UNIQUE,
        sealed bytea NOT NULL,
        preferences jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        verified_at timestamptz,
        disabled_at timestamptz,
        seen_at timestamptz
    )
    """,
    """
    CREATE TABLE credentials (
        account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('password', 'totp', 'passkey', 'recovery')),
        digest bytea,
        secret bytea NOT NULL,
        counter bigint NOT NULL,
        label text NOT NULL,
        created_at timestamptz NOT NULL,
        confirmed_at timestamptz,
        used_at timestamptz,
        PRIMARY KEY (account_id, id)
    )
    """,
    "CREATE UNIQUE INDEX credentials_digest_index ON credentials (kind, digest) WHERE digest IS NOT NULL",
    "CREATE UNIQUE INDEX credentials_one_index ON credentials (account_id, kind) WHERE kind IN ('password', 'totp')",
    """
    CREATE TABLE sessions (
        account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('browser', 'remembered', 'token')),
        digest bytea UNIQUE,
        methods text[] NOT NULL,
        device text NOT NULL,
        address inet,
        created_at timestamptz NOT NULL,
        proved_at timestamptz NOT NULL,
        used_at timestamptz NOT NULL,
        idle_until timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        ended_at timestamptz,
        ended_why text,
        PRIMARY KEY (account_id, id)
    )
    """,
    """
    CREATE TABLE refresh_tokens (
        account_id uuid NOT NULL,
        digest bytea NOT NULL,
        session_id uuid NOT NULL,
        created_at timestamptz NOT NULL,
        replaced_at timestamptz,
        PRIMARY KEY (account_id, digest),
        FOREIGN KEY (account_id, session_id) REFERENCES sessions ON DELETE CASCADE
    )
    """,
    "CREATE UNIQUE INDEX refresh_tokens_digest_index ON refresh_tokens (digest)",
    "CREATE INDEX refresh_tokens_session_index ON refresh_tokens (account_id, session_id)",
    """
    CREATE TABLE tickets (
        id uuid PRIMARY KEY,
        purpose text NOT NULL,
        account_id uuid REFERENCES accounts ON DELETE CASCADE,
        digest bytea NOT NULL UNIQUE,
        sealed bytea,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
    )
    """,
    "CREATE INDEX tickets_account_index ON tickets (account_id, purpose)",
    "CREATE INDEX tickets_expires_index ON tickets (expires_at)",
    """
    CREATE TABLE devices (
        account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        digest bytea NOT NULL,
        created_at timestamptz NOT NULL,
        used_at timestamptz NOT NULL,
        PRIMARY KEY (account_id, digest)
    )
    """,
    """
    CREATE TABLE failures (
        key bytea PRIMARY KEY,
        count bigint NOT NULL,
        at timestamptz NOT NULL,
        until timestamptz NOT NULL
    )
    """,
    "CREATE INDEX failures_at_index ON failures (at)",
    """
    CREATE TABLE organisations (
        id uuid PRIMARY KEY,
        version bigint NOT NULL,
        details jsonb NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE roles (
        account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        id uuid NOT NULL,
        role text NOT NULL CHECK (role IN ('patient', 'doctor', 'therapist', 'admin')),
        organisation_id uuid REFERENCES organisations,
        given_by uuid,
        given_at timestamptz NOT NULL,
        PRIMARY KEY (account_id, id),
        UNIQUE NULLS NOT DISTINCT (account_id, role, organisation_id)
    )
    """,
    """
    CREATE TABLE signing_keys (
        kid text PRIMARY KEY,
        algorithm text NOT NULL CHECK (algorithm IN ('ES256', 'RS256')),
        sealed bytea NOT NULL,
        created_at timestamptz NOT NULL
    )
    """,
)
KEYED = ("credentials", "sessions", "refresh_tokens", "tickets", "devices", "roles")


def upgrade() -> None:
    for table in TABLES:
        op.execute(table)
    policies = [
        *security.by_person("persons", "profile"),
        *security.by_person("profiles", "profile"),
        *security.by_person("privacy_settings", "profile"),
        *security.by_account("accounts", ["sign_in"], column="id"),
        *(line for table in KEYED for line in security.by_account(table, ["sign_in"])),
        *security.by_account("organisations", ["sign_in", "organisations"], column="id"),
    ]
    for statement in policies:
        op.execute(statement)
    # No account owns these; they are open in the area of sign-in alone.
    for table in ("failures", "signing_keys"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY {table}_all ON {table} USING (current_setting('ojas.area', true) = 'sign_in')"
            " WITH CHECK (current_setting('ojas.area', true) = 'sign_in')"
        )


def downgrade() -> None:
    op.execute(
        "DROP TABLE signing_keys, roles, organisations, failures, devices, tickets, refresh_tokens, sessions,"
        " credentials, accounts, privacy_settings, profiles, persons"
    )
