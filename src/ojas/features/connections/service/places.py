"""Where the person was, as a file tells it: for as long as its data lasts, and no longer."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from ojas.features.connections.models import Import
from ojas.features.connections.service import imports
from ojas.features.signals import service as signals
from ojas.features.signals.rules import instant, milliseconds
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.i18n.zones import zone_if_known

LASTING = timedelta(days=1)
"""A zone is told where a night or a walk begins; it holds for the rest of it, and of that day."""
SILENT = timedelta(days=2)
"""So long a device may say nothing without the person having gone home: they are where it spoke last."""

Visit = tuple[datetime, datetime | None, str]


def joined(known: Sequence[Sequence[Any]], told: Iterable[tuple[datetime, str]]) -> list[list[Any]]:
    """``[since, until, zone]`` in order, one for each stretch in which no other zone was told."""
    points = [(at, zone) for since, until, zone in known for at in (since, until)]
    points += [(milliseconds(at), zone) for at, named in told if (zone := zone_if_known(named))]
    stretches = [(zone, list(some)) for zone, some in groupby(sorted(points), key=lambda point: point[1])]
    return [[some[0][0], some[-1][0], zone] for zone, some in stretches]


def visits(stretches: Sequence[Sequence[Any]], now: datetime) -> list[Visit]:
    """From when to when the person was where. The last is open where it reaches to the present."""
    found: list[Visit] = []
    following = [*(instant(since) for since, _, _ in stretches[1:]), None]
    for (since, until, zone), after in zip(stretches, following, strict=False):
        last = instant(until)
        silent = (after or now) - last
        end = last + LASTING if silent > SILENT else after
        found.append((instant(since), end, zone))
    return found


async def tell(tx: Tx, row: Import) -> None:
    """Let the days follow where the file says the person was. Told again, it says what it says now."""
    inside = await imports.inside_of(tx, row)
    if not inside.places:
        return
    await untell(tx, row)
    stays = await signals.visit(tx, row.person_id, visits(inside.places, clock.now()))
    inside.stays = [[milliseconds(since), zone] for since, zone in stays]
    await imports.keep(tx, row, inside)


async def untell(tx: Tx, row: Import) -> None:
    """Take back where the file said the person was."""
    inside = await imports.inside_of(tx, row)
    if not inside.stays:
        return
    await signals.unvisit(tx, row.person_id, [(instant(since), zone) for since, zone in inside.stays])
    inside.stays = []
    await imports.keep(tx, row, inside)
