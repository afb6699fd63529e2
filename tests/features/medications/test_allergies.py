"""A person's own allergies against what they take: before it is saved, on its page, by REST, and when an allergy is new."""

import re

import httpx

from ojas.features.medications import service
from ojas.features.medications.jobs import allergy as tell
from ojas.features.medications.rules.safety import Why
from ojas.features.medications.rules.substances import Tie
from ojas.features.medications.schemas import EXAMPLE
from ojas.features.record import service as record
from ojas.features.record.rules.terms import AllergyStatus, Criticality, Verification
from ojas.features.record.schemas import AllergyDraft, Coding
from ojas.kit.db import Database
from ojas.kit.jobs import Context
from tests.features.sharing.cast import Somebody, shared, somebody

from .living import draft, messages, prescribed, speaking
from .test_pages import FORM, seen, sent

PENICILLIN = AllergyDraft(name="Penicillin", criticality=Criticality.HIGH)
AMOXICILLIN = {"name": "Amoxil", "ingredients": ("amoxicillin trihydrate",)}


async def allergic(who: Somebody, to: AllergyDraft = PENICILLIN) -> None:
    async with who.transaction() as tx:
        await record.ALLERGIES.create(tx, who.person_id, to)


async def safety(who: Somebody, whose: Somebody | None = None, **more: object):  # type: ignore[no-untyped-def]
    async with who.transaction() as tx:
        return await service.safety_of(tx, (whose or who).person_id, draft(**{**AMOXICILLIN, **more}))


async def test_a_medicine_that_an_allergy_speaks_against_is_shown_before_it_is_saved(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    await allergic(asha)
    root = f"/p/{asha.person_id}/medicines"
    page = await seen(browser, f"{root}/new")
    typed = FORM | {"name": "Amoxil", "ingredients": "amoxicillin trihydrate"}
    warned = await sent(browser, page, f"{root}/new", **typed)
    assert warned.status_code == 200
    assert "It has amoxicillin trihydrate in it, one of the penicillins" in warned.text
    assert "life-threatening" in warned.text
    assert 'value="Amoxil"' in warned.text
    async with asha.transaction() as tx:
        assert not (await service.MEDICINES.page(tx, asha.person_id)).items, "nothing is saved yet"
    name = re.search(r'name="seen" value="([^"]+)"', warned.text)
    assert name
    wrong = await sent(browser, page, f"{root}/new", **typed, seen="0" * 32)
    assert wrong.status_code == 200, "what was not shown is not confirmed"
    done = await sent(browser, page, f"{root}/new", **typed, seen=name[1])
    assert done.status_code == 303
    one = done.headers["location"]
    assert "one of the penicillins" in await seen(browser, one)
    assert "may not go with " in await seen(browser, f"/p/{asha.person_id}")
    again = await seen(browser, f"{one}/edit")
    await speaking(asha, "hi")
    assert "पेनिसिलिन वर्ग" in await seen(browser, one)
    version = re.search(r'name="version" value="([^"]+)"', again)
    assert version
    kept = await sent(browser, again, f"{one}/edit", **typed, version=version[1], purpose="Throat")
    assert kept.status_code == 303, "what was there before is not asked again"


async def test_what_is_in_a_brand_is_asked_for_and_until_it_is_told_the_page_says_that_nothing_was_compared(
    browser: httpx.AsyncClient, asha: Somebody
) -> None:
    root = f"/p/{asha.person_id}/medicines"
    page = await seen(browser, f"{root}/new")
    assert "What is in it" in page
    alone = await sent(browser, page, f"{root}/new", **(FORM | {"name": "Ecosprin"}))
    told = await seen(browser, alone.headers["location"])
    assert "Ecosprin was added. No allergies are recorded" in told
    assert "could not be compared" not in told
    assert "Not compared" not in await seen(browser, root), "where there are no allergies, nobody is pestered"
    await allergic(asha)
    page = await seen(browser, f"{root}/new")
    added = await sent(browser, page, f"{root}/new", **(FORM | {"name": "Augmentin"}))
    one = added.headers["location"]
    told = await seen(browser, one)
    assert "Augmentin was added. Not compared with the allergies." in told
    assert "What is in it is not known." in told
    assert "Not compared with the allergies: Ecosprin, Augmentin" in await seen(browser, root)
    found = (await browser.get(f"/api/v1{one.replace('/p/', '/people/')}")).json()
    assert found["compared"] == []
    safety = (await browser.get(f"/api/v1{one.replace('/p/', '/people/')}/safety")).json()
    assert (safety["allergies"]["looked"], safety["allergies"]["why"]) == (False, "no_ingredients")
    empty = await sent(browser, told, f"{one}/ingredients", ingredients=" , ")
    assert "could not be compared" in empty.text
    assert empty.status_code == 422 or 'aria-invalid="true"' in empty.text
    kept = await sent(browser, told, f"{one}/ingredients", ingredients="Amoxicillin 500 mg + clavulanic acid")
    assert kept.status_code == 303
    told = await seen(browser, one)
    assert "could not be compared" not in told
    assert "one of the penicillins" in told
    assert "Ask a pharmacist or a doctor before it is taken." in told
    assert "Not compared with the allergies: Ecosprin" in await seen(browser, root)


async def test_by_rest_it_is_asked_before_and_after(browser: httpx.AsyncClient, asha: Somebody) -> None:
    await allergic(asha)
    api = f"/api/v1/people/{asha.person_id}"
    body = EXAMPLE | {"name": "Amoxil", "ingredients": ["amoxicillin"]}
    answer = await browser.post(f"{api}/medicines/check", json=body)
    (found,) = answer.json()["allergies"]["found"]
    assert (found["tie"], found["label"], found["severe"]) == ("family", "Penicillin", True)
    assert (await browser.get(f"{api}/medicines")).json()["items"] == []
    made = (await browser.post(f"{api}/medicines", json=body)).json()
    allergy = (await browser.get(f"{api}/allergies")).json()["items"][0]
    touched = (await browser.get(f"{api}/allergies/{allergy['id']}/medicines")).json()
    assert [one["medicine_id"] for one in touched] == [made["id"]]


async def test_what_could_not_be_compared_is_said(asha: Somebody) -> None:
    nothing = (await safety(asha)).allergies
    assert (nothing.looked, nothing.why) == (False, Why.NO_ALLERGIES)
    assert nothing.says == "No allergies are recorded, so there was nothing to compare with."
    await allergic(asha, AllergyDraft(name="No known allergies", codes=(record.NO_KNOWN_ALLERGY,)))
    assert (await safety(asha)).allergies.why is Why.NONE_KNOWN
    await allergic(asha, AllergyDraft(name="Peanut"))
    found = (await safety(asha)).allergies
    assert (found.found, found.by_name) == ([], ["Peanut"])
    unknown = await safety(asha, ingredients=(), name="Herbal mix")
    assert (unknown.allergies.looked, unknown.allergies.why) == (False, Why.NO_INGREDIENTS)
    assert unknown.interactions.says.startswith("Interactions were not checked: no list")


async def test_what_is_past_or_ruled_out_speaks_against_nothing_and_a_code_is_as_good_as_a_name(
    asha: Somebody,
) -> None:
    await allergic(asha, PENICILLIN.model_copy(update={"status": AllergyStatus.RESOLVED}))
    await allergic(asha, PENICILLIN.model_copy(update={"verification": Verification.REFUTED}))
    assert not (await safety(asha)).allergies.found
    rxnorm = Coding(system="http://www.nlm.nih.gov/research/umls/rxnorm", code="7980")
    await allergic(asha, AllergyDraft(name="Allergie", codes=(rxnorm,)))
    (found,) = (await safety(asha)).allergies.found
    assert found.tie is Tie.FAMILY


async def test_whoever_may_not_see_the_record_learns_nothing_of_its_allergies(
    database: Database, asha: Somebody
) -> None:
    await allergic(asha)
    ravi = await somebody(database, "Ravi")
    await shared(asha, ravi, "medications")
    found = (await safety(ravi, asha)).allergies
    assert not found.looked
    assert "not shared with you" in (found.says or "")


async def test_an_allergy_that_is_new_is_told_with_what_it_touches(
    database: Database, asha: Somebody
) -> None:
    await prescribed(asha, **AMOXICILLIN)
    await prescribed(asha, name="Metoprolol", ingredients=("metoprolol",))
    await allergic(asha)
    for _twice in range(2):
        await tell.work(Context(database), person_id=asha.person_id)
    (message,) = await messages(asha)
    assert "Amoxil" in message.text
    assert "Metoprolol" not in message.text
