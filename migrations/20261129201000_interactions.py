"""Interactions: a list of pairs that somebody who may use one has loaded. Ojas comes with none."""

from alembic import op

revision = "20261129201000"
down_revision = "20261129200500"
branch_labels = None
depends_on = None

LOADING = "current_setting('ojas.area', true) = 'interactions'"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE interaction_lists (
            id uuid PRIMARY KEY,
            source text NOT NULL CHECK (source <> ''),
            version text NOT NULL CHECK (version <> ''),
            pairs bigint NOT NULL,
            loaded_at timestamptz NOT NULL
        )
        """
    )
    op.execute("CREATE UNIQUE INDEX interaction_lists_only ON interaction_lists ((true))")
    op.execute(
        """
        CREATE TABLE interactions (
            one text NOT NULL,
            other text NOT NULL,
            severity text NOT NULL CHECK (severity IN ('minor', 'moderate', 'major', 'forbidden')),
            effect text NOT NULL,
            cite text NOT NULL,
            PRIMARY KEY (one, other),
            CHECK (one < other COLLATE "C")
        )
        """
    )
    # Everybody's medicines are compared with it; only the command that loads a list writes it.
    for table in ("interaction_lists", "interactions"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT USING (true)")
        op.execute(f"CREATE POLICY {table}_write ON {table} FOR ALL USING ({LOADING}) WITH CHECK ({LOADING})")


def downgrade() -> None:
    for table in ("interactions", "interaction_lists"):
        op.execute(f"DROP TABLE {table}")
