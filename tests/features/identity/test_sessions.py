"""Being signed in: seen, ended, renewed, and never longer than it may be."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import time_machine
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import KeySet

from ojas.features.identity import rules, service
from ojas.features.identity.rules import Kind, Role
from ojas.features.identity.service import sessions
from ojas.kit import clock
from ojas.kit.auth.tokens import NOTICE, TERM
from ojas.kit.db import Access, Database, Origin
from ojas.kit.settings import Settings
from tests.features.identity.cast import PASSWORD, Person, arrived, browser

PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/143.0.0.0 Mobile Safari/537.36"


async def refreshed(person: Person, token: str | None = None) -> Any:
    sent = {"refresh_token": token or person.tokens["refresh_token"]}
    return await person.client.post("/api/v1/auth/refresh", json=sent)


async def test_devices_are_listed_with_name_address_and_last_use(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    person.client.headers["user-agent"] = PHONE
    await person.sign_in()
    listed = (await person.ask("GET", "/account/sessions")).json()
    assert [(one["device"], one["current"]) for one in listed] == [
        ("Chrome, Android", True),
        ("python-httpx", False),
    ]
    assert listed[0]["address"].startswith("10.")
    assert listed[0]["methods"] == ["password"]


async def test_signing_out_ends_the_token_at_once(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    assert (await person.ask("POST", "/account/sign-out")).status_code == 204
    assert (await person.ask("GET", "/account")).status_code == 401
    assert (await refreshed(person)).status_code == 401


async def test_one_device_is_signed_out_and_then_all_others(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    others = [dict(person.tokens)]
    for _ in range(2):
        await person.sign_in()
        others.append(dict(person.tokens))
    listed = (await person.ask("GET", "/account/sessions")).json()
    assert len(listed) == 3
    assert (await person.ask("DELETE", f"/account/sessions/{listed[-1]['id']}")).status_code == 204
    assert (await person.ask("DELETE", f"/account/sessions/{listed[-1]['id']}")).status_code == 404
    assert (await person.ask("DELETE", "/account/sessions")).status_code == 204
    assert (await person.ask("GET", "/account")).status_code == 200
    for other in others[:-1]:
        assert (await refreshed(person, other["refresh_token"])).status_code == 401


async def test_nobody_ends_anothers_session(app: FastAPI, settings: Settings) -> None:
    person, stranger = await arrived(app, settings), await arrived(app, settings, "Stranger")
    (listed,) = (await person.ask("GET", "/account/sessions")).json()
    assert (await stranger.ask("DELETE", f"/account/sessions/{listed['id']}")).status_code == 404
    assert (await person.ask("GET", "/account")).status_code == 200


async def test_a_refresh_token_is_replaced_by_each_use(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    seen = {person.tokens["refresh_token"]}
    for _ in range(3):
        answer = await refreshed(person)
        assert answer.status_code == 200
        person.tokens = answer.json()
        seen.add(person.tokens["refresh_token"])
        assert (await person.ask("GET", "/account")).status_code == 200
    assert len(seen) == 4


async def test_a_lost_answer_may_be_asked_for_again_within_ten_seconds(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    first, again = await refreshed(person), await refreshed(person)
    assert (first.status_code, again.status_code) == (200, 200)
    for answer in (first, again):
        assert (await refreshed(person, answer.json()["refresh_token"])).status_code == 200


async def test_a_refresh_token_used_again_later_ends_the_whole_family_and_tells_its_owner(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    await person.sign_in()
    stolen = person.tokens["refresh_token"]
    person.tokens = (await refreshed(person)).json()
    with time_machine.travel(clock.now() + timedelta(seconds=11)):
        assert (await refreshed(person, stolen)).status_code == 401
        assert (await refreshed(person)).status_code == 401
        assert (await person.ask("GET", "/account")).status_code == 401
    assert (await person.letter())["Subject"] == "A device was signed out"


async def test_what_is_no_refresh_token_refreshes_nothing(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    for token in ("x", person.tokens["access_token"][:200], "é" * 50):
        assert (await refreshed(person, token)).status_code == 401


async def test_an_access_token_ends_after_ten_minutes_and_the_refresh_token_goes_on(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=31)):
        assert (await person.ask("GET", "/account")).status_code == 401
        person.tokens = (await refreshed(person)).json()
        assert (await person.ask("GET", "/account")).status_code == 200


async def test_anybody_can_check_an_access_token_with_the_published_keys(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    answer = await person.client.get("/.well-known/jwks.json")
    keys = KeySet.import_key_set(answer.json())
    token = jwt.decode(person.tokens["access_token"], keys, algorithms=["ES256", "RS256"])
    assert token.header["typ"] == "at+jwt"
    assert token.claims["sub"] == person.tokens["account_id"]
    assert token.claims["exp"] - token.claims["iat"] == 600
    assert "d" not in answer.json()["keys"][0]


async def test_keys_rotate_with_an_overlap_and_old_tokens_stay_good(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    person = await arrived(app, settings)

    async def rotate() -> None:
        async with database.transaction(Access.system("sign_in")) as tx:
            await service.rotate(tx, "RS256", now_due=True)
        async with app.state.house.database.transaction(Access.system("sign_in")) as tx:
            await service.rotate(tx)  # the other process looks again

    def kid(token: str) -> str:
        import base64
        import json

        return str(json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["kid"])

    before = (await person.client.get("/.well-known/jwks.json")).json()["keys"]
    await rotate()
    after = (await person.client.get("/.well-known/jwks.json")).json()["keys"]
    assert {key["kid"] for key in before} < {key["kid"] for key in after}
    fresh = ({key["kid"] for key in after} - {key["kid"] for key in before}).pop()
    assert (await person.ask("GET", "/account")).status_code == 200
    person.tokens = (await refreshed(person)).json()
    assert kid(person.tokens["access_token"]) != fresh  # announced, not yet signing
    with time_machine.travel(clock.now() + NOTICE):
        person.tokens = (await refreshed(person)).json()
        assert kid(person.tokens["access_token"]) == fresh
        assert (await person.ask("GET", "/account")).status_code == 200
    with time_machine.travel(clock.now() + TERM + timedelta(minutes=1)):
        await service.tidy(app.state.house.database)
    assert len((await person.client.get("/.well-known/jwks.json")).json()["keys"]) >= 2


async def test_a_forged_or_foreign_bearer_is_nobody(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    head, body, signature = person.tokens["access_token"].split(".")
    for bearer in (f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}.", "x", "", "a" * 9000):
        answer = await person.client.get("/api/v1/account", headers={"authorization": f"Bearer {bearer}"})
        assert answer.status_code == 401
    answer = await person.client.get("/api/v1/account", headers={"authorization": "Basic YTpi"})
    assert answer.status_code == 401


async def opened(database: Database, kind: Kind, *roles: Role) -> tuple[sessions.Entered, Any]:
    """A session of somebody new, and a look at whether it lives."""
    async with database.transaction(Access.system("sign_in"), Origin(address="10.9.9.9")) as tx:
        email = f"life.{clock.now().timestamp()}@example.org"
        account_id, _ = await service.create_account(tx, email=email, name="Life", roles=frozenset(roles))
    async with database.transaction(Access.system("sign_in")) as tx:
        from ojas.features.identity.queries import accounts

        account = await accounts.by_id(tx, account_id)
        assert account is not None
        entered = await sessions.open_session(tx, account, kind, ["password"])

    async def lives(after: timedelta) -> bool:
        from ojas.features.identity.queries import sessions as queries

        with time_machine.travel(entered.session.created_at + after):
            async with database.transaction(Access.system("sign_in")) as tx:
                live = await queries.live_by_id(tx, account_id, entered.session.id)
                if live is not None:
                    await queries.touch(tx, live.session, rules.life_of(kind, live.roles).idle, None)
                return live is not None

    return entered, lives


async def test_a_browser_at_rest_for_an_hour_is_signed_out(database: Database) -> None:
    _, lives = await opened(database, Kind.BROWSER)
    assert await lives(timedelta(minutes=59))
    assert await lives(timedelta(minutes=118))
    assert not await lives(timedelta(minutes=179))


async def test_a_browser_in_constant_use_is_signed_out_after_twelve_hours(database: Database) -> None:
    _, lives = await opened(database, Kind.BROWSER)
    for minutes in range(50, 12 * 60, 50):
        assert await lives(timedelta(minutes=minutes))
    assert not await lives(timedelta(hours=12))


async def test_a_device_of_ones_own_stays_signed_in_but_not_a_doctors(database: Database) -> None:
    _, lives = await opened(database, Kind.REMEMBERED)
    assert await lives(timedelta(days=13))
    assert not await lives(timedelta(days=28))
    _, doctors = await opened(database, Kind.REMEMBERED, Role.DOCTOR)
    assert not await doctors(timedelta(hours=2))


async def test_confirming_who_one_is_lasts_ten_minutes(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1)):
        person.tokens = (await refreshed(person)).json()
        sent = {"password": "my new long password"}
        refused = await person.ask("PUT", "/account/password", json=sent)
        assert refused.status_code == 403
        assert refused.json()["errors"][0]["field"] == "proof"
        assert (await person.ask("POST", "/account/proof", json={"password": "wrong"})).status_code == 403
        assert (await person.ask("POST", "/account/proof", json={"password": PASSWORD})).status_code == 204
        assert (await person.ask("PUT", "/account/password", json=sent)).status_code == 204


async def test_changing_the_password_signs_other_devices_out_and_tells_by_letter(
    app: FastAPI, settings: Settings
) -> None:
    person = await arrived(app, settings)
    other = dict(person.tokens)
    await person.sign_in()
    person.password = "my new long password"
    answer = await person.ask("PUT", "/account/password", json={"password": person.password})
    assert answer.status_code == 204
    assert (await person.ask("GET", "/account")).status_code == 200
    assert (await refreshed(person, other["refresh_token"])).status_code == 401
    assert (await person.sign_in(password=PASSWORD)).status_code == 401
    assert (await person.sign_in()).status_code == 200
    assert (await person.letter())["Subject"] == "Your password was changed"


async def test_a_new_address_counts_once_its_letter_is_opened_and_the_old_one_is_told(
    app: FastAPI, settings: Settings
) -> None:
    from tests.features.identity.cast import letters, token_in

    person = await arrived(app, settings)
    old, new = person.email, f"new.{person.email}"
    assert (await person.ask("POST", "/account/email", json={"email": new})).status_code == 202
    assert (await person.ask("GET", "/account")).json()["email"] == old
    person.email = new
    token = token_in(await person.letter())
    assert (await person.client.post("/api/v1/auth/email/confirm", json={"token": token})).status_code == 204
    assert (await person.client.post("/api/v1/auth/email/confirm", json={"token": token})).status_code == 404
    assert (await person.ask("GET", "/account")).json()["email"] == new
    assert (await person.sign_in()).status_code == 200
    assert (await person.sign_in(email=old)).status_code == 401
    await person.letter()
    assert letters(settings, old)[-1]["Subject"] == "Your e-mail address was changed"


async def test_an_address_somebody_else_has_cannot_be_taken(app: FastAPI, settings: Settings) -> None:
    person, other = await arrived(app, settings), await arrived(app, settings, "Other")
    assert (await person.ask("POST", "/account/email", json={"email": other.email})).status_code == 202
    from tests.conftest import work_off
    from tests.features.identity.cast import letters, token_in

    await work_off(app)
    letter = next(one for one in reversed(letters(settings, other.email)) if "new" in one["Subject"])
    answer = await person.client.post("/api/v1/auth/email/confirm", json={"token": token_in(letter)})
    assert answer.status_code == 409
    assert (await other.sign_in()).status_code == 200


async def test_preferences_are_kept_and_nonsense_is_refused(app: FastAPI, settings: Settings) -> None:
    person = await arrived(app, settings)
    wanted = {"language": "hi", "time_zone": "Asia/Kolkata", "units": {"mass": "[lb_av]"}, "theme": "dark"}
    kept = (await person.ask("PUT", "/account/preferences", json=wanted)).json()
    assert (kept["units"]["mass"], kept["units"]["height"]) == ("[lb_av]", "cm")
    assert (await person.ask("GET", "/account/preferences")).json() == kept
    for wrong in (
        {"language": "xx"},
        {"time_zone": "Mars/Base"},
        {"units": {"mass": "ton"}},
        {"colour": "red"},
    ):
        assert (await person.ask("PUT", "/account/preferences", json=wrong)).status_code == 422
    refused = await person.ask("PUT", "/account/preferences", json={"time_zone": "Mars/Base"})
    assert refused.json()["errors"] == [{"field": "time_zone", "message": "इस नाम का कोई समय क्षेत्र नहीं है।"}]


async def test_a_session_of_a_closed_account_is_nobodys(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    person = await arrived(app, settings)
    async with database.transaction(Access.system("sign_in")) as tx:
        from ojas.features.identity.queries import accounts

        account = await accounts.by_id(tx, UUID(person.tokens["account_id"]))
        assert account is not None
        account.disabled_at = clock.now()
    assert (await person.ask("GET", "/account")).status_code == 401
    assert (await refreshed(person)).status_code == 401
    assert (await person.sign_in()).status_code == 401


async def test_a_browser_from_another_site_changes_nothing(app: FastAPI, settings: Settings) -> None:
    from tests.features.identity.test_doors import enter_by_page

    person = await arrived(app, settings)
    async with browser(app) as client:
        assert await enter_by_page(client, person) == 303
        assert (await client.get("/api/v1/account")).status_code == 200
        evil = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
        assert (await client.post("/api/v1/account/sign-out", headers=evil)).status_code == 403
        assert (await client.post("/sign-out", data={})).status_code == 403
        assert (await client.get("/api/v1/account")).status_code == 200
