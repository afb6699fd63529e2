"""Who looked at what, when, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
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

_HOUR = timedelta(hours=1)
_LOOKS = 200  # a page's; as many lines where no two belong together
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
        limit=_LOOKS,
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


@dataclass
class Visit:
    """The same thing done by the same one within an hour: one line, and each look in it."""

    looks: list[Look]

    @property
    def last(self) -> Look:
        return self.looks[0]

    @property
    def subjects(self) -> list[str]:
        return list(dict.fromkeys(subject for look in self.looks for subject in look.subjects))

    @property
    def addresses(self) -> list[str]:
        return list(dict.fromkeys(look.address for look in self.looks if look.address))


def visits(looks: Iterable[Look]) -> list[Visit]:
    """Looks, newest first, put together: by who, what was done, why and the reader's day; an hour back from the newest."""
    found: list[Visit] = []
    open_: dict[tuple[object, ...], Visit] = {}
    for look in looks:
        # Who may look, and who came in, is told each by itself.
        alone = look.id if look.action in ("share", "sign-in") else None
        key = (look.account_id, look.action, look.purpose, format_day(look.at), alone)
        visit = open_.get(key)
        if visit is None or visit.last.at - look.at > _HOUR:
            visit = open_[key] = Visit([])
            found.append(visit)
        visit.looks.append(look)
    return found


def _days(looks: Sequence[Look]) -> list[tuple[str, list[Visit]]]:
    """Visits by the reader's day, newest day first, as they come."""
    return [(day, list(inside)) for day, inside in groupby(visits(looks), lambda v: format_day(v.last.at))]
