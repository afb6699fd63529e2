"""How somebody wants things said: language, zone, the shape of dates and times."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale

LANGUAGES = {"en": "English", "hi": "हिन्दी", "ta": "தமிழ்"}
"""The languages of the product, each by its own name."""

Language = Literal["en", "hi", "ta"]


@dataclass(frozen=True, slots=True)
class Manner:
    """Preferences that shape every text.

    ``date_format`` is ``locale`` or one of YYYY-MM-DD, DD/MM/YYYY, MM/DD/YYYY; ``time_format`` locale, 12h or 24h.
    """

    language: str = "en"
    zone: str = "UTC"
    date_format: str = "locale"
    time_format: str = "locale"

    @property
    def locale(self) -> Locale:
        return locale_of(self.language)

    @property
    def clock(self) -> str:
        """12h or 24h: as chosen, else as the language has it."""
        if self.time_format != "locale":
            return self.time_format
        return "12h" if "h" in self.locale.time_formats["short"].pattern else "24h"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


_current: ContextVar[Manner] = ContextVar("manner", default=Manner())  # noqa: B039  # frozen


def current() -> Manner:
    return _current.get()


@contextmanager
def use(manner: Manner) -> Iterator[None]:
    """Speak in ``manner`` within the block."""
    token = _current.set(manner)
    try:
        yield
    finally:
        _current.reset(token)


@lru_cache
def locale_of(language: str) -> Locale:
    # English as it is spoken in India: day before month, lakh grouping off as in Babel's en_IN data is not wanted abroad,
    # so the neutral en_GB, whose dates everyone outside the United States reads alike.
    return Locale.parse({"en": "en_GB", "hi": "hi_IN", "ta": "ta_IN"}[language])
