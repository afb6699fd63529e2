"""Somebody with contacts who calls for help, and a worker that looks when a test says so."""

from typing import Any
from uuid import UUID

from ojas.features.emergency import service
from ojas.features.emergency.schemas import Alert, AlertDraft, Contact, ContactDraft, EndDraft
from ojas.kit.db import Access, Database
from ojas.kit.jobs import Context
from ojas.kit.settings import Settings
from tests.features.sharing.cast import Somebody

REACHING = Settings(sms_url="json://127.0.0.1:1/{to}", call_url="json://127.0.0.1:1/{to}")  # type: ignore[arg-type]
"""Of a house that is set up for every way; nothing is sent in these tests."""


async def named(who: Somebody, name: str, *, priority: int = 1, **more: Any) -> Contact:
    said = {"name": name, "priority": priority, "introduce": False, **more}
    if not {"phone", "email", "account_id"} & set(said):
        said["email"] = f"{name.lower()}@example.org"
    async with who.transaction() as tx:
        return await service.CONTACTS.create(tx, who.person_id, ContactDraft(**said))


async def pressed(who: Somebody, **more: Any) -> Alert:
    async with who.transaction() as tx:
        return await service.press(tx, who.person_id, AlertDraft(**more))


async def ended(who: Somebody, alert: Alert, **more: Any) -> Alert:
    async with who.transaction() as tx:
        return await service.end(tx, who.person_id, alert.id, EndDraft(**more))


async def seen(who: Somebody, alert: Alert | UUID) -> Alert:
    async with who.transaction() as tx:
        return await service.alert(tx, who.person_id, alert.id if isinstance(alert, Alert) else alert)


async def look(database: Database) -> None:
    """What a worker does until nobody is to be told any more."""
    context = Context(database, REACHING)
    while await service.CALL.look(context):
        pass


def told(alert: Alert) -> dict[str, int]:
    return {helper.name: helper.told for helper in alert.helpers}


def whole(who: Somebody) -> Access:
    return Access.of(who.person_id, account_id=who.account_id)
