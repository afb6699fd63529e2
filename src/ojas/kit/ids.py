"""UUIDv7 (RFC 9562): ids that sort by the time they were made, so indexes grow at one end."""

import os
import threading
from datetime import UTC, datetime
from uuid import UUID

from ojas.kit import clock

_lock = threading.Lock()
_last = 0

_MILLISECONDS_FROM = 80  # the timestamp is the top 48 of 128 bits
_BACK_MS = 10_000
_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id(at: datetime | None = None) -> UUID:
    """A UUIDv7 for ``at`` (default: now). Those for the present strictly increase within a process, unless its clock is
    set back by more than ten seconds."""
    if at is not None:
        return UUID(int=_compose(int(at.timestamp() * 1000), int.from_bytes(os.urandom(10))))
    global _last
    with _lock:
        value = _compose(int(clock.now().timestamp() * 1000), int.from_bytes(os.urandom(10)))
        # A burst within one millisecond, or a clock set back a little: go on from the last one. Set back by more, the clock
        # is believed again: an id is also a time, and of the audit trail the only one.
        behind = (_last - value) >> _MILLISECONDS_FROM
        _last = value if value > _last or behind > _BACK_MS else _successor(_last)
        return UUID(int=_last)


def time_of(identifier: UUID) -> datetime:
    """The instant (UTC, to the millisecond) a UUIDv7 carries."""
    return datetime.fromtimestamp((identifier.int >> _MILLISECONDS_FROM) / 1000, tz=UTC)


def _compose(milliseconds: int, random: int) -> int:
    high = (random >> 64) & 0xFFF
    low = random & ((1 << 62) - 1)
    return (milliseconds << _MILLISECONDS_FROM) | _VERSION | (high << 64) | _VARIANT | low


def _successor(value: int) -> int:
    milliseconds = value >> _MILLISECONDS_FROM
    random = (((value >> 64) & 0xFFF) << 62 | (value & ((1 << 62) - 1))) + 1
    if random >> 74:
        milliseconds, random = milliseconds + 1, 0
    return (
        (milliseconds << _MILLISECONDS_FROM)
        | _VERSION
        | ((random >> 62) << 64)
        | _VARIANT
        | (random & ((1 << 62) - 1))
    )
