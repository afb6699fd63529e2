from datetime import timedelta
from uuid import UUID

import time_machine
from sqlalchemy import text
from tests.conftest import newcomer

from ojas.kit import clock
from ojas.kit.db import Access, Database
from ojas.kit.upkeep import forget, rotate_keys


async def test_after_six_months_a_new_key_seals_and_the_old_one_still_opens(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        sealed = await tx.seal(person_id, "things", person_id, b"from spring")
    with time_machine.travel(clock.now() + timedelta(days=190)):
        young = await newcomer(database)
        assert await rotate_keys(database) >= 1
        assert await rotate_keys(database) == 0
    database.keyring.forget()
    async with database.transaction(Access.of(person_id)) as tx:
        assert sorted((await tx.keys(person_id)).versions) == [1, 2]
        assert await tx.open(person_id, "things", person_id, sealed) == b"from spring"
    async with database.transaction(Access.of(young)) as tx:
        assert sorted((await tx.keys(young)).versions) == [1]


async def test_answers_are_forgotten_after_a_day(database: Database, person_id: UUID) -> None:
    async with database.transaction(Access(account_id=person_id)) as tx:
        await tx.session.execute(
            text(
                "INSERT INTO answers VALUES (:a, 'old', '', now() - interval '25 hours'), (:a, 'new', '', now())"
            ),
            {"a": person_id},
        )
    await forget(database)
    async with database.transaction(Access(account_id=person_id)) as tx:
        kept = list(await tx.session.scalars(text("SELECT key FROM answers")))
    assert kept == ["new"]
