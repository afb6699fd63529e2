"""How Ojas writes to the reader: what by which channel, when not, and where to."""

from collections.abc import Mapping
from datetime import time
from uuid import UUID

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, model_validator

from ojas.features.identity.rules import Role, device_of
from ojas.features.notifications import service
from ojas.features.notifications.pages.words import CHANNELS, reason_words
from ojas.features.notifications.rules import DIGEST_AT, Channel, Quiet, Topic
from ojas.features.notifications.schemas import CodeDraft, Subscription, SubscriptionKeys, WallTime, Wishes
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, Refusal
from ojas.kit.http import Actor, ActorOf, TxOf
from ojas.kit.http.edge import house_of
from ojas.kit.http.replay import tells_secrets
from ojas.kit.i18n import N_, _, gettext
from ojas.kit.i18n.zones import country_of
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked

router = Pages()
HERE = "/settings/notifications"

TOPICS: Mapping[Topic, tuple[str, str]] = {
    Topic.MEDICATION: (N_("Medicines"), N_("When a dose is due, or was missed")),
    Topic.APPOINTMENT: (N_("Appointments"), N_("Before each, and when one is moved")),
    Topic.HEALTH: (N_("Health"), N_("A reading outside its range, or none for days")),
    Topic.SYSTEM: (N_("Ojas itself"), N_("Imports, sharing, your account")),
}
"""What one may switch, once something speaks of it. An emergency has no switch."""


class TopicsForm(BaseModel):
    """The ticks of each topic, by its name."""

    medication: list[Channel] = []
    appointment: list[Channel] = []
    health: list[Channel] = []
    system: list[Channel] = []


class WishesForm(BaseModel):
    """A tick for each topic and channel that is shown."""

    on: TopicsForm = Field(default_factory=TopicsForm)
    details: bool = False
    quiet: bool = False
    quiet_start: WallTime | None = None
    quiet_end: WallTime | None = None
    digest: bool = False
    digest_at: WallTime | None = None

    @model_validator(mode="after")
    def _whole(self) -> "WishesForm":
        if self.quiet:
            if not (self.quiet_start and self.quiet_end):
                missing = "quiet_end" if self.quiet_start else "quiet_start"
                raise Incorrect("Say from when until when.", field=missing)
            Quiet(self.quiet_start, self.quiet_end)
        if self.digest and not self.digest_at:
            raise Incorrect("Say at what time.", field="digest_at")
        return self

    def wishes(self, before: Wishes, shown: frozenset[Channel]) -> Wishes:
        """What was not shown to be ticked stays as it was."""
        return Wishes(
            channels={topic: before.on(topic) - shown | self._ticked(topic) & shown for topic in Topic},
            quiet_start=self.quiet_start if self.quiet else None,
            quiet_end=self.quiet_end if self.quiet else None,
            digest_at=self.digest_at if self.digest else None,
            details=self.details,
        )

    def _ticked(self, topic: Topic) -> frozenset[Channel]:
        return frozenset(getattr(self.on, topic.value, Channel))


class PhoneForm(BaseModel):
    number: str = Field(max_length=40)


class WebhookForm(BaseModel):
    url: str = Field(max_length=2000)


class BrowserForm(BaseModel):
    """What the browser's script sends of its subscription."""

    endpoint: str = Field(max_length=2000)


class SubscriptionForm(BrowserForm, SubscriptionKeys):
    """The whole of it."""


@router.get(HERE)
async def settings(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    return await _page(request, tx, actor)


@router.post(HERE)
async def change_settings(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, WishesForm)
    if isinstance(sent, Faults):
        return await _page(request, tx, actor, sent)
    before, shown = await service.wishes(tx, actor.account_id), await _switchable(tx, actor)
    await service.wish(tx, actor.account_id, sent.wishes(before, shown))
    return redirect(request, HERE, toast=_("Saved."))


@router.post(f"{HERE}/test")
async def try_out(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    await checked(request)
    await service.try_out(tx, actor)
    return redirect(request, HERE, toast=_("A test is on its way."))


@router.post(f"{HERE}/browsers")
async def subscribe(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, SubscriptionForm)
    if isinstance(sent, Faults):
        return await _page(request, tx, actor, sent)
    told = Subscription(endpoint=sent.endpoint, keys=SubscriptionKeys(p256dh=sent.p256dh, auth=sent.auth))
    device = device_of(tx.origin.agent)
    await service.subscribe(tx, actor, told, device, inside=house_of(request).settings.reach_inside)
    return redirect(request, HERE, toast=_("Messages come to this device now."))


@router.post(f"{HERE}/browsers/here")
async def here(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    """Whether messages come to the browser that asks: it may have been signed out from elsewhere."""
    sent = await form(request, BrowserForm)
    known = not isinstance(sent, Faults) and await service.here(tx, actor, sent.endpoint)
    return JSONResponse({"known": known})


@router.post(f"{HERE}/browsers/stop")
async def unsubscribe(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, BrowserForm)
    if not isinstance(sent, Faults):
        await service.unsubscribe(tx, actor, sent.endpoint)
    return redirect(request, HERE, toast=_("Nothing comes to this device any more."))


@router.post(f"{HERE}/phones")
async def add_phone(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, PhoneForm)
    if isinstance(sent, Faults):
        return await _page(request, tx, actor, sent)
    try:
        country = country_of(
            actor.manner.zone
        )  # what is typed without a + is most likely a number of where one lives
        await service.add_phone(tx, actor, sent.number, country, house_of(request).settings)
    except Incorrect as refusal:
        return await _page(request, tx, actor, Faults.of(refusal, {"number": sent.number}))
    return redirect(request, f"{HERE}#phones", toast=_("A code is on its way to your phone."))


@router.post(f"{HERE}/phones/{{id}}/confirm")
async def confirm_phone(request: Request, tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    sent = await form(request, CodeDraft)
    if isinstance(sent, Faults):
        return await _page(request, tx, actor, sent)
    found = await service.confirm_phone(tx, actor, id, sent.code)
    if isinstance(found, Refusal):
        return await _page(request, tx, actor, Faults.of(found, {}))
    return redirect(
        request, f"{HERE}#phones", toast=_("This number is yours now. Choose above what comes to it.")
    )


@router.post(f"{HERE}/webhooks")
@tells_secrets
async def add_webhook(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, WebhookForm)
    if isinstance(sent, Faults):
        return await _page(request, tx, actor, sent)
    try:
        _shown, secret = await service.add_webhook(
            tx, actor, sent.url, inside=house_of(request).settings.reach_inside
        )
    except Incorrect as refusal:
        return await _page(request, tx, actor, Faults.of(refusal, {"url": sent.url}))
    return await _page(request, tx, actor, secret=secret)


@router.post(f"{HERE}/addresses/{{id}}/forget")
async def forget(request: Request, tx: TxOf, actor: ActorOf, id: UUID) -> Response:
    await checked(request)
    await service.forget(tx, actor, id)
    return redirect(request, HERE, toast=_("Taken away. Nothing is sent there any more."))


async def _switchable(tx: Tx, actor: Actor) -> frozenset[Channel]:
    """What there is to tick: the channels that lead to the reader; e-mail always, for its address comes with the account."""
    return (await service.reachable(tx, actor.account_id) | {Channel.EMAIL}) - {Channel.IN_APP}


async def _failures(tx: Tx, actor: Actor) -> list[tuple[str, int, int, str]]:
    found = await service.failures(tx, actor)
    return [
        (gettext(CHANNELS[one.channel]), one.refused, one.dead, reason_words(one.reason)) for one in found
    ]


async def _page(
    request: Request, tx: Tx, actor: Actor, faults: Faults | None = None, secret: str | None = None
) -> Response:
    wishes, shown = await service.wishes(tx, actor.account_id), await _switchable(tx, actor)
    spoken = {kind.topic for kind in service.KINDS.values()}
    settings = house_of(request).settings
    return page(
        request,
        "notifications/settings.html",
        faults=faults,
        wishes=wishes,
        mail=Channel.EMAIL in await service.reachable(tx, actor.account_id),
        channels=[(one.value, gettext(CHANNELS[one])) for one in Channel if one in shown],
        topics=[
            (
                topic.value,
                *(gettext(words) for words in TOPICS[topic]),
                [one.value for one in wishes.on(topic)],
            )
            for topic in TOPICS
            if topic in spoken
        ],
        hours={
            name: f"{getattr(wishes, name) or usual:%H:%M}"
            for name, usual in {"quiet_start": time(22), "quiet_end": time(7), "digest_at": DIGEST_AT}.items()
        },
        addresses=await service.addresses(tx, actor),
        push_key=service.push_key(settings, tx),
        texts=Channel.SMS in service.offered(settings),
        secret=secret,
        failures=await _failures(tx, actor) if Role.ADMIN in actor.roles else None,
    )
