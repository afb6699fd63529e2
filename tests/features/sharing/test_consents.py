"""What Ojas may do beyond keeping: nothing, until somebody agrees; and a ledger of every answer."""

import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from ojas.features.identity import service as identity
from ojas.features.identity.schemas import ProfileDraft
from ojas.features.sharing import service
from ojas.features.sharing.models import Consent
from ojas.features.sharing.rules import QUESTIONS, Answer, Processing, Question, stands
from ojas.features.sharing.schemas import ConsentDraft, ConsentView
from ojas.kit import clock, i18n
from ojas.kit.db import Access, Database, embedded
from ojas.kit.db.migrate import migrate
from ojas.kit.errors import Conflict, Forbidden, Incorrect, NotFound, Stale
from ojas.kit.ids import new_id
from tests.features.sharing.cast import Somebody, shared

SOURCE = Path(__file__).parents[3] / "src" / "ojas" / "features"
LOCATION = Processing.LOCATION
WORDS = {(LOCATION, 1): "3f6f"}
"""The first digits of the SHA-256 of each purpose's English words: other words are another version."""


def agreeing(purpose: Processing = LOCATION, **more: object) -> ConsentDraft:
    return ConsentDraft(purpose=purpose, version=QUESTIONS[purpose].version, **more)  # type: ignore[arg-type]


async def answered(who: Somebody, purpose: Processing = LOCATION) -> ConsentView:
    async with who.transaction() as tx:
        return next(one for one in await service.consents(tx, who.person_id) if one.purpose == purpose)


@pytest.mark.parametrize("purpose", list(Processing))
async def test_nothing_is_agreed_to_until_somebody_says_so(asha: Somebody, purpose: Processing) -> None:
    async with asha.transaction() as tx:
        assert not await service.allows(tx, asha.person_id, purpose)
    found = await answered(asha, purpose)
    assert (found.given, found.history) == (False, [])
    assert found.text


@pytest.mark.parametrize("purpose", list(Processing))
def test_nobody_is_asked_what_nothing_depends_on(purpose: Processing) -> None:
    asks = re.compile(rf"allows\([^)]*Processing\.{purpose.name}\)")
    code = [path for path in SOURCE.rglob("*.py") if SOURCE / "sharing" not in path.parents]
    assert any(asks.search(path.read_text()) for path in code), "nothing asks for it: it must not be shown"


@pytest.mark.parametrize("purpose", list(Processing))
def test_other_words_are_another_version(purpose: Processing) -> None:
    question = QUESTIONS[purpose]
    assert sha256(question.text.encode()).hexdigest()[:4] == WORDS[purpose, question.version]


async def test_a_consent_keeps_the_words_agreed_to_their_language_and_who_agreed(asha: Somebody) -> None:
    async with asha.transaction() as tx:
        with i18n.use(i18n.Manner(language="ta")):
            given = await service.give(tx, asha.person_id, agreeing())
            words = i18n.gettext(QUESTIONS[LOCATION].text)
        assert await service.allows(tx, asha.person_id, LOCATION)
    assert given.given
    (line,) = (await answered(asha)).history
    assert (line.given, line.version, line.language, line.text) == (True, 1, "ta", words)
    assert line.account_id == asha.account_id
    assert words != QUESTIONS[LOCATION].text, "said in Tamil"


async def test_withdrawing_is_one_step_and_can_be_followed_by_agreeing_anew(asha: Somebody) -> None:
    async with asha.transaction() as tx:
        await service.give(tx, asha.person_id, agreeing())
        with pytest.raises(Conflict):
            await service.give(tx, asha.person_id, agreeing())
        await service.withdraw(tx, asha.person_id, LOCATION)
        assert not await service.allows(tx, asha.person_id, LOCATION)
        with pytest.raises(NotFound):
            await service.withdraw(tx, asha.person_id, LOCATION)
        await service.give(tx, asha.person_id, agreeing())
    assert [line.given for line in (await answered(asha)).history] == [True, False, True]


async def test_words_that_were_not_the_ones_shown_are_not_agreed_to(asha: Somebody) -> None:
    async with asha.transaction() as tx:
        with pytest.raises(Stale):
            await service.give(tx, asha.person_id, ConsentDraft(purpose=LOCATION, version=2))


NOW = clock.now()


@pytest.mark.parametrize(
    ("answer", "holds"),
    [
        (None, False),
        (Answer(True, 2), True),
        (Answer(False, 2), False),
        (Answer(True, 1), False),
        (Answer(True, 2, NOW + timedelta(seconds=1)), True),
        (Answer(True, 2, NOW), False),
    ],
)
def test_a_consent_holds_for_these_words_until_withdrawn_or_ended(answer: Answer | None, holds: bool) -> None:
    assert stands(answer, Question(2, "x", "y", ()), NOW) is holds


async def test_a_consent_ends_by_itself(asha: Somebody) -> None:
    ends = clock.now() + timedelta(days=1)
    async with asha.transaction() as tx:
        await service.give(tx, asha.person_id, agreeing(expires_at=ends))
    with time_machine.travel(ends + timedelta(seconds=1)):
        async with asha.transaction() as tx:
            assert not await service.allows(tx, asha.person_id, LOCATION)
            with pytest.raises(Incorrect):
                await service.give(tx, asha.person_id, agreeing(expires_at=ends))
            await service.give(tx, asha.person_id, agreeing())


async def test_others_ask_whether_but_never_see_nor_change_what(asha: Somebody, rao: Somebody) -> None:
    await shared(asha, rao, "measurements", may_write=True)
    async with rao.transaction() as tx:
        assert not await service.allows(tx, asha.person_id, LOCATION)
        for call in (
            service.consents(tx, asha.person_id),
            service.give(tx, asha.person_id, agreeing()),
            service.withdraw(tx, asha.person_id, LOCATION),
        ):
            with pytest.raises(Forbidden):
                await call


async def test_who_shares_on_somebodys_behalf_sees_and_does_not_answer(
    asha: Somebody, meera: Somebody
) -> None:
    await shared(asha, meera, "signals", may_write=True, manage=True)
    async with asha.transaction() as tx:
        await service.give(tx, asha.person_id, agreeing())
    async with meera.transaction() as tx:
        assert (await service.consents(tx, asha.person_id))[0].given
        for call in (
            service.give(tx, asha.person_id, agreeing()),
            service.withdraw(tx, asha.person_id, LOCATION),
        ):
            with pytest.raises(Forbidden):
                await call


async def test_who_keeps_somebodys_record_answers_for_them(meera: Somebody) -> None:
    async with meera.transaction() as tx:
        child = await identity.create_person(tx, ProfileDraft(name="Kavi"), created_by=meera.account_id)
        await service.entrust(tx, child, meera.account_id)
    async with meera.transaction() as tx:
        await service.give(tx, child, agreeing())
        assert await service.allows(tx, child, LOCATION)


async def test_a_stranger_may_not_even_ask(asha: Somebody, stranger: Somebody) -> None:
    async with stranger.transaction() as tx:
        with pytest.raises(NotFound):
            await service.allows(tx, asha.person_id, LOCATION)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consents SET given = false",
        "UPDATE consents SET at = now()",
        "UPDATE consents SET text_version = 1",
        "TRUNCATE consents",
    ],
)
async def test_no_line_is_ever_changed(asha: Somebody, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with asha.transaction() as tx:
            await tx.session.execute(text(statement))


async def test_words_move_to_a_newer_key_and_read_the_same(database: Database, asha: Somebody) -> None:
    async with asha.transaction() as tx:
        await service.give(tx, asha.person_id, agreeing())
    async with database.transaction(Access.of(asha.person_id)) as tx:
        await database.keyring.rotate(tx.session, asha.person_id)
    async with database.transaction(Access.of(asha.person_id)) as tx:
        row = await tx.session.scalar(select(Consent).where(Consent.person_id == asha.person_id))
        assert row is not None
        assert row.sealed is not None
        words = await tx.open(asha.person_id, "consents", row.id, row.sealed)
        row.sealed = await tx.seal(asha.person_id, "consents", row.id, words)
    (line,) = (await answered(asha)).history
    assert line.text == QUESTIONS[LOCATION].text


async def test_no_line_is_deleted_but_with_the_person(asha: Somebody) -> None:
    async with asha.transaction() as tx:
        await service.give(tx, asha.person_id, agreeing())
        await tx.session.execute(text("DELETE FROM consents"))
        assert await service.allows(tx, asha.person_id, LOCATION)
        await service.erase(tx, asha.person_id)
        assert not await service.allows(tx, asha.person_id, LOCATION)
        assert tx.access.area == ""


@pytest.mark.slow
async def test_answers_of_before_stay_in_the_ledger_and_hold_no_more() -> None:
    with embedded.scratch() as lease:
        owner, keeper = (lease.cluster.dsn(role) for role in (embedded.OWNER, embedded.KEEPER))
        migrate(owner, "20261121074500")
        person = new_id()
        with psycopg.connect(keeper) as past:
            for purpose, withdrawn in (("location", None), ("research", "2026-02-01")):
                past.execute(
                    "INSERT INTO consents (person_id, id, purpose, given_at, withdrawn_at, language, text_digest,"
                    " created_at, updated_at, sealed) VALUES (%s, %s, %s, '2026-01-01', %s, 'hi', 'x', now(), now(), 'x')",
                    (person, new_id(), purpose, withdrawn),
                )
        migrate(owner)
        with psycopg.connect(keeper) as now:
            lines = now.execute(
                "SELECT purpose, given, text_version, at::date::text, sealed FROM consents ORDER BY at, purpose"
            ).fetchall()
        assert lines == [
            ("location", True, 0, "2026-01-01", b"x"),
            ("research", True, 0, "2026-01-01", b"x"),
            ("research", False, 0, "2026-02-01", None),
        ]
        from ojas.kit import crypto

        database = Database(lease.cluster.dsn(embedded.APP), crypto.MasterKeys.new())
        async with database.transaction(Access.of(person)) as tx:
            assert not await service.allows(tx, person, LOCATION)
        await database.close()
