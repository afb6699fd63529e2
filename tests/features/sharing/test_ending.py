"""What ends with a right to share on another's behalf, who is told, and who may bring what back."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text

from ojas.features.sharing import service
from ojas.features.sharing.schemas import GrantView
from ojas.kit import clock
from ojas.kit.db import Access
from ojas.kit.errors import Conflict, Forbidden, NotFound
from ojas.kit.settings import Settings
from tests.conftest import work_off
from tests.features.sharing.cast import Somebody, draft, invited, letters, shared


async def seen(by: Somebody, whose: Somebody) -> GrantView:
    """The newest grant of one person for another, as the person sees it."""
    async with whose.transaction() as tx:
        found, _ = await service.grants(tx, whose.person_id)
    return next(grant for grant in found if grant.email == by.email)


async def ended(by: Somebody, whose: Somebody, grant_id: UUID) -> None:
    async with by.transaction() as tx:
        await service.take_back(tx, whose.person_id, grant_id)


async def brought_back(by: Somebody, whose: Somebody, grant_id: UUID) -> GrantView:
    async with by.transaction() as tx:
        return await service.reshare(tx, whose.person_id, grant_id)


async def sees(who: Somebody, whose: Somebody) -> bool:
    return whose.person_id in (await who.access()).persons


async def test_what_somebody_gave_ends_when_the_person_takes_their_right_back(
    asha: Somebody, meera: Somebody, rao: Somebody, stranger: Somebody
) -> None:
    right = await shared(asha, meera, "measurements", manage=True)
    await shared(meera, rao, whose=asha.person_id)
    waiting = await invited(meera, stranger, whose=asha.person_id)
    await ended(asha, asha, right.id)
    assert (await seen(rao, asha)).status == "lapsed"
    assert not await sees(rao, asha)
    async with stranger.transaction() as tx:
        with pytest.raises(NotFound):
            await service.accept(tx, stranger.actor, asha.person_id, waiting.id)


async def test_what_the_person_gave_themselves_stays(asha: Somebody, meera: Somebody, rao: Somebody) -> None:
    right = await shared(asha, meera, "measurements", manage=True)
    await shared(asha, rao)
    await ended(asha, asha, right.id)
    assert await sees(rao, asha)


async def test_what_somebody_gave_ends_when_they_give_their_right_up(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    await shared(asha, meera, "measurements", manage=True)
    await shared(meera, rao, whose=asha.person_id)
    async with meera.transaction() as tx:
        await service.leave(tx, meera.actor, asha.person_id)
    assert not await sees(rao, asha)
    assert (await seen(rao, asha)).status == "lapsed"


async def test_what_somebody_gave_ends_when_they_are_erased(
    app: FastAPI, settings: Settings, asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    await shared(asha, meera, "measurements", manage=True)
    await shared(meera, rao, whose=asha.person_id)
    async with meera.database.transaction(Access.of(meera.person_id)) as tx:
        await service.erase(tx, meera.person_id)
        assert tx.access.persons == {meera.person_id}
    assert (await seen(rao, asha)).status == "lapsed"
    assert (await seen(meera, asha)).status == "left"
    await work_off(app)
    assert "no longer shares on your behalf" in letters(settings, asha.email)[-1]


async def test_what_another_grant_of_theirs_still_covers_goes_on(
    asha: Somebody, meera: Somebody, rao: Somebody, stranger: Somebody
) -> None:
    await shared(asha, meera, "measurements", manage=True, days=90)
    part = await shared(asha, meera, "record", days=90)
    await shared(meera, rao, "measurements", whose=asha.person_id)
    await shared(meera, stranger, "record", whose=asha.person_id)
    await ended(asha, asha, part.id)
    assert await sees(rao, asha)
    assert (await sees(stranger, asha)) is False, "readings are still hers to give, the record is not"


async def test_a_grant_without_the_right_to_share_carries_others_with_it_too(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    """Two grants together let her give: one to manage, one of the thing itself."""
    await shared(asha, meera, "profile", manage=True, days=90)
    thing = await shared(asha, meera, "measurements", days=90)
    await shared(meera, rao, "measurements", whose=asha.person_id)
    await ended(asha, asha, thing.id)
    assert not await sees(rao, asha)


async def test_what_is_given_at_the_moment_of_taking_back_ends_too(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    right = await shared(asha, meera, "measurements", manage=True)
    async with meera.transaction() as tx:
        await service.share(tx, asha.person_id, draft(rao))
        taking = asyncio.create_task(ended(asha, asha, right.id))
        await asyncio.sleep(0.3)
        assert not taking.done(), "it waits for what is being given"
    await taking
    assert (await seen(rao, asha)).status == "lapsed"


async def test_nothing_is_given_once_taking_back_has_begun(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    async def give() -> None:
        async with meera.transaction() as tx:
            began.set()
            await service.share(tx, asha.person_id, draft(rao))

    began = asyncio.Event()
    right = await shared(asha, meera, "measurements", manage=True)
    async with asha.transaction() as tx:
        await service.take_back(tx, asha.person_id, right.id)
        giving = asyncio.create_task(give())
        await began.wait()
        await asyncio.sleep(0.3)
        assert not giving.done(), "it waits for what is being taken back"
    with pytest.raises(Forbidden):
        await giving


async def test_undoing_brings_back_what_ended_with_it(asha: Somebody, meera: Somebody, rao: Somebody) -> None:
    right = await shared(asha, meera, "measurements", manage=True)
    await shared(meera, rao, whose=asha.person_id)
    await ended(asha, asha, right.id)
    await brought_back(asha, asha, right.id)
    assert await sees(meera, asha)
    assert await sees(rao, asha)


async def test_the_person_lets_stand_as_their_own_what_ended_with_its_giver(
    asha: Somebody, meera: Somebody, rao: Somebody, stranger: Somebody
) -> None:
    right = await shared(asha, meera, "measurements", manage=True)
    given = await shared(meera, rao, whose=asha.person_id)
    await shared(meera, stranger, whose=asha.person_id)
    await ended(asha, asha, right.id)
    with time_machine.travel(clock.now() + timedelta(days=3)):
        kept = await brought_back(asha, asha, given.id)
        assert (kept.status, kept.granted_by) == ("active", asha.account_id)
        assert kept.ends_at == given.ends_at
        await shared(asha, meera, "measurements", manage=True)
        async with meera.transaction() as tx:
            await service.leave(tx, meera.actor, asha.person_id)
        assert await sees(rao, asha), "it is the person's own now"
        assert not await sees(stranger, asha), "each is let stand by itself"


async def test_another_who_manages_cannot_let_it_stand(
    asha: Somebody, meera: Somebody, rao: Somebody, stranger: Somebody
) -> None:
    right = await shared(asha, meera, "measurements", manage=True)
    await shared(asha, stranger, "measurements", manage=True)
    given = await shared(meera, rao, whose=asha.person_id)
    await ended(asha, asha, right.id)
    with pytest.raises(Forbidden):
        await brought_back(stranger, asha, given.id)


async def test_what_has_come_to_its_own_end_is_not_let_stand(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    right = await shared(asha, meera, "measurements", manage=True)
    given = await shared(meera, rao, whose=asha.person_id, days=2)
    await ended(asha, asha, right.id)
    with time_machine.travel(clock.now() + timedelta(days=3)), pytest.raises(Conflict):
        await brought_back(asha, asha, given.id)


async def test_who_manages_cannot_undo_what_the_person_took_back(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    await shared(asha, meera, "measurements", manage=True)
    for by in (meera, asha):
        given = await shared(by, rao, whose=asha.person_id)
        await ended(asha, asha, given.id)
        with pytest.raises(Forbidden):
            await brought_back(meera, asha, given.id)
        async with meera.transaction() as tx:
            with pytest.raises(Forbidden):
                await service.share(tx, asha.person_id, draft(rao.email.upper()))
    assert not await sees(rao, asha)


async def test_who_manages_shares_again_once_the_person_has(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    await shared(asha, meera, "measurements", manage=True)
    given = await shared(meera, rao, whose=asha.person_id)
    await ended(asha, asha, given.id)
    await shared(asha, rao)
    await invited(meera, rao, whose=asha.person_id)


async def test_who_manages_undoes_their_own_taking_back(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    await shared(asha, meera, "measurements", manage=True)
    given = await shared(asha, rao)
    await ended(meera, asha, given.id)
    assert (await brought_back(meera, asha, given.id)).status == "active"
    assert await sees(rao, asha)


async def test_nobody_takes_up_an_invitation_to_their_own_record(asha: Somebody, rao: Somebody) -> None:
    given = await invited(asha, rao)
    async with asha.transaction() as tx:
        # As if her address had become the one that was invited.
        await tx.session.execute(
            text("UPDATE grants SET invited_index = (SELECT email_index FROM accounts WHERE id = :a)"
                 " WHERE id = :g"), {"a": asha.account_id, "g": given.id}
        )  # fmt: skip
        with pytest.raises(NotFound):
            await service.accept(tx, asha.actor, asha.person_id, given.id)


async def test_everybody_concerned_gets_a_letter(
    app: FastAPI, settings: Settings, asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    await shared(asha, meera, "measurements", manage=True)
    await shared(meera, rao, whose=asha.person_id)
    async with meera.transaction() as tx:
        await service.leave(tx, meera.actor, asha.person_id)
    await work_off(app)
    assert "Meera no longer shares on your behalf" in letters(settings, asha.email)[-1]
    assert "What you could see of Asha has ended" in letters(settings, rao.email)[-1]
    assert not any("no longer share" in letter for letter in letters(settings, meera.email)), "her own doing"


async def test_who_loses_the_right_is_told_and_who_took_it_is_not(
    app: FastAPI, settings: Settings, asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    right = await shared(asha, meera, "measurements", manage=True)
    await shared(meera, rao, whose=asha.person_id)
    await ended(asha, asha, right.id)
    await work_off(app)
    assert "You no longer share on behalf of Asha" in letters(settings, meera.email)[-1]
    assert letters(settings, asha.email) == []


async def test_no_letter_follows_where_it_was_undone_in_the_meantime(
    app: FastAPI, settings: Settings, asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    right = await shared(asha, meera, "measurements", manage=True)
    await shared(meera, rao, whose=asha.person_id)
    await work_off(app)
    before = [letters(settings, one.email) for one in (meera, rao)]
    await ended(asha, asha, right.id)
    await brought_back(asha, asha, right.id)
    await work_off(app)
    assert [letters(settings, one.email) for one in (meera, rao)] == before
