"""What is said about doses. Titles name no medicine: they may stand on a locked screen."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from ojas.features.medications import queries
from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.doses import Action, Reason
from ojas.features.medications.rules.words import amount_words
from ojas.features.medications.schemas import AnswerDraft
from ojas.features.medications.service.answering import answer, standing_of
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Topic
from ojas.features.notifications.schemas import Params, Said
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.errors import Refusal
from ojas.kit.i18n import N_, _, format_time, ngettext

_LATER = timedelta(minutes=10)
_SHOWN = 12


@notifications.action("medications.take", label=N_("Taken"))
async def TAKE(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802  # an action, once it is declared
    done = await _answer(tx, person_id, params, AnswerDraft(action=Action.TAKE))
    return ngettext(
        "Noted as taken: {medicine}.",
        "Noted as taken: {n} medicines.",
        len(done),
        medicine=done[0]["medicine"],
    )


@notifications.action("medications.skip", label=N_("Skip it"))
async def SKIP(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802
    draft = AnswerDraft(action=Action.SKIP, reason=Reason.OTHER)
    done = await _answer(tx, person_id, params, draft)
    return ngettext(
        "Skipped this time: {medicine}.",
        "Skipped this time: {n} medicines.",
        len(done),
        medicine=done[0]["medicine"],
    )


@notifications.action("medications.snooze", label=N_("In 10 minutes"))
async def SNOOZE(tx: Tx, person_id: UUID, by: UUID | None, params: Params) -> str:  # noqa: N802
    until = clock.now() + _LATER
    await _answer(tx, person_id, params, AnswerDraft(action=Action.SNOOZE, until=until))
    return _("The reminder comes again at {time}.", time=format_time(until))


async def _answer(tx: Tx, person_id: UUID, params: Params, draft: AnswerDraft) -> list[Params]:
    """Answer every dose of a message. Of several, what was answered otherwise meanwhile stays so; answers those it is true of.

    Raises:
        Refusal: none of them can be answered so any more.
    """
    done: list[Params] = []
    refused: Refusal | None = None
    for dose in doses_of(params):
        try:
            await answer(tx, person_id, UUID(dose["dose"]), draft)
            done.append(dose)
        except Refusal as why:
            refused = why
    if not done and refused:
        raise refused
    return done


_ANSWERS = ("medications.take", "medications.snooze", "medications.skip")


@notifications.kind("medications.dose", topic=Topic.MEDICATION, scope="medications", actions=_ANSWERS)
def DOSE(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    doses = doses_of(params)
    title = ngettext("Time for a medicine", "Time for {n} medicines", len(doses))
    if len(doses) == 1:
        text = _(
            "Due at {time}: {medicine}. Take it, skip it or put it off.",
            medicine=_what(doses[0]),
            time=_time(doses[0]),
        )
    else:
        text = _(
            "{medicines}. An answer from here counts for all of them; under Medicines each has its own.",
            medicines=_listed(doses),
        )
    return Said(title, text, f"/p/{params['person']}/medicines")


@notifications.answered_by(DOSE)
async def answered(tx: Tx, person_id: UUID, params: Params) -> str | None:
    """Once each of them has its answer: whoever reads of a dose must not give it a second time."""
    ids = {UUID(dose["dose"]) for dose in doses_of(params)}
    found = [standing_of(row) for row in await queries.doses_named(tx, person_id, ids)]
    final = [one for one in found if one and one.final]
    if len(final) < len(ids):
        return None
    return ", ".join(
        _(words) for action, words in _DONE.items() if any(one.action is action for one in final)
    )


_DONE = {Action.TAKE: N_("Taken"), Action.SKIP: N_("Skipped")}


@notifications.kind("medications.unanswered", topic=Topic.MEDICATION, scope="medications")
def UNANSWERED(params: Params) -> Said:  # noqa: N802
    doses, name = doses_of(params), params["name"] or _("Somebody you look after")
    title = ngettext("A medicine was not confirmed", "{n} medicines were not confirmed", len(doses))
    if len(doses) == 1:
        text = _(
            "{name}: nobody has said whether {medicine}, due at {time}, was taken. Ask how they are.",
            name=name,
            medicine=doses[0]["medicine"],
            time=_time(doses[0]),
        )
    else:
        text = _(
            "{name}: nobody has said whether these were taken: {medicines}. Ask how they are.",
            name=name,
            medicines=_listed(doses, amounts=False),
        )
    return Said(title, text, f"/p/{params['person']}/medicines")


def doses_of(params: Params) -> list[dict[str, Any]]:
    """What a message is about: each dose with its id, medicine, amount and time.

    A message from before there were several has those of its one dose itself.
    """
    found: list[dict[str, Any]] = params["doses"] if "doses" in params else [dict(params)]
    return found


def _listed(doses: Sequence[Params], *, amounts: bool = True) -> str:
    """Those of one minute after their time, once; as many as one reads, and how many more there are."""
    at: dict[str, list[str]] = {}
    for dose in doses[:_SHOWN]:
        at.setdefault(_time(dose), []).append(_what(dose) if amounts else dose["medicine"])
    parts = [_("{time}: {medicines}", time=time, medicines=", ".join(each)) for time, each in at.items()]
    more = len(doses) - _SHOWN
    return "; ".join([*parts, ngettext("{n} more", "{n} more", more)] if more > 0 else parts)


def _what(dose: Params) -> str:
    said = dose["amount"]
    amount = amount_words(Amount(Decimal(said["value"]), said["unit"])) if said else ""
    return f"{dose['medicine']} ({amount})" if amount else str(dose["medicine"])


def _time(dose: Params) -> str:
    return format_time(datetime.fromisoformat(dose["at"]))
