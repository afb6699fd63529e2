"""Job processes, as the command line starts them, on a stage."""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import psutil
import psycopg

from ojas.kit.db import embedded
from ojas.kit.settings import Settings

Process = asyncio.subprocess.Process


@dataclass
class Crew:
    environment: Mapping[str, str]
    members: list[Process] = field(default_factory=list)
    killed: int = 0
    _spent: float = 0.0

    @classmethod
    @asynccontextmanager
    async def at_work(
        cls, settings: Settings, cluster: embedded.Cluster, mail: int, many: int
    ) -> "AsyncIterator[Crew]":
        """``many`` of them, whose letters go to a port of this machine; told to stop at the end."""
        key = settings.master_key
        assert key is not None
        crew = cls(
            os.environ
            | {
                "OJAS_HOME": str(settings.home),
                "OJAS_DATABASE_URL": cluster.dsn(embedded.APP),
                "OJAS_MASTER_KEY": key.get_secret_value(),
                "OJAS_SMTP_URL": f"smtp://127.0.0.1:{mail}",
                "OJAS_LOG_LEVEL": "warning",
            }
        )
        try:
            for _ in range(many):
                await crew.start()
            yield crew
        finally:
            for one in crew.members:
                with suppress(ProcessLookupError):
                    one.terminate()
            for one in crew.members:
                await one.wait()

    async def ready(self, dsn: str, patience: float = 120) -> None:
        """Until all of them look: each listens then for what wakes it."""
        query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %ojas_ticks%'"
        deadline = time.monotonic() + patience
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            while time.monotonic() < deadline:
                row = await (await connection.execute(query)).fetchone()
                if row and row[0] >= len(self.members):
                    return
                await asyncio.sleep(0.2)
        raise TimeoutError("the job processes do not start")

    async def start(self) -> None:
        command = [sys.executable, "-m", "ojas.cli", "work"]
        self.members.append(await asyncio.create_subprocess_exec(*command, env=self.environment))

    async def kill(self, chance: random.Random) -> None:
        """End one of them at once, as the power would, and start another in its place."""
        one = chance.choice(self.members)
        self._spent += _cpu(one)
        one.send_signal(signal.SIGKILL)
        await one.wait()
        self.members.remove(one)
        self.killed += 1
        await self.start()

    def cpu(self) -> float:
        """Seconds of the processor that all of them have used."""
        return self._spent + sum(_cpu(one) for one in self.members)


def _cpu(one: Process) -> float:
    with suppress(psutil.Error):
        return sum(psutil.Process(one.pid).cpu_times()[:2])
    return 0.0
