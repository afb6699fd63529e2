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
from ojas.kit.mail.content import content, message_of, plain
from ojas.kit.settings import Settings

SENDER = "Ojas <ojas@example.org>"
LETTER = Letter("asha@example.org", "उनका पत्र", "नमस्ते,\n\nவணக்கம்\n", language="hi")


class Mailbox:
    """A mail server's keeper: takes letters, or says why not."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answer = "250 taken"
        self.sessions: dict[Any, SMTP] = {}

    def hang_up(self) -> None:
        """As a server does with whom it has not heard of for a while."""
        for server in self.sessions.values():
            server.loop.call_soon_threadsafe(server.transport.close)

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.sessions[session.peer] = server
        return responses

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


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Time for a medicine", "Metoprolol (1 tablet), due at 08:00.\n"),
        ("மருந்து எடுக்கும் நேரம்" * 4, "நேரம்\n\n.\nfrom here\n"),
        ("A subject so long that it cannot stand on one line of a letter as old servers like it", "x" * 2000),
        ("Tab\tand\nline", ".\n..\nFrom me\r\nto you"),
    ],
)
def test_a_letter_written_by_hand_reads_as_one_of_the_library(subject: str, text: str) -> None:
    letter = Letter("asha+pills@mail.example.org", subject, text, language="ta")
    ours, theirs = (
        read(content(letter, "Öjas <ojas@example.org>")),
        message_of(letter, "Öjas <ojas@example.org>"),
    )
    assert plain(letter)
    for name in (
        "From",
        "To",
        "Subject",
        "Auto-Submitted",
        "Content-Language",
        "MIME-Version",
        "Content-Type",
    ):
        assert ours[name] == theirs[name]
    assert ours["Date"].datetime.tzinfo is not None
    assert ours["Message-ID"].endswith("@example.org>")
    assert lines_of(ours) == lines_of(theirs)
    assert max(map(len, content(letter, "Öjas <ojas@example.org>").split(b"\r\n"))) <= 78


def lines_of(message: Any) -> list[str]:
    return str(message.get_content()).splitlines()


async def test_letters_share_a_connection_and_outlive_a_server_that_hung_up(
    mailbox: tuple[Mailbox, SmtpServer],
) -> None:
    keeper, server = mailbox
    for number in range(3):
        await server.send(Letter("a@example.org", str(number), "t"))
    assert len(keeper.sessions) == 1
    keeper.answer = "550 no such user"
    with pytest.raises(Incorrect):
        await server.send(LETTER)
    keeper.answer = "250 taken"
    await server.send(Letter("a@example.org", "after a refusal", "t"))
    assert len(keeper.sessions) == 1
    keeper.hang_up()
    await server.send(Letter("a@example.org", "after a silence", "t"))
    assert len(keeper.sessions) == 2
    assert [taken["Subject"] for taken in keeper.taken] == [
        "0",
        "1",
        "2",
        "after a refusal",
        "after a silence",
    ]
