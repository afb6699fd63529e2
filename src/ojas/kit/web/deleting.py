"""Deleting one of a list from its page, and the undo that the page then offers: the same for every list."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from ojas.kit.collection import Collection
from ojas.kit.http import TxOf
from ojas.kit.i18n import _
from ojas.kit.web.forms import checked
from ojas.kit.web.pages import Pages, redirect


def deletable(router: Pages, path: str, collection: Collection[Any, Any, Any], *, then: str = "") -> None:
    """Let what the list at ``path`` shows be deleted at ``{id}/delete`` below it, and brought back at ``{id}/restore``.

    ``then``: what follows the list's own address to where one sees what came back, as ``/{id}``.
    """

    def here(person_id: UUID) -> str:
        return (router.prefix + path).format(person_id=person_id)

    @router.post(f"{path}/{{id}}/delete")
    async def delete(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
        await checked(request)
        await collection.delete(tx, person_id, id)
        undo = f"{here(person_id)}/{id}/restore"
        return redirect(request, here(person_id), toast=_("Deleted."), undo=undo)

    @router.post(f"{path}/{{id}}/restore")
    async def restore(request: Request, tx: TxOf, person_id: UUID, id: UUID) -> Response:
        await checked(request)
        await collection.restore(tx, person_id, id)
        return redirect(request, here(person_id) + then.format(id=id), toast=_("It is back."))
