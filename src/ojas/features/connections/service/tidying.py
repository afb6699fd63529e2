"""Putting away what is over: files whose import ended long ago, uploads that never ended, archives past their time."""

from ojas.features.connections import queries
from ojas.features.connections.models import Export
from ojas.features.connections.service import exports, imports
from ojas.kit import clock
from ojas.kit.db import Access, Database
from ojas.kit.objects import Objects

_AT_ONCE = 200


async def tidy(database: Database, objects: Objects) -> int:
    """Delete what is over. Answers how many things; done again, it does nothing."""
    done = 0
    while True:
        async with database.transaction(Access.system("connections_tidy")) as tx:
            found = await queries.over(
                tx, now=clock.now(), lost=imports.LOST, kept=imports.KEPT, limit=_AT_ONCE
            )
            for row in found:
                if isinstance(row, Export):
                    await objects.delete(exports.object_name(row.person_id, row.id))
                    await tx.session.delete(row)
                    continue
                await objects.delete(imports.object_name(row.person_id, row.id))
                if row.state == "receiving":
                    await tx.session.delete(row)
                row.kept = False
        done += len(found)
        if not found:
            return done
