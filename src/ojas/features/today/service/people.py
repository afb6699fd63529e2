"""Whom the shell shows, and where the front door leads."""

from uuid import UUID

from ojas.features.sharing import service as sharing
from ojas.kit.db import Tx
from ojas.kit.http import Actor
from ojas.kit.web import Who


async def people(tx: Tx, actor: Actor) -> list[Who]:
    """The actor, and those whose record they may open, the newest ten; all of them stand under People."""
    known = await sharing.known(tx, actor)
    return [Who(one.person_id, one.name or "", one.own, one.synthetic) for one in known]


async def front(tx: Tx, actor: Actor) -> UUID | None:
    """Whose record opens first: one's own, else the first that is shared."""
    if actor.person_id:
        return actor.person_id
    held = await sharing.holdings(tx, actor)
    return held[0].person_id if held else None
