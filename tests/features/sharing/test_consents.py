"""What Ojas may do beyond keeping: nothing, until somebody agrees."""

from datetime import timedelta
from hashlib import sha256

import pytest
import time_machine

from ojas.features.sharing import service
from ojas.features.sharing.rules import PROCESSINGS, Processing
from ojas.features.sharing.schemas import ConsentDraft
from ojas.kit import clock, i18n
from ojas.kit.errors import Conflict, Forbidden, Incorrect, NotFound
from tests.features.sharing.cast import Somebody, shared


@pytest.mark.parametrize("purpose", list(Processing))
async def test_nothing_is_agreed_to_until_somebody_says_so(asha: Somebody, purpose: Processing) -> None:
    async with asha.transaction() as tx:
        assert not await service.allows(tx, asha.person_id, purpose)


async def test_a_consent_keeps_the_words_agreed_to(asha: Somebody) -> None:
    draft = ConsentDraft(
        purpose=Processing.RESEARCH, data_categories=["measurements"], third_parties=["AIIMS"]
    )
    async with asha.transaction() as tx:
        with i18n.use(i18n.Manner(language="ta")):
            given = await service.give(tx, asha.person_id, draft)
        assert await service.allows(tx, asha.person_id, Processing.RESEARCH)
        assert not await service.allows(tx, asha.person_id, Processing.NEWS)
    with i18n.use(i18n.Manner(language="ta")):
        assert given.text == i18n.gettext(PROCESSINGS[Processing.RESEARCH])
    assert (given.language, given.data_categories, given.third_parties) == ("ta", ["measurements"], ["AIIMS"])
    assert len(sha256(given.text.encode()).digest()) == 32


async def test_withdrawing_is_one_step_and_can_be_followed_by_agreeing_anew(asha: Somebody) -> None:
    draft = ConsentDraft(purpose=Processing.NEWS)
    async with asha.transaction() as tx:
        await service.give(tx, asha.person_id, draft)
        with pytest.raises(Conflict):
            await service.give(tx, asha.person_id, draft)
        await service.withdraw(tx, asha.person_id, Processing.NEWS)
        assert not await service.allows(tx, asha.person_id, Processing.NEWS)
        with pytest.raises(NotFound):
            await service.withdraw(tx, asha.person_id, Processing.NEWS)
        await service.give(tx, asha.person_id, draft)
        assert len(await service.consents(tx, asha.person_id)) == 2


async def test_a_consent_ends_by_itself(asha: Somebody) -> None:
    ends = clock.now() + timedelta(days=1)
    draft = ConsentDraft(purpose=Processing.LOCATION, expires_at=ends)
    async with asha.transaction() as tx:
        await service.give(tx, asha.person_id, draft)
    with time_machine.travel(ends + timedelta(seconds=1)):
        async with asha.transaction() as tx:
            assert not await service.allows(tx, asha.person_id, Processing.LOCATION)
            with pytest.raises(Incorrect):
                await service.give(tx, asha.person_id, draft)
            await service.give(tx, asha.person_id, ConsentDraft(purpose=Processing.LOCATION))


async def test_others_ask_whether_but_never_see_nor_change_what(asha: Somebody, rao: Somebody) -> None:
    await shared(asha, rao, "measurements", may_write=True)
    async with rao.transaction() as tx:
        assert not await service.allows(tx, asha.person_id, Processing.RESEARCH)
        for call in (
            service.consents(tx, asha.person_id),
            service.give(tx, asha.person_id, ConsentDraft(purpose=Processing.RESEARCH)),
            service.withdraw(tx, asha.person_id, Processing.RESEARCH),
        ):
            with pytest.raises(Forbidden):
                await call


async def test_a_stranger_may_not_even_ask(asha: Somebody, stranger: Somebody) -> None:
    async with stranger.transaction() as tx:
        with pytest.raises(NotFound):
            await service.allows(tx, asha.person_id, Processing.RESEARCH)
