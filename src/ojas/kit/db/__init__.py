"""PostgreSQL: tables of persons, the transaction and its access, keys, row-level security."""

from ojas.kit.db.access import NOBODY, SCOPES, Access, unenforced
from ojas.kit.db.keyring import PersonKey
from ojas.kit.db.models import Base, Owned, Personal, Seal, by_id
from ojas.kit.db.sealed import Gathered, Sealed, readable
from ojas.kit.db.statement import Rows, Statement
from ojas.kit.db.transaction import Database, Origin, Tx

__all__ = [
    "NOBODY",
    "SCOPES",
    "Access",
    "Base",
    "Database",
    "Gathered",
    "Origin",
    "Owned",
    "PersonKey",
    "Personal",
    "Rows",
    "Seal",
    "Sealed",
    "Statement",
    "Tx",
    "by_id",
    "readable",
    "unenforced",
]
