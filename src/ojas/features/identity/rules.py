"""The decisions of sign-in as arithmetic: how long things live, how delays grow, what a browser calls itself."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Role(StrEnum):
    """What an account may be for others; everybody is also a patient, of their own record."""

    PATIENT = "patient"
    DOCTOR = "doctor"
    THERAPIST = "therapist"
    ADMIN = "admin"


PROFESSIONS = frozenset({Role.DOCTOR, Role.THERAPIST})
STAFF = PROFESSIONS | {Role.ADMIN}


class Purpose(StrEnum):
    """What a ticket, good once, is for."""

    VERIFY = "verify"
    RESET = "reset"
    CHANGE_EMAIL = "change-email"
    SECOND_FACTOR = "second-factor"
    PASSKEY = "passkey"
    PASSKEY_PROOF = "passkey-proof"
    PASSKEY_ENROLMENT = "passkey-enrolment"


TICKET_LIFE = {
    Purpose.VERIFY: timedelta(days=2),
    Purpose.RESET: timedelta(minutes=30),
    Purpose.CHANGE_EMAIL: timedelta(hours=2),
    Purpose.SECOND_FACTOR: timedelta(minutes=5),
    Purpose.PASSKEY: timedelta(minutes=5),
    Purpose.PASSKEY_PROOF: timedelta(minutes=5),
    Purpose.PASSKEY_ENROLMENT: timedelta(minutes=5),
}


class Kind(StrEnum):
    """How a session is carried."""

    BROWSER = "browser"
    REMEMBERED = "remembered"
    TOKEN = "token"  # noqa: S105  # a word, not a secret


@dataclass(frozen=True, slots=True)
class Life:
    """A session ends once it rests for ``idle``, and at the latest after ``whole``."""

    idle: timedelta
    whole: timedelta


_SHORT = Life(timedelta(hours=1), timedelta(hours=12))
_LONG = Life(timedelta(days=14), timedelta(days=90))


def life_of(kind: Kind, roles: frozenset[str]) -> Life:
    """How long a session may live.

    The short life keeps to NIST SP 800-63B-4 at assurance level 2 (an hour at rest, a day in all). A person may ask to
    stay signed in on a device of their own; those who see other people's records may not.
    """
    if kind is Kind.BROWSER or (kind is Kind.REMEMBERED and roles & STAFF):
        return _SHORT
    return _LONG


FRESH = timedelta(minutes=10)
"""So long a proof of identity lets the owner change how they sign in."""

GRACE = timedelta(seconds=10)
"""A refresh token may be used again so soon after its first use: an answer was lost, or two tabs asked at once."""


def lost_answer(replaced_at: datetime, now: datetime) -> bool:
    """Whether a second use of a refresh token came so soon that the answer to the first may have been lost."""
    return now - replaced_at <= GRACE


FREE_TRIES = 5
_LONGEST_DELAY = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=24)
"""Wrong tries are forgotten after a day without any."""


def delay_after(failures: int) -> timedelta:
    """How long to wait after this many wrong tries in a row: none for five, then 2 s, 4 s, 8 s … at most 15 min.

    At that pace a guesser has about 110 tries a day at one account, where NIST SP 800-63B allows 100 in a row.
    """
    if failures < FREE_TRIES:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - FREE_TRIES + 1, 20)), _LONGEST_DELAY)


def fresh(proved_at: datetime | None, now: datetime) -> bool:
    """Whether identity was proved so recently that how one signs in may be changed."""
    return proved_at is not None and now - proved_at <= FRESH


_SYSTEMS = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows NT"),
    ("Mac", r"Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)
_BROWSERS = (
    ("Edge", r"Edg[A-Z]?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)


def device_of(agent: str | None) -> str:
    """What a person calls the device: ``Chrome, Android``; the first word of what it says where we know neither."""
    agent = agent or ""
    names = [
        next((name for name, pattern in known if re.search(pattern, agent)), "")
        for known in (_BROWSERS, _SYSTEMS)
    ]
    said = re.match(r"[\w .-]{1,40}", agent)
    return ", ".join(name for name in names if name) or (said.group().strip() if said else "")
