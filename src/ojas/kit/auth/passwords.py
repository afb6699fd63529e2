"""Passwords: what may be one, how it is kept (argon2id), and how many are tried at once."""

import asyncio
import os
import re
import time
import unicodedata
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import TypeVar
from weakref import WeakKeyDictionary

from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from ojas.kit.auth.common import COMMON
from ojas.kit.errors import Incorrect, Unavailable
from ojas.kit.i18n import N_

SHORTEST, LONGEST = 8, 1024
"""Characters after normalisation. NIST SP 800-63B asks for at least 64 to be allowed; the bound keeps work small."""

BCRYPT_LEAST, BCRYPT_MOST = 12, 15  # below, an import is refused; above, one try would take seconds
_LONGEST_S = 2.0
_BCRYPT_BYTES = 72  # all that bcrypt ever looked at

_BUSY = N_("Many people are signing in just now. Try again in a few seconds.")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right, and the hash to keep from now on where the kept one is of an older manner."""

    right: bool
    better: str | None = None


def normalised(password: str) -> str:
    """One spelling (NFKC) however a keyboard composes letters. No trimming, no case folding.

    Raises:
        Incorrect: shorter than 8 or longer than 1024 characters, or holding a control character.
    """
    if len(password) > LONGEST:
        raise Incorrect("A password may have at most {most} characters.", field="password", most=LONGEST)
    found = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(found) <= LONGEST:
        raise Incorrect("A password needs at least {least} characters.", field="password", least=SHORTEST)
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in found):
        raise Incorrect("A password cannot hold control characters.", field="password")
    return found


def refuse_guessable(password: str, *, context: Iterable[str] = ()) -> None:
    """Refuse what guessers try first.

    ``context`` is what they know of the person and the place: name, e-mail address, the name of the service.

    Raises:
        Incorrect: a common or often leaked password, one repeated or counted up, or little more than a word of ``context``.
    """
    bare = _bare(unicodedata.normalize("NFKC", password))
    if _monotonous(bare) or not {bare, _plain(bare)}.isdisjoint(COMMON | _leaked()):
        raise Incorrect("This password is among the first that guessers try. Take another.", field="password")
    rest = bare
    for word in sorted(_words(context), key=len, reverse=True):
        rest = rest.replace(word, "")
    # A year or a number beside a name adds little.
    if rest != bare and len(re.sub(r"[\d\W_]", "", rest)) < SHORTEST // 2:
        raise Incorrect("This is too close to your name or address. Take another.", field="password")


@cache
def _leaked() -> frozenset[str]:
    """The eleven thousand that were leaked most often, of those long enough: read when the first password is chosen."""
    return frozenset((files("ojas.kit.auth") / "guessed.txt").read_text().split())


def importable(hash: str) -> bool:
    """Whether a hash from elsewhere may be kept until its owner signs in: bcrypt of cost 12 to 15, or argon2id."""
    if Argon2Hasher.identify(hash):
        return hash.startswith("$argon2id$")
    return BcryptHasher.identify(hash) and BCRYPT_LEAST <= int(hash[4:6]) <= BCRYPT_MOST


class Passwords:
    """The one place a process hashes passwords.

    Argon2id with 46 MiB, 2 passes and 1 lane: twice the least that OWASP's Password Storage Cheat Sheet names. A
    thread a core hashes, so a storm of sign-ins takes cores * 46 MiB. Who hashes while holding a database connection
    waits for a ``turn`` first, without one: there are ``threads + 2`` turns, and ``queue`` may wait for them.
    """

    def __init__(
        self,
        *,
        threads: int | None = None,
        queue: int = 100,
        floor_s: float = 0.4,
        memory_kib: int = 46 * 1024,
    ) -> None:
        self._argon2 = Argon2Hasher(time_cost=2, memory_cost=memory_kib, parallelism=1)
        self._bcrypt = BcryptHasher(rounds=BCRYPT_LEAST)
        self._threads = threads or min(4, os.cpu_count() or 1)
        self._queue = queue
        self._floor_s = floor_s
        self._slowest_s = 0.0
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="passwords")
        self._busy = self._waiting = 0
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The hash to keep. ``password`` must be ``normalised``."""
        return await self._in_turn(partial(self._argon2.hash, password))

    async def verify(self, password: str, hash: str | None) -> Verdict:
        """Whether ``password``, as typed, is the one kept as ``hash``; None where there is no such account.

        For nobody the same work is done as for somebody, so that the time does not tell. An imported hash takes longer; what
        is said to the caller waits for the slower of the two with ``settle``.
        """
        return await self._in_turn(partial(self._verdict, password, hash))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Be one of the few that may hash; waits.

        Raises:
            Unavailable: too many wait already.
        """
        if self._waiting >= self._queue:
            raise Unavailable(_BUSY)
        turns = self._turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self._threads + 2))
        self._waiting += 1
        try:
            await turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            turns.release()

    async def settle(self, started: float) -> None:
        """Wait until what began at ``started`` (time.monotonic) has taken as long as the slowest work of late.

        The floor covers an imported bcrypt hash on an idle machine; on a busy one all of it takes longer, so the slowest
        seen counts, fading by a fiftieth each time, and 2 s at most.
        """
        took = time.monotonic() - started
        self._slowest_s = max(took, self._slowest_s * 0.98)
        wanted = max(self._floor_s, min(self._slowest_s * 1.1, _LONGEST_S))
        await asyncio.sleep(max(0.0, wanted - took))

    def _verdict(self, password: str, hash: str | None) -> Verdict:
        try:
            spelled = normalised(password)
        except Incorrect:
            # What could not have been chosen may still have been imported; bounded, else a body of megabytes is hashed.
            spelled = password[:LONGEST].encode(errors="replace").decode()
        if hash is None:
            self._argon2.verify(spelled, self._dummy())
            return Verdict(False)
        if BcryptHasher.identify(hash):
            return self._imported(password, spelled, hash)
        if not self._argon2.verify(spelled, hash):
            return Verdict(False)
        return Verdict(True, self._argon2.hash(spelled) if self._argon2.check_needs_rehash(hash) else None)

    def _imported(self, password: str, spelled: str, hash: str) -> Verdict:
        try:
            right = self._bcrypt.verify(password.encode(errors="replace")[:_BCRYPT_BYTES], hash)
        except ValueError:  # a NUL, or a lone surrogate: bcrypt never took it
            right = False
        return Verdict(right, self._argon2.hash(spelled) if right else None)

    def _dummy(self) -> str:
        if self._nobody is None:
            self._nobody = self._argon2.hash(os.urandom(16).hex())
        return self._nobody

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._busy >= self._threads + self._queue:
            raise Unavailable(_BUSY)
        self._busy += 1
        # Counted by the thread's end, not the caller's: one who hangs up does not make room before the work is done.
        future = self._pool.submit(work)
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._leave))
        return await asyncio.wrap_future(future)

    def _leave(self) -> None:
        self._busy -= 1


_LEET = str.maketrans("013457@$!", "oieastasi")
_ROWS = ("01234567890", "09876543210", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_WALKS = (*_ROWS, *(row[::-1] for row in _ROWS), "1qaz2wsx3edc4rfv", "qazwsxedcrfv", "1q2w3e4r5t6y7u8i9o0p")
_PART = 4  # shorter parts of a name would refuse too much by chance


def _bare(password: str) -> str:
    return "".join(password.casefold().split())


def _plain(bare: str) -> str:
    """A common word under its usual disguise: P@ssw0rd123! → password."""
    stem = re.sub(r"[\d\W_]+$", "", bare) or bare
    return re.sub(r"^[\d\W_]+", "", stem).translate(_LEET)


def _monotonous(bare: str) -> bool:
    """One to four signs over and over, or walks over the keyboard or the alphabet and nothing else."""
    if any(bare == (bare[:n] * len(bare))[: len(bare)] for n in range(1, 5)):
        return True
    rest = bare
    for walk in _WALKS:
        for length in range(len(walk), 3, -1):
            for start in range(len(walk) - length + 1):
                rest = rest.replace(walk[start : start + length], "")
    return len(rest) < SHORTEST // 2 and rest != bare and len(set(rest)) <= 1


def _words(context: Iterable[str]) -> set[str]:
    found = set()
    for text in context:
        whole = _bare(unicodedata.normalize("NFKC", text))
        found |= {word for word in (whole, *re.split(r"[\W_]+", text.casefold())) if len(word) >= _PART}
    return found
