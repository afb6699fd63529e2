"""Persons with accounts, keys and medicines by the hundred thousand: real rows, sealed as the service seals them, by COPY."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID, uuid5

import orjson
import psutil
import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from ojas.features.identity.schemas import Preferences
from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.patterns import Interval, Pattern, Slot, Weekly
from ojas.features.medications.rules.schedule import Schedule
from ojas.features.medications.schemas import MedicineDraft
from ojas.features.medications.service.content import Content
from ojas.kit import crypto
from ojas.kit.db.keyring import PersonKeys
from ojas.kit.ids import new_id

_EACH = 5
_AT_ONCE = 20_000
_ONE = Amount(Decimal(1), "{tablet}")
_ZONE = "Asia/Kolkata"
_EVERY = timedelta(hours=8)
Row = tuple[object, ...]


@dataclass
class Patients:
    """``master`` wraps the keys; ``dsn`` is of a role that row security does not bind, as for a restored backup."""

    dsn: str
    master: crypto.MasterKeys
    count: int = 0
    rows: dict[str, list[Row]] = field(default_factory=dict)

    def fill(self, schedules: int) -> None:
        """Until there are so many schedules, of which none is due for hours."""
        now = datetime.now(UTC)
        daily = Weekly((Slot(time(8), _ONE), Slot(time(20), _ONE)))
        plain = _plain(daily, now.date() - timedelta(days=30))
        while self.count < schedules:
            person, _ = self._person()
            for _ in range(min(_EACH, schedules - self.count)):
                later = now + timedelta(hours=4, seconds=self.count % 28_800)
                self._medicine(person, plain, later)
            self._send(_AT_ONCE)
        self._send()
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE medicines, doses, persons, accounts, person_keys")

    def due_at(self, moments: Sequence[datetime]) -> dict[str, datetime]:
        """One medicine of one new person due at each moment, eight hours after it was last taken. By address."""
        found = {}
        for moment in moments:
            taken = moment - _EVERY
            person, address = self._person()
            plain = _plain(Interval(_EVERY, time(8), _ONE), taken.date() - timedelta(days=3))
            medicine = self._medicine(person, plain, moment)
            self._taken(person, medicine, taken)
            found[address] = moment
            self._send(_AT_ONCE)
        self._send()
        return found

    def due_together(self, persons: int, each: int) -> dict[str, datetime]:
        """So many medicines of each of so many new persons, all due at one minute: they are there, and due, at one commit."""
        minute = datetime.now(UTC).replace(second=0, microsecond=0)
        local = minute.astimezone(UTC) + timedelta(hours=5, minutes=30)
        plain = _plain(Weekly((Slot(local.time(), _ONE),)), local.date() - timedelta(days=30))
        found = {}
        for _ in range(persons):
            person, address = self._person()
            for _ in range(each):
                self._medicine(person, plain, minute)
            found[address] = minute
        committed = self._send()
        return dict.fromkeys(found, committed)

    def deliveries(self) -> list[tuple[object, ...]]:
        """How letters stand: state, attempts, the last answer, and how many."""
        query = "SELECT state, attempts, answer, count(*) FROM deliveries WHERE channel = 'email' GROUP BY 1, 2, 3"
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query).fetchall()

    def cpu(self) -> float:
        """Seconds the database has used, all its processes together, those that ended included."""
        with psycopg.connect(self.dsn) as connection:
            top = psutil.Process(connection.info.backend_pid).parent()
        assert top is not None
        total = 0.0
        for process in [top, *top.children()]:
            with suppress(psutil.Error):
                times = process.cpu_times()
                total += (
                    times.user
                    + times.system
                    + (times.children_user + times.children_system) * (process == top)
                )
        return total

    def _person(self) -> tuple[PersonKeys, str]:
        person, account, now = new_id(), new_id(), datetime.now(UTC)
        key = crypto.DataKey.new(1)
        keys = PersonKeys(person, {1: key})
        address = f"{account.hex}@example.org"
        self._add("persons", person_id=person, created_at=now, created_by=account, synthetic=False)
        self._add(
            "person_keys",
            person_id=person,
            version=1,
            wrapped=self.master.wrap(person, 1, key),
            created_at=now,
        )
        self._add(
            "accounts",
            id=account,
            person_id=person,
            email_index=account.bytes,
            sealed=keys.seal(address.encode(), "accounts", account),
            preferences=Jsonb(_PREFERENCES),
            created_at=now,
            updated_at=now,
            verified_at=now,
        )
        return keys, address

    def _medicine(self, of: PersonKeys, plain: bytes, due: datetime) -> UUID:
        id, now = new_id(), datetime.now(UTC)
        self.count += 1
        self._add(
            "medicines",
            person_id=of.person_id,
            id=id,
            status="active",
            zone=_ZONE,
            next_due_at=due,
            version=1,
            created_at=now,
            updated_at=now,
            sealed=of.seal(plain, "medicines", id),
        )
        return id

    def _taken(self, of: PersonKeys, medicine: UUID, at: datetime) -> None:
        key = at.isoformat(timespec="minutes")
        id = uuid5(medicine, key)
        self._add(
            "doses",
            person_id=of.person_id,
            id=id,
            medicine_id=medicine,
            key=key,
            day=at.date(),
            planned=at.isoformat(timespec="minutes"),
            at=at,
            opens_at=at - timedelta(hours=4),
            on_time_at=at + timedelta(hours=1),
            closes_at=at + timedelta(hours=4),
            action="take",
            answered_at=at,
            told_at=at,
            held=False,
            begun_at=at,
            said=1,
            version=2,
            created_at=at,
            sealed=of.seal(Content(planned=_ONE).model_dump_json().encode(), "doses", id),
        )

    def _add(self, table: str, **values: object) -> None:
        rows = self.rows.setdefault(table, [tuple(values)])
        rows.append(tuple(values.values()))

    def _send(self, least: int = 0) -> datetime:
        """Once there are so many rows. Answers when that was about to be committed."""
        if max((len(rows) for rows in self.rows.values()), default=0) < max(least, 2):
            return datetime.now(UTC)
        with psycopg.connect(self.dsn) as connection:
            for table in ("persons", "person_keys", "accounts", "medicines", "doses"):
                if rows := self.rows.pop(table, []):
                    _copy(connection, table, rows)
            return datetime.now(UTC)


def _copy(connection: psycopg.Connection[tuple[object, ...]], table: str, rows: Sequence[Row]) -> None:
    names = sql.SQL(", ").join(sql.Identifier(str(name)) for name in rows[0])
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for row in rows[1:]:
            copy.write_row(row)


def _plain(pattern: Pattern, start: date) -> bytes:
    """What of a medicine is sealed."""
    draft = MedicineDraft(
        name="Metoprolol", strength="50 mg", purpose="High blood pressure", schedule=Schedule(pattern, start)
    )
    return orjson.dumps(draft.model_dump(mode="json", exclude={"status"}))


_PREFERENCES = Preferences(language="en", time_zone=_ZONE).model_dump(mode="json")
