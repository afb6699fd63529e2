"""The record: six lists, and the store of FHIR resources beneath them."""

from alembic import op

from ojas.kit.db import security

revision = "20261121053000"
down_revision = "20261121052000"
branch_labels = None
depends_on = None

LISTS = {
    "conditions": "recorded_at timestamptz",
    "allergies": "recorded_at timestamptz",
    "immunisations": "given_on date",
    "procedures": "performed_on date",
    "results": "effective_on date",
    "encounters": "started_on date",
}
STORE = (
    """
    CREATE TABLE fhir_resources (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        type text NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        recorded_at timestamptz NOT NULL,
        source text NOT NULL,
        deleted boolean NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, id)
    )
    """,
    # Sealed content is compressed already; PostgreSQL would try again, in vain.
    "ALTER TABLE fhir_resources ALTER COLUMN sealed SET STORAGE EXTERNAL",
    "CREATE INDEX fhir_resources_order_index ON fhir_resources (person_id, recorded_at DESC, id DESC)",
    "CREATE INDEX fhir_resources_type_index ON fhir_resources (person_id, type, recorded_at DESC, id DESC)",
    """
    CREATE TABLE fhir_versions (
        person_id uuid NOT NULL,
        id uuid NOT NULL,
        resource_id uuid NOT NULL,
        version bigint NOT NULL,
        recorded_at timestamptz NOT NULL,
        source text NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (person_id, id),
        UNIQUE (person_id, resource_id, version),
        FOREIGN KEY (person_id, resource_id) REFERENCES fhir_resources (person_id, id)
    )
    """,
    "ALTER TABLE fhir_versions ALTER COLUMN sealed SET STORAGE EXTERNAL",
)


def upgrade() -> None:
    for table, order in LISTS.items():
        column = order.split()[0]
        op.execute(
            f"""
            CREATE TABLE {table} (
                person_id uuid NOT NULL,
                id uuid NOT NULL,
                status text NOT NULL,
                {order} NOT NULL,
                version bigint NOT NULL,
                created_at timestamptz NOT NULL,
                updated_at timestamptz NOT NULL,
                sealed bytea NOT NULL,
                PRIMARY KEY (person_id, id)
            )
            """
        )
        op.execute(f"CREATE INDEX {table}_order_index ON {table} (person_id, {column} DESC, id DESC)")
    for statement in STORE:
        op.execute(statement)
    for table in (*LISTS, "fhir_resources", "fhir_versions"):
        for statement in security.by_person(table, "record"):
            op.execute(statement)


def downgrade() -> None:
    for table in ("fhir_versions", "fhir_resources", *reversed(LISTS)):
        op.execute(f"DROP TABLE {table}")
