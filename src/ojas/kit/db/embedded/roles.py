"""Who may sign in to the database, and with which password."""

import json
import os
import secrets
from pathlib import Path

KEEPER = "ojas_keeper"
"""Superuser; for this package alone, and for tests that make databases of their own."""
OWNER = "ojas_owner"
"""Owns the database, runs migrations; no superuser, and row-level security holds for it too."""
APP = "ojas_app"
"""Owns nothing; what the service and its jobs connect as."""
DATABASE = "ojas"

ROLES = (KEEPER, OWNER, APP)

HBA = f"""\
# Written by Ojas at every start. Nobody else, and nothing by network.
local  all          {",".join(ROLES)}  scram-sha-256
local  replication  {KEEPER}  scram-sha-256
"""


def passwords(file: Path) -> dict[str, str]:
    """The password of each role, made and kept at the first call; the file is readable by its owner alone."""
    try:
        kept = json.loads(file.read_text())
    except FileNotFoundError:
        kept = {role: secrets.token_hex(32) for role in ROLES}
        fresh = file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(kept, out)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
    return {role: str(kept[role]) for role in ROLES}


def creation(known: dict[str, str]) -> list[str]:
    """Statements that make the roles and the database. Passwords are hex, so quotes are safe."""
    plain = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    return [
        f"CREATE ROLE {OWNER} {plain} PASSWORD '{known[OWNER]}'",
        f"CREATE ROLE {APP} {plain} PASSWORD '{known[APP]}'",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP}",
    ]


def new_passwords(known: dict[str, str]) -> list[str]:
    """Statements for a cluster whose password file was lost."""
    return [f"ALTER ROLE {role} PASSWORD '{known[role]}'" for role in ROLES]
