"""Letters, to a mail server on this machine and to the outbox."""

import email.policy
import socket
import stat
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from ojas.kit.errors import Incorrect, Unavailable
from ojas.kit.mail import Letter, Outbox, SmtpServer, post_of
from ojas.kit.settings import Settings

SENDER = "Ojas <ojas@example.org>"
LETTER = Letter("asha@example.org", "उनका पत्र", "नमस्ते,\n\nவணக்கம்\n", language="hi")


class Mailbox:
    """A mail server's keeper: takes letters, or says why not."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer = "250 taken"

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.taken.append(read(envelope.content))
        return "250 taken"


def read(content: bytes) -> Any:
    return message_from_bytes(content, policy=email.policy.default)


@pytest.fixture
async def mailbox() -> AsyncIterator[tuple[Mailbox, SmtpServer]]:
    keeper = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(keeper, hostname="127.0.0.1", port=port)
    controller.start()
    yield keeper, SmtpServer.parse(f"smtp://127.0.0.1:{port}", SENDER)
    controller.stop()


async def test_a_letter_arrives_whole_in_any_script(mailbox: tuple[Mailbox, SmtpServer]) -> None:
    keeper, server = mailbox
    await server.send(LETTER)
    (taken,) = keeper.taken
    assert (taken["To"], taken["Subject"]) == ("asha@example.org", "उनका पत्र")
    assert taken["From"] == SENDER
    assert (taken["Auto-Submitted"], taken["Content-Language"]) == ("auto-generated", "hi")
    assert taken.get_content().replace("\r\n", "\n") == LETTER.text


async def test_an_address_the_server_does_not_know_is_refused_for_good(
    mailbox: tuple[Mailbox, SmtpServer],
) -> None:
    keeper, server = mailbox
    keeper.answer = "550 no such user"
    with pytest.raises(Incorrect):
        await server.send(LETTER)


async def test_a_full_mailbox_is_tried_again_later(mailbox: tuple[Mailbox, SmtpServer]) -> None:
    keeper, server = mailbox
    keeper.answer = "452 mailbox full"
    with pytest.raises(Unavailable):
        await server.send(LETTER)


async def test_a_dead_server_is_unavailable_and_no_crash() -> None:
    with pytest.raises(Unavailable):
        await SmtpServer.parse("smtp://127.0.0.1:1", SENDER).send(LETTER)


async def test_without_a_server_letters_lie_in_the_outbox_for_their_owner_alone(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox", SENDER)
    await outbox.send(LETTER)
    await outbox.send(Letter("b@example.org", "Second", "text", html="<p>text</p>"))
    first, second = sorted(outbox.folder.iterdir())
    assert read(first.read_bytes())["Subject"] == "उनका पत्र"
    assert read(second.read_bytes()).get_body(("html",)).get_content().strip() == "<p>text</p>"
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert stat.S_IMODE(outbox.folder.stat().st_mode) == 0o700


async def test_an_outbox_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(Unavailable):
        await Outbox(tmp_path / "outbox", SENDER).send(LETTER)


@pytest.mark.parametrize("to", ["", "nobody", "a@b@c", "a@example.org\nBcc: evil@example.org", "<>"])
async def test_what_is_no_address_is_refused(tmp_path: Path, to: str) -> None:
    with pytest.raises(Incorrect):
        await Outbox(tmp_path, SENDER).send(Letter(to, "s", "t"))


async def test_a_subject_cannot_smuggle_in_another_header(tmp_path: Path) -> None:
    await Outbox(tmp_path, SENDER).send(Letter("a@example.org", "Hello\r\nBcc: evil@example.org", "t"))
    (path,) = tmp_path.glob("*.eml")  # noqa: ASYNC240
    assert read(path.read_bytes())["Bcc"] is None


def test_the_settings_say_where_letters_go(tmp_path: Path) -> None:
    def post(**more: Any) -> Any:
        return post_of(Settings(home=tmp_path, **more))

    assert post() == Outbox(tmp_path / "outbox", "Ojas <ojas@localhost>")
    server = post(smtp_url="smtps://me%40x:p%2Fw@mail.example.org", mail_from=SENDER)
    assert server == SmtpServer("mail.example.org", 465, SENDER, True, "me@x", "p/w")
    assert post(smtp_url="smtp://mail.example.org").port == 587
    for wrong in ("http://mail.example.org", "mail.example.org:25", "smtp://", "smtp://x:abc"):
        with pytest.raises(Incorrect):
            post(smtp_url=wrong)
