"""Sharing, from both sides."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import event, text

from ojas.features.identity import service as identity
from ojas.features.identity.schemas import ProfileDraft
from ojas.features.sharing import service
from ojas.features.sharing.rules import INVITATIONS_A_DAY, INVITATIONS_OF_ONE, PERSONS_A_DAY, Processing
from ojas.features.sharing.schemas import CareTeamMemberDraft, ConsentDraft
from ojas.kit import clock
from ojas.kit.db import Access, Database
from ojas.kit.errors import Conflict, Forbidden, Incorrect, NotFound, Stale, TooMany
from tests.features.sharing.cast import Somebody, draft, invited, shared


async def test_an_invitation_alone_shows_nothing(asha: Somebody, rao: Somebody) -> None:
    grant = await invited(asha, rao)
    assert grant.status == "invited"
    assert asha.person_id not in (await rao.access()).persons


async def test_who_accepts_sees_exactly_what_was_shared(asha: Somebody, rao: Somebody) -> None:
    await shared(asha, rao, "measurements", "signals")
    access = await rao.access()
    seen = {scope for scope in access.may_read if access.allows(scope, asha.person_id)}
    assert seen == {"measurements", "signals"}
    assert not any(access.allows(scope, asha.person_id, write=True) for scope in access.may_read)
    assert access.why(asha.person_id) == "TREAT"
    assert access.why(rao.person_id) == "PATRQT"


async def test_the_other_sees_who_invites_and_for_what(asha: Somebody, rao: Somebody) -> None:
    await invited(asha, rao, "record", note="Before the visit", may_write=True)
    async with rao.transaction() as tx:
        (offer,) = await service.invitations(tx, rao.actor)
        assert tx.access == await service.access_of(tx, rao.actor)
    assert (offer.person_name, offer.scopes, offer.note, offer.may_write) == (
        "Asha",
        ["record"],
        "Before the visit",
        True,
    )


@pytest.mark.parametrize("ask", ["offers", "holdings", "cards"])
async def test_the_questions_asked_do_not_grow_with_the_people(
    database: Database, asha: Somebody, meera: Somebody, rao: Somebody, stranger: Somebody, ask: str
) -> None:
    async def counted() -> int:
        database.keyring.forget()
        async with rao.transaction() as tx:
            connection = await tx.session.connection()
            asked: list[str] = []
            note = lambda *about: asked.append(about[2])  # noqa: E731
            event.listen(connection.sync_connection, "before_cursor_execute", note)
            if ask == "offers":
                assert len(await service.invitations(tx, rao.actor)) == len(known)
            elif ask == "holdings":
                assert len(await service.holdings(tx, rao.actor)) == len(known) + 1
            else:
                assert len(await identity.cards(tx, known)) == len(known)
        return len(asked)

    known: list[UUID] = []
    counts = []
    for others in ([asha, meera], [stranger]):
        for one in others:
            await (shared if ask == "holdings" else invited)(one, rao)
            known.append(one.account_id)
        counts.append(await counted())
    assert counts[0] == counts[1], "two people ask as much as three"


async def test_an_invitation_is_for_its_address_alone(
    asha: Somebody, rao: Somebody, stranger: Somebody
) -> None:
    grant = await invited(asha, rao)
    async with stranger.transaction() as tx:
        assert await service.invitations(tx, stranger.actor) == []
        for verb in (service.accept, service.decline):
            with pytest.raises(NotFound):
                await verb(tx, stranger.actor, asha.person_id, grant.id)
        assert asha.person_id not in tx.access.persons


async def test_an_address_is_the_same_however_it_is_written(asha: Somebody, rao: Somebody) -> None:
    async with asha.transaction() as tx:
        await service.share(tx, asha.person_id, draft(rao.email.upper()))
    async with rao.transaction() as tx:
        assert len(await service.invitations(tx, rao.actor)) == 1


async def test_inviting_tells_nothing_of_whether_there_is_an_account(asha: Somebody, rao: Somebody) -> None:
    async with asha.transaction() as tx:
        known = await service.share(tx, asha.person_id, draft(rao))
        unknown = await service.share(tx, asha.person_id, draft("nobody@example.org"))
    same = {"id", "email", "created_at", "starts_at", "ends_at"}
    assert known.model_dump(exclude=same) == unknown.model_dump(exclude=same)


async def test_an_accepted_invitation_is_not_accepted_again(asha: Somebody, rao: Somebody) -> None:
    grant = await shared(asha, rao)
    async with rao.transaction() as tx:
        assert await service.invitations(tx, rao.actor) == []
        with pytest.raises(NotFound):
            await service.accept(tx, rao.actor, asha.person_id, grant.id)


async def test_a_declined_invitation_is_over(asha: Somebody, rao: Somebody) -> None:
    grant = await invited(asha, rao)
    async with rao.transaction() as tx:
        await service.decline(tx, rao.actor, asha.person_id, grant.id)
    async with asha.transaction() as tx:
        assert (await service.grant(tx, asha.person_id, grant.id)).status == "declined"
    assert asha.person_id not in (await rao.access()).persons


async def test_what_is_taken_back_is_gone_with_the_next_request(asha: Somebody, rao: Somebody) -> None:
    grant = await shared(asha, rao)
    async with asha.transaction() as tx:
        assert (await service.take_back(tx, asha.person_id, grant.id)).status == "taken_back"
    assert asha.person_id not in (await rao.access()).persons


async def test_taking_back_can_be_undone_within_the_hour(asha: Somebody, rao: Somebody) -> None:
    grant = await shared(asha, rao)
    async with asha.transaction() as tx:
        await service.take_back(tx, asha.person_id, grant.id)
        assert (await service.reshare(tx, asha.person_id, grant.id)).status == "active"
    assert asha.person_id in (await rao.access()).persons
    async with asha.transaction() as tx:
        await service.take_back(tx, asha.person_id, grant.id)
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        async with asha.transaction() as tx:
            with pytest.raises(Conflict):
                await service.reshare(tx, asha.person_id, grant.id)


async def test_an_invitation_taken_back_cannot_be_accepted(asha: Somebody, rao: Somebody) -> None:
    grant = await invited(asha, rao)
    async with asha.transaction() as tx:
        await service.take_back(tx, asha.person_id, grant.id)
    async with rao.transaction() as tx:
        with pytest.raises(NotFound):
            await service.accept(tx, rao.actor, asha.person_id, grant.id)


async def test_a_grant_holds_within_its_time_and_not_a_moment_longer(asha: Somebody, rao: Somebody) -> None:
    ends = clock.now() + timedelta(days=30)
    grant = await shared(asha, rao, days=None)
    later = draft(rao, "record").model_copy(
        update={"starts_at": clock.now() + timedelta(days=1), "ends_at": ends}
    )
    async with asha.transaction() as tx:
        await service.take_back(tx, asha.person_id, grant.id)
        grant = await service.share(tx, asha.person_id, later)
    async with rao.transaction() as tx:
        assert (await service.accept(tx, rao.actor, asha.person_id, grant.id)).status == "waiting"
    assert not (await rao.access()).allows("record", asha.person_id)
    with time_machine.travel(ends - timedelta(seconds=1), tick=False):
        assert (await rao.access()).allows("record", asha.person_id)
    with time_machine.travel(ends, tick=False):
        assert not (await rao.access()).allows("record", asha.person_id)


async def test_an_old_version_is_not_taken_back_by_mistake(asha: Somebody, rao: Somebody) -> None:
    grant = await shared(asha, rao)
    async with asha.transaction() as tx:
        with pytest.raises(Stale):
            await service.take_back(tx, asha.person_id, grant.id, if_version=1)
        await service.take_back(tx, asha.person_id, grant.id, if_version=2)


async def test_who_reads_may_not_share_on(asha: Somebody, rao: Somebody, stranger: Somebody) -> None:
    await shared(asha, rao, "measurements", may_write=True)
    async with rao.transaction() as tx:
        with pytest.raises(Forbidden):
            await service.share(tx, asha.person_id, draft(stranger))
        with pytest.raises(Forbidden):
            await service.grants(tx, asha.person_id)
        with pytest.raises(Forbidden):
            await service.looks(tx, asha.person_id)


async def test_who_manages_gives_no_more_than_they_hold(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    await shared(asha, meera, "measurements", "signals", manage=True, purpose="FAMRQT", days=10)
    async with meera.transaction() as tx:
        for refused in (draft(rao, "record"), draft(rao, may_write=True), draft(rao, manage=True)):
            with pytest.raises(Forbidden):
                await service.share(tx, asha.person_id, refused)
    given = await shared(meera, rao, "measurements", whose=asha.person_id, days=None)
    assert given.ends_at is not None
    assert given.ends_at - clock.now() < timedelta(days=10)
    assert given.granted_by == meera.account_id
    assert (await rao.access()).allows("measurements", asha.person_id)
    async with meera.transaction() as tx:
        listed, _ = await service.grants(tx, asha.person_id)
        assert {grant.name for grant in listed} == {"Meera", "Rao"}


async def test_who_manages_gives_nothing_for_longer_than_they_hold_that_very_thing(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    await shared(asha, meera, "measurements", manage=True, days=None)
    await shared(asha, meera, "record", days=5)
    given = await shared(meera, rao, "measurements", "record", whose=asha.person_id, days=None)
    assert given.ends_at is not None
    assert given.ends_at - clock.now() < timedelta(days=5)
    later = draft(rao, "record", days=None).model_copy(update={"starts_at": clock.now() + timedelta(days=9)})
    async with meera.transaction() as tx:
        with pytest.raises(Incorrect):
            await service.share(tx, asha.person_id, later)


async def test_nobody_manages_once_their_own_grant_is_over(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    grant = await shared(asha, meera, "measurements", manage=True)
    async with asha.transaction() as tx:
        await service.take_back(tx, asha.person_id, grant.id)
    async with meera.transaction() as tx:
        with pytest.raises(NotFound):
            await service.share(tx, asha.person_id, draft(rao))


async def test_one_may_give_up_what_one_was_given(asha: Somebody, rao: Somebody) -> None:
    grants = [await shared(asha, rao, "measurements"), await shared(asha, rao, "record")]
    async with rao.transaction() as tx:
        await service.leave(tx, rao.actor, asha.person_id)
        assert asha.person_id not in tx.access.persons
        with pytest.raises(NotFound):
            await service.leave(tx, rao.actor, asha.person_id)
    async with asha.transaction() as tx:
        assert {(await service.grant(tx, asha.person_id, grant.id)).status for grant in grants} == {"left"}


async def test_a_stranger_cannot_tell_a_person_from_nobody(asha: Somebody, stranger: Somebody) -> None:
    from ojas.kit.ids import new_id

    said = set()
    async with stranger.transaction() as tx:
        for person in (asha.person_id, new_id()):
            for call in (service.grants(tx, person), service.looks(tx, person), service.consents(tx, person)):
                with pytest.raises(NotFound) as refused:
                    await call
                said.add(str(refused.value))
    assert len(said) == 1


async def test_sharing_with_oneself_or_for_no_time_is_refused(asha: Somebody) -> None:
    async with asha.transaction() as tx:
        for odd, field in ((draft(asha), "email"), (draft("x@example.org", days=-1), "ends_at")):
            with pytest.raises(Incorrect) as refused:
                await service.share(tx, asha.person_id, odd)
            assert refused.value.faults[0].field == field


async def test_letters_have_a_bound(asha: Somebody) -> None:
    async with asha.transaction() as tx:
        for n in range(INVITATIONS_A_DAY):
            await service.share(tx, asha.person_id, draft(f"n{n}@example.org"))
        with pytest.raises(TooMany):
            await service.share(tx, asha.person_id, draft("one.more@example.org"))


async def test_adding_people_buys_no_more_letters(meera: Somebody) -> None:
    persons = []
    async with meera.transaction() as tx:
        for n in range(INVITATIONS_OF_ONE // INVITATIONS_A_DAY + 1):
            persons.append(await service.add_person(tx, meera.actor, f"Somebody {n}"))
            await tx.become(await service.access_of(tx, meera.actor))
    with pytest.raises(TooMany):
        for n in range(INVITATIONS_OF_ONE + 1):
            await invited(meera, f"n{n}@example.org", whose=persons[n % len(persons)])


async def test_nobody_begins_records_without_end(meera: Somebody) -> None:
    async with meera.transaction() as tx:
        for n in range(PERSONS_A_DAY):
            await service.add_person(tx, meera.actor, f"Somebody {n}")
            await tx.become(await service.access_of(tx, meera.actor))
        with pytest.raises(TooMany):
            await service.add_person(tx, meera.actor, "One more")


async def test_a_list_of_grants_is_turned_page_by_page(asha: Somebody) -> None:
    async with asha.transaction() as tx:
        made = [(await service.share(tx, asha.person_id, draft(f"n{n}@example.org"))).id for n in range(5)]
        first, cursor = await service.grants(tx, asha.person_id, limit=3)
        rest, end = await service.grants(tx, asha.person_id, limit=3, before=cursor)
    assert [grant.id for grant in [*first, *rest]] == made[::-1]
    assert end is None


async def test_one_sees_whose_records_one_may_open(asha: Somebody, meera: Somebody, rao: Somebody) -> None:
    await shared(asha, rao, "measurements")
    await shared(meera, rao, "record", may_write=True, days=None)
    async with rao.transaction() as tx:
        own, *others = await service.holdings(tx, rao.actor)
    assert (own.own, own.name) == (True, "Rao")
    assert [(h.name, h.may_read, h.may_write) for h in others] == [
        ("Asha", ["measurements"], []),
        ("Meera", ["record"], ["record"]),
    ]
    assert others[0].until is not None
    assert others[1].until is None


async def test_what_lies_in_the_database_names_nobody(
    database: Database, asha: Somebody, rao: Somebody
) -> None:
    grant = await shared(asha, rao, note="her heart")
    async with database.transaction(Access.of(asha.person_id)) as tx:
        row = (
            await tx.session.execute(
                text("SELECT grants::text, sealed FROM grants WHERE id = :id"), {"id": grant.id}
            )
        ).one()
    for secret in (rao.email, "Rao", "her heart"):
        assert secret not in row[0]
        assert secret.encode() not in bytes(row[1])


async def test_a_guardian_keeps_the_record_of_who_has_no_account(
    database: Database, meera: Somebody, rao: Somebody
) -> None:
    async with meera.transaction() as tx:
        child = await identity.create_person(tx, ProfileDraft(name="Kavi"), created_by=meera.account_id)
        await service.entrust(tx, child, meera.account_id)
    access = await meera.access()
    assert access.allows("record", child, write=True)
    assert access.allows("owner", child, write=True)
    await shared(meera, rao, "record", whose=child, manage=True)
    assert (await rao.access()).allows("sharing", child)


async def test_one_who_manages_cannot_put_the_guardian_out(meera: Somebody, rao: Somebody) -> None:
    async with meera.transaction() as tx:
        child = await identity.create_person(tx, ProfileDraft(name="Kavi"), created_by=meera.account_id)
        await service.entrust(tx, child, meera.account_id)
    await shared(meera, rao, "record", whose=child, manage=True)
    async with rao.transaction() as tx:
        listed, _ = await service.grants(tx, child)
        guardian = next(grant for grant in listed if grant.kind == "guardian")
        with pytest.raises(Forbidden):
            await service.take_back(tx, child, guardian.id)


async def test_the_last_who_keeps_a_record_stays(meera: Somebody) -> None:
    async with meera.transaction() as tx:
        child = await service.add_person(tx, meera.actor, "Kavi")
    async with meera.transaction() as tx:
        ((guardian,), _) = await service.grants(tx, child)
        with pytest.raises(Conflict):
            await service.take_back(tx, child, guardian.id)
        with pytest.raises(Conflict):
            await service.leave(tx, meera.actor, child)
        assert tx.access.allows("record", child, write=True)


async def test_one_cannot_entrust_oneself_with_anybody(asha: Somebody, stranger: Somebody) -> None:
    async with stranger.transaction() as tx:
        with pytest.raises(NotFound):
            await service.entrust(tx, asha.person_id, stranger.account_id)


async def test_whose_access_it_is_takes_one_look_at_one_index(database: Database, rao: Somebody) -> None:
    async with database.transaction(Access.system("sign_in")) as tx:
        await tx.session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await tx.session.scalars(
            text(
                "EXPLAIN SELECT person_id, kind, scopes, may_write, manage, purpose FROM grants "
                "WHERE grantee_account_id = :account AND revoked_at IS NULL AND starts_at <= now() "
                "AND (ends_at IS NULL OR ends_at > now())"
            ),
            {"account": rao.account_id},
        )
    assert "grants_grantee_index" in "\n".join(plan)


async def test_erasing_a_person_leaves_no_grant_or_consent(asha: Somebody, rao: Somebody) -> None:
    await shared(asha, rao)
    async with asha.transaction() as tx:
        await service.give(tx, asha.person_id, ConsentDraft(purpose=Processing.LOCATION, version=1))
        await service.erase(tx, asha.person_id)
        assert await service.grants(tx, asha.person_id) == ([], None)
        assert not any([line async for line in service.ledger(tx, asha.person_id)])
    assert asha.person_id not in (await rao.access()).persons


async def test_who_may_change_a_thing_sees_its_history_and_brings_it_back(
    asha: Somebody, meera: Somebody
) -> None:
    await shared(asha, meera, "care_team", may_write=True)
    async with asha.transaction() as tx:
        made = await service.CARE_TEAM.create(
            tx, asha.person_id, CareTeamMemberDraft(name="Nila", role="nurse")
        )
    changed = CareTeamMemberDraft(name="Nila Devi", role="nurse")
    async with meera.transaction() as tx:
        await service.CARE_TEAM.change(tx, asha.person_id, made.id, changed)
        past = await service.CARE_TEAM.history(tx, asha.person_id, made.id)
        assert [(change.action, change.account_id) for change in past] == [
            ("change", meera.account_id),
            ("create", asha.account_id),
        ]
        await service.CARE_TEAM.delete(tx, asha.person_id, made.id)
        back = await service.CARE_TEAM.restore(tx, asha.person_id, made.id)
        assert (back.name, back.created_at) == ("Nila Devi", past[-1].at)
        with pytest.raises(Forbidden):
            await service.looks(tx, asha.person_id)
