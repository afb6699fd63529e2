"""Making the household."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypedDict
from uuid import UUID

import numpy as np

from ojas.features.alarms import service as alarms
from ojas.features.demo.rules import Life, Reading, Series
from ojas.features.demo.service import cabinet, diary, story
from ojas.features.emergency import service as emergency
from ojas.features.identity import service as identity
from ojas.features.measurements import service as measurements
from ojas.features.medications import service as medications
from ojas.features.record import service as record
from ojas.features.sharing import service as sharing
from ojas.features.sharing.schemas import GrantDraft
from ojas.features.signals import service as signals
from ojas.features.signals.schemas import Batch, SourceClass, SourceDraft
from ojas.kit import clock
from ojas.kit.db import Access, Tx
from ojas.kit.http import Actor
from ojas.kit.jobs import Context

_WEEK = timedelta(days=7)


class SignIn(TypedDict):
    """How to come in as one of the household."""

    who: str
    email: str
    password: str


async def household(context: Context) -> list[SignIn]:
    """Make the household, unless it is there already; everybody's sign-in.

    One transaction: after a crash there is all of it or nothing. The password is drawn once, and kept in the home folder
    for the next start.
    """
    password = _password(context.settings.home)
    async with context.database.transaction(Access.system("sign_in")) as tx:
        if await identity.card_by_email(tx, story.PATIENT.email) is None:
            await _settle(tx, password)
    return [{"who": member.who, "email": member.email, "password": password} for member in story.HOUSEHOLD]


async def _settle(tx: Tx, password: str) -> None:
    actors = {member.email: await _member(tx, member, password) for member in story.HOUSEHOLD}
    patient = actors[story.PATIENT.email]
    assert patient.person_id
    await _act(tx, patient)
    await _live(tx, patient.person_id, clock.now())
    for member, draft in story.grants(clock.now()):
        await _share(tx, patient, actors[member.email], draft)
    await _act(tx, patient)
    await _prepare(tx, patient.person_id, actors)
    await _alarm(tx, patient, actors[story.DAUGHTER.email])


async def _alarm(tx: Tx, patient: Actor, daughter: Actor) -> None:
    """Two things are wrong: her daughter has seen one of them."""
    assert patient.person_id
    await _act(tx, patient)
    seen = [_incoming(reading) for reading in story.alarming(clock.now())]
    await measurements.import_readings(tx, patient.person_id, seen, source="demo")
    await alarms.look_now(tx, patient.person_id)
    worst = (await alarms.open_now(tx, patient.person_id, {}))[0]
    await tx.become(await sharing.access_of(tx, daughter))
    await alarms.acknowledge(tx, patient.person_id, worst.id)


async def _member(tx: Tx, member: story.Member, password: str) -> Actor:
    account_id, person_id = await identity.create_account(
        tx,
        email=member.email,
        name=member.profile.name,
        password=password,
        roles=member.roles,
        preferences=member.preferences,
        profile=member.profile,
    )
    await identity.mark_synthetic(tx, person_id)
    return Actor(account_id, person_id, None, roles=frozenset(member.roles))


async def _share(tx: Tx, patient: Actor, other: Actor, draft: GrantDraft) -> None:
    assert patient.person_id
    await _act(tx, patient)
    given = await sharing.share(tx, patient.person_id, draft)
    await _act(tx, other)
    await sharing.accept(tx, other, patient.person_id, given.id)


async def _act(tx: Tx, actor: Actor) -> None:
    assert actor.person_id
    await tx.become(Access.of(actor.person_id, account_id=actor.account_id))


async def _live(tx: Tx, person_id: UUID, now: datetime) -> None:
    """A year of readings and signals up to ``now``, and what her record says of her heart."""
    life = Life(now.astimezone(story.ZONE).date(), story.ZONE)
    seen = [_incoming(reading) for reading in life.readings() if reading.at <= now - story.LATELY]
    await measurements.import_readings(tx, person_id, seen, source="demo")
    watch = SourceDraft(name=story.WATCH, maker="Ojas", model="Demo", sort=SourceClass.WATCH)
    source_id = await signals.meet(tx, person_id, watch)
    for series in life.signals():
        await signals.append(tx, person_id, source_id, series.kind, _batch(series, now))
    for condition in story.conditions(now):
        await record.CONDITIONS.create(tx, person_id, condition)
    for allergy in story.allergies(now):
        await record.ALLERGIES.create(tx, person_id, allergy)
    for medicine in cabinet.medicines(now):
        made = await medications.MEDICINES.create(tx, person_id, medicine)
        await medications.remember(tx, person_id, made.id, now - cabinet.SINCE, cabinet.taken)
    for procedure in story.procedures(now):
        await record.PROCEDURES.create(tx, person_id, procedure)
    for immunisation in story.immunisations(now):
        await record.IMMUNISATIONS.create(tx, person_id, immunisation)
    await diary.write(tx, person_id, now)


async def _prepare(tx: Tx, person_id: UUID, actors: Mapping[str, Actor]) -> None:
    """Whom she calls in an emergency, and what her card says."""
    for contact in story.contacts(actors[story.DAUGHTER.email].account_id):
        await emergency.CONTACTS.create(tx, person_id, contact)
    known = await emergency.conditions_to_pick(tx, person_id)
    await emergency.change_card(tx, person_id, story.card([one.id for one in known]))


def _incoming(reading: Reading) -> measurements.Incoming:
    numbers = {part or "value": Decimal(str(value)) for part, value in reading.values.items()}
    part = measurements.CATALOGUE[reading.kind].parts[0]
    return measurements.Incoming(
        kind=reading.kind, numbers=numbers, unit=part.unit, effective_at=reading.at, zone=story.ZONE.key
    )


def _batch(series: Series, now: datetime) -> Batch:
    """As a watch would send it, up to ``now``."""
    last = series.start if series.end is None else series.end
    past = last <= now.timestamp() * 1000
    codes = (
        np.array([story.STAGE_CODES[stage] for stage in series.stages], float)
        if series.stages
        else series.values
    )
    return Batch(
        series.start[past].astype(float),
        codes[past],
        None if series.end is None else series.end[past].astype(float),
    )


def _password(home: Path) -> str:
    """Three plain words and a number, drawn when first asked for."""
    kept = home / "demo-password"
    if not kept.exists():
        home.mkdir(parents=True, exist_ok=True)
        drawn = "-".join(
            [*(secrets.choice(story.WORDS) for _ in range(3)), str(secrets.randbelow(900) + 100)]
        )
        kept.touch(mode=0o600)
        kept.write_text(drawn + "\n")
    return kept.read_text().strip()
