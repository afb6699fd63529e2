"""Passwords, on the real hashers."""

import asyncio
import statistics
import time

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.kit.auth import Passwords, normalised, refuse_guessable
from ojas.kit.auth.passwords import importable
from ojas.kit.errors import Incorrect, Unavailable

PLUM = "plum tree in the rain"


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords(floor_s=0)


async def test_a_password_opens_its_own_hash_and_no_other(passwords: Passwords) -> None:
    hashed = await passwords.hash(PLUM)
    assert hashed.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert (await passwords.verify(PLUM, hashed)).right
    assert not (await passwords.verify(PLUM + ".", hashed)).right


async def test_the_same_password_typed_with_composed_or_separate_accents_is_the_same(
    passwords: Passwords,
) -> None:
    hashed = await passwords.hash(normalised("caf\u00e9 au lait"))
    assert (await passwords.verify("cafe\u0301 au lait", hashed)).right


async def test_an_imported_bcrypt_hash_opens_once_and_is_then_replaced_by_argon2id(
    passwords: Passwords,
) -> None:
    imported = bcrypt.hashpw(PLUM.encode(), bcrypt.gensalt(12)).decode()
    assert importable(imported)
    verdict = await passwords.verify(PLUM, imported)
    assert verdict.right
    assert verdict.better is not None
    assert verdict.better.startswith("$argon2id$")
    assert (await passwords.verify(PLUM, verdict.better)).right


async def test_a_known_answer_of_bcrypt_is_understood(passwords: Passwords) -> None:
    # From the OpenBSD/jBCrypt test vectors: password "abcdefghijklmnopqrstuvwxyz", cost 12.
    known = "$2a$12$D4G5f18o7aMMfwasBL7GpuQWuP3pkrZrOAnqP.bmezbMng.QwJ/pG"
    assert (await passwords.verify("abcdefghijklmnopqrstuvwxyz", known)).right
    assert not (await passwords.verify("abcdefghijklmnopqrstuvwxyZ", known)).right


async def test_a_bcrypt_password_beyond_72_bytes_is_compared_as_its_maker_compared_it(
    passwords: Passwords,
) -> None:
    long = "long " * 30
    imported = bcrypt.hashpw(long.encode()[:72], bcrypt.gensalt(12)).decode()
    assert (await passwords.verify(long, imported)).right


@pytest.mark.parametrize(
    "hash",
    [
        "$2b$10$" + "a" * 53,
        "$2b$31$" + "a" * 53,
        "$argon2i$v=19$m=16,t=2,p=1$c29tZXNhbHQ$aGFzaA",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "",
    ],
)
def test_a_weak_or_unknown_hash_cannot_be_imported(hash: str) -> None:
    assert not importable(hash)


@pytest.mark.parametrize("password", ["short", "\u0001" * 9, "with\nline break", "x" * 1025])
def test_what_cannot_be_typed_twice_alike_is_no_password(password: str) -> None:
    with pytest.raises(Incorrect):
        normalised(password)


def test_a_thousand_characters_with_spaces_and_any_script_are_a_password() -> None:
    assert len(normalised("नमस्ते वणक्कम " * 70)) <= 1024


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "P@ssw0rd123!",
        "passw0rd",
        "12345678",
        "87654321",
        "qwertyuiop",
        "1q2w3e4r",
        "aaaaaaaaaa",
        "abcabcabcabc",
        "jaishreeram1",
        "Vanakkam2024",
        "iloveyou!!",
        "abcdefgh",
        "Welcome@123",
        "ASDFGHJKL",
        "1234qwer",  # leaked often, and neither word nor walk
        "Corvette99",
    ],
)
def test_what_guessers_try_first_is_refused(password: str) -> None:
    with pytest.raises(Incorrect):
        refuse_guessable(password)


@pytest.mark.parametrize("password", ["priya sharma", "Sharma1985", "priya.sharma", "ojas12", "sharmapriya"])
def test_ones_own_name_is_refused(password: str) -> None:
    with pytest.raises(Incorrect):
        refuse_guessable(password, context=["Priya Sharma", "priya.sharma", "ojas"])


@pytest.mark.parametrize(
    "password",
    [PLUM, "correct horse battery staple", "xk7!qpzv", "मेरा लाल घोड़ा", "tulasi-river-19", "zebra9kettle"],
)
def test_what_is_hard_to_guess_is_taken(password: str) -> None:
    refuse_guessable(normalised(password), context=["Priya Sharma"])


@given(st.text(max_size=1200))
def test_any_text_is_either_refused_or_a_password_that_normalising_again_leaves_alone(text: str) -> None:
    try:
        found = normalised(text)
    except Incorrect:
        return
    assert normalised(found) == found


async def test_a_storm_of_sign_ins_is_hashed_a_few_at_a_time_and_the_rest_turned_away() -> None:
    small = Passwords(threads=1, queue=2, floor_s=0)
    outcomes = await asyncio.gather(*(small.hash(PLUM) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 3
    assert sum(isinstance(outcome, Unavailable) for outcome in outcomes) == 7
    assert (await small.hash(PLUM)).startswith("$argon2id$")


async def test_turns_are_few_and_so_are_those_who_wait_for_one() -> None:
    small = Passwords(threads=1, queue=5)
    inside, most = 0, 0

    async def work() -> None:
        nonlocal inside, most
        async with small.turn():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    outcomes = await asyncio.gather(*(work() for _ in range(20)), return_exceptions=True)
    assert most == 3
    assert sum(isinstance(outcome, Unavailable) for outcome in outcomes) == 20 - 3 - 5
    await work()


async def test_one_who_hangs_up_does_not_make_room_before_the_work_is_done() -> None:
    small = Passwords(threads=1, queue=1, floor_s=0)
    waiting = [asyncio.create_task(small.hash(PLUM)) for _ in range(2)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await small.hash(PLUM)


async def test_nobodys_password_is_as_much_work_as_somebodys(passwords: Passwords) -> None:
    """In time of the processor, which a busy machine does not stretch."""
    hashed = await passwords.hash(PLUM)
    await passwords.verify("warm up", None)

    async def work(hash: str | None) -> float:
        started = time.process_time()
        assert not (await passwords.verify("wrong password", hash)).right
        return time.process_time() - started

    nobody = statistics.median([await work(None) for _ in range(7)])
    somebody = statistics.median([await work(hashed) for _ in range(7)])
    assert 0.6 < nobody / somebody < 1.6


async def test_an_answer_waits_for_the_slowest_of_late_and_for_two_seconds_at_most() -> None:
    house = Passwords(floor_s=0.05)

    async def waited(took: float) -> float:
        before = time.monotonic()
        await house.settle(before - took)
        return took + time.monotonic() - before

    assert await waited(0.0) >= 0.05
    assert await waited(0.3) >= 0.33
    assert await waited(0.0) >= 0.32  # a quick one, after a slow one
    assert await waited(5.0) >= 5.0
    assert 2.0 <= await waited(0.0) < 4.0
