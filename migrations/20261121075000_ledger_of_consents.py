"""Consents become a ledger of lines that are added and never changed; the switches that nothing asked are gone."""

from alembic import op

from ojas.kit.db import security

revision = "20261121075000"
down_revision = "20261121074500"
branch_labels = None
depends_on = None

# The owner is held to row security too, and has no access to anybody: it is lifted for the lines, within this transaction.
_OPEN = "ALTER TABLE consents NO FORCE ROW LEVEL SECURITY"
_SHUT = "ALTER TABLE consents FORCE ROW LEVEL SECURITY"


def upgrade() -> None:
    for statement in (
        _OPEN,
        "DROP INDEX consents_standing_unique",
        "ALTER TABLE consents RENAME COLUMN given_at TO at",
        # No line of before says a version of its words, so it is 0, and none of it holds until it is given anew.
        "ALTER TABLE consents ADD COLUMN given boolean NOT NULL DEFAULT true,"
        " ADD COLUMN text_version bigint NOT NULL DEFAULT 0, ADD COLUMN account_id uuid,"
        " ALTER COLUMN sealed DROP NOT NULL, DROP COLUMN text_digest, DROP COLUMN created_at, DROP COLUMN updated_at",
        "INSERT INTO consents (person_id, id, purpose, given, text_version, language, at)"
        " SELECT person_id, gen_random_uuid(), purpose, false, 0, language, withdrawn_at FROM consents"
        " WHERE withdrawn_at IS NOT NULL",
        "ALTER TABLE consents DROP COLUMN withdrawn_at, ALTER COLUMN given DROP DEFAULT,"
        " ALTER COLUMN text_version DROP DEFAULT, ADD CONSTRAINT consents_words_check CHECK (given = (sealed IS NOT NULL))",
        _SHUT,
        # Lines go with the person they are about, and never else. Their words may move to a newer key of that person.
        f"REVOKE UPDATE, TRUNCATE ON consents FROM {security.ROLE}",
        f"GRANT UPDATE (sealed) ON consents TO {security.ROLE}",
        "DROP POLICY consents_delete ON consents",
        f"CREATE POLICY consents_delete ON consents FOR DELETE USING (person_id = ANY({security.persons('may_write_sharing')})"
        " AND current_setting('ojas.area', true) = 'erasing')",
        "DROP TABLE privacy_settings",
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        """
        CREATE TABLE privacy_settings (
            person_id uuid NOT NULL REFERENCES persons,
            id uuid NOT NULL,
            version bigint NOT NULL,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            sealed bytea NOT NULL,
            PRIMARY KEY (person_id, id),
            CONSTRAINT privacy_settings_one_check CHECK (id = person_id)
        )
        """,
        *security.by_person("privacy_settings", "profile"),
        "DROP POLICY consents_delete ON consents",
        "CREATE POLICY consents_delete ON consents FOR DELETE USING"
        f" (person_id = ANY({security.persons('may_write_sharing')}))",
        f"GRANT UPDATE ON consents TO {security.ROLE}",
        _OPEN,
        "ALTER TABLE consents ADD COLUMN withdrawn_at timestamptz, ADD COLUMN text_digest bytea,"
        " ADD COLUMN created_at timestamptz, ADD COLUMN updated_at timestamptz",
        "UPDATE consents AS c SET created_at = at, updated_at = at, text_digest = '', withdrawn_at = ("
        "  SELECT min(w.at) FROM consents AS w WHERE w.person_id = c.person_id AND w.purpose = c.purpose"
        "  AND w.at >= c.at AND w.id <> c.id) WHERE given",
        "ALTER TABLE consents DROP CONSTRAINT consents_words_check",
        "DELETE FROM consents WHERE NOT given",
        "ALTER TABLE consents DROP COLUMN given, DROP COLUMN text_version, DROP COLUMN account_id,"
        " ALTER COLUMN sealed SET NOT NULL, ALTER COLUMN text_digest SET NOT NULL,"
        " ALTER COLUMN created_at SET NOT NULL, ALTER COLUMN updated_at SET NOT NULL",
        "ALTER TABLE consents RENAME COLUMN at TO given_at",
        "CREATE UNIQUE INDEX consents_standing_unique ON consents (person_id, purpose) WHERE withdrawn_at IS NULL",
        _SHUT,
    ):
        op.execute(statement)
