"""What is wrong with those the reader looks after: said on the reader's own first screen, for there they look."""

from collections.abc import Mapping
from uuid import UUID

from ojas.features.alarms import service as alarms
from ojas.features.emergency import service as emergency
from ojas.features.identity import service as identity
from ojas.features.measurements import service as measurements
from ojas.features.sharing import service as sharing
from ojas.features.today.schemas import Alarm
from ojas.kit.db import Tx
from ojas.kit.http import Actor
from ojas.kit.i18n import _

MOST = 5


async def others(tx: Tx, reader: Actor, preferences: measurements.Preferences) -> list[Alarm]:
    """Calls for help that run, then the worst alarm of each; of records and scopes that are open to the reader."""
    async with tx.acting(await sharing.access_of(tx, reader)):  # a page holds the access to one person alone
        calls = await emergency.running_of(tx, _of(tx, emergency.SCOPE, reader), limit=MOST)
        worst = await alarms.worst_now(tx, _of(tx, alarms.SCOPE, reader), preferences, limit=MOST)
        about = {one.person_id for one in calls} | {one.person_id for one in worst}
        names = await identity.names(tx, about) if about else {}
    return [*(_of_call(one, names) for one in calls), *(_of_alarm(one, names) for one in worst)]


def _of(tx: Tx, scope: str, reader: Actor) -> frozenset[UUID]:
    return tx.access.may_read.get(scope, frozenset()) - {reader.person_id}


def _of_call(one: emergency.Alert, names: Mapping[UUID, str]) -> Alarm:
    return Alarm(
        title=_titled(names.get(one.person_id), emergency.title_of(one)),
        says=emergency.said_of(one),
        advice="",
        href=f"/p/{one.person_id}/emergency/alerts/{one.id}",
        at=one.created_at,
    )


def _of_alarm(one: alarms.AlarmShown, names: Mapping[UUID, str]) -> Alarm:
    return Alarm(
        title=_titled(names.get(one.person_id), one.title),
        says=one.says,
        advice="",
        href=f"/p/{one.person_id}/alarms/{one.id}",
        at=one.evidence_at,
        danger=one.severity.danger and not one.acknowledged_at,
        known=alarms.standing_text(one),
    )


def _titled(name: str | None, what: str) -> str:
    return _("{name}: {what}", name=name or _("Somebody you look after"), what=what)
