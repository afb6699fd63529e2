"""Who was erased, in a file beside the database and not in it: a restored backup brings back rows and keys, not this list."""

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from ojas.features.identity import queries
from ojas.features.identity.service.erasing.ground import whole
from ojas.kit.db import Database


def note(home: Path, person_id: UUID, erasure_id: UUID) -> None:
    """Add a line, on the disk before the end is told. Twice the same line is no harm."""
    file = os.open(home / "erased", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, f"{person_id} {erasure_id}\n".encode())
        os.fsync(file)
    finally:
        os.close(file)


async def again(database: Database, home: Path) -> list[UUID]:
    """Those of the list who are here again, as after a restore: each is to be erased anew, at once."""
    back = []
    for person_id in dict.fromkeys(_listed(home)):
        async with database.transaction() as tx, tx.acting(whole(tx, person_id)):
            if await queries.people.exists(tx, person_id):
                back.append(person_id)
    return back


def _listed(home: Path) -> Iterator[UUID]:
    path = home / "erased"
    for line in path.read_text().splitlines() if path.exists() else ():
        yield UUID(line.split()[0])
