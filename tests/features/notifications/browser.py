"""A browser that subscribed to push, and a parcel handed to whichever channel."""

import base64
import json
import os
from dataclasses import replace
from typing import Any

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.features.sharing.cast import Somebody

from ojas.features.notifications import service
from ojas.features.notifications.channels import ways
from ojas.features.notifications.channels.way import Parcel
from ojas.features.notifications.rules import Channel, Outcome
from ojas.features.notifications.schemas import Subscription, SubscriptionKeys
from ojas.kit.ids import new_id
from ojas.kit.jobs import Context

from .vendor import Vendor


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Browser:
    """A browser that subscribed: only it can read what is pushed to it."""

    def __init__(self, endpoint: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        self.endpoint = endpoint

    @property
    def subscription(self) -> Subscription:
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        keys = SubscriptionKeys(p256dh=text(point), auth=text(self.secret))
        return Subscription(endpoint=self.endpoint, keys=keys)

    def reads(self, body: bytes) -> Any:
        return json.loads(
            http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        )


async def subscribed(asha: Somebody, vendor: Vendor) -> Browser:
    browser = Browser(f"{vendor.url}/push/{new_id().hex}")
    async with asha.transaction() as tx:
        await service.subscribe(tx, asha.actor, browser.subscription, "Firefox on Linux", inside=True)
    return browser


async def handed(context: Context, channel: Channel, parcel: Parcel, to: str) -> Outcome:
    async with ways(context.settings, context.database.keyring.master) as means:
        return await means[channel].hand(replace(parcel, address=replace(parcel.address, to=to)))
