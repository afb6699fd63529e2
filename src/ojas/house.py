"""What a process stands on: the features there are, the database, the keys, the files."""

import asyncio
import gc
import pkgutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec

from sqlalchemy.orm import configure_mappers

import ojas.kit.upkeep  # noqa: F401  # its job is known once it is imported
from ojas import features as folder
from ojas.kit import crypto, events
from ojas.kit.db import Access, Database, Tx
from ojas.kit.feature import Feature
from ojas.kit.http import Actor, House
from ojas.kit.settings import Settings


@cache
def features() -> tuple[Feature, ...]:
    """Every feature: a folder of ojas.features with a feature.py is one. Loading them fills the registries of kit."""
    names = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    found = [
        import_module(f"ojas.features.{name}.feature").FEATURE
        for name in names
        if find_spec(f"ojas.features.{name}.feature")
    ]
    for feature in found:
        for event, job in feature.handlers.items():
            events.listen(event, job)
        for event, heed in feature.heeds.items():
            events.heed(event, heed)
    configure_mappers()  # else each child of a fork does it for itself, and 9 MB of its memory are shared no more
    return tuple(found)


def settle() -> None:
    """Let the collector of cycles pass over what lives as long as the process: once, when everything is loaded.

    Else each full collection visits a quarter of a million objects of schemas, mappings and routes, 85 to 140 ms of the
    processor; that falls on no more than one request in a hundred, but it is the hundredth that is promised.
    """
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def house(settings: Settings, conninfo: str) -> AsyncIterator[House]:
    """The house of this process, closed on leaving."""
    load = partial(crypto.load, settings)
    database = Database(conninfo, load(), pool_size=settings.pool_size, reload=load)
    opened = House(
        database,
        settings,
        features(),
        authenticate=next((f.authenticate for f in features() if f.authenticate), _nobody),
        authorise=next((f.authorise for f in features() if f.authorise), _nothing),
    )
    _ = opened.objects  # a folder that cannot be made is told at the start, not at the first upload
    resting = asyncio.create_task(database.rest())
    try:
        yield opened
    finally:
        resting.cancel()
        await database.close()


async def _nobody(tx: Tx, request: object) -> Actor | None:
    return None


async def _nothing(tx: Tx, actor: Actor) -> Access:
    return Access(account_id=actor.account_id)
