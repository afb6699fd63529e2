"""Who looked at what, when, and why."""

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request, Response

from ojas.features.sharing import service
from ojas.features.sharing.pages import words
from ojas.features.sharing.schemas import Look
from ojas.kit.http import TxOf
from ojas.kit.i18n import N_, format_day, gettext
from ojas.kit.web import Pages, page

router = Pages(prefix="/p/{person_id}/access")

_FILTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "all": (N_("Everything"), ()),
    "read": (N_("Looked at"), ("read", "export")),
    "change": (N_("Changed"), ("create", "change", "delete", "import", "erase")),
    "share": (N_("Sharing"), ("share",)),
    "sign-in": (N_("Signed in"), ("sign-in",)),
}


@router.get("")
async def access(
    request: Request,
    tx: TxOf,
    person_id: UUID,
    cursor: Annotated[UUID | None, Query()] = None,
    show: Annotated[str, Query(max_length=20)] = "all",
    who: Annotated[str, Query(max_length=36)] = "others",
    by: Annotated[UUID | None, Query()] = None,
) -> Response:
    show = show if show in _FILTERS else "all"
    looks, following = await service.looks(
        tx,
        person_id,
        limit=50,
        before=cursor,
        by_others=who != "all",
        by=by,
        actions=_FILTERS[show][1],
    )
    return page(
        request,
        "sharing/access.html",
        block="looks",
        days=_days(looks),
        following=following,
        words=words,
        show=show,
        who="all" if who == "all" else "others",
        query={"show": show, "who": who} | ({"by": by} if by else {}),
        filters=[
            (name, gettext(said), "?" + urlencode({"show": name, "who": who}))
            for name, (said, _) in _FILTERS.items()
        ],
        sides=[
            (name, gettext(said), "?" + urlencode({"show": show, "who": name}))
            for name, said in (("others", N_("Others")), ("all", N_("Everybody, you too")))
        ],
    )


def _days(looks: Sequence[Look]) -> list[tuple[str, list[Look]]]:
    """Looks by the reader's day, newest day first, as they come."""
    return [(day, list(inside)) for day, inside in groupby(looks, lambda look: format_day(look.at))]
