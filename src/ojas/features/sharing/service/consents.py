"""What Ojas may do with the data beyond keeping it: asked in plain words, kept in a ledger with the words agreed to, and
withdrawn as easily.
"""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import orjson

from ojas.features.sharing import queries, rules
from ojas.features.sharing.models import Consent
from ojas.features.sharing.rules import Answer, Processing
from ojas.features.sharing.schemas import ConsentDraft, ConsentLine, ConsentView
from ojas.kit import audit, clock, events, i18n
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Conflict, Forbidden, Incorrect, NotFound, Stale
from ojas.kit.ids import new_id

SUBJECT = "consents"


async def allows(tx: Tx, person_id: UUID, purpose: Processing) -> bool:
    """Whether a person agrees now. Whoever may touch anything of theirs may ask this one question."""
    if person_id not in tx.access.persons:
        raise NotFound("There is no such person, or nothing of theirs is shared with you.")
    if tx.access.allows("sharing", person_id):
        answer = await queries.answer(tx, person_id, purpose)
    else:
        async with tx.acting(Access(tx.access.account_id, {"sharing": frozenset({person_id})})):
            answer = await queries.answer(tx, person_id, purpose)
    return rules.stands(answer, rules.QUESTIONS[purpose], clock.now())


async def consents(tx: Tx, person_id: UUID) -> list[ConsentView]:
    """Every purpose there is, with all that a person answered to it."""
    tx.access.require("sharing", person_id)
    audit.looked(tx, person_id, SUBJECT)
    rows = await queries.consents(tx, person_id)
    return [await _view(tx, person_id, purpose, rows) for purpose in rules.QUESTIONS]


async def ledger(tx: Tx, person_id: UUID) -> AsyncIterator[ConsentLine]:
    """Every line, oldest first, also of purposes for which nobody asks any more."""
    tx.access.require("sharing", person_id)
    audit.looked(tx, person_id, SUBJECT, action="export")
    for row in reversed(await queries.consents(tx, person_id)):
        yield await _line(tx, row)


async def give(tx: Tx, person_id: UUID, draft: ConsentDraft) -> ConsentView:
    """Agree, in the words shown in the caller's language.

    Raises:
        Forbidden: the caller is neither the person nor who keeps their record. Stale: the words have changed.
        Conflict: it holds already. Incorrect: it would end before it begins.
    """
    _refuse_others(tx, person_id)
    question, now = rules.QUESTIONS[draft.purpose], clock.now()
    if draft.version != question.version:
        raise Stale("The words have changed in the meantime. Read them again, then decide.")
    if draft.expires_at is not None and draft.expires_at <= now:
        raise Incorrect("The end must lie ahead, and after the start.", field="expires_at")
    if await allows(tx, person_id, draft.purpose):
        raise Conflict("You agreed to this already.")
    await _add(tx, person_id, draft.purpose, Answer(True, question.version, draft.expires_at))
    await audit.changed(tx, "create", person_id, SUBJECT)
    return await _one(tx, person_id, draft.purpose)


async def withdraw(tx: Tx, person_id: UUID, purpose: Processing) -> ConsentView:
    """Stop agreeing. Whoever acted on the consent is told, and stops and deletes what its words say.

    Raises:
        Forbidden: as in ``give``. NotFound: there is no such consent that holds.
    """
    _refuse_others(tx, person_id)
    answer = await queries.answer(tx, person_id, purpose)
    if answer is None or not answer.given:
        raise NotFound("You did not agree to this, or have withdrawn it already.")
    await _add(tx, person_id, purpose, Answer(False, rules.QUESTIONS[purpose].version))
    await audit.changed(tx, "change", person_id, SUBJECT)
    await events.emit(tx, "sharing.consent.withdrawn", person_id=person_id, purpose=purpose.value)
    return await _one(tx, person_id, purpose)


async def _add(tx: Tx, person_id: UUID, purpose: Processing, answer: Answer) -> None:
    made = Consent(
        person_id=person_id,
        id=new_id(),
        purpose=purpose.value,
        given=answer.given,
        text_version=answer.version,
        language=i18n.current().language,
        account_id=tx.access.account_id,
        at=clock.now(),
        expires_at=answer.expires_at,
    )
    if answer.given:
        words = orjson.dumps({"text": i18n.gettext(rules.QUESTIONS[purpose].text)})
        made.sealed = await tx.seal(person_id, Consent.__tablename__, made.id, words)
    tx.session.add(made)
    await tx.session.flush()


async def _one(tx: Tx, person_id: UUID, purpose: Processing) -> ConsentView:
    return await _view(tx, person_id, purpose, await queries.consents(tx, person_id))


async def _view(tx: Tx, person_id: UUID, purpose: Processing, rows: Sequence[Consent]) -> ConsentView:
    question, own = rules.QUESTIONS[purpose], [row for row in rows if row.purpose == purpose]
    answer = Answer(own[0].given, own[0].text_version, own[0].expires_at) if own else None
    return ConsentView(
        person_id=person_id,
        purpose=purpose,
        name=i18n.gettext(question.name),
        text=i18n.gettext(question.text),
        version=question.version,
        data_categories=list(question.scopes),
        third_parties=list(question.third_parties),
        given=rules.stands(answer, question, clock.now()),
        history=[await _line(tx, row) for row in own],
    )


async def _line(tx: Tx, row: Consent) -> ConsentLine:
    text = None
    if row.sealed is not None:
        text = orjson.loads(await tx.open(row.person_id, Consent.__tablename__, row.id, row.sealed))["text"]
    return ConsentLine(
        id=row.id,
        purpose=row.purpose,
        given=row.given,
        version=row.text_version,
        language=row.language,
        text=text,
        account_id=row.account_id,
        at=row.at,
        expires_at=row.expires_at,
    )


def _refuse_others(tx: Tx, person_id: UUID) -> None:
    """Who shares on somebody's behalf does not agree on their behalf."""
    tx.access.require("sharing", person_id, write=True)
    if not tx.access.allows(rules.OWNER, person_id):
        raise Forbidden("Only the person themselves may agree to this, or withdraw.")
