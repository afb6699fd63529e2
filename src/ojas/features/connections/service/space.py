"""How much of the store a person's files take: what waits to be read, what failed and may be tried again, archives."""

from uuid import UUID

from ojas.features.connections import queries
from ojas.features.connections.schemas import KeptFile, Space
from ojas.features.connections.service import imports
from ojas.features.connections.service.imports import KEPT, SCOPE
from ojas.kit import audit
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, TooLarge
from ojas.kit.i18n import N_
from ojas.kit.objects import Objects

FULL = N_(
    "The files kept for this record may take {allowed} MB, and {used} MB are in use. Delete the file of an import that"
    " failed or was stopped, or an archive; both stand on the page Import and export."
)


async def look(tx: Tx, person_id: UUID, allowed: int) -> Space:
    """What is kept, the newest first, and how much of ``allowed`` bytes it takes."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, "imports")
    files = []
    for row in await queries.kept_imports(tx, person_id):
        until = row.ended_at + KEPT if row.ended_at else None
        name = (await imports.inside_of(tx, row)).file_name
        files.append(KeptFile(sort="import", id=row.id, name=name, size=row.size, until=until))
    for archive in await queries.kept_exports(tx, person_id):
        files.append(KeptFile(sort="export", id=archive.id, size=archive.size, until=archive.expires_at))
    return Space(used=sum(one.size for one in files), allowed=allowed, files=files)


async def room(tx: Tx, person_id: UUID, allowed: int | None, size: int = 0) -> int | None:
    """How many bytes are left once ``size`` more are kept; None where nothing bounds them.

    Raises:
        TooLarge: there is no room for them.
    """
    if allowed is None:
        return None
    left = allowed - await queries.kept_bytes(tx, person_id) - size
    if left < 0 or (left == 0 and not size):
        raise full(allowed, allowed - left - size)
    return left


def full(allowed: int, used: int) -> TooLarge:
    return TooLarge(FULL, field="file", allowed=allowed // 10**6, used=used // 10**6)


async def forget_file(tx: Tx, objects: Objects, person_id: UUID, import_id: UUID) -> None:
    """Throw away the file of an import that failed or was stopped; what came in stays.

    Raises:
        NotFound: there is no such import. Conflict: it is under way and needs its file, or has none any more.
    """
    row, _ = await imports.mine(tx, person_id, import_id, write=True)
    if not imports.retryable(row):
        raise Conflict("This import has no file that could be deleted now.")
    row.kept = False
    await objects.delete(imports.object_name(person_id, import_id))
    await audit.changed(tx, "delete", person_id, "imports", import_id)
