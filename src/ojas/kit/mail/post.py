"""How a letter leaves the house."""

import asyncio
import ipaddress
import os
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from ojas.kit.errors import Incorrect, Unavailable
from ojas.kit.ids import new_id
from ojas.kit.mail.content import content, envelope, message_of, plain
from ojas.kit.mail.lines import Lines, hand
from ojas.kit.settings import Settings

_TIMEOUT_S = 20
_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to one address; ``text`` is plain, ``html`` the same for those who prefer it."""

    to: str
    subject: str
    text: str
    html: str | None = None
    language: str = "en"


class Post(Protocol):
    """The seam: something that takes letters."""

    async def send(self, letter: Letter) -> None:
        """Hand a letter over; once this returns it is no longer ours to lose.

        Raises:
            Unavailable: it was not taken; try again later.
            Incorrect: it never will be, such as to an address that does not exist.
        """


def post_of(settings: Settings) -> Post:
    """The mail server of the settings, else the outbox in the home folder."""
    if settings.smtp_url is None:
        return Outbox(settings.home / "outbox", settings.mail_from)
    return SmtpServer.parse(settings.smtp_url.get_secret_value(), settings.mail_from)


@dataclass(frozen=True, slots=True)
class Outbox:
    """A folder of .eml files, newest name last, which any mail program opens. For trying Ojas without a mail server."""

    folder: Path
    sender: str

    async def send(self, letter: Letter) -> None:
        await asyncio.to_thread(self._write, content(letter, self.sender))

    def _write(self, written: bytes) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Named by its moment; written beside and moved, so that a reader never sees half a letter.
            path = self.folder / f"{new_id()}.eml"
            part = path.with_suffix(".part")
            handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(written)
            part.rename(path)
        except OSError as problem:
            raise Unavailable("The letter could not be written.") from problem


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server. Without TLS only on this machine itself: elsewhere STARTTLS is demanded, or smtps used."""

    host: str
    port: int
    sender: str
    implicit_tls: bool = False
    user: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, url: str, sender: str) -> "SmtpServer":
        """
        Raises:
            Incorrect: not of the form smtp[s]://user:password@host:port.
        """
        parts = urlsplit(url)
        try:
            port = parts.port or _PORTS[parts.scheme]
        except (KeyError, ValueError):
            raise Incorrect("OJAS_SMTP_URL must look like smtps://user:password@host:port.") from None
        if not parts.hostname:
            raise Incorrect("OJAS_SMTP_URL must look like smtps://user:password@host:port.")
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return cls(parts.hostname, port, sender, parts.scheme == "smtps", user, password)

    async def send(self, letter: Letter) -> None:
        message = content(letter, self.sender) if plain(letter) else message_of(letter, self.sender)
        try:
            try:
                await self._over(letter, message)
            except aiosmtplib.SMTPServerDisconnected:
                # A connection that was silent for a while may be gone; the letter then goes over a new one.
                await self._over(letter, message, fresh=True)
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPRecipientRefused) as problem:
            raise _refused(problem) from problem
        except (aiosmtplib.SMTPException, OSError, ValueError) as problem:
            raise Unavailable("The mail server does not take letters just now.") from problem

    async def _over(self, letter: Letter, message: bytes | EmailMessage, *, fresh: bool = False) -> None:
        async with _lines(self).line(fresh=fresh) as line:
            if isinstance(message, bytes):
                await hand(line.client, envelope(self.sender), letter.to, message)
            else:
                await line.client.send_message(message)

    def dial(self) -> aiosmtplib.SMTP:
        """A client of this server, not connected yet."""
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.implicit_tls,
            start_tls=False if self.implicit_tls else (None if _local(self.host) else True),
            timeout=_TIMEOUT_S,
        )


@cache
def _lines(server: SmtpServer) -> Lines:
    return Lines(server.dial)


def _refused(problem: aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPRecipientRefused) -> Exception:
    each = problem.recipients if isinstance(problem, aiosmtplib.SMTPRecipientsRefused) else [problem]
    if all(one.code >= 500 for one in each):  # SMTP: 5xx is for good, 4xx for now
        return Incorrect("The mail server does not know this address.", field="email")
    return Unavailable("The mail server does not take letters just now.")


def _local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
