"""The house, opened for one command, and whom in it a command means."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING
from uuid import UUID

from ojas.cli.ground import Ground
from ojas.cli.said import Refused
from ojas.kit.settings import Settings

if TYPE_CHECKING:
    from ojas.kit.http import House


@asynccontextmanager
async def opened(settings: Settings, found: Ground) -> AsyncIterator["House"]:
    """The house on a database that is up to date; of its log, what went wrong alone."""
    from ojas.house import features, house
    from ojas.kit import logs
    from ojas.kit.db.migrate import migrate

    logs.configure("error")
    features()
    if found.owner:
        await asyncio.to_thread(migrate, found.owner)  # this may be the first that ever runs here
    async with house(settings, found.app) as whole:
        yield whole


async def person_named(house: "House", whom: str) -> UUID:
    """By id, or by the e-mail address of their account."""
    from ojas.features.identity import service as identity
    from ojas.kit.db import Access

    with suppress(ValueError):
        return UUID(whom)
    async with house.database.transaction(Access.system("sign_in")) as tx:
        card = await identity.card_by_email(tx, whom)
    if card is None:
        raise Refused(f"Nobody signs in as {whom}.")
    return card.person_id
