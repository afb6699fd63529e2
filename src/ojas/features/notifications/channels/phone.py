"""By SMS and by voice, over any of the forty vendors that the library apprise knows, as the house's URL for it says."""

import asyncio
import logging
import re
import threading
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from html import escape
from typing import Any

from ojas.features.notifications.channels.way import Parcel
from ojas.features.notifications.rules import NO_WAY, Handed, Never, NotNow, Outcome, told
from ojas.kit.i18n import N_, ngettext, use
from ojas.kit.outward import asked_wait

NUMBER = "{to}"
"""Where the number stands in a house's URL."""
_NEVER = {"400", "404", "410", "422", "21211", "21214", "21217", "21610", "21614"}
"""Answers about the number, not about us or the moment; those of five digits are Twilio's."""
_SMS_LONGEST = 600
_CALL_LONGEST = 500
_ERROR = re.compile(r"error=(\w{2,6})")


@dataclass(frozen=True, slots=True)
class Sms:
    url: str

    async def hand(self, parcel: Parcel) -> Outcome:
        return await asyncio.to_thread(_sent, self.url, parcel.address.to, sms(parcel))


@dataclass(frozen=True, slots=True)
class Call:
    url: str

    async def hand(self, parcel: Parcel) -> Outcome:
        twilio = self.url.startswith("twilio:")
        words = _twiml(parcel) if twilio else spoken(parcel)
        return await asyncio.to_thread(_sent, self.url, parcel.address.to, words)


def sms(parcel: Parcel) -> str:
    """The title, the text where others may read it, and one address where all can be done."""
    said = parcel.said
    with use(parcel.manner):
        if len(said) > 1:
            title = ngettext("{n} message from Ojas", "{n} messages from Ojas", len(said))
            return f"{title}\n{parcel.origin}/notifications"
    door = said[0].door or (f"{parcel.origin}{said[0].path}" if said[0].path else "")
    words = f"{said[0].title}\n{said[0].text}" if parcel.open else said[0].title
    return f"{words[: _SMS_LONGEST - len(door)]}\n{door}".rstrip()


def spoken(parcel: Parcel) -> str:
    """What a voice says, twice, for who picks up is seldom ready."""
    said = parcel.said[0]
    words = f"{said.title}. {said.text}" if parcel.open else f"{said.title}."
    return f"{words[:_CALL_LONGEST]} {words[:_CALL_LONGEST]}"


def _twiml(parcel: Parcel) -> str:
    """The same in Twilio's markup, which says in which language it is to be read."""
    language = {"hi": "hi-IN", "ta": "ta-IN"}.get(parcel.manner.language, "en-IN")
    return f'<Response><Say language="{language}">{escape(spoken(parcel))}</Say></Response>'


def _sent(url: str, number: str, body: str) -> Outcome:
    """In a thread of its own: the library waits. It tells how it went in its log, and there alone."""
    import apprise  # 40 MB with all its vendors: only where a house has one

    _listen()
    heard = _Told()
    listening = _HEARD.set(heard)
    logger = logging.getLogger("apprise")
    logger.propagate = False  # it may quote the number and what was said
    logger.addHandler(heard)
    try:
        vendor: Any = apprise.Apprise.instantiate(url.replace(NUMBER, number), suppress_exceptions=True)
        if vendor is None:
            return NotNow(NO_WAY)
        if vendor.notify(body=body):
            return Handed()
    finally:
        logger.removeHandler(heard)
        _HEARD.reset(listening)
    if heard.error in _NEVER:
        return Never(told(N_("This number cannot be reached."), heard.error))
    return NotNow(told(N_("The vendor did not take it."), heard.error), heard.after)


class _Told(logging.Handler):
    """What the library says in this thread, cut down to a number: the rest may name somebody."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.thread = threading.get_ident()
        self.error = "–"
        self.after: timedelta | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self.thread and (found := _ERROR.search(record.getMessage())):
            self.error = found[1]


_HEARD: ContextVar[_Told | None] = ContextVar("heard", default=None)


@cache
def _listen() -> None:
    """Hear how long a vendor asks us to wait. Its library keeps no header, so it is overheard where all forty vendors pass."""
    import requests

    send = requests.Session.send

    def overheard(session: Any, request: Any, **more: Any) -> Any:
        answer = send(session, request, **more)
        if (heard := _HEARD.get()) and answer.status_code >= 300:
            heard.after = asked_wait(answer.headers.get("retry-after", ""))
        return answer

    requests.Session.send = overheard  # type: ignore[method-assign,assignment]
