"""What speaks against a medicine: others that are taken, the person's allergies, a list of interactions if one is loaded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from ojas.features.medications import queries
from ojas.features.medications.rules import safety as rules
from ojas.features.medications.rules.interactions import Pair
from ojas.features.medications.rules.substances import Tie, meant_by
from ojas.features.medications.rules.substances import name as substance
from ojas.features.medications.rules.words import Status
from ojas.features.medications.schemas import (
    Checked,
    Found,
    InteractionList,
    Medicine,
    MedicineDraft,
    Safety,
    Touched,
)
from ojas.features.medications.service.medicines import MEDICINES, SCOPE, draft_of, known
from ojas.features.record import service as record
from ojas.features.record.rules.terms import AllergyStatus, Criticality, Verification
from ojas.features.record.schemas import Allergy
from ojas.kit import clock
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect
from ojas.kit.i18n import _, gettext
from ojas.kit.ids import new_id

_TAKEN = (Status.ACTIVE, Status.PAUSED)
_NOT_SO = (Verification.REFUTED, Verification.MISTAKE)


async def safety(tx: Tx, person_id: UUID, medicine_id: UUID) -> Safety:
    """What speaks against a medicine beside the others that are taken, as far as their ingredients are known.

    Raises:
        NotFound: there is no such medicine.
    """
    return await safety_of(tx, person_id, await MEDICINES.read(tx, person_id, medicine_id), of=medicine_id)


async def safety_of(tx: Tx, person_id: UUID, draft: MedicineDraft, *, of: UUID | None = None) -> Safety:
    """The same of one that is not kept yet; ``of`` is the medicine it changes."""
    tx.access.require(MEDICINES.scope, person_id)
    new = _medicine(draft)
    others = [
        _medicine(one) for _row, one in await known(tx, person_id) if one.id != of and one.status in _TAKEN
    ]
    allergies = await _allergies(tx, person_id)
    told = [_of_record(one) for one in allergies or () if _counts(one)]
    none = any(_is_none(one) for one in allergies or ())
    table = await _table(tx, new, others)
    found = rules.check(new, others, told, table, no_allergies=none)
    if allergies is None:
        found = replace(found, allergies=rules.NotChecked(rules.Why.NOT_SHARED))
    return Safety(
        compared=sorted(new.ingredients),
        duplicates=_checked(found.duplicates),
        allergies=_checked(found.allergies),
        interactions=_checked(found.interactions),
    )


async def touched(tx: Tx, person_id: UUID, allergy_id: UUID | None = None) -> list[Touched]:
    """The medicines being taken that one allergy, or any, speaks against. Nothing where the record is not shared."""
    allergies = [one for one in await _allergies(tx, person_id) or () if _counts(one)]
    allergies = [one for one in allergies if allergy_id in (None, one.id)]
    if not allergies:
        return []
    taken = [one for _row, one in await known(tx, person_id) if one.status in _TAKEN]
    return [one for medicine in taken for allergy in allergies for one in _touch(medicine, allergy)]


async def uncompared(tx: Tx, person_id: UUID) -> list[Medicine]:
    """The medicines being taken that no allergy could be held against, for what is in them is not known.

    Nothing where no allergy is recorded, or the record is not shared.
    """
    if not any(_counts(one) for one in await _allergies(tx, person_id) or ()):
        return []
    return [one for _row, one in await known(tx, person_id) if one.status in _TAKEN and not one.compared]


def _touch(medicine: Medicine, allergy: Allergy) -> Iterator[Touched]:
    outcome = rules.check(_medicine(medicine), (), [_of_record(allergy)]).allergies
    if found := _checked(outcome).found:
        yield Touched(
            medicine_id=medicine.id,
            medicine=medicine.name,
            allergy_id=allergy.id,
            allergy=allergy.everyday,
            found=found,
        )


async def _allergies(tx: Tx, person_id: UUID) -> list[Allergy] | None:
    """All that the record has; None where the reader may not see it."""
    if not tx.access.allows(record.ALLERGIES.scope, person_id):
        return None
    found: list[Allergy] = []
    cursor: str | None = None
    while True:
        page = await record.ALLERGIES.page(tx, person_id, limit=200, cursor=cursor)
        found += page.items
        if (cursor := page.next) is None:
            return found


def _counts(allergy: Allergy) -> bool:
    """What is past, or was ruled out, speaks against nothing."""
    past = allergy.status is AllergyStatus.RESOLVED or allergy.verification in _NOT_SO
    return not past and not _is_none(allergy)


def _is_none(allergy: Allergy) -> bool:
    """The entry that says there are none."""
    none = record.NO_KNOWN_ALLERGY
    return any((code.system, code.code) == (none.system, none.code) for code in allergy.codes)


def _of_record(allergy: Allergy) -> rules.Allergy:
    names = {allergy.everyday, *(code.display for code in allergy.codes if code.display)}
    names |= meant_by((code.system, code.code) for code in allergy.codes)
    return rules.Allergy(allergy.everyday, frozenset(names), allergy.criticality is Criticality.HIGH)


def _medicine(one: MedicineDraft) -> rules.Medicine:
    return rules.Medicine(one.name, frozenset(one.compared))


async def _table(tx: Tx, new: rules.Medicine, others: Sequence[rules.Medicine]) -> rules.Table:
    """Of the list that is loaded, what may be asked of it here."""
    loaded = await queries.interaction_list(tx)
    if loaded is None:
        return rules.NO_TABLE
    mine, theirs = _forms([new]), _forms(others)
    rows = await queries.interactions(tx, mine, theirs) if mine and theirs else ()
    pairs = {
        frozenset((row.one, row.other)): rules.Interaction(rules.Severity(row.severity), row.effect, row.cite)
        for row in rows
    }
    return rules.Table(loaded.source, loaded.version, pairs)


def _forms(some: Iterable[rules.Medicine]) -> list[str]:
    return sorted({form for one in some for each in one.ingredients for form in rules.forms(each)})


def _checked(outcome: rules.Outcome) -> Checked:
    if isinstance(outcome, rules.NotChecked):
        return Checked(looked=False, why=outcome.why, says=gettext(rules.WHY[outcome.why]))
    return Checked(
        looked=True,
        found=[_found(one) for one in outcome.found],
        unknown=list(outcome.unknown),
        by_name=list(outcome.by_name),
        source=outcome.source or None,
        version=outcome.version or None,
    )


def _found(one: rules.Finding) -> Found:
    says = _("The same twice: {ingredient} is in {other} too.", ingredient=one.ingredient, other=one.label)
    if substance(one.label) == substance(one.ingredient):
        says = _("{medicine} is among the medicines already.", medicine=one.label)
    if one.kinship:
        says = _of_allergy(one)
    if one.interaction:
        says = _("Taken together, {ingredient} and {other} ({medicine}): {effect}",
                 ingredient=one.ingredient, other=one.other, medicine=one.label, effect=one.interaction.effect)  # fmt: skip
    return Found(
        ingredient=one.ingredient,
        label=one.label,
        other=one.other,
        says=says,
        tie=one.kinship.tie if one.kinship else None,
        severe=one.severe,
        severity=one.interaction.severity if one.interaction else None,
        effect=one.interaction.effect if one.interaction else None,
        cite=one.interaction.cite if one.interaction else None,
    )


def _of_allergy(one: rules.Finding) -> str:
    assert one.kinship is not None
    names = {"ingredient": one.ingredient, "allergy": one.label}
    if one.kinship.tie is Tie.SAME:
        return _("An allergy to {ingredient} is in the record ({allergy}).", **names)
    names["family"] = gettext(one.kinship.family)
    if one.kinship.tie is Tie.FAMILY:
        return _(
            "It has {ingredient} in it, one of the {family}; the allergy is to one of them too ({allergy}).",
            **names,
        )
    return _(
        "It has {ingredient} in it, one of the {family}: with this allergy ({allergy}) some people react to them too.",
        **names,
    )


async def name_ingredients(tx: Tx, person_id: UUID, id: UUID, names: tuple[str, ...]) -> Medicine:
    """Say what is in a medicine.

    Raises:
        NotFound: there is no such medicine.
    """
    tx.access.require(SCOPE, person_id, write=True)
    await queries.medicine(tx, person_id, id, lock=True)
    draft = draft_of(await MEDICINES.read(tx, person_id, id))
    return await MEDICINES.change(tx, person_id, id, draft.model_copy(update={"ingredients": names}))


# ------------------------------------------------------------------ the list of interactions


async def load_interactions(tx: Tx, pairs: Iterable[Pair], *, source: str, version: str) -> InteractionList:
    """Put a list in the place of the one there is. Whatever is wrong with it, the old one stays.

    Raises:
        Incorrect: as in rules.interactions.read; no source or version.
    """
    for field, text in (("source", source), ("version", version)):
        if not text.strip() or len(text) > 300:
            raise Incorrect("A list needs a source and a version, of at most 300 letters.", field=field)
    await queries.drop_interactions(tx)
    rows = ((one.one, one.other, one.severity.value, one.effect, one.cite) for one in pairs)
    count = await queries.copy_interactions(tx, rows)
    kept = await queries.name_interactions(
        tx, id=new_id(), source=source.strip(), version=version.strip(), pairs=count, loaded_at=clock.now()
    )
    return InteractionList.model_validate(kept)


async def interaction_list(tx: Tx) -> InteractionList | None:
    """Which list is loaded; None: none is, and interactions are not checked."""
    found = await queries.interaction_list(tx)
    return InteractionList.model_validate(found) if found else None


async def drop_interactions(tx: Tx) -> None:
    """Do without a list again."""
    await queries.drop_interactions(tx)
