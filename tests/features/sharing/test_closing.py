"""What becomes of grants while a record waits to be erased, and once that is undone."""

import json

import pytest
from pydantic import ValidationError

from ojas.features.sharing import service
from ojas.features.sharing.schemas import GrantDraft
from ojas.features.sharing.service import closing
from ojas.kit.db import Access
from ojas.kit.errors import Conflict
from tests.features.sharing.cast import Somebody, shared
from tests.features.sharing.test_ending import brought_back, ended, seen, sees


async def closed(whose: Somebody) -> None:
    async with whose.database.transaction(Access.of(whose.person_id, account_id=whose.account_id)) as tx:
        await closing.close(tx, whose.person_id)


async def reopened(whose: Somebody) -> None:
    async with whose.database.transaction(Access.of(whose.person_id, account_id=whose.account_id)) as tx:
        await closing.reopen(tx, whose.person_id)


async def test_what_was_open_is_open_again(asha: Somebody, meera: Somebody, rao: Somebody) -> None:
    await shared(asha, meera, "measurements", manage=True)
    await shared(meera, rao, whose=asha.person_id)
    await closed(asha)
    assert not await sees(meera, asha)
    assert not await sees(rao, asha)
    await reopened(asha)
    assert await sees(meera, asha)
    assert await sees(rao, asha)


async def test_what_is_taken_back_meanwhile_does_not_open_again_nor_what_its_holder_gave(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    right = await shared(asha, meera, "measurements", manage=True)
    await shared(meera, rao, whose=asha.person_id)
    await closed(asha)
    await ended(asha, asha, right.id)
    await reopened(asha)
    assert not await sees(meera, asha)
    assert not await sees(rao, asha)
    assert (await seen(meera, asha)).status == "taken_back"
    assert (await seen(rao, asha)).status == "lapsed"


async def test_what_somebody_gave_who_was_erased_meanwhile_does_not_open_again(
    asha: Somebody, meera: Somebody, rao: Somebody
) -> None:
    await shared(asha, meera, "measurements", manage=True)
    await shared(meera, rao, whose=asha.person_id)
    await closed(asha)
    async with meera.database.transaction(Access.of(meera.person_id)) as tx:
        await service.erase(tx, meera.person_id)
    await reopened(asha)
    assert not await sees(rao, asha)
    assert (await seen(meera, asha)).status == "left"
    assert (await seen(rao, asha)).status == "lapsed"


async def test_what_was_taken_back_before_is_not_brought_back_while_the_record_waits(
    asha: Somebody, meera: Somebody
) -> None:
    from ojas.features.identity.service import erasing

    grant = await shared(asha, meera, "measurements")
    await ended(asha, asha, grant.id)
    async with asha.database.transaction(Access.system("sign_in")) as tx:
        await erasing.ask_for(tx, [], asha.person_id)
    with pytest.raises(Conflict, match="waits to be erased"):
        await brought_back(asha, asha, grant.id)
    assert not await sees(meera, asha)


@pytest.mark.parametrize("at", ["9999-12-31T23:00:00-14:00", "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("field", ["starts_at", "ends_at"])
def test_nothing_is_given_at_an_instant_the_database_cannot_tell_again(field: str, at: str) -> None:
    """Who is offered such a grant could list none any more, and who gave it neither."""
    sent = {"email": "rao@example.org", "scopes": ["measurements"], field: at}
    with pytest.raises(ValidationError):
        GrantDraft.model_validate_json(json.dumps(sent))
