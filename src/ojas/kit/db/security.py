"""Row-level security as text: the statements a migration runs on each table it makes.

Migrations call these, so what a function here answers for given arguments never changes; a better policy is a new
function. Policies compare with arrays read from settings: no sub-select, which costs 20 times more across persons and
which Citus refuses. ``nullif`` because a custom setting reads '' once a transaction that set it has ended.
"""

from collections.abc import Sequence

ROLE = "ojas_app"


def persons(setting: str) -> str:
    """The uuid[] that a setting holds, or null."""
    return f"string_to_array(nullif(current_setting('ojas.{setting}', true), ''), ',')::uuid[]"


def account() -> str:
    """The account that acts, or null."""
    return "nullif(current_setting('ojas.account', true), '')::uuid"


def by_person(
    table: str, scope: str, *, or_read: str | None = None, or_write: str | None = None
) -> list[str]:
    """Rows are seen and changed only for persons the transaction has access to in ``scope``."""
    read = f"person_id = ANY({persons(f'may_read_{scope}')})" + (f" OR ({or_read})" if or_read else "")
    write = f"person_id = ANY({persons(f'may_write_{scope}')})" + (f" OR ({or_write})" if or_write else "")
    return [*_forced(table), *_policies(table, read, write)]


def by_rule(table: str, read: str, write: str) -> list[str]:
    """Rows are seen where ``read`` holds, and changed where ``write`` does: conditions on columns and settings alone."""
    return [*_forced(table), *_policies(table, read, write)]


def by_account(table: str, areas: Sequence[str], *, column: str = "account_id") -> list[str]:
    """Rows are seen and changed only by the account they belong to, or in one of ``areas``."""
    named = ", ".join(f"'{area}'" for area in areas)
    mine = f"{column} = {account()} OR current_setting('ojas.area', true) IN ({named})"
    return [*_forced(table), *_policies(table, mine, mine)]


def append_only(table: str) -> list[str]:
    """What is written stays: the service may add and read, neither change nor delete."""
    return [f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {ROLE}"]


def _forced(table: str) -> list[str]:
    return [f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY", f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"]


def _policies(table: str, read: str, write: str) -> list[str]:
    return [
        f"CREATE POLICY {table}_read ON {table} FOR SELECT USING ({read})",
        f"CREATE POLICY {table}_create ON {table} FOR INSERT WITH CHECK ({write})",
        f"CREATE POLICY {table}_change ON {table} FOR UPDATE USING ({write}) WITH CHECK ({write})",
        f"CREATE POLICY {table}_delete ON {table} FOR DELETE USING ({write})",
    ]


def area_first(table: str, scope: str, area: str) -> list[str]:
    """For a table of ``by_person`` that an area sees whole: that is asked first, which costs nothing.

    The array of persons is read anew for each row that is checked, 0.3 µs a person on a quiet machine: of a worker at
    sixty-four persons that was a third of what the database did.
    """
    whole = f"current_setting('ojas.area', true) = '{area}'"
    read = f"{whole} OR person_id = ANY({persons(f'may_read_{scope}')})"
    write = f"{whole} OR person_id = ANY({persons(f'may_write_{scope}')})"
    return [
        f"ALTER POLICY {table}_read ON {table} USING ({read})",
        f"ALTER POLICY {table}_create ON {table} WITH CHECK ({write})",
        f"ALTER POLICY {table}_change ON {table} USING ({write}) WITH CHECK ({write})",
        f"ALTER POLICY {table}_delete ON {table} USING ({write})",
    ]
