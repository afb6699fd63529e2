"""The export itself: one walk over ``export.xml``, batches of columns and of single things."""

import html
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain
from operator import itemgetter
from uuid import UUID
from zipfile import ZipInfo

from ojas.features.connections.rules import (
    Amount,
    Batch,
    Day,
    Item,
    Owner,
    Refused,
    Route,
    Samples,
    Unreadable,
)
from ojas.features.connections.vendors.apple_health import clinical, columns, ecg, routes, words
from ojas.features.connections.vendors.apple_health.columns import Group
from ojas.features.connections.vendors.apple_health.pressures import DIASTOLIC, SYSTOLIC, Pairs
from ojas.features.connections.vendors.apple_health.workouts import Draft
from ojas.features.connections.vendors.archive import Archive
from ojas.features.connections.vendors.markup import DEEP, DEPTH, Attributes, Lane, Walk, named
from ojas.kit.errors import Fault
from ojas.kit.i18n import N_

ROWS = 100_000
"""Rows in a batch: some 30 MB as text, and one transaction."""
THINGS = 2_000
"""Workouts, clinical records and refusals in a batch."""
TRACES = 50
"""Electrocardiograms in a batch: 6 MB as numbers."""

SIBLINGS = ("Record", "Correlation", "Workout", "ActivitySummary", "ClinicalRecord")
NO_TYPE = Fault("It does not say what was measured.")
BROKEN_TEXT = Fault("Some of its letters are damaged.")
UNKNOWN = N_("Records of the type {type} are not known here.")
OUTSIDE = Fault("The archive names a place outside itself. That entry was left out.")

_ZONE, _ENTERED, _MOTION = "HKTimeZone", "HKWasUserEntered", "HKMetadataKeyHeartRateMotionContext"
_MOVED = {"1": 1, "2": 2}
_FIELDS = ("type", "sourceName", "unit", "device", "startDate", "endDate", "value")
_SHAPES = 1_000
_GROUPS = 10_000
_DAMAGED = "\ufffd".encode()

_RECORD = re.compile(
    rb'\s*<Record type="([^"<&]*)" sourceName="([^"<]*)"(?: sourceVersion="[^"<]*")?(?: device="([^"<]*)")?'
    rb'(?: unit="([^"<&]*)")? creationDate="[^"<&]*" startDate="([^"<&]*)" endDate="([^"<&]*)"'
    rb'(?: value="([^"<&]*)")?(?:/>|>((?:\s*<MetadataEntry key="[^"<&]*" value="[^"<&]*"/>)*)\s*</Record>)'
)
_MARKS = frozenset(name.encode() for name in (_ZONE, _ENTERED, _MOTION))
_ENTRY = re.compile(rb'key="([^"]*)" value="([^"]*)"')

Pick = Callable[[Attributes], tuple[str, ...]]
"""Takes the values of ``_FIELDS`` out of an element's attributes."""


class Reading:
    """State of one walk. ``start`` and ``end`` are called for every element of the file, in its order."""

    def __init__(self, archive: Archive | None, now: datetime, person_id: UUID):
        self._archive = archive
        self._person_id = person_id
        self._now = now
        self._now_ms = round(now.timestamp() * 1000)
        self._groups: dict[tuple[str, str, str, str], Group] = {}
        self._plain: dict[tuple[bytes, bytes, bytes, bytes], Group] = {}
        self._rows = 0
        self._things: list[Item] = []
        self._pairs = Pairs()
        self._last: Group | None = None
        self._workout: Draft | None = None
        self._correlation = False
        self._depth = 0
        self._shapes: dict[tuple[str, ...], Pick] = {}
        self._walk = Walk("HealthData", SIBLINGS, self.start, self.end, self._reset, self._lane())

    def batches(self, chunks: Iterable[bytes], total: int) -> Iterator[Batch]:
        number, done = 0, 0
        if self._archive:
            self._things.extend(Refused(OUTSIDE, name[:200]) for name in self._archive.outside[:THINGS])
            for recordings in self._recordings(self._archive):
                number += 1
                yield Batch(number, recordings, 0, total)
        for step in self._walk.run(chunks):
            if isinstance(step, Refused):
                self._things.append(step)
                continue
            done = step
            if self._rows >= ROWS or len(self._things) >= THINGS:
                number += 1
                yield Batch(number, self._flush(), done, total)
        last = (*self._flush(), *self._pairs.rest())
        if last:
            yield Batch(number + 1, last, done, total)

    def _recordings(self, archive: Archive) -> Iterator[tuple[Item, ...]]:
        """The electrocardiograms, some at a time: each is a file beside the export."""
        tables = [entry for entry in archive.entries if entry.filename.casefold().endswith(".csv")]
        for place in range(0, len(tables), TRACES):
            yield tuple(self._table(archive, entry) for entry in tables[place : place + TRACES])

    def _table(self, archive: Archive, entry: ZipInfo) -> Item:
        where = posixpath.basename(entry.filename)[:200]
        try:
            return ecg.recording(archive.read(entry, ecg.LIMIT), where, self._now_ms)
        except Unreadable as error:
            return Refused(error.fault, where)

    def start(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            raise Unreadable(DEEP)
        if name == "Record":
            if not self._correlation:
                self._record(attributes)
        elif name == "MetadataEntry" and self._workout is None:
            if self._last is not None:
                self._mark(self._last, attributes)
        elif self._workout is not None:
            self._workout.child(name, named(attributes))
        elif name == "Workout":
            self._workout = Draft(named(attributes))
        elif name == "Correlation":
            # The foods of a meal stand among the records too. So do the halves of a pressure, which pair only once.
            self._correlation = named(attributes).get("type") != "HKCorrelationTypeIdentifierBloodPressure"
            self._last = None
        else:
            self._single(name, named(attributes))

    def end(self, name: str) -> None:
        self._depth -= 1
        if name == "Record":
            self._last = None
        elif name == "Workout" and self._workout is not None:
            draft, self._workout = self._workout, None
            self._things.append(self._finished(draft))
        elif name == "Correlation":
            self._correlation = False

    def _reset(self) -> None:
        self._last, self._workout, self._correlation, self._depth = None, None, False, 0

    def _record(self, attributes: Attributes) -> None:
        """This runs for every record, 100,000 times a second."""
        names = tuple(attributes[::2])
        pick = self._shapes.get(names) or self._shape(names)
        attributes.append("")
        picked = pick(attributes)
        type_, source, unit, device = picked[:4]
        row = tuple(text.encode() for text in picked[4:])
        # words.steady(), in place.
        key = (type_, source, unit, device[device.find(">") + 1 :])
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group(type_, unit, words.source(source, device))
        if self._walk.replaced and "\ufffd" in "".join((*picked[4:], type_, unit)):
            self._things.append(Refused(BROKEN_TEXT, columns.where(type_, row[0])))
            self._last = None
            return
        group.rows.append(row)
        self._rows += 1
        self._last = group

    def _lane(self) -> Lane:
        return Lane(_RECORD, self._written, lambda: self._depth == 1)

    def _written(self, match: re.Match[bytes]) -> None:
        """A record just as Apple writes it: the same as ``_record``, three times as fast."""
        type_, source, device, unit, *row, metadata = match.groups(b"")
        key = (type_, source, unit, device[device.find(b"&gt;") + 4 :] if device else b"")
        group = self._plain.get(key)
        if group is None:
            group = self._plain[key] = _group(type_, source, unit, device)
        if self._walk.replaced and _DAMAGED in b"".join((type_, unit, *row)):
            self._things.append(Refused(BROKEN_TEXT, columns.where(group.type, row[0])))
            return
        group.rows.append(tuple(row))
        self._rows += 1
        if metadata:
            for name, value in _ENTRY.findall(metadata):
                if name in _MARKS:
                    self._mark(group, ["", name.decode(), "", value.decode()])

    def _shape(self, names: tuple[str, ...]) -> Pick:
        """Where the fields stand for attributes of these names; what is not there is the last, empty one."""
        places = (2 * names.index(field) + 1 if field in names else -1 for field in _FIELDS)
        if len(self._shapes) > _SHAPES:
            self._shapes.clear()
        return self._shapes.setdefault(names, itemgetter(*places))

    @staticmethod
    def _mark(group: Group, attributes: Attributes) -> None:
        if len(attributes) != 4:
            return
        _, key, _, value = attributes
        if key == _MOTION:
            group.motion[len(group.rows) - 1] = _MOVED.get(value, 0)
        elif key == _ZONE:
            group.zones[len(group.rows) - 1] = value
        elif key == _ENTERED and value == "1":
            group.entered.add(len(group.rows) - 1)

    def _single(self, name: str, attributes: dict[str, str]) -> None:
        if name == "ActivitySummary":
            self._things.append(_day(attributes))
        elif name == "Me":
            self._things.append(_owner(attributes))
        elif name == "ClinicalRecord":
            self._things.append(clinical.resource(attributes, self._archive, self._person_id))

    def _finished(self, draft: Draft) -> Item:
        a = draft.attributes
        track, fault = self._track(draft.files)
        if fault:
            self._things.append(
                Refused(fault, columns.where(a.get("workoutActivityType", ""), a.get("startDate", "")))
            )
        return draft.done(words.source(a.get("sourceName", ""), a.get("device", "")), track, self._now)

    def _track(self, files: list[str]) -> tuple[Route | None, Fault | None]:
        entry = self._archive.find(files[0]) if files and self._archive else None
        if entry is None or self._archive is None:
            return None, None
        try:
            return routes.gpx(self._archive.read(entry, routes.LIMIT)), None
        except Unreadable as error:
            return None, error.fault

    def _flush(self) -> tuple[Item, ...]:
        items, self._things = self._things, []
        held = self._hold()
        for group in chain(self._plain.values(), self._groups.values()):
            if group.rows:
                items.extend(self._columns(group))
                group.clear()
        if len(self._groups) + len(self._plain) > _GROUPS:
            self._groups.clear()
            self._plain.clear()
        self._rows = 0
        if held:
            group, row, zone, entered, motion = held
            self._groups[group.type, group.source.name, group.unit, "open"] = group
            group.rows, group.zones, group.entered, group.motion = [row], zone, entered, motion
            self._rows = 1
        return tuple(items)

    def _hold(self) -> tuple[Group, columns.Row, dict[int, str], set[int], dict[int, int]] | None:
        """The record whose element is still open, taken out until it is whole."""
        group = self._last
        if group is None or not group.rows:
            return None
        place = len(group.rows) - 1
        zone = {0: group.zones.pop(place)} if place in group.zones else {}
        entered = {0} if place in group.entered else set()
        group.entered.discard(place)
        motion = {0: group.motion.pop(place)} if place in group.motion else {}
        return group, group.rows.pop(), zone, entered, motion

    def _columns(self, group: Group) -> Iterator[Item]:
        if not group.type:
            yield Refused(NO_TYPE, group.rows[0][0].decode(errors="replace"), len(group.rows))
        elif group.type.startswith("HKQuantityType"):
            for item in columns.samples(group, self._now_ms):
                if isinstance(item, Samples) and item.type in (SYSTOLIC, DIASTOLIC):
                    yield from self._pairs.take(item)
                else:
                    yield item
        elif group.type.startswith("HKCategoryType"):
            yield from columns.categories(group, self._now_ms)
        else:
            fault = Fault(UNKNOWN, params={"type": group.type[:100]})
            yield Refused(fault, columns.where(group.type[:100], group.rows[0][0]), len(group.rows))


def _group(type_: bytes, source: bytes, unit: bytes, device: bytes) -> Group:
    name, made = (html.unescape(text.decode()) for text in (source, device))
    return Group(type_.decode(), unit.decode(), words.source(" ".join(name.split("\n")), made))


def _day(a: dict[str, str]) -> Item:
    date = a.get("dateComponents", "")
    units = {"activeEnergyBurned": words.ucum(a.get("activeEnergyBurnedUnit", "kcal")) or "kcal"}
    units |= {"appleExerciseTime": "min", "appleMoveTime": "min", "appleStandHours": "h"}
    units |= {f"{name}Goal": unit for name, unit in units.items()}
    told = {name: Amount(routes.number(a.get(name)), unit) for name, unit in units.items() if name in a}
    if len(date) != 10:
        return Refused(columns.NO_TIME, f"ActivitySummary · {date}")
    return Day(date, {name: amount for name, amount in told.items() if amount.value == amount.value})


def _owner(a: dict[str, str]) -> Owner:
    facts = {key.removeprefix("HKCharacteristicTypeIdentifier"): value for key, value in a.items()}
    return Owner(
        birth_date=facts.get("DateOfBirth") or None,
        sex=facts.get("BiologicalSex", "").removeprefix("HKBiologicalSex").lower() or None,
        facts=facts,
    )
