"""Having a person erased, over REST."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from ojas.features.identity.schemas import ErasureDraft, ErasureView, Receipt
from ojas.features.identity.service import erasing
from ojas.kit.errors import NotFound
from ojas.kit.http import ActorOf, OpenTx, Router, Sent, TxOf, house_of
from ojas.kit.http.collections import RESPONSES, WRITES, PersonId

router = Router(tags=["erasure"])


@router.post("/people/{person_id}/erasure", response_model=ErasureView, status_code=201, responses=WRITES)
async def ask(
    request: Request, tx: TxOf, actor: ActorOf, person_id: PersonId, sent: Sent[ErasureDraft]
) -> Any:
    """Have a whole record erased in seven days: one's own, or one of somebody without an account that one keeps.

    Needs a fresh proof. From now on nobody else sees the record. `receipt` is where the receipt is found afterwards.
    """
    return await erasing.ask(tx, actor, house_of(request).features, person_id)


@router.get("/people/{person_id}/erasure", response_model=ErasureView, responses=RESPONSES)
async def read(tx: TxOf, person_id: PersonId) -> Any:
    """The erasure that waits."""
    found = await erasing.standing(tx, person_id)
    if found is None:
        raise NotFound("Nothing waits to be erased here.")
    return found


@router.delete("/people/{person_id}/erasure", status_code=204, response_class=Response, responses=WRITES)
async def undo(request: Request, tx: TxOf, actor: ActorOf, person_id: PersonId) -> Response:
    """Keep the record after all; it is open again to those it was open to."""
    await erasing.undo(tx, actor, house_of(request).features, person_id)
    return Response(status_code=204)


@router.get("/erasures/{id}", response_model=Receipt, responses=RESPONSES)
async def receipt(tx: OpenTx, id: UUID, token: Annotated[str, Query(min_length=1, max_length=100)]) -> Any:
    """The receipt, for whoever holds its address; nobody needs to be signed in. It names nobody."""
    return await erasing.receipt(tx, id, token)
