"""What the kit does by itself, every hour: new keys for whom it is time, and answers and tries nobody asks about any more."""

from datetime import timedelta

import structlog
from sqlalchemy import delete

from ojas.kit import clock
from ojas.kit.db import Access, Database
from ojas.kit.http import limits
from ojas.kit.http.replay import Answer
from ojas.kit.jobs import Context, job

_LOG = structlog.get_logger("ojas.upkeep")

_ANSWERS_KEPT = timedelta(days=1)


@job("kit.upkeep", retries=3, every="41 * * * *")
async def upkeep(context: Context) -> None:
    await forget(context.database)
    rotated = await rotate_keys(context.database)
    _LOG.info("done", rotated=rotated)


async def forget(database: Database) -> None:
    """Drop answers older than a day, and tries that count for nothing any more."""
    async with database.transaction(Access.system("housekeeping")) as tx:
        await tx.session.execute(delete(Answer).where(Answer.at < clock.now() - _ANSWERS_KEPT))
        await limits.forget(tx)


async def rotate_keys(database: Database) -> int:
    """Give a new key to everybody whose newest has lived its life; answers to how many.

    Nothing stops for it: the new version seals from now on, the old ones go on opening what they sealed, and each thing
    moves over when it is next written.
    """
    async with database.transaction(Access.system("housekeeping")) as tx:
        due = await database.keyring.due(tx.session)
    for person_id in due:
        async with database.transaction(Access.of(person_id)) as tx:
            await database.keyring.rotate(tx.session, person_id)
    return len(due)
