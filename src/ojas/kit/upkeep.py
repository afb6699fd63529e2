"""What the kit does by itself, every hour: new keys for whom it is time, and answers and tries nobody asks about any more."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete

from ojas.kit import clock
from ojas.kit.db import Access, Database, resealing
from ojas.kit.errors import NotFound
from ojas.kit.http import limits
from ojas.kit.http.replay import Answer
from ojas.kit.jobs import Context, job

_LOG = structlog.get_logger("ojas.upkeep")

_ANSWERS_KEPT = timedelta(days=1)


@job("kit.reseal", retries=3, every="11 * * * *")
async def reseal(context: Context) -> None:
    """Every hour: wrap by the newest master key, move what older keys sealed, and let those go that seal nothing more."""
    rewrapped, rows, retired = await resealing.rewrap(context.database), 0, 0
    for person_id in await resealing.behind(context.database):
        rows += await resealing.reseal(context.database, person_id)
        if not await reseal_files(context, person_id):
            retired += await resealing.retire(context.database, person_id)
    _LOG.info("done", rewrapped=rewrapped, rows=rows, retired=retired)


async def reseal_files(context: Context, person_id: UUID) -> int:
    """Seal a person's lasting files under their newest key. Answers how many an older one still seals: those soon to go."""
    objects, waiting = context.objects, 0
    async with context.database.transaction(Access.of(person_id)) as tx:
        keys = (await tx.keys(person_id)).versions
    for name in await objects.names(str(person_id)):
        with suppress(NotFound):  # it went meanwhile
            if await objects.version(name) == max(keys):
                continue
            places = [feature.place(person_id, name) for feature in context.features if feature.place]
            place = next((place for place in places if place), None)
            if place is None:
                waiting += 1
            else:
                await objects.reseal(name, keys, place)
    return waiting


async def older_files(context: Context, person_id: UUID) -> int:
    """How many of a person's files an older key seals."""
    objects = context.objects
    async with context.database.transaction(Access.of(person_id)) as tx:
        newest = max((await tx.keys(person_id)).versions)
    return sum([await objects.version(name) < newest for name in await objects.names(str(person_id))])


@job("kit.upkeep", retries=3, every="41 * * * *")
async def upkeep(context: Context) -> None:
    await forget(context.database)
    rotated = await rotate_keys(context.database)
    _LOG.info("done", rotated=rotated)


async def forget(database: Database) -> None:
    """Drop answers older than a day, and tries that count for nothing any more."""
    async with database.transaction(Access.system(resealing.HOUSE)) as tx:
        await tx.session.execute(delete(Answer).where(Answer.at < clock.now() - _ANSWERS_KEPT))
        await limits.forget(tx)


async def rotate_keys(database: Database) -> int:
    """Give a new key to everybody whose newest has lived its life; answers to how many.

    Nothing stops for it: the new version seals from now on, the old ones go on opening what they sealed, and each thing
    moves over when it is next written, or by the sweep.
    """
    async with database.transaction(Access.system(resealing.HOUSE)) as tx:
        due = await database.keyring.due(tx.session)
    for person_id in due:
        async with database.transaction(Access.of(person_id)) as tx:
            await database.keyring.rotate(tx.session, person_id)
    return len(due)
