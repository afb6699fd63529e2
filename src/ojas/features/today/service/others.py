"""What is with those the reader looks after: said on the reader's own first screen, for there they look."""

from collections.abc import Mapping
from uuid import UUID

from ojas.features.alarms import service as alarms
from ojas.features.emergency import service as emergency
from ojas.features.identity import service as identity
from ojas.features.measurements import service as measurements
from ojas.features.medications import service as medications
from ojas.features.sharing import service as sharing
from ojas.features.sharing.rules import Purpose
from ojas.features.today.schemas import Alarm, Others, Task, Unread
from ojas.features.today.service.doses import of_dose
from ojas.kit.db import Tx
from ojas.kit.http import Actor
from ojas.kit.i18n import _

FEW, MANY = 5, 100
"""Of each sort: on the first screen, and on the page of all."""

Names = Mapping[UUID, str]


async def others(
    tx: Tx, reader: Actor, preferences: measurements.Preferences, here: str, *, most: int = FEW
) -> Others:
    """Calls for help that run, the worst alarm of each, doses nobody answered; of records and scopes that are open to them.

    However many they look after, it is a handful of questions. ``here``: the page that shows it, where an answer leads back to.
    """
    async with tx.acting(await sharing.access_of(tx, reader)):  # a page holds the access to one person alone
        calls = await emergency.running_of(tx, _of(tx, emergency.SCOPE, reader), limit=most)
        worst = await alarms.worst_now(tx, _of(tx, alarms.SCOPE, reader), preferences, limit=most)
        doses = await medications.unanswered_of(tx, _cared_for(tx, reader), limit=most)
        unread = calls.unread | worst.unread | doses.unread
        about = unread.union(one.person_id for found in (calls, worst, doses) for one in found.items)
        names = await identity.names(tx, about) if about else {}
        wrong = [
            *(_of_call(one, names) for one in calls.items),
            *(_of_alarm(one, names) for one in worst.items),
        ]
        return Others(
            alarms=tuple(wrong),
            doses=tuple(_of_dose(tx, one, names, here) for one in doses.items),
            more_alarms=calls.more + worst.more,
            more_doses=doses.more,
            unread=tuple(Unread(name=_named(names, id), href=f"/p/{id}") for id in sorted(unread)),
        )


def _of(tx: Tx, scope: str, reader: Actor) -> frozenset[UUID]:
    return tx.access.may_read.get(scope, frozenset()) - {reader.person_id}


def _cared_for(tx: Tx, reader: Actor) -> frozenset[UUID]:
    """Whose medicines one looks after. Who treats hundreds is not shown each tablet of theirs."""
    shared = _of(tx, medications.SCOPE, reader)
    return frozenset(person for person in shared if tx.access.why(person) != Purpose.TREATMENT)


def _of_call(one: emergency.Alert, names: Names) -> Alarm:
    return Alarm(
        title=_titled(names, one.person_id, emergency.title_of(one)),
        says=emergency.said_of(one),
        advice="",
        href=f"/p/{one.person_id}/emergency/alerts/{one.id}",
        at=one.created_at,
    )


def _of_alarm(one: alarms.AlarmShown, names: Names) -> Alarm:
    return Alarm(
        title=_titled(names, one.person_id, one.title),
        says=one.says,
        advice="",
        href=f"/p/{one.person_id}/alarms/{one.id}",
        at=one.evidence_at,
        danger=one.severity.danger and not one.acknowledged_at,
        known=alarms.standing_text(one),
    )


def _of_dose(tx: Tx, one: medications.Dose, names: Names, here: str) -> Task:
    writes = tx.access.allows(medications.SCOPE, one.person_id, write=True)
    task = of_dose(one, writes=writes, home=here)
    return task.model_copy(update={"title": _titled(names, one.person_id, task.title)})


def _titled(names: Names, person_id: UUID, what: str) -> str:
    return _("{name}: {what}", name=_named(names, person_id), what=what)


def _named(names: Names, person_id: UUID) -> str:
    return names.get(person_id) or _("Somebody you look after")
