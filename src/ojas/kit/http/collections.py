"""The REST face of a Collection."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from functools import wraps
from inspect import signature
from typing import Annotated, Any, Generic, Protocol, TypeVar
from uuid import UUID

from fastapi import Header, Path, Query, Request, Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from ojas.kit import audit
from ojas.kit.collection import Collection
from ojas.kit.errors import Incorrect
from ojas.kit.http.bodies import AsJson
from ojas.kit.http.edge import Router, TxOf

ItemT = TypeVar("ItemT")
Verb = Callable[..., Awaitable[Any]]


class Versioned(Protocol):
    @property
    def version(self) -> int: ...


VersionedT = TypeVar("VersionedT", bound=Versioned)


class Listing(BaseModel, Generic[ItemT]):
    """A page of a list, newest first; ``next`` is the cursor of the following page."""

    items: list[ItemT]
    next: str | None = None


class HistoryEntry(BaseModel):
    """One change: what was there before it (null: nothing was)."""

    at: datetime
    account_id: UUID | None
    action: str
    version: int
    before: dict[str, Any] | None

    @classmethod
    def of(cls, change: audit.Change) -> "HistoryEntry":
        return cls(
            at=change.at,
            account_id=change.account_id,
            action=change.action,
            version=change.version,
            before=change.before,
        )


PersonId = Annotated[UUID, Path(description="Whose record.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
Cursor = Annotated[
    str | None, Query(max_length=500, description="Where to go on: `next` of the page before.")
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", description='The version this builds on, such as "3". Stale: 412.', max_length=40
    ),
]

PROBLEM = {
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "request": {"type": "string"},
                    "errors": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "field": {"type": ["string", "null"]},
                                "message": {"type": "string"},
                            },
                        },
                    },
                },
            },
            "example": {
                "type": "/problems/incorrect",
                "title": "Something here is not right yet.",
                "status": 422,
                "errors": [{"field": "status", "message": "This must be one of 'active', 'resolved'."}],
            },
        }
    }
}
RESPONSES: dict[int | str, dict[str, Any]] = {
    401: {"description": "Nobody is signed in.", **PROBLEM},
    403: {"description": "The caller may not.", **PROBLEM},
    404: {"description": "No such thing, or none the caller may know of.", **PROBLEM},
    422: {"description": "Something sent is not right; `errors` names the fields.", **PROBLEM},
    429: {"description": "Asked too often.", **PROBLEM},
    503: {"description": "A part does not answer; nothing was changed.", **PROBLEM},
}
WRITES: dict[int | str, dict[str, Any]] = {
    **RESPONSES,
    409: {"description": "It is there already.", **PROBLEM},
    412: {"description": "It was changed since the version in If-Match.", **PROBLEM},
    413: {"description": "Too large.", **PROBLEM},
}


def collection_router(collection: Collection[Any, Any, Any], *, tag: str | None = None) -> Router:
    """List, create, read, change, delete, restore and history of a collection under /people/{person_id}/NAME."""
    router = Router(prefix=f"/people/{{person_id}}/{collection.name}", tags=[tag or collection.name])
    verbs, view, draft = _Verbs(collection), collection.view, collection.draft
    noun = collection.name.replace("-", "_")

    def route(method: str, path: str, name: str, verb: Verb, answer: Any = None, **more: Any) -> None:
        responses = RESPONSES if method == "GET" else WRITES
        called = f"{name}_{noun}"
        router.add_api_route(
            path,
            verb,
            methods=[method],
            response_model=answer,
            responses=responses,
            operation_id=called,
            **more,
        )

    filters = {"parameters": _parameters(verbs.filters)}
    route("GET", "", "list", verbs.listing, Listing[view], openapi_extra=filters)  # type: ignore[valid-type]
    route("POST", "", "create", _taking(draft, verbs.create), view, status_code=201)
    route("GET", "/{id}", "read", verbs.read, view)
    route("PUT", "/{id}", "change", _taking(draft, verbs.change), view)
    route("DELETE", "/{id}", "delete", verbs.delete, status_code=204)
    route("POST", "/{id}/restore", "restore", verbs.restore, view)
    route("GET", "/{id}/history", "history_of", verbs.history, list[HistoryEntry])
    return router


class _Verbs:
    """What REST does with one list."""

    def __init__(self, collection: Collection[Any, Any, Any]) -> None:
        self.collection = collection
        self.filters = _filters(collection)

    async def listing(
        self, request: Request, tx: TxOf, person_id: PersonId, limit: Limit = 50, cursor: Cursor = None
    ) -> Any:
        where = filters_of(request, self.filters, {"limit", "cursor"})
        page = await self.collection.page(tx, person_id, limit=limit, cursor=cursor, where=where)
        return {"items": page.items, "next": page.next}

    async def create(self, tx: TxOf, person_id: PersonId, draft: Any, response: Response) -> Any:
        made = await self.collection.create(tx, person_id, draft)
        response.headers["location"] = f"/api/v1/people/{person_id}/{self.collection.name}/{made.id}"
        return tagged(made, response)

    async def read(self, tx: TxOf, person_id: PersonId, id: UUID, response: Response) -> Any:
        return tagged(await self.collection.read(tx, person_id, id), response)

    async def change(
        self,
        tx: TxOf,
        person_id: PersonId,
        id: UUID,
        draft: Any,
        response: Response,
        if_match: IfMatch = None,
    ) -> Any:
        version = version_of(if_match)
        return tagged(await self.collection.change(tx, person_id, id, draft, if_version=version), response)

    async def delete(self, tx: TxOf, person_id: PersonId, id: UUID, if_match: IfMatch = None) -> Response:
        await self.collection.delete(tx, person_id, id, if_version=version_of(if_match))
        return Response(status_code=204)

    async def restore(self, tx: TxOf, person_id: PersonId, id: UUID, response: Response) -> Any:
        return tagged(await self.collection.restore(tx, person_id, id), response)

    async def history(self, tx: TxOf, person_id: PersonId, id: UUID) -> list[HistoryEntry]:
        return [HistoryEntry.of(change) for change in await self.collection.history(tx, person_id, id)]


def _taking(draft: type[BaseModel], verb: Verb) -> Verb:
    """The verb with a ``draft`` for its body, which is known only when the feature is loaded."""

    @wraps(verb)
    async def taking(**sent: Any) -> Any:
        return await verb(**sent)

    told = signature(verb)
    body = told.parameters["draft"].replace(annotation=Annotated[draft, AsJson()])
    parameters = told.parameters | {"draft": body}
    taking.__signature__ = told.replace(parameters=[*parameters.values()])  # type: ignore[attr-defined]
    return taking


def tagged(view: VersionedT, response: Response) -> VersionedT:
    """The view, with its version as the answer's ETag."""
    response.headers["etag"] = f'"{view.version}"'
    return view


def version_of(if_match: str | None) -> int | None:
    """The version an If-Match header names; ``*`` and none at all name any."""
    if if_match is None or if_match == "*":
        return None
    text = if_match.removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Incorrect('If-Match must name a version, such as "3".', field="If-Match")
    return int(text)


def filters_of(request: Request, known: Mapping[str, type], others: set[str]) -> dict[str, Any]:
    """The filters of a query, parsed. A parameter nobody knows is refused, never ignored."""
    found: dict[str, Any] = {}
    for name, text in request.query_params.items():
        if name in others or name == "lang":
            continue
        if name not in known:
            raise Incorrect("{name} is not something this list can be filtered by.", field=name, name=name)
        try:
            found[name] = TypeAdapter(known[name]).validate_python(text)
        except ValidationError as problem:
            raise Incorrect(
                "{value} does not fit {name}.", field=name, name=name, value=text[:80]
            ) from problem
    return found


def _filters(collection: Collection[Any, Any, Any]) -> dict[str, type]:
    columns = collection.row.__table__.columns
    found: dict[str, type] = {}
    for name in collection.filters:
        python = columns[name].type.python_type
        names = [name, f"{name}_from", f"{name}_to"] if issubclass(python, date) else [name]
        found |= dict.fromkeys(names, python)
    return found


def _parameters(filters: Mapping[str, type]) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "query", "required": False, "schema": TypeAdapter(python).json_schema()}
        for name, python in filters.items()
    ]
