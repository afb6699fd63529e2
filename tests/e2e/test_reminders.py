"""Workers are killed at random while reminders fall due: every one arrives, by letters to a real mail server."""

import asyncio
import random
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from bench.harness.crew import Crew
from bench.harness.patients import Patients
from bench.reminders_killed import Outcome, killed

from ojas.kit.crypto import MasterKeys
from ojas.kit.db import embedded
from ojas.kit.db.migrate import migrate
from ojas.kit.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

COUNT = 1000


@dataclass
class Postbox:
    """A mail server's keeper that notes who got a letter, and how many came again."""

    port: int
    at: dict[str, float] = field(default_factory=dict)
    again: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd's name
        for address in envelope.rcpt_tos:
            self.again += address in self.at
            self.at.setdefault(address, time.time())
        return "250 taken"


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        keeper = Postbox(free.getsockname()[1])
    controller = Controller(keeper, hostname="127.0.0.1", port=keeper.port)
    controller.start()
    yield keeper
    controller.stop()


def test_no_reminder_is_lost_while_workers_are_killed_at_random(
    settings: Settings, master: MasterKeys, postbox: Postbox, capsys: pytest.CaptureFixture[str]
) -> None:
    async def all_of_it(cluster: embedded.Cluster) -> Outcome:
        patients = Patients(cluster.dsn(embedded.KEEPER), master)
        async with Crew.at_work(settings, cluster, postbox.port, 2) as crew:
            chance = random.Random(26)
            return await killed(patients, postbox, crew, COUNT, chance, kills=4, within=0.5, pass_lease=True)

    with embedded.scratch() as lease:
        migrate(lease.cluster.dsn(embedded.OWNER))
        found = asyncio.run(all_of_it(lease.cluster))
    said = f"{COUNT} reminders, {found.kills} kills: {found.lost} lost, {found.doubles} letters came twice"
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
    assert found.lost == 0
    assert found.unsaid == 0, "on the page each is said once, however often its letter came"
    assert found.kills > 0
