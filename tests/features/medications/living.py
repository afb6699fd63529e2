"""Somebody with medicines, and a worker that looks when a test says so."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text as sql

from ojas.features.medications import service
from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.doses import Action, Reason
from ojas.features.medications.rules.patterns import Pattern, Slot, Weekly
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.schemas import AnswerDraft, Dose, Medicine, MedicineDraft, TakenDraft
from ojas.features.notifications import service as notifications
from ojas.features.notifications.schemas import Notice
from ojas.kit.db import Access, Database
from ojas.kit.jobs import Context
from tests.features.morning import DAY
from tests.features.sharing.cast import Somebody

ONE = Amount(Decimal(1), "{tablet}")


def daily(*hours: int) -> Weekly:
    return Weekly(tuple(Slot(time(hour), ONE) for hour in hours))


def draft(
    pattern: Pattern | None = None, *, start: date = DAY, end: date | None = None, **more: Any
) -> MedicineDraft:
    schedule = Schedule(pattern or daily(8, 20), start, end)
    return MedicineDraft(**{"name": "Metoprolol", "schedule": schedule, **more})


async def prescribed(who: Somebody, pattern: Pattern | None = None, **more: Any) -> Medicine:
    async with who.transaction() as tx:
        return await service.MEDICINES.create(tx, who.person_id, draft(pattern, **more))


async def look(database: Database) -> None:
    """What a worker does until nothing is due any more."""
    context = Context(database)
    for tick in (service.DUE, service.REMIND):
        while await tick.look(context):
            pass


async def day_of(who: Somebody, since: datetime, until: datetime) -> list[Dose]:
    async with who.transaction() as tx:
        return await service.doses(tx, who.person_id, since, until)


async def answer(who: Somebody, dose: Dose, action: Action, **more: Any) -> Dose:
    if action is Action.SKIP:
        more.setdefault("reason", Reason.RUN_OUT)
    async with who.transaction() as tx:
        return await service.answer(tx, who.person_id, dose.id, AnswerDraft(action=action, **more))


async def take_now(who: Somebody, medicine: Medicine, **more: Any) -> Dose:
    async with who.transaction() as tx:
        return await service.take(tx, who.person_id, medicine.id, TakenDraft(**more))


async def messages(who: Somebody) -> list[Notice]:
    """What stands in somebody's inbox, oldest first."""
    async with who.transaction() as tx:
        found, _following = await notifications.inbox(tx, who.account_id)
    return list(reversed(found))


async def speaking(who: Somebody, language: str) -> None:
    """Let somebody's pages be in another language."""
    async with who.database.transaction(Access.system("sign_in")) as tx:
        await tx.session.execute(
            sql("UPDATE accounts SET preferences = preferences || jsonb_build_object('language', cast(:to AS text))"
                " WHERE id = :id"),
            {"to": language, "id": who.account_id},
        )  # fmt: skip


def states(doses: Iterable[Dose]) -> list[str]:
    return [dose.state.value for dose in doses]


SOON = timedelta(minutes=1)
