"""Who looked at what, when, and why: from the trail, in the names of those who looked."""

import ast
from pathlib import Path

from ojas.features.sharing import service
from ojas.features.sharing.pages import words
from ojas.features.sharing.schemas import CareTeamMemberDraft, Look
from ojas.house import features
from ojas.kit import audit
from ojas.kit.db import Access, Database
from tests.features.sharing.cast import Somebody, shared


async def looked(by: Somebody, whose: Somebody, *subjects: str) -> None:
    async with by.transaction() as tx:
        audit.looked(tx, whose.person_id, *subjects)


async def report(of: Somebody, **more: object) -> list[Look]:
    async with of.transaction() as tx:
        return (await service.looks(tx, of.person_id, **more))[0]  # type: ignore[arg-type]


async def test_a_look_says_who_what_and_why(asha: Somebody, rao: Somebody) -> None:
    await shared(asha, rao, "measurements", purpose="TREAT")
    await looked(rao, asha, "readings", "trends")
    last = (await report(asha))[0]
    assert (last.name, last.action, last.subjects, last.purpose) == (
        "Rao",
        "read",
        ["readings", "trends"],
        "TREAT",
    )
    assert not last.own


async def test_each_look_carries_the_purpose_of_its_own_grant(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    await shared(asha, rao, "measurements", purpose="TREAT")
    await shared(meera, rao, "measurements", purpose="FAMRQT")
    async with rao.transaction() as tx:
        audit.looked(tx, asha.person_id, "readings")
        audit.looked(tx, meera.person_id, "readings")
    assert (await report(asha))[0].purpose == "TREAT"
    assert (await report(meera))[0].purpose == "FAMRQT"


async def test_the_name_stays_when_the_grant_is_taken_back(asha: Somebody, rao: Somebody) -> None:
    grant = await shared(asha, rao)
    await looked(rao, asha, "readings")
    async with asha.transaction() as tx:
        await service.take_back(tx, asha.person_id, grant.id)
    assert "Rao" in {look.name for look in await report(asha)}


async def test_what_others_did_can_be_seen_alone(asha: Somebody, rao: Somebody) -> None:
    await shared(asha, rao)
    await looked(rao, asha, "readings")
    await looked(asha, asha, "readings")
    others = await report(asha, by_others=True)
    assert others
    assert not any(look.own for look in others)
    assert {look.account_id for look in await report(asha, by=rao.account_id)} == {rao.account_id}
    assert {look.action for look in await report(asha, actions=["share"])} == {"share"}


async def test_what_ojas_did_by_itself_is_nobodys(database: Database, asha: Somebody) -> None:
    async with database.transaction(Access.of(asha.person_id)) as tx:
        audit.looked(tx, asha.person_id, "readings")
    last = (await report(asha))[0]
    assert (last.account_id, last.name, last.own) == (None, None, False)


async def test_the_report_is_turned_page_by_page_without_a_gap(asha: Somebody) -> None:
    for n in range(5):
        await looked(asha, asha, f"page-{n}")
    found: list[str] = []
    cursor = None
    async with asha.transaction() as tx:
        while True:
            page, cursor = await service.looks(tx, asha.person_id, limit=2, before=cursor, actions=["read"])
            found += [look.subjects[0] for look in page]
            if cursor is None:
                break
    assert found == [f"page-{n}" for n in (4, 3, 2, 1, 0)]


async def test_who_manages_sees_who_looked(asha: Somebody, meera: Somebody, rao: Somebody) -> None:
    await shared(asha, meera, "measurements", manage=True)
    await shared(asha, rao)
    await looked(rao, asha, "readings")
    async with meera.transaction() as tx:
        looks, _ = await service.looks(tx, asha.person_id)
    assert "Rao" in {look.name for look in looks}


async def test_the_care_team_is_a_list_like_any_other(asha: Somebody, rao: Somebody) -> None:
    await shared(asha, rao, "care_team")
    draft = CareTeamMemberDraft(name="Meera", role="caregiver", is_primary=True, phone="+91 98400 12345")
    async with asha.transaction() as tx:
        made = await service.CARE_TEAM.create(tx, asha.person_id, draft)
    async with rao.transaction() as tx:
        page = await service.CARE_TEAM.page(tx, asha.person_id, where={"role": "caregiver"})
    assert [(member.id, member.name, member.is_primary) for member in page.items] == [
        (made.id, "Meera", True)
    ]


def test_everything_that_leaves_a_mark_has_words() -> None:
    said = {collection.name for feature in features() for collection in feature.collections}
    for path in (Path(words.__file__).parents[3]).rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in ("audit.looked", "audit.changed"):
                told = call.args[3:4] if ast.unparse(call.func) == "audit.changed" else call.args[2:]
                said |= {one.value for one in told if isinstance(one, ast.Constant)}
            if isinstance(call, ast.Assign) and ast.unparse(call.targets[0]) == "SUBJECT":
                said |= {call.value.value} if isinstance(call.value, ast.Constant) else set()
    assert len(said) > 30
    assert not {name.split(".")[0] for name in said} - set(words._SUBJECTS)
