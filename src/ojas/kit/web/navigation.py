"""The tabs and the menu, out of what the features declare."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from fastapi import Request

from ojas.kit.i18n import gettext
from ojas.kit.web import frame

MENU_FROM = 100
"""Entries ordered from here on stand in the menu; those before are tabs, five at most."""
PARTS = (MENU_FROM, 110, 130, 170)
"""Where a part of the menu begins: what is planned and watched; what is measured; who shares in it; oneself and this house.
Sixteen lines on end nobody finds anything in."""


class Item(Protocol):
    """``ojas.kit.feature.NavItem``, which lies above us."""

    @property
    def label(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def icon(self) -> str: ...
    @property
    def order(self) -> int: ...
    @property
    def scope(self) -> str | None: ...
    @property
    def writes(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Entry:
    label: str
    href: str
    icon: str
    current: bool
    add: bool
    part: int


def tabs_of(request: Request, root: str) -> list[Entry]:
    return [entry for item, entry in _entries(request, root) if item.order < MENU_FROM][:5]


def menu_of(request: Request, root: str) -> list[Entry]:
    return [entry for item, entry in _entries(request, root) if item.order >= MENU_FROM]


def _entries(request: Request, root: str) -> list[tuple[Item, Entry]]:
    items: Sequence[Item] = getattr(request.app.state, "navigation", ())
    if not root:  # nobody's record is open
        items = [item for item in items if item.path.startswith("//")]
    around = frame.of(request)
    items = [item for item in items if item.scope is None or around.allows(item.scope, write=item.writes)]
    path = request.url.path
    hrefs = [_href(item.path, root) for item in items]
    # The longest address that the page's begins with is where one is: /p/1/record/x is in Record. Every page of a record
    # begins with /p/1: that is Today by itself alone.
    around_path = (href for href in hrefs if path == href or (href != root and path.startswith(href + "/")))
    here = max(around_path, key=len, default=None)
    return [
        (item, Entry(gettext(item.label), href, item.icon, href == here, item.icon == "plus", _part(item)))
        for item, href in zip(items, hrefs, strict=True)
    ]


def _part(item: Item) -> int:
    return sum(item.order >= begin for begin in PARTS)


def _href(path: str, root: str) -> str:
    """``/trends`` lies under the person; ``/p/{person_id}/trends`` says the same; ``//settings`` is nobody's in particular."""
    if path.startswith("//"):
        return path[1:]
    return root + path.removeprefix("/p/{person_id}").rstrip("/")
