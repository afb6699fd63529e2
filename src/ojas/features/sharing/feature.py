"""What sharing plugs in."""

from collections.abc import AsyncIterator
from uuid import UUID

from ojas.features.sharing import api, jobs, service
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    async def lines() -> AsyncIterator[bytes]:
        async for grant in service.export(tx, person_id):
            yield grant.model_dump_json().encode() + b"\n"

    async def agreed() -> AsyncIterator[bytes]:
        for consent in await service.consents(tx, person_id):
            yield consent.model_dump_json().encode() + b"\n"

    yield ExportFile("sharing/grants.ndjson", lines())
    yield ExportFile("sharing/consents.ndjson", agreed())


FEATURE = Feature(
    name="sharing",
    scopes={
        "care_team": N_("Care team: who looks after you, and how to reach them"),
        "sharing": N_("Sharing: who may see what"),
        "audit": N_("Access: who looked at what, and why"),
    },
    routers=(api.router, api.care_team),
    jobs=(jobs.invite,),
    handlers={"sharing.grant.created": jobs.invite},
    collections=(service.CARE_TEAM,),
    navigation=(NavItem(N_("Sharing"), "/sharing", "users", 80),),
    export=export,
    erase=service.erase,
    authorise=service.access_of,
)
