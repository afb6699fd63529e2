"""Every route of the API, with what its OpenAPI allows and what it forbids, as three roles: no 5xx, nobody else's byte."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error

from ojas.features.identity import service as identity
from ojas.features.identity.rules import Role
from ojas.features.sharing import service as sharing
from ojas.features.sharing.schemas import GrantDraft
from ojas.house import house
from ojas.kit.db import Access, embedded
from ojas.kit.http import Actor
from ojas.kit.settings import Settings
from tests.routes import document
from tests.serving import serving

pytestmark = pytest.mark.slow

ROLES = ("patient", "doctor", "admin")
PASSWORD = "a-long-and-lonely-road"
SECRET = "Fuzzy stranger"
ENDS_THE_SESSION = (
    "/account/sign-out",
    "/account/sessions",
    "/account/password",
    "/account/email",
    "/account/totp",
)
"""Doors that would lock the callers out; their own tests try them."""
ENDLESS = "/notifications/live"
"""A stream that ends after twenty minutes; its own tests listen to it."""


@dataclass(frozen=True)
class Cast:
    """The server, a session a role, and two people: one they may know of, and one whose name they must never see."""

    url: str
    headers: dict[str, dict[str, str]]
    patient: UUID
    stranger: UUID


@pytest.fixture(scope="module")
async def cast(settings: Settings, cluster: embedded.Cluster) -> Any:
    with serving(settings, cluster, worker=False) as url:
        made = {}
        async with house(settings, cluster.dsn(embedded.APP)) as opened:
            for name in (*ROLES, "stranger"):
                made[name] = await _account(opened.database, name)
            await _shared(opened.database, made["patient"], made["doctor"])
        headers = {role: _signed_in(url, role) for role in ROLES}
        patient, stranger = made["patient"].person_id, made["stranger"].person_id
        assert patient
        assert stranger
        yield Cast(url, headers, patient, stranger)


async def _account(database: Any, name: str) -> Actor:
    roles = {"doctor": {Role.DOCTOR}, "admin": {Role.ADMIN}}.get(name, set())
    async with database.transaction(Access.system("sign_in")) as tx:
        account, person = await identity.create_account(
            tx, email=f"{name}@fuzz.example", name=f"Fuzzy {name}", password=PASSWORD, roles=frozenset(roles)
        )
    return Actor(account, person, None)


async def _shared(database: Any, patient: Actor, doctor: Actor) -> None:
    assert patient.person_id
    async with database.transaction(Access.of(patient.person_id, account_id=patient.account_id)) as tx:
        draft = GrantDraft(
            email="doctor@fuzz.example", scopes=["measurements"], purpose="TREAT", kind="care_team"
        )  # type: ignore[arg-type]
        given = await sharing.share(tx, patient.person_id, draft)
    async with database.transaction(Access.of(doctor.person_id, account_id=doctor.account_id)) as tx:
        await sharing.accept(tx, doctor, patient.person_id, given.id)


def _signed_in(url: str, role: str) -> dict[str, str]:
    answer = httpx.post(
        f"{url}/api/v1/auth/sign-in", json={"email": f"{role}@fuzz.example", "password": PASSWORD}
    )
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


def operations() -> Iterator[Any]:
    for operation in schemathesis.openapi.from_dict(document()).get_all_operations():
        found = operation.ok()
        if not any(part in found.path for part in (*ENDS_THE_SESSION, ENDLESS)):
            yield found


OPERATIONS = {f"{o.method.upper()} {o.path}": o for o in operations()}


def cases() -> Iterator[Any]:
    """Each operation with what it allows, and where it takes anything at all, with what it forbids."""
    for name, operation in sorted(OPERATIONS.items()):
        yield pytest.param(name, GenerationMode.POSITIVE, id=f"{name} allowed")
        if list(operation.iter_parameters()) or len(operation.body):
            yield pytest.param(name, GenerationMode.NEGATIVE, id=f"{name} forbidden")


@pytest.mark.parametrize(("name", "mode"), list(cases()))
def test_no_request_breaks_the_server_or_shows_another_person(
    cast: Cast, name: str, mode: GenerationMode
) -> None:
    operation = OPERATIONS[name]

    @settings(
        max_examples=8,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode), role=st.sampled_from(ROLES), own=st.integers(0, 3)
    )
    def send(case: Case, role: str, own: int) -> None:
        if "person_id" in (case.path_parameters or {}) and own:
            case.path_parameters["person_id"] = str(cast.patient if own < 3 else cast.stranger)
        answer = case.call(base_url=cast.url, headers=cast.headers[role], timeout=20)
        case.validate_response(answer, checks=[not_a_server_error])
        assert SECRET not in answer.text

    send()
