"""What is done later: reading a file, writing an archive, putting away what was abandoned."""

from uuid import UUID

from ojas.features.connections import service
from ojas.kit.jobs import Context, job


@job("connections.run_import", retries=service.TRIES + 1)
async def run_import(context: Context, *, person_id: UUID, import_id: UUID) -> None:
    """Read the file of an import to its end. After a kill it goes on from the last batch that was committed."""
    await service.run_import(context.database, context.shared["objects"], person_id, import_id)


@job("connections.run_export", retries=service.TRIES + 1)
async def run_export(context: Context, *, person_id: UUID, export_id: UUID) -> None:
    """Write the archive of a whole record."""
    shared = context.shared
    await service.run_export(context.database, shared["objects"], shared["features"], person_id, export_id)
