"""Who may see what: grants, the care team, consents."""

from alembic import op

from ojas.kit.db import security

revision = "20261121045000"
down_revision = "20261121041500"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE grants (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        kind text NOT NULL CHECK (kind IN ('share', 'caregiver', 'care_team', 'guardian', 'break_glass', 'link')),
        grantee_account_id uuid,
        invited_index bytea,
        scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
        may_write boolean NOT NULL,
        manage boolean NOT NULL,
        purpose text NOT NULL,
        granted_by uuid,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz CHECK (ends_at > starts_at),
        accepted_at timestamptz,
        revoked_at timestamptz,
        revoked_as text CHECK (revoked_as IN ('taken_back', 'left', 'declined')),
        version bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, id),
        CHECK ((accepted_at IS NULL) = (grantee_account_id IS NULL)),
        CHECK ((revoked_at IS NULL) = (revoked_as IS NULL)),
        CHECK ('*' <> ALL (scopes) OR kind = 'guardian')
    )
    """,
    # Asked by every request of somebody signed in; the included columns answer it without visiting the table.
    "CREATE INDEX grants_grantee_index ON grants (grantee_account_id) "
    "INCLUDE (person_id, kind, scopes, may_write, manage, purpose, starts_at, ends_at) WHERE revoked_at IS NULL",
    "CREATE INDEX grants_invited_index ON grants (invited_index) WHERE accepted_at IS NULL AND revoked_at IS NULL",
    """
    CREATE TABLE care_team_members (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        role text NOT NULL,
        is_primary boolean NOT NULL,
        version bigint NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, id)
    )
    """,
    """
    CREATE TABLE consents (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        purpose text NOT NULL,
        given_at timestamptz NOT NULL,
        expires_at timestamptz CHECK (expires_at > given_at),
        withdrawn_at timestamptz,
        language text NOT NULL,
        text_digest bytea NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, id)
    )
    """,
    "CREATE UNIQUE INDEX consents_standing_unique ON consents (person_id, purpose) WHERE withdrawn_at IS NULL",
)


def upgrade() -> None:
    for table in TABLES:
        op.execute(table)
    area = "current_setting('ojas.area', true)"
    policies = [
        *security.by_person(
            "grants",
            "sharing",
            or_read=f"grantee_account_id = {security.account()} OR {area} IN ('sign_in', 'invitations')",
            or_write=f"{area} = 'invitations'",
        ),
        *security.by_person("care_team_members", "care_team"),
        *security.by_person("consents", "sharing"),
    ]
    for statement in policies:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE consents, care_team_members, grants")
