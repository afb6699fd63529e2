"""A person is erased whole: asked for by those who may, undone while it can be, and afterwards nowhere to be found."""

import asyncio
import re
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text as sql

from ojas.features.identity import service as identity
from ojas.features.identity.service import erasing
from ojas.features.sharing import service as sharing
from ojas.features.sharing.schemas import CareTeamMemberDraft
from ojas.kit import clock, crypto
from ojas.kit.db import Access, Database, embedded
from ojas.kit.feature import KEPT
from ojas.kit.http import Actor
from ojas.kit.ids import new_id
from ojas.kit.settings import Settings
from tests.browsing import token_of
from tests.conftest import work_off
from tests.features.identity.cast import Person, arrived, letters
from tests.features.identity.erasing.lives import KEEPS, files, found, lived, superuser

SURE = {"erase_everything": True}
SOON = timedelta(days=7, minutes=1)


async def asked(me: Person, person_id: UUID | None = None) -> dict[str, Any]:
    answer = await me.ask("POST", f"/people/{person_id or me.id}/erasure", json=SURE)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def over(app: FastAPI, person_id: UUID) -> Any:
    """The seven days are over, and the job has run twice, as it does."""
    with time_machine.travel(clock.now() + SOON):
        await erasing.advance(app.state.house, person_id, settled=timedelta())
        return await erasing.advance(app.state.house, person_id, settled=timedelta())


async def kept_by(me: Person) -> UUID:
    """Somebody without an account, whose record ``me`` keeps."""
    house, actor = me.app.state.house, Actor(me.account_id, me.id, None)
    async with house.database.transaction(Access.system("sign_in")) as tx:
        await tx.become(await sharing.access_of(tx, actor))
        return await sharing.add_person(tx, actor, "Anu Rao")


async def test_nobody_is_found_in_any_table_or_file_afterwards(
    app: FastAPI, settings: Settings, cluster: embedded.Cluster
) -> None:
    me = await lived(app, settings)
    before = found(cluster, me.id, me.account_id)
    assert {"readings", "imports", "fhir_resources", "signal_chunks", "grants"} <= {
        table for table, _ in before
    }
    assert files(settings.home, me.id)
    await asked(me)
    receipt = await over(app, me.id)
    assert receipt.state == "erased"
    assert set(found(cluster, me.id, me.account_id)) <= KEEPS
    assert not files(settings.home, me.id)
    assert {table for table, column in KEEPS if column == "person_id"} == KEPT
    assert (await me.sign_in()).status_code == 401
    assert (await me.ask("GET", "/account")).status_code == 401


async def test_no_column_of_bytes_holds_anything_of_theirs_but_what_no_key_opens(
    app: FastAPI, settings: Settings, cluster: embedded.Cluster, database: Database
) -> None:
    """A copy of every sealed row, as a backup would hold it, and the keys that are left in the house."""
    me = await lived(app, settings)
    async with database.transaction(Access.of(me.id)) as tx:
        keys = await tx.keys(me.id)
        rows = await tx.session.execute(
            sql("SELECT id, sealed FROM fhir_resources WHERE person_id = :p"), {"p": me.id}
        )
        copies = [(row[0], row[1]) for row in rows]
    assert copies
    assert all(keys.open(sealed, "fhir_resources", id) for id, sealed in copies)
    with psycopg.connect(superuser(cluster)) as keeper:
        wrapped = keeper.execute(
            "SELECT version, wrapped FROM person_keys WHERE person_id = %s", [me.id]
        ).fetchall()
    await asked(me)
    await over(app, me.id)
    with psycopg.connect(superuser(cluster)) as keeper:
        left = keeper.execute("SELECT person_id, version, wrapped FROM person_keys").fetchall()
    master = database.keyring.master
    for person_id, version, other in left[:50]:
        key = master.unwrap(person_id, version, other)
        for id, sealed in copies:
            with pytest.raises(crypto.Unreadable):
                crypto.open_with({key.version: key}, sealed, me.id.bytes + id.bytes + b"fhir_resources")
    # What the page says of backups: one that holds the table of keys too, with the master key, opens it. So the list of the
    # erased lies beside the database, and is worked off after a restore.
    version, theirs = wrapped[0]
    old = master.unwrap(me.id, version, theirs)
    id, sealed = copies[0]
    assert crypto.open_with({version: old}, sealed, me.id.bytes + id.bytes + b"fhir_resources")
    assert f"{me.id} " in (settings.home / "erased").read_text()


async def test_whoever_comes_back_with_a_backup_is_erased_again(
    app: FastAPI, settings: Settings, database: Database, cluster: embedded.Cluster
) -> None:
    me = await arrived(app, settings)
    with psycopg.connect(superuser(cluster)) as keeper:
        backup = {
            table: keeper.execute(f"SELECT t::text FROM {table} t WHERE person_id = %s", [me.id]).fetchall()
            for table in ("persons", "person_keys", "profiles")
        }
    await asked(me)
    await over(app, me.id)
    assert me.id not in await erasing.again(database, settings.home)
    with psycopg.connect(superuser(cluster)) as keeper:
        for table, rows in backup.items():
            for (row,) in rows:
                keeper.execute(f"INSERT INTO {table} SELECT (%s::{table}).*", [row])
    assert me.id in await erasing.again(database, settings.home)
    async with database.transaction() as tx:
        await erasing.ask_anew(tx, app.state.house.features, me.id)
    for _ in range(2):
        receipt = await erasing.advance(app.state.house, me.id, settled=timedelta())
    assert receipt
    assert receipt.state == "erased"
    assert me.id not in await erasing.again(database, settings.home)
    assert set(found(cluster, me.id, me.account_id)) <= KEEPS


def die(conninfo: str, settings: Settings, person_id: UUID, n: int, *, after: bool) -> int:
    """Erase in a process of its own that is killed at its ``n``-th transaction. How it ended."""
    assert settings.master_key
    words = [
        conninfo,
        settings.home,
        settings.master_key.get_secret_value(),
        person_id,
        n,
        "after" if after else "before",
    ]
    program = Path(__file__).with_name("dying.py")
    return subprocess.run([sys.executable, program, *map(str, words)], timeout=60).returncode


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_killed_anywhere_and_run_again_it_ends_whole(
    app: FastAPI, settings: Settings, cluster: embedded.Cluster
) -> None:
    conninfo, features, dead = cluster.dsn(embedded.APP), app.state.house.features, 0
    for n in (1, 2, 5, 8, 12, 14, 17, 28, 31, 60):
        email = f"{new_id().hex}@example.org"
        async with app.state.house.database.transaction(Access.system("sign_in")) as tx:
            account_id, person_id = await identity.create_account(tx, email=email, name="Asha Rao")
            await tx.become(Access.of(person_id, account_id=account_id))
            member = CareTeamMemberDraft(name="Dr Iyer", role="doctor")
            await sharing.CARE_TEAM.create(tx, person_id, member)
            await erasing.ask_for(tx, features, person_id)
        how = die(conninfo, settings, person_id, n, after=n % 2 == 0)
        assert how in (0, -signal.SIGKILL), how
        dead += how != 0
        receipt = await over(app, person_id)
        assert receipt.state == "erased", n
        assert receipt.entries["sharing"] == 1, (n, receipt)
        assert receipt.keys == 1, n
        assert set(found(cluster, person_id, account_id)) <= KEEPS, n
        assert letters(settings, email)[-1]["Subject"] == "The record is erased"
    assert 7 < dead < 10, "the last of them would have come after the end"


async def test_it_may_be_undone_for_seven_days_and_others_see_nothing_meanwhile(
    app: FastAPI, settings: Settings
) -> None:
    me, doctor = await arrived(app, settings), await arrived(app, settings, "Ravi Menon")
    grant = {"email": doctor.email, "scopes": ["measurements"], "purpose": "TREAT", "kind": "share"}
    made = (await me.ask("POST", f"/people/{me.id}/grants", json=grant)).json()
    await doctor.ask("POST", f"/invitations/{me.id}/{made['id']}/accept")
    assert (await doctor.ask("GET", f"/people/{me.id}/readings")).status_code == 200
    await asked(me)
    assert (await doctor.ask("GET", f"/people/{me.id}/readings")).status_code == 404
    assert (await me.ask("GET", f"/people/{me.id}/readings")).status_code == 200
    assert (await me.ask("POST", f"/people/{me.id}/grants", json=grant)).status_code == 409
    assert (await me.ask("POST", f"/people/{me.id}/erasure", json=SURE)).status_code == 409
    assert await erasing.erase_due(app.state.house) == 0
    assert (await me.ask("DELETE", f"/people/{me.id}/erasure")).status_code == 204
    assert (await doctor.ask("GET", f"/people/{me.id}/readings")).status_code == 200
    assert (await me.ask("DELETE", f"/people/{me.id}/erasure")).status_code == 404
    with time_machine.travel(clock.now() + SOON):
        await erasing.erase_due(app.state.house)
    assert (await me.sign_in()).status_code == 200
    await asked(me)  # and may be asked for again


async def test_letters_come_on_asking_undoing_and_at_the_end_in_the_persons_language(
    app: FastAPI, settings: Settings
) -> None:
    for language, first, last in (
        ("hi", "एक स्वास्थ्य रिकॉर्ड मिटाया जाने वाला है", "रिकॉर्ड मिटा दिया गया है"),
        ("ta", "ஒரு உடல்நலப் பதிவு அழிக்கப்பட உள்ளது", "பதிவு அழிக்கப்பட்டது"),
    ):
        me = await arrived(app, settings, language=language)
        await asked(me)
        await me.ask("DELETE", f"/people/{me.id}/erasure")
        await asked(me)
        await work_off(app)
        await over(app, me.id)
        subjects = [letter["Subject"] for letter in letters(settings, me.email)][-4:]
        assert subjects.count(first) == 2, "of three that leave at once any may be the first"
        assert subjects[-1] == last
        assert len(set(subjects)) == 3


async def test_the_receipt_outlives_the_account_and_names_nobody(app: FastAPI, settings: Settings) -> None:
    me = await lived(app, settings, "Kaveri Nair")
    standing = await asked(me)
    await over(app, me.id)
    letter = letters(settings, me.email)[-1].get_content()
    address = re.search(r"(/erased/\S+)", letter)
    assert address
    assert address[1] == standing["receipt"]
    page = await me.client.get(address[1])
    assert page.status_code == 200
    file = await me.client.get(address[1] + "&download=1")
    assert file.headers["content-disposition"].startswith("attachment")
    said = file.json()
    assert said["state"] == "erased"
    assert said["entries"]["measurements"] >= 2
    assert said["files"] >= 1
    assert said["keys"] == 1
    for text in (page.text, file.text):
        assert not any(
            secret in text for secret in (str(me.id), str(me.account_id), me.email, "Kaveri", "64.2")
        )
    api = await me.client.get(
        f"/api/v1/erasures/{said['id']}", params={"token": address[1].split("token=")[1]}
    )
    assert api.json() == said
    assert (await me.client.get(f"/api/v1/erasures/{said['id']}?token=wrong")).status_code == 404


async def test_who_may_ask(app: FastAPI, settings: Settings) -> None:
    """Oneself, and who keeps the record of somebody without an account: no caregiver, no manager, no stranger."""
    me, her = await arrived(app, settings), await arrived(app, settings, "Lakshmi Rao")
    grant = {
        "email": me.email,
        "scopes": ["measurements", "profile"],
        "may_write": True,
        "manage": True,
        "purpose": "FAMRQT",
        "kind": "caregiver",
    }
    made = (await her.ask("POST", f"/people/{her.id}/grants", json=grant)).json()
    await me.ask("POST", f"/invitations/{her.id}/{made['id']}/accept")
    assert (await me.ask("GET", f"/people/{her.id}/readings")).status_code == 200
    assert (await me.ask("POST", f"/people/{her.id}/erasure", json=SURE)).status_code == 403
    assert (await me.ask("GET", f"/people/{her.id}/erasure")).status_code == 403
    stranger = await arrived(app, settings, "Nobody Else")
    assert (await stranger.ask("POST", f"/people/{her.id}/erasure", json=SURE)).status_code == 404
    assert (await me.ask("POST", f"/people/{me.id}/erasure", json={})).status_code == 422
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        sent = {"refresh_token": me.tokens["refresh_token"]}
        me.tokens = (await me.client.post("/api/v1/auth/refresh", json=sent)).json()
        stale = await me.ask("POST", f"/people/{me.id}/erasure", json=SURE)
        assert stale.status_code == 403
        assert "confirm" in stale.text


async def test_a_record_kept_for_somebody_is_erased_by_who_keeps_it_and_must_not_be_left_without_a_keeper(
    app: FastAPI, settings: Settings, cluster: embedded.Cluster
) -> None:
    me = await arrived(app, settings)
    child = await kept_by(me)
    orphaning = await me.ask("POST", f"/people/{me.id}/erasure", json=SURE)
    assert orphaning.status_code == 409
    assert "somebody else's record" in orphaning.text
    await asked(me, child)
    assert (await me.ask("GET", f"/people/{child}/profile")).status_code == 200
    assert (await me.ask("DELETE", f"/people/{child}/erasure")).status_code == 204
    await asked(me, child)
    await work_off(app)
    await over(app, child)
    assert set(found(cluster, child)) <= KEEPS
    assert (await me.ask("GET", f"/people/{child}/profile")).status_code == 404
    assert letters(settings, me.email)[-1]["Subject"] == "The record is erased"
    await asked(me)
    assert (await over(app, me.id)).state == "erased"


async def test_what_came_to_depend_on_somebody_meanwhile_holds_the_erasure(
    app: FastAPI, settings: Settings
) -> None:
    me = await arrived(app, settings)
    await asked(me)
    child = await kept_by(me)
    assert (await over(app, me.id)).state == "waiting"
    assert (await me.ask("GET", f"/people/{child}/profile")).status_code == 200


async def test_a_feature_that_forgets_a_table_is_found_out(app: FastAPI, settings: Settings) -> None:
    from dataclasses import replace

    from ojas.kit.feature import erase_rows

    me = await arrived(app, settings)
    await me.ask("POST", f"/people/{me.id}/care-team", json={"name": "Dr Iyer", "role": "doctor"})
    sharing = next(feature for feature in app.state.house.features if feature.name == "sharing")
    forgetful = replace(sharing, collections=())
    async with app.state.house.database.transaction(Access.of(me.id)) as tx:
        with pytest.raises(RuntimeError, match="care_team_members"):
            await erase_rows(forgetful, tx, me.id)


async def test_the_page_says_until_when_and_undoes(app: FastAPI, settings: Settings) -> None:
    for language in ("en", "hi", "ta"):
        me = await arrived(app, settings, language=language)
        browser = me.client
        page = await browser.get("/sign-in")
        token = token_of(page.text)
        sent = {"form_token": token, "email": me.email, "password": me.password}
        assert (await browser.post("/sign-in", data=sent)).status_code == 303
        here = f"/p/{me.id}/erase"
        page = await browser.get(here)
        assert page.status_code == 200, page.text
        token = token_of(page.text)
        unsure = await browser.post(here, data={"form_token": token})
        assert unsure.status_code == 422
        assert (await browser.post(here, data={"form_token": token, "sure": "yes"})).status_code == 303
        waiting = await browser.get(here)
        assert f"{here}/undo" in waiting.text
        assert "/erased/" in waiting.text
        assert (await browser.post(f"{here}/undo", data={"form_token": token})).status_code == 303
        assert f"{here}/undo" not in (await browser.get(here)).text


async def test_of_two_admins_only_one_goes(app: FastAPI, settings: Settings, database: Database) -> None:
    """Each may ask while the other stays; both gone, nobody could give a role any more."""
    async with database.transaction(Access.system("sign_in")) as tx:
        await tx.session.execute(sql("DELETE FROM roles"))
    ada, ravi = await arrived(app, settings, "Ada Rao"), await arrived(app, settings, "Ravi Rao")
    async with database.transaction(Access.system("sign_in")) as tx:
        for one in (ada, ravi):
            made = {"id": new_id(), "account": one.account_id}
            given = (
                "INSERT INTO roles (id, account_id, role, given_at) VALUES (:id, :account, 'admin', now())"
            )
            await tx.session.execute(sql(given), made)
    await asked(ada)
    refused = await ravi.ask("POST", f"/people/{ravi.id}/erasure", json=SURE)
    assert refused.status_code == 409
    assert "administrator" in refused.text
    async with database.transaction(Access.system("sign_in")) as tx:
        await tx.session.execute(sql("DELETE FROM roles WHERE account_id = :a"), {"a": ravi.account_id})
    assert (await over(app, ada.id)).state == "waiting", "she has become the last"


async def test_asked_for_several_times_at_once_it_is_asked_for_once(app: FastAPI, settings: Settings) -> None:
    me = await arrived(app, settings)
    asking = (me.ask("POST", f"/people/{me.id}/erasure", json=SURE) for _ in range(4))
    assert sorted(answer.status_code for answer in await asyncio.gather(*asking)) == [201, 409, 409, 409]
