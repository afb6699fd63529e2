"""Calendars: a person's first is the default, and there is always exactly one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ojas.features.calendar import models, queries
from ojas.features.calendar.schemas import Calendar, CalendarDraft
from ojas.kit.collection import Collection
from ojas.kit.db import Tx
from ojas.kit.errors import Conflict, Incorrect
from ojas.kit.i18n import _

SCOPE = "calendar"


async def _derive(tx: Tx, person_id: UUID, id: UUID, draft: CalendarDraft) -> Mapping[str, Any]:
    """Raises: Incorrect: it would leave no default."""
    await queries.alone(tx, person_id)
    default = await queries.default(tx, person_id)
    if draft.is_default:
        await queries.no_default(tx, person_id, id)
    elif default == id:
        raise Incorrect("One calendar is the default. Make another the default instead.", field="is_default")
    return {"is_default": draft.is_default or default is None}


class Calendars(Collection[models.Calendar, CalendarDraft, Calendar]):
    async def delete(self, tx: Tx, person_id: UUID, id: UUID, *, if_version: int | None = None) -> None:
        """As in every list, but for the default. Its events are in the default one then, and back when it is restored."""
        if await queries.default(tx, person_id) == id:
            raise Conflict("This is the default calendar. Make another the default first.")
        await super().delete(tx, person_id, id, if_version=if_version)


CALENDARS = Calendars(
    name="calendars", row=models.Calendar, draft=CalendarDraft, view=Calendar, derive=_derive
)


async def calendars(tx: Tx, person_id: UUID) -> list[Calendar]:
    """All of a person's, the default first."""
    found = (await CALENDARS.page(tx, person_id, limit=200)).items
    return sorted(found, key=lambda one: (not one.is_default, one.created_at))


async def home(tx: Tx, person_id: UUID) -> None:
    """Give a person who plans something their first calendar, unless they have one."""
    if await queries.default(tx, person_id) is not None:
        return
    await queries.alone(tx, person_id)
    if await queries.default(tx, person_id) is None:  # two may plan their first thing at once
        await CALENDARS.create(tx, person_id, CalendarDraft(name=_("My calendar"), is_default=True))


async def refuse_strange(tx: Tx, person_id: UUID, calendar_id: UUID | None) -> None:
    """
    Raises:
        Incorrect: with the field ``calendar_id``: the person has no such calendar.
    """
    if calendar_id is None or any(one.id == calendar_id for one in await calendars(tx, person_id)):
        return
    raise Incorrect("There is no such calendar.", field="calendar_id")
