"""Routes of workouts, as GPX beside the export."""

from datetime import datetime
from xml.parsers import expat  # nosec: entities are refused below

import numpy as np

from ojas.features.connections.rules import Route, Unreadable
from ojas.kit.errors import Fault

LIMIT = 64 * 2**20
NO_ROUTE = Fault("Its route cannot be read.")

Fix = tuple[int, float, float, float, float]
"""Milliseconds since 1970, latitude, longitude, altitude in metres, speed in metres a second."""


def route(fixes: list[Fix]) -> Route | None:
    if not fixes:
        return None
    at, latitude, longitude, altitude, speed = zip(*fixes, strict=True)
    return Route(
        at=np.array(at, np.int64),
        latitude=np.array(latitude),
        longitude=np.array(longitude),
        altitude=np.array(altitude),
        speed=np.array(speed),
    )


def gpx(content: bytes) -> Route | None:
    """The track of a GPX file. Fixes without a time or off the globe are left out; a broken file is ``Unreadable``."""
    track = _Track()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = track.start
    parser.EndElementHandler = track.end
    parser.CharacterDataHandler = track.text
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Unreadable(NO_ROUTE) from error
    return route(track.fixes)


def fix(at: datetime | None, attributes: dict[str, str], latitude: str, longitude: str) -> Fix | None:
    north, east = number(attributes.get(latitude)), number(attributes.get(longitude))
    if at is None or not (abs(north) <= 90 and abs(east) <= 180):
        return None
    altitude, speed = number(attributes.get("altitude")), number(attributes.get("speed"))
    return round(at.timestamp() * 1000), north, east, altitude, speed


def number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


class _Track:
    def __init__(self) -> None:
        self.fixes: list[Fix] = []
        self._point: dict[str, str] | None = None
        self._inside = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "trkpt":
            self._point = attributes
        self._inside = name

    def text(self, text: str) -> None:
        if self._point is not None and self._inside in ("ele", "time", "speed"):
            self._point[self._inside] = text.strip()

    def end(self, name: str) -> None:
        self._inside = ""
        if name == "trkpt" and self._point is not None:
            point, self._point = self._point, None
            point["altitude"] = point.get("ele", "")
            found = fix(_instant(point.get("time")), point, "lat", "lon")
            if found:
                self.fixes.append(found)


def _instant(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _refuse(*_: object) -> int:
    raise Unreadable(NO_ROUTE)
