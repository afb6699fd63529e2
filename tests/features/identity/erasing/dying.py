"""Erase somebody in a process of its own that is killed at its n-th transaction: just before it commits, or right after.

python dying.py CONNINFO HOME MASTER PERSON N before|after
"""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import time_machine

from ojas.features.identity.service import erasing
from ojas.house import features
from ojas.kit import clock, crypto
from ojas.kit.db import Database
from ojas.kit.jobs import Context
from ojas.kit.settings import Settings


class Dying(Database):
    left: int
    after: bool

    @asynccontextmanager
    async def transaction(self, *args: Any, **more: Any) -> Any:
        async with super().transaction(*args, **more) as tx:
            yield tx
            self.left -= 1
            if self.left == 0 and not self.after:
                os.kill(os.getpid(), signal.SIGKILL)
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


async def main(conninfo: str, home: str, master: str, person: str, n: str, when: str) -> None:
    settings = Settings(home=Path(home), master_key=master)  # type: ignore[arg-type, call-arg]
    database = Dying(conninfo, crypto.load(settings))
    database.left, database.after = int(n), when == "after"
    context = Context(database, settings, features())
    with time_machine.travel(clock.now() + timedelta(days=7, minutes=1)):
        for _ in range(2):
            await erasing.advance(context, UUID(person), settled=timedelta())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
