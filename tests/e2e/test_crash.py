"""Kill -9 of the web process, the worker and the database during an import and during writes.

Nothing acknowledged is lost, nothing is done twice, and the import ends as one that nobody disturbed.
"""

import asyncio
import os
import signal
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.builders import apple_health as apple
from tests.cli.conftest import Run, home, ojas
from tests.cli.running import Ojas, free_port, wait_until_served
from tests.kit.db.clusters import postmasters, wait_for

from ojas.features.identity import service as identity
from ojas.kit import crypto
from ojas.kit.db import Access, Database
from ojas.kit.db.embedded import APP, attach
from ojas.kit.ids import new_id
from ojas.kit.settings import Settings

__all__ = ["home", "ojas"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SIZE = 150_000_000
PASSWORD = "meadow-lantern-42-orbit"
UNDER_WAY = ("queued", "running")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Member:
    person_id: UUID
    token: str

    def client(self, address: str) -> httpx.Client:
        return httpx.Client(
            base_url=f"{address}/api/v1/people/{self.person_id}",
            headers={"authorization": f"Bearer {self.token}"},
            timeout=20,
        )


def members(home: Path, address: str, *names: str) -> list[Member]:
    """Accounts made as the command line would, beside the running house, and signed in."""

    async def made(conninfo: str) -> list[tuple[str, UUID]]:
        database = Database(conninfo, crypto.load(Settings(home=home)))
        try:
            return [await _account(database, name) for name in names]
        finally:
            await database.close()

    with attach(home / "postgres") as lease:
        accounts = asyncio.run(made(lease.cluster.dsn(APP)))
    return [Member(person_id, _token(address, email)) for email, person_id in accounts]


async def _account(database: Database, name: str) -> tuple[str, UUID]:
    email = f"{new_id().hex}@example.org"
    async with database.transaction(Access.system("sign_in")) as tx:
        _, person_id = await identity.create_account(tx, email=email, name=name, password=PASSWORD)
    return email, person_id


def _token(address: str, email: str) -> str:
    answer = httpx.post(f"{address}/api/v1/auth/sign-in", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


@dataclass
class Writer:
    """Somebody who enters a reading again and again, and goes on asking until each is acknowledged."""

    client: httpx.Client
    acknowledged: dict[str, str] = field(default_factory=dict)
    """Idempotency key: id of the reading."""
    refused: list[str] = field(default_factory=list)
    stop: bool = False

    def run(self) -> None:
        number = 0
        while not self.stop:
            number += 1
            self._enter(number)

    def _enter(self, number: int) -> None:
        key = f"reading-{number}"
        body = {
            "kind": "weight",
            "effective_at": (BEGIN + timedelta(minutes=number)).isoformat(),
            "unit": "kg",
            "value": 60 + number % 7,
            "confirmed": True,
        }
        while not self.stop:
            try:
                answer = self.client.post("/readings", json=body, headers={"idempotency-key": key})
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            if answer.status_code == 201:
                self.acknowledged[key] = answer.json()["id"]
                return
            if answer.status_code not in (409, 429, 503):
                self.refused.append(f"{answer.status_code} {answer.text[:200]}")
                return
            time.sleep(0.05)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("apple") / "export.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("apple_health_export/export.xml", "w") as entry,
    ):
        for piece in apple.stream(SIZE):
            entry.write(piece)
    return path


def upload(client: httpx.Client, export: Path, patience: float = 60) -> str:
    """The id of the import; asked again while the house says that it is too much, as the writer leaves little room."""
    deadline = time.monotonic() + patience
    while True:
        with export.open("rb") as file:
            answer = client.post("/imports", files={"file": ("export.zip", file, "application/zip")})
        if answer.status_code == 202:
            return str(answer.json()["id"])
        assert answer.status_code == 429, answer.text
        assert time.monotonic() < deadline
        time.sleep(float(answer.headers["retry-after"]))


def progress(client: httpx.Client, id: str) -> dict[str, Any]:
    """How far the import is; asked until somebody answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            answer = client.get(f"/imports/{id}")
            if answer.status_code == 200:
                found: dict[str, Any] = answer.json()
                return found
            assert answer.status_code in (429, 503), answer.text
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.1)


def finished(client: httpx.Client, id: str, patience: float = 300) -> dict[str, Any]:
    deadline = time.monotonic() + patience
    while (found := progress(client, id))["state"] not in ("done", "failed", "cancelled"):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


def under_way(client: httpx.Client, id: str, export: Path) -> str:
    """An import that is at work: this one, or, on a machine so fast that it has ended, the same file once more, which
    must change nothing."""
    while (found := progress(client, id))["state"] in UNDER_WAY and not found["taken"]:
        time.sleep(0.05)
    return id if found["state"] in UNDER_WAY else under_way(client, upload(client, export), export)


def further(client: httpx.Client, id: str) -> None:
    """Wait until the import has got on from where it is, or is done."""
    before = progress(client, id)
    wait_for(
        lambda: (now := progress(client, id))["taken"] > before["taken"] or now["state"] == "done",
        patience=90,
    )


def everything(client: httpx.Client) -> dict[str, Any]:
    """What a person has of signals, sessions and imported readings, without ids and times of entry."""
    kinds = sorted(one["kind"] for one in client.get("/signals").raise_for_status().json())
    assert kinds
    return {
        "days": {kind: client.get(f"/signals/{kind}/days").raise_for_status().json() for kind in kinds},
        "sessions": [(s["kind"], s["started_at"]) for s in pages(client, "/sessions")],
        "readings": sorted(
            (r["kind"], r["effective_at"], str(r.get("value")), str(r.get("systolic")))
            for r in pages(client, "/readings")
            if r["source_key"]
        ),
    }


def pages(client: httpx.Client, path: str) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        params = {"limit": "100", **({"cursor": cursor} if cursor else {})}
        answer = client.get(path, params=params).raise_for_status().json()
        yield from answer["items"]
        cursor = answer["next"]
        if cursor is None:
            return


def test_nothing_is_lost_and_an_import_ends_equal_whatever_is_killed(
    ojas: Run, home: Path, export: Path
) -> None:
    port = free_port()
    house = ojas("--json", "serve", "--port", str(port), OJAS_LOG_LEVEL="warning")
    address = house.ready()["address"]
    disturbed, calm = members(home, address, "Asha", "Ravi")
    writer = Writer(disturbed.client(address))
    thread = threading.Thread(target=writer.run)
    thread.start()
    client = disturbed.client(address)
    try:
        taking = upload(client, export)
        for kill in (database, web, worker):
            taking = under_way(client, taking, export)
            kill(house, home)
            wait_until_served(address, patience=60)
            if kill is not web:
                further(client, taking)
        taking = under_way(client, taking, export)
        everybody(house, home)
        house = ojas("--json", "serve", "--port", str(port), OJAS_LOG_LEVEL="warning")
        house.ready()
        ended = finished(client, taking)
    finally:
        writer.stop = True
        thread.join()
    other = calm.client(address)
    undisturbed = finished(other, upload(other, export))
    assert (ended["state"], undisturbed["state"]) == ("done", "done")
    assert ended["refused"] == undisturbed["refused"]
    assert everything(client) == everything(other)

    assert not writer.refused
    assert len(writer.acknowledged) > 20
    kept = [r["id"] for r in pages(client, "/readings") if not r["source_key"]]
    assert set(writer.acknowledged.values()) <= set(kept), "acknowledged, and lost"
    assert len(kept) <= len(writer.acknowledged) + 1, (
        "one that was sent may not have been answered; none is there twice"
    )
    assert house.interrupt()[0] == 0


def web(house: Ojas, home: Path) -> None:
    house.child("web").kill()


def worker(house: Ojas, home: Path) -> None:
    house.child("job").kill()


def database(house: Ojas, home: Path) -> None:
    os.kill(postmasters(home / "postgres")[0], signal.SIGKILL)


def everybody(house: Ojas, home: Path) -> None:
    """The power goes."""
    for child in house.children():
        child.kill()
    house.process.kill()
    house.process.wait()
    database(house, home)
