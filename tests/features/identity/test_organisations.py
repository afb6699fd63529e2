"""Organisations and roles: given by admins, taken back, and never without one who can."""

from typing import Any

import pytest
from fastapi import FastAPI

from ojas.features.identity import service
from ojas.features.identity.rules import Role
from ojas.kit.db import Access, Database
from ojas.kit.errors import Incorrect
from ojas.kit.ids import new_id
from ojas.kit.settings import Settings
from tests.features.identity.cast import PASSWORD, Person, arrived, token_in

CLINIC = {
    "name": "Lotus Clinic",
    "kind": "clinic",
    "phone": "+91 44 2345 6789",
    "address": {"city": "Chennai"},
}


@pytest.fixture
async def admin(app: FastAPI, settings: Settings, database: Database) -> Person:
    person = Person(app, settings, f"admin.{new_id().hex[-12:]}@example.org")
    async with database.transaction(Access.system("sign_in")) as tx:
        await service.create_account(
            tx, email=person.email, name="Admin", password=PASSWORD, roles=frozenset({Role.ADMIN})
        )
    await person.sign_in()
    return person


async def made(admin: Person, **more: Any) -> Any:
    answer = await admin.ask("POST", "/organisations", json={**CLINIC, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_an_admin_adds_and_changes_an_organisation(admin: Person) -> None:
    clinic = await made(admin)
    path = f"/organisations/{clinic['id']}"
    changed = await admin.ask(
        "PUT", path, json={**CLINIC, "name": "Lotus Heart Clinic"}, headers={"if-match": '"1"'}
    )
    assert (changed.json()["name"], changed.headers["etag"]) == ("Lotus Heart Clinic", '"2"')
    stale = await admin.ask("PUT", path, json=CLINIC, headers={"if-match": '"1"'})
    assert stale.status_code == 412
    assert (await admin.ask("PUT", path, json={**CLINIC, "kind": "castle"})).status_code == 422
    assert (await admin.ask("GET", f"/organisations/{new_id()}")).status_code == 404


async def test_others_read_organisations_and_change_nothing(
    admin: Person, app: FastAPI, settings: Settings
) -> None:
    clinic = await made(admin)
    person = await arrived(app, settings)
    assert (await person.ask("GET", f"/organisations/{clinic['id']}")).json()["name"] == "Lotus Clinic"
    assert (await person.ask("POST", "/organisations", json=CLINIC)).status_code == 403
    assert (await person.ask("PUT", f"/organisations/{clinic['id']}", json=CLINIC)).status_code == 403
    gift = {"account_id": str(person.account_id), "role": "admin"}
    assert (await person.ask("POST", "/roles", json=gift)).status_code == 403
    assert (await person.ask("GET", "/roles")).status_code == 403


async def test_a_role_is_given_seen_and_taken_back(admin: Person, app: FastAPI, settings: Settings) -> None:
    clinic, doctor = await made(admin), await arrived(app, settings, "Doctor")
    gift = {"account_id": str(doctor.account_id), "role": "doctor", "organisation_id": clinic["id"]}
    given = await admin.ask("POST", "/roles", json=gift)
    assert given.status_code == 201, given.text
    assert (await admin.ask("POST", "/roles", json=gift)).status_code == 409
    assert (await doctor.ask("GET", "/account")).json()["roles"] == ["doctor"]
    own = await doctor.ask("GET", "/roles", params={"account_id": str(doctor.account_id)})
    assert [role["role"] for role in own.json()] == ["doctor"]
    assert (await admin.ask("DELETE", f"/roles/{given.json()['id']}")).status_code == 204
    assert (await doctor.ask("GET", "/account")).status_code == 401  # signed out with it
    await doctor.sign_in()
    assert (await doctor.ask("GET", "/account")).json()["roles"] == []


async def test_a_role_for_nobody_or_nowhere_is_refused(admin: Person) -> None:
    nobody = {"account_id": str(new_id()), "role": "doctor"}
    assert (await admin.ask("POST", "/roles", json=nobody)).status_code == 404
    nowhere = {"account_id": str(admin.account_id), "role": "doctor", "organisation_id": str(new_id())}
    assert (await admin.ask("POST", "/roles", json=nowhere)).status_code == 404
    assert (await admin.ask("DELETE", f"/roles/{new_id()}")).status_code == 404


async def test_organisations_come_in_pages(admin: Person) -> None:
    first = [(await made(admin, name=f"Page {n}"))["id"] for n in range(3)]
    answer = await admin.ask("GET", "/organisations", params={"after": first[0], "limit": 1})
    assert [one["id"] for one in answer.json()] == [first[1]]


async def test_a_closed_account_is_out_at_once_and_may_be_let_in_again(
    admin: Person, app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    found = (await admin.ask("GET", "/accounts", params={"email": person.email})).json()
    assert found["account_id"] == str(person.account_id)
    path = f"/accounts/{person.account_id}"
    assert (await person.ask("POST", f"{path}/close")).status_code == 403
    assert (await admin.ask("POST", f"{path}/close")).status_code == 204
    assert (await person.ask("GET", "/account")).status_code == 401
    assert (await person.sign_in()).status_code == 401
    assert (await admin.ask("POST", f"{path}/reopen")).status_code == 204
    assert (await person.sign_in()).status_code == 200
    assert (await admin.ask("POST", f"/accounts/{admin.account_id}/close")).status_code == 409
    assert (await admin.ask("POST", f"/accounts/{new_id()}/close")).status_code == 404
    assert (await admin.ask("GET", "/accounts", params={"email": "nobody@example.org"})).status_code == 404
    assert (await person.ask("GET", "/accounts", params={"email": person.email})).status_code == 403


async def test_the_first_admin_is_appointed_at_the_machine_and_chooses_a_password_by_letter(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    person = Person(app, settings, f"first.{new_id().hex[-12:]}@example.org", "my own long password")

    async def appoint(**more: Any) -> tuple[Any, bool]:
        async with database.transaction(Access.system("sign_in")) as tx:
            return await service.appoint(tx, email=person.email, **more)

    with pytest.raises(Incorrect):
        await appoint()
    first, made = await appoint(name="First Admin", roles=frozenset({Role.ADMIN}))
    assert made
    assert await appoint(roles=frozenset({Role.ADMIN, Role.DOCTOR})) == (first, False)
    sent = {"token": token_in(await person.letter()), "password": person.password}
    assert (await person.client.post("/api/v1/auth/reset/confirm", json=sent)).status_code == 200
    assert (await person.sign_in()).status_code == 200
    assert (await person.ask("GET", "/account")).json()["roles"] == ["admin", "doctor"]
