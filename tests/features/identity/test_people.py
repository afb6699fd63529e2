"""Persons: what is known of them, kept sealed, shown to whom it may be shown."""

import asyncio
import io
import os
import secrets
import struct
import zlib
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import hypothesis
import psycopg
import pytest
import time_machine
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import select, text

from ojas.features.identity import models, service
from ojas.features.identity.schemas import ProfileDraft, age_on
from ojas.features.identity.service.pictures import LIMIT, redrawn
from ojas.kit import clock
from ojas.kit.db import Access, Database, embedded, unenforced
from ojas.kit.errors import Forbidden, Incorrect, NotFound, TooLarge
from ojas.kit.ids import new_id
from ojas.kit.settings import Settings
from tests.conftest import newcomer, work_off
from tests.features.identity.cast import arrived, browser

WHOLE: dict[str, Any] = {
    "name": "Asha Rao",
    "given_name": "Asha",
    "family_name": "Rao",
    "date_of_birth": "1961-04-02",
    "gender": "female",
    "blood_group": "O+",
    "phones": [{"number": "+91 98400 12345", "type": "mobile"}],
    "address": {
        "lines": ["12 Temple Street"],
        "city": "Chennai",
        "postal_code": "600004",
        "country": "India",
    },
    "occupation": "teacher",
    "activity_level": "moderate",
    "smoking": "never",
    "interests": ["music", "walking"],
    "insurance": {"provider": "Star", "policy_number": "P-1"},
    "identifiers": [{"system": "https://healthid.ndhm.gov.in", "value": "91-1234-5678-9012"}],
    "notes": "Prefers Tamil.",
}


async def person(database: Database, **more: Any) -> UUID:
    async with database.transaction() as tx:
        return await service.create_person(
            tx, ProfileDraft.model_validate({"name": "Asha Rao", **more}, strict=False)
        )


async def test_a_person_needs_no_account(database: Database) -> None:
    made = await person(database, date_of_birth="1931-05-01")
    async with database.transaction(Access.of(made)) as tx:
        found = await service.profile(tx, made)
        assert (found.name, found.version) == ("Asha Rao", 1)
        assert await tx.session.scalar(select(models.Account).where(models.Account.person_id == made)) is None


async def test_who_makes_a_person_may_go_on_with_them_in_the_same_transaction(database: Database) -> None:
    async with database.transaction() as tx:
        made = await service.create_person(tx, ProfileDraft(name="Amma"), created_by=new_id())
        tx.access.require("profile", made, write=True)
    async with database.transaction() as tx:
        with pytest.raises(NotFound):
            await service.profile(tx, made)


async def test_a_whole_profile_comes_back_and_every_version_is_kept(app: FastAPI, settings: Settings) -> None:
    me = await arrived(app, settings)
    path = f"/people/{me.id}/profile"
    answer = await me.ask("PUT", path, json=WHOLE, headers={"if-match": '"1"'})
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == '"2"'
    assert {name: answer.json()[name] for name in WHOLE} == {
        **WHOLE,
        "address": {"state": None, **WHOLE["address"]},
        "insurance": {"group_number": None, **WHOLE["insurance"]},
    }
    stale = await me.ask("PUT", path, json=WHOLE, headers={"if-match": '"1"'})
    assert stale.status_code == 412
    history = (await me.ask("GET", f"{path}/history")).json()
    assert [entry["version"] for entry in history] == [2, 1]
    assert history[0]["before"]["occupation"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "A\u0007"),
        ("date_of_birth", "1701-01-01"),
        ("date_of_birth", "2999-01-01"),
        ("date_of_birth", "01/02/1961"),
        ("gender", "f"),
        ("blood_group", "O positive"),
        ("phones", [{"number": "call me", "type": "mobile"}]),
        ("phones", [{"number": "+91 98400 12345", "type": "pigeon"}]),
        ("email", "not an address"),
        ("address", {"street": "x"}),
        ("interests", ["x"] * 31),
        ("version", 7),
        ("surname", "Rao"),
    ],
)
async def test_a_profile_that_is_not_right_is_refused_with_its_field(
    app: FastAPI, settings: Settings, field: str, value: Any
) -> None:
    me = await arrived(app, settings)
    answer = await me.ask("PUT", f"/people/{me.id}/profile", json={"name": "Asha", field: value})
    assert answer.status_code == 422, answer.text
    assert all(error["field"].startswith(field) for error in answer.json()["errors"]), answer.text


async def test_what_lies_in_the_database_shows_nobody(
    app: FastAPI, settings: Settings, cluster: embedded.Cluster
) -> None:
    """Every row of every table, as their owner reads it: no name, no address, no number, in letters or in bytes."""
    name, street = f"Kamakshi {new_id().hex}", f"{new_id().hex} Temple Street"
    digits = f"98{secrets.randbelow(10**8):08}"  # fewer would be found by chance, in an id or a number
    phone = f"+91 {digits[:5]} {digits[5:]}"
    me = await arrived(app, settings, name)
    sent = {**WHOLE, "name": name, "phones": [{"number": phone, "type": "mobile"}]}
    sent["address"] = {**WHOLE["address"], "lines": [street]}
    answer = await me.ask("PUT", f"/people/{me.id}/profile", json=sent)
    assert answer.status_code == 200, answer.text
    hidden = (name, street, phone, digits, me.email, me.password, me.tokens["refresh_token"])
    assert "profiles" in await asyncio.to_thread(tables_with, str(me.id), cluster), (
        "it looks where something is"
    )
    for secret in hidden:
        assert not await asyncio.to_thread(tables_with, secret, cluster), secret


def tables_with(secret: str, cluster: embedded.Cluster) -> set[str]:
    """The tables in which some row holds it, as letters or as bytes; read by the one whom no policy holds back."""
    with psycopg.connect(cluster.dsn(embedded.KEEPER, embedded.DATABASE), autocommit=True) as keeper:
        tables = keeper.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return {
            table
            for (table,) in tables
            if keeper.execute(
                f"SELECT 1 FROM {table} r WHERE strpos(r::text, %s) > 0 OR strpos(r::text, %s) > 0 LIMIT 1",
                (secret, secret.encode().hex()),
            ).fetchone()
        }


async def test_a_stranger_finds_nobody(app: FastAPI, settings: Settings) -> None:
    me, stranger = await arrived(app, settings), await arrived(app, settings, "Stranger")
    for method, path in [
        ("GET", "profile"),
        ("GET", "profile/history"),
        ("GET", "picture"),
        ("DELETE", "picture"),
    ]:
        assert (await stranger.ask(method, f"/people/{me.id}/{path}")).status_code == 404, path
    assert (await stranger.ask("PUT", f"/people/{me.id}/profile", json=WHOLE)).status_code == 404
    async with browser(app) as anonymous:
        for path in ("profile", "picture"):
            assert (await anonymous.get(f"/api/v1/people/{me.id}/{path}")).status_code == 401


async def test_with_the_codes_check_off_the_database_still_hides_a_profile(database: Database) -> None:
    made, stranger = await person(database), await newcomer(database)
    with unenforced():
        async with database.transaction(Access.of(stranger)) as tx:
            with pytest.raises(NotFound):
                await service.profile(tx, made)
            assert (
                await tx.session.scalar(select(models.Person).where(models.Person.person_id == made)) is None
            )


async def test_one_account_sees_nothing_of_anothers_tables(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    me, stranger = await arrived(app, settings), await arrived(app, settings, "Stranger")
    tables = (
        "accounts",
        "credentials",
        "sessions",
        "refresh_tokens",
        "tickets",
        "devices",
        "roles",
        "signing_keys",
    )
    async with database.transaction(Access(account_id=stranger.account_id)) as tx:
        for table in tables:
            column = "id" if table == "accounts" else "account_id"
            if table == "signing_keys":
                assert await tx.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0
                continue
            found = set(await tx.session.scalars(text(f"SELECT DISTINCT {column} FROM {table}")))
            assert found <= {stranger.account_id}, table
        moved = await tx.session.execute(
            text("UPDATE credentials SET secret = 'x' WHERE account_id = :id RETURNING id"),
            {"id": me.account_id},
        )
        assert moved.first() is None
    async with database.transaction() as tx:
        for table in tables:
            assert await tx.session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table


async def test_who_may_see_something_of_a_person_may_know_their_name_and_what_ranges_depend_on(
    database: Database,
) -> None:
    made = await person(database, date_of_birth="1990-03-01", gender="female", pregnancy_due="2026-06-01")
    only = Access(may_read={"measurements": frozenset({made})})
    async with database.transaction(only) as tx:
        assert await service.names(tx, [made, new_id()]) == {made: "Asha Rao"}
        about = await service.demographics(tx, made, date(2026, 3, 1))
        assert (about.born, about.sex, about.pregnant) == (date(1990, 3, 1), "female", True)
        assert not (await service.demographics(tx, made, date(2025, 3, 1))).pregnant
        assert not (await service.demographics(tx, made, date(2026, 7, 1))).pregnant
        with pytest.raises(Forbidden):
            await service.profile(tx, made)


async def test_the_sex_at_birth_goes_before_gender_where_both_are_said(database: Database) -> None:
    made = await person(database, gender="male", sex_at_birth="female")
    other = await person(database, gender="other")
    async with database.transaction(Access.of(made).joined(Access.of(other))) as tx:
        assert (await service.demographics(tx, made)).sex == "female"
        assert (await service.demographics(tx, other)).sex is None


async def test_a_card_shows_what_one_needs_to_share_with_somebody(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    me = await arrived(app, settings)
    async with database.transaction(Access(account_id=new_id())) as tx:
        card = await service.card_by_email(tx, f" {me.email.upper()} ")
        assert card is not None
        assert (card.name, card.person_id) == ("Asha Rao", me.id)
        assert await service.card_by_email(tx, "nobody@example.org") is None
        assert tx.access.persons == frozenset()
        assert (await service.cards(tx, [me.account_id]))[me.account_id] == card


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)), st.integers(0, 40_000))
def test_nobody_is_a_year_older_before_their_birthday(born: date, days: int) -> None:
    day = born + timedelta(days=days) if days < (date.max - born).days else born
    age = age_on(born, day)
    assert age >= 0
    assert age_on(born, day) - age_on(born, day - timedelta(days=1)) in (0, 1) or day == born
    assert abs(age - days / 365.2425) <= 1


def photo(size: tuple[int, int] = (900, 600), kind: str = "JPEG", **more: Any) -> bytes:
    picture = Image.new("RGB", size, "green")
    kept = io.BytesIO()
    picture.save(kept, kind, **more)
    return kept.getvalue()


def with_place() -> bytes:
    """A photograph that says where it was taken, and lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90°
    exif[0x010E] = "at home in Chennai"
    exif.get_ifd(0x8825)[2] = (13.0, 5.0, 0.0)
    return photo(exif=exif, comment=b"at home in Chennai")


def test_a_picture_is_drawn_anew_square_and_without_what_the_camera_noted() -> None:
    content = with_place()
    assert b"Chennai" in content
    drawn = redrawn(content)
    assert b"Chennai" not in drawn
    with Image.open(io.BytesIO(drawn)) as opened:
        assert (opened.format, opened.size) == ("WEBP", (512, 512))
        assert not opened.getexif()
        assert "icc_profile" not in opened.info


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"GIF89a" + b"\0" * 50,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        photo()[:400],
        b"%PDF-1.7",
    ],
)
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(Incorrect):
        redrawn(content)


def test_a_picture_that_claims_to_unpack_to_gigabytes_is_refused_unread() -> None:
    claim = b"IHDR" + struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(claim) - 4) + claim + struct.pack(">I", zlib.crc32(claim))
    with pytest.raises(TooLarge):
        redrawn(b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + b"\0" * 4)


async def test_many_large_pictures_at_once_hold_neither_memory_nor_connections(
    app: FastAPI, settings: Settings
) -> None:
    me = await arrived(app, settings)
    large = io.BytesIO()
    Image.new("RGB", (6000, 6000), "teal").save(large, "PNG")
    sent = [
        me.ask(
            "PUT", f"/people/{me.id}/picture", content=large.getvalue(), headers={"content-type": "image/png"}
        )
        for _ in range(8)
    ]
    statuses = [answer.status_code for answer in await asyncio.gather(*sent)]
    assert 503 in statuses
    assert set(statuses) <= {204, 409, 503}
    assert 204 in statuses


@hypothesis.settings(max_examples=40)
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=4))
def test_a_damaged_picture_is_drawn_or_refused_and_breaks_nothing(place: int, junk: bytes) -> None:
    content = bytearray(photo((64, 48)))
    place %= len(content)
    content[place : place + len(junk)] = junk
    try:
        redrawn(bytes(content))
    except (Incorrect, TooLarge):
        return


async def test_a_picture_is_kept_sealed_shown_and_taken_away(app: FastAPI, settings: Settings) -> None:
    me = await arrived(app, settings)
    path = f"/people/{me.id}/picture"
    octets = {"content-type": "application/octet-stream"}
    assert (await me.ask("GET", path)).status_code == 404
    assert (await me.ask("PUT", path, content=photo(), headers=octets)).status_code == 204
    shown = await me.ask("GET", path)
    assert shown.headers["content-type"] == "image/webp"
    kept = list((settings.home / "objects" / str(me.id)).iterdir())
    assert len(kept) == 1
    assert b"WEBP" not in kept[0].read_bytes()
    assert (await me.ask("PUT", path, content=photo(kind="PNG"), headers=octets)).status_code == 204
    await work_off(app)
    assert len(list((settings.home / "objects" / str(me.id)).iterdir())) == 1
    assert (await me.ask("PUT", path, content=b"junk", headers=octets)).status_code == 422
    assert (await me.ask("PUT", path, content=b"x" * (LIMIT + 1), headers=octets)).status_code == 413
    noise = io.BytesIO()
    Image.frombytes("RGB", (1200, 1200), os.urandom(1200 * 1200 * 3)).save(noise, "PNG")
    assert len(noise.getvalue()) > 2 * 2**20  # beyond the limit of other bodies
    assert (await me.ask("PUT", path, content=noise.getvalue(), headers=octets)).status_code == 204
    assert (await me.ask("DELETE", path)).status_code == 204
    assert (await me.ask("GET", path)).status_code == 404


async def test_the_picture_stays_when_the_profile_is_changed(app: FastAPI, settings: Settings) -> None:
    me = await arrived(app, settings)
    octets = {"content-type": "application/octet-stream"}
    await me.ask("PUT", f"/people/{me.id}/picture", content=photo(), headers=octets)
    await me.ask("PUT", f"/people/{me.id}/profile", json={**WHOLE, "avatar": str(new_id())})
    assert (await me.ask("GET", f"/people/{me.id}/picture")).status_code == 200


async def test_made_up_people_are_known_as_such(database: Database) -> None:
    made, real = await person(database), await person(database)
    async with database.transaction(Access.of(made).joined(Access.of(real))) as tx:
        await service.mark_synthetic(tx, made)
        assert await service.synthetic(tx, [made, real]) == {made}


async def test_an_erased_person_leaves_no_row(app: FastAPI, settings: Settings, database: Database) -> None:
    me = await arrived(app, settings)
    await me.ask("PUT", f"/people/{me.id}/profile", json=WHOLE)
    async with database.transaction(Access.of(me.id, account_id=me.account_id)) as tx:
        await service.erase_person(tx, me.id)
        await database.keyring.destroy(tx.session, me.id)
    assert (await me.ask("GET", "/account")).status_code == 401
    assert (await me.sign_in()).status_code == 401
    async with database.transaction(
        Access(Access.of(me.id).account_id, Access.of(me.id).may_read, area="sign_in")
    ) as tx:
        for table, column in (
            ("persons", "person_id"),
            ("profiles", "person_id"),
            ("accounts", "person_id"),
            ("credentials", "account_id"),
            ("sessions", "account_id"),
        ):
            id = me.id if column == "person_id" else me.account_id
            found = await tx.session.scalar(
                text(f"SELECT count(*) FROM {table} WHERE {column} = :id"), {"id": id}
            )
            assert found == 0, table


async def test_what_nobody_needs_any_more_is_swept_away(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    me = await arrived(app, settings)
    await me.client.post("/api/v1/auth/reset", json={"email": me.email})
    await me.letter()
    with time_machine.travel(clock.now() + timedelta(days=60)):
        await service.tidy(database)
    async with database.transaction(Access.system("sign_in")) as tx:
        for table in ("tickets", "sessions", "refresh_tokens"):
            found = await tx.session.scalar(
                text(f"SELECT count(*) FROM {table} WHERE account_id = :id"), {"id": me.account_id}
            )
            assert found == 0, table


async def test_a_patient_fills_in_what_is_not_known_and_replaces_nothing(database: Database) -> None:
    made = await person(database, occupation="teacher")
    patient = {
        "resourceType": "Patient",
        "name": [{"text": "A. Rao"}],
        "birthDate": "1961-04-02",
        "gender": "female",
        "address": [{"city": "Chennai"}],
    }
    async with database.transaction(Access.of(made)) as tx:
        assert await service.fill_in(tx, made, patient)
        found = await service.profile(tx, made)
        assert (found.name, found.occupation) == ("Asha Rao", "teacher")
        assert (found.date_of_birth, found.gender) == (date(1961, 4, 2), "female")
        assert not await service.fill_in(tx, made, patient)
        other = {
            "resourceType": "Patient",
            "birthDate": "1990-01-01",
            "telecom": [{"system": "phone", "value": "+91 1234567"}],
        }
        assert not await service.fill_in(tx, made, other)
        assert (await service.profile(tx, made)).phones == []


async def test_an_export_holds_the_patient_and_ones_own_account_but_no_secret(
    app: FastAPI, settings: Settings, database: Database
) -> None:
    from ojas.features.identity.feature import export

    me = await arrived(app, settings)

    async def files(account_id: UUID) -> dict[str, bytes]:
        async with database.transaction(Access.of(me.id, account_id=account_id)) as tx:
            return {
                file.name: b"".join([part async for part in file.content]) async for file in export(tx, me.id)
            }

    mine = await files(me.account_id)
    assert b'"resourceType": "Patient"' in mine["identity/patient.ndjson"]
    assert me.email.encode() in mine["identity/account.ndjson"]
    assert b"argon2" not in b"".join(mine.values())
    assert (await files(new_id()))["identity/account.ndjson"] == b""
