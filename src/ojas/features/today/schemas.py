"""What the first screen and the timeline show, as values in the reader's language and units."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Mark = Literal["none", "low", "in", "high", "danger-low", "danger-high"]


class Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class Press(Shown):
    """A button that does something at once: what it says, where it posts to, and with which values."""

    words: str
    href: str
    values: dict[str, str] = {}


class Alarm(Shown):
    """Something that is wrong. ``known``: what was said to it already, in words."""

    title: str
    says: str
    advice: str
    href: str
    at: datetime
    danger: bool = True
    known: str = ""
    presses: tuple[Press, ...] = ()


class Task(Shown):
    """Something of today: to do, or done."""

    title: str
    says: str = ""
    href: str
    at: datetime | None = Field(None, description="When it is due, or was done.")
    done: bool = False
    over: bool = Field(False, description="Nothing is to be done about it any more, though it was not done.")
    action: str = Field("", description="What the button that does it says.")
    presses: tuple[Press, ...] = Field(
        (), description="What does it at once, in place of the button that leads there."
    )


class Unread(Shown):
    """Somebody of whom something cannot be read: it was damaged, or was sealed by a key that is not there."""

    name: str
    href: str


class Tile(Shown):
    """How one thing stands."""

    name: str
    text: str = Field(description="The number as the reader reads it.")
    parts: tuple[tuple[str, str], ...] = Field((), description="Numbers with a unit each: 7 h 10 min.")
    unit: str = ""
    colour: str
    mark: Mark = "none"
    says: str = ""
    at: datetime | None = None
    day: date | None = None
    href: str
    values: tuple[float | None, ...] = Field((), description="The last days, for the small picture.")
    band: tuple[float | None, float | None] | None = None
    style: Literal["line", "bar"] = "line"


class Others(Shown):
    """What is with those the reader looks after."""

    alarms: tuple[Alarm, ...] = Field((), description="Calls for help, then the worst alarm of each.")
    doses: tuple[Task, ...] = Field(
        (), description="Doses that are due, then those of today that were missed."
    )
    more_alarms: int = Field(0, description="How many more calls for help, and persons with an alarm.")
    more_doses: int = 0
    unread: tuple[Unread, ...] = Field((), description="Of whom something is left out: it cannot be read.")

    @property
    def anything(self) -> bool:
        return bool(self.alarms or self.doses or self.unread)


class Day(Shown):
    """The first screen."""

    alarms: tuple[Alarm, ...]
    others: Others = Field(Others(), description="On one's own screen: of those one looks after.")
    now: Task | None = Field(description="The one thing to do now.")
    rest: tuple[Task, ...]
    tiles: tuple[Tile, ...]
    against: tuple[str, ...] = Field(
        (), description="Medicines that an allergy of the record speaks against, a sentence each."
    )
    noticed: tuple[str, ...] = Field((), description="What changed over the last month, a sentence each.")
    importing: int | None = Field(None, description="How far an import under way is, in percent.")
    empty: bool = Field(description="Whether nothing at all is known yet.")


class Entry(Shown):
    """One thing that happened."""

    at: datetime
    whole_day: bool = Field(False, description="Whether only the day is known.")
    sort: str = Field(description="What it is filtered by: readings, sessions or a list of the record.")
    id: UUID
    title: str
    value: str = ""
    says: str = ""
    mark: Mark = "none"
    icon: str
    colour: str = ""
    href: str | None = None


class TimelinePage(Shown):
    """Some entries, newest first, and where the next ones begin."""

    items: tuple[Entry, ...]
    next: str | None = None
