"""What is said about doses. Titles name no medicine: they may stand on a locked screen."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.doses import Action, Reason
from ojas.features.medications.rules.words import amount_words
from ojas.features.medications.schemas import AnswerDraft
from ojas.features.medications.service.answering import answer
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Topic
from ojas.features.notifications.schemas import Params, Said
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.i18n import N_, _, format_time

_LATER = timedelta(minutes=10)


@notifications.action("medications.take", label=N_("Taken"))
async def TAKE(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802  # an action, once it is declared
    await answer(tx, person_id, UUID(params["dose"]), AnswerDraft(action=Action.TAKE))
    return _("{medicine}: noted as taken.", medicine=params["medicine"])


@notifications.action("medications.skip", label=N_("Skip it"))
async def SKIP(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802
    draft = AnswerDraft(action=Action.SKIP, reason=Reason.OTHER)
    await answer(tx, person_id, UUID(params["dose"]), draft)
    return _("{medicine}: skipped this time.", medicine=params["medicine"])


@notifications.action("medications.snooze", label=N_("In 10 minutes"))
async def SNOOZE(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802
    until = clock.now() + _LATER
    await answer(tx, person_id, UUID(params["dose"]), AnswerDraft(action=Action.SNOOZE, until=until))
    return _("You will be reminded again at {time}.", time=format_time(until))


_ANSWERS = ("medications.take", "medications.snooze", "medications.skip")


@notifications.kind("medications.dose", topic=Topic.MEDICATION, scope="medications", actions=_ANSWERS)
def DOSE(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    said = params["amount"]
    amount = amount_words(Amount(Decimal(said["value"]), said["unit"])) if said else ""
    what = f"{params['medicine']} ({amount})" if amount else params["medicine"]
    text = _("{medicine}, due at {time}. Take it, skip it or put it off.", medicine=what, time=_time(params))
    return Said(_("Time for a medicine"), text, f"/p/{params['person']}/medicines")


@notifications.kind("medications.unanswered", topic=Topic.MEDICATION, scope="medications")
def UNANSWERED(params: Params) -> Said:  # noqa: N802
    text = _(
        "{name}: nobody has said whether {medicine}, due at {time}, was taken. Ask how they are.",
        name=params["name"] or _("Somebody you look after"),
        medicine=params["medicine"],
        time=_time(params),
    )
    return Said(_("A medicine was not confirmed"), text, f"/p/{params['person']}/medicines")


def _time(params: Params) -> str:
    return format_time(datetime.fromisoformat(params["at"]))
