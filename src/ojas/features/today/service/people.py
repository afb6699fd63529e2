"""Whom the shell shows, and where the front door leads."""

from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.sharing import service as sharing
from ojas.kit.db import Tx
from ojas.kit.http import Actor
from ojas.kit.web import Who


async def people(tx: Tx, actor: Actor) -> list[Who]:
    """Everybody whose record the actor may open, themselves first."""
    held = await sharing.holdings(tx, actor)
    made_up = await identity.synthetic(tx, [one.person_id for one in held])
    return [Who(one.person_id, one.name or "", one.own, one.person_id in made_up) for one in held]


async def front(tx: Tx, actor: Actor) -> UUID | None:
    """Whose record opens first: one's own, else the first that is shared."""
    if actor.person_id:
        return actor.person_id
    held = await sharing.holdings(tx, actor)
    return held[0].person_id if held else None
