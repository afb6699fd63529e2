"""Apple Health exports of any size, made up from a seed: the same seed and size give the same bytes."""

import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from xml.sax.saxutils import quoteattr

INDIA = timezone(timedelta(hours=5, minutes=30))
BEGIN = datetime(2023, 1, 1, tzinfo=INDIA)

WATCH = "Asha’s Apple Watch"
PHONE = "Asha’s iPhone"

# As iOS 16 writes it, which is not well formed: a stray bracket and an unknown keyword.
BROKEN_TYPE = """<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 12 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary|ClinicalRecord)*)>
<!ATTLIST HealthData
  locale CDATA #REQUIRED
>
<!ELEMENT Record ((MetadataEntry|HeartRateVariabilityMetadataList)*)>
<!ATTLIST Record
  type CDATA #REQUIRED
  unit CDATA #IMPLIED
  device CDATA #IMPLIE
]]>
"""


@dataclass
class Export:
    """What the parts of an export are, before they are written."""

    body: list[str] = field(default_factory=list)
    routes: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    locale: str = "en_IN"
    document_type: str = BROKEN_TYPE

    def add(self, *elements: str) -> "Export":
        self.body.extend(elements)
        return self

    def xml(self) -> bytes:
        return "".join([*opening(self.locale, self.document_type), *self.body, "</HealthData>\n"]).encode()

    def zip(self, folder: str = "apple_health_export", name: str = "export.xml") -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"{folder}/{name}", self.xml())
            for path, text in self.routes.items():
                archive.writestr(f"{folder}{path}", text)
            for path, content in self.files.items():
                archive.writestr(f"{folder}{path}", content)
        return target.getvalue()


def opening(locale: str = "en_IN", document_type: str = BROKEN_TYPE) -> list[str]:
    return [
        f'<?xml version="1.0" encoding="UTF-8"?>\n{document_type}<HealthData locale="{locale}">\n',
        ' <ExportDate value="2026-10-01 08:00:00 +0530"/>\n',
        ' <Me HKCharacteristicTypeIdentifierDateOfBirth="1958-04-12"'
        ' HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexFemale"'
        ' HKCharacteristicTypeIdentifierBloodType="HKBloodTypeBPositive"/>\n',
    ]


def written(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S %z")


def device(address: int, software: str = "10.2") -> str:
    return (
        f"<<HKDevice: 0x{address:x}>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, "
        f"hardware:Watch6,7, software:{software}>"
    )


def record(
    type_: str,
    value: str | float | None,
    unit: str | None,
    start: datetime | str,
    end: datetime | str | None = None,
    *,
    source: str = WATCH,
    device: str | None = None,
    metadata: dict[str, str] | None = None,
) -> str:
    start = start if isinstance(start, str) else written(start)
    end = start if end is None else end if isinstance(end, str) else written(end)
    prefix = "" if type_.startswith("HK") else "HKQuantityTypeIdentifier"
    parts = [f' <Record type="{prefix}{type_}" sourceName={quoteattr(source)} sourceVersion="10.2"']
    parts += [f" device={quoteattr(device)}"] if device else []
    parts += [f" unit={quoteattr(unit)}"] if unit is not None else []
    parts += [f' creationDate="{start}" startDate="{start}" endDate="{end}"']
    parts += [f' value="{value}"'] if value is not None else []
    if not metadata:
        return "".join([*parts, "/>\n"])
    entries = (
        f"  <MetadataEntry key={quoteattr(key)} value={quoteattr(text)}/>\n" for key, text in metadata.items()
    )
    return "".join([*parts, ">\n", *entries, " </Record>\n"])


def stage(name: str, start: datetime, end: datetime, source: str = WATCH) -> str:
    return record(
        "HKCategoryTypeIdentifierSleepAnalysis",
        f"HKCategoryValueSleepAnalysis{name}",
        None,
        start,
        end,
        source=source,
        metadata={"HKTimeZone": "Asia/Kolkata"},
    )


def pressure(
    systolic: float, diastolic: float, at: datetime, source: str = "Omron", unit: str = "mmHg"
) -> list[str]:
    """Two records and the correlation that repeats them."""
    halves = [
        record("BloodPressureSystolic", systolic, unit, at, source=source),
        record("BloodPressureDiastolic", diastolic, unit, at, source=source),
    ]
    copies = "".join(" " + half for half in halves)
    start = written(at)
    return [
        *halves,
        f' <Correlation type="HKCorrelationTypeIdentifierBloodPressure" sourceName="{source}" creationDate="{start}"'
        f' startDate="{start}" endDate="{start}">\n{copies} </Correlation>\n',
    ]


def workout(start: datetime, minutes: float, kilometres: float, *, route: str | None = None) -> str:
    """In the form since iOS 16."""
    first, last = written(start), written(start + timedelta(minutes=minutes))
    inner = (
        f'  <MetadataEntry key="HKTimeZone" value="Asia/Kolkata"/>\n'
        f'  <WorkoutStatistics type="HKQuantityTypeIdentifierHeartRate" startDate="{first}" endDate="{last}"'
        ' average="112.5" minimum="88" maximum="131" unit="count/min"/>\n'
        f'  <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" startDate="{first}"'
        f' endDate="{last}" sum="{kilometres}" unit="km"/>\n'
        f'  <WorkoutStatistics type="HKQuantityTypeIdentifierActiveEnergyBurned" startDate="{first}"'
        f' endDate="{last}" sum="{kilometres * 55:.1f}" unit="kcal"/>\n'
    )
    if route:
        inner += (
            f'  <WorkoutRoute sourceName="{PHONE}" startDate="{first}" endDate="{last}">\n'
            f'   <FileReference path="{route}"/>\n  </WorkoutRoute>\n'
        )
    return (
        f' <Workout workoutActivityType="HKWorkoutActivityTypeWalking" duration="{minutes}" durationUnit="min"'
        f' sourceName="{WATCH}" sourceVersion="10.2" creationDate="{last}" startDate="{first}" endDate="{last}">\n'
        f"{inner} </Workout>\n"
    )


def gpx(start: datetime, fixes: int) -> str:
    utc = start.astimezone(timezone.utc)  # noqa: UP017
    points = "".join(
        f'<trkpt lon="{80.27 + i * 1e-5:.6f}" lat="{13.08 + i * 1e-5:.6f}"><ele>6.5</ele>'
        f"<time>{(utc + timedelta(seconds=i)).strftime('%Y-%m-%dT%H:%M:%SZ')}</time>"
        "<extensions><speed>1.4</speed></extensions></trkpt>\n"
        for i in range(fixes)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gpx version="1.1" creator="Apple Health Export"'
        f' xmlns="http://www.topografix.com/GPX/1/1"><trk><name>Route</name><trkseg>\n{points}</trkseg></trk></gpx>'
    )


def activity(date: str) -> str:
    return (
        f' <ActivitySummary dateComponents="{date}" activeEnergyBurned="412.5" activeEnergyBurnedGoal="400"'
        ' activeEnergyBurnedUnit="kcal" appleExerciseTime="31" appleExerciseTimeGoal="30" appleStandHours="10"'
        ' appleStandHoursGoal="12"/>\n'
    )


def days(count: int, seed: int = 1, every_s: int = 300) -> Export:
    """A heart patient's days: pulse every few minutes, steps and energy by the quarter hour, nights, readings, walks."""
    export = Export()
    for part in _days(count, seed, every_s):
        export.body.append(part)
    return export


def stream(size: int, seed: int = 1, every_s: int = 60) -> Iterator[bytes]:
    """An ``export.xml`` of at least ``size`` bytes, piece by piece, in flat memory."""
    head = "".join(opening()).encode()
    yield head
    made, held = len(head), list[str]()
    for count, part in enumerate(_days(100_000, seed, every_s), 1):
        held.append(part)
        if count % 2_000 == 0:
            piece = "".join(held).encode()
            held.clear()
            made += len(piece)
            yield piece
            if made >= size:
                break
    yield b"".join([*(part.encode() for part in held), b"</HealthData>\n"])


def _days(count: int, seed: int, every_s: int) -> Iterator[str]:
    chance = random.Random(seed)
    for number in range(count):
        yield from _day(BEGIN + timedelta(days=number), chance, every_s)


def _day(midnight: datetime, chance: random.Random, every_s: int) -> Iterator[str]:
    watch = quoteattr(device(0x300000000 + chance.randrange(1 << 20) * 32))
    head = f' <Record type="HKQuantityTypeIdentifierHeartRate" sourceName="{WATCH}" sourceVersion="10.2" device={watch}'
    pulse = 64.0
    for second in range(0, 86_400, every_s):
        pulse += chance.gauss(0, 2) + (68 - pulse) * 0.1
        at = written(midnight + timedelta(seconds=second + chance.randrange(min(every_s, 40))))
        yield (
            f'{head} unit="count/min" creationDate="{at}" startDate="{at}" endDate="{at}" value="{max(pulse, 40):.0f}">\n'
            '  <MetadataEntry key="HKMetadataKeyHeartRateMotionContext" value="1"/>\n </Record>\n'
        )
    for quarter in range(28, 88):
        start = midnight + timedelta(minutes=15 * quarter)
        end = start + timedelta(minutes=chance.randrange(4, 15))
        steps = chance.randrange(10, 900)
        yield record("StepCount", steps, "count", start, end, source=PHONE)
        yield record("StepCount", int(steps * 0.9), "count", start, end, device=device(0x30))
        yield record("DistanceWalkingRunning", f"{steps * 0.00071:.5f}", "km", start, end, source=PHONE)
        yield record("ActiveEnergyBurned", f"{steps * 0.04:.3f}", "kcal", start, end)
    yield from _readings(midnight, chance)


def _readings(midnight: datetime, chance: random.Random) -> Iterator[str]:
    night = midnight + timedelta(hours=22, minutes=chance.randrange(60))
    for name in ("AsleepCore", "AsleepDeep", "AsleepCore", "AsleepREM", "Awake", "AsleepCore", "AsleepREM"):
        end = night + timedelta(minutes=chance.randrange(15, 90))
        yield stage(name, night, end)
        night = end
    yield record("RestingHeartRate", chance.randrange(54, 66), "count/min", midnight)
    yield record(
        "HeartRateVariabilitySDNN", f"{chance.uniform(18, 60):.3f}", "ms", midnight + timedelta(hours=6)
    )
    yield record("OxygenSaturation", f"{chance.uniform(0.93, 0.99):.3f}", "%", midnight + timedelta(hours=3))
    morning = midnight + timedelta(hours=7, minutes=chance.randrange(30))
    yield from pressure(chance.randrange(112, 146), chance.randrange(66, 92), morning)
    yield record("BodyMass", f"{chance.gauss(64, 0.4):.1f}", "kg", morning, source="Withings")
    yield activity(f"{midnight:%Y-%m-%d}")


ECG_WORDS = {
    "en": (
        'Name,Asha Rao\nDate of Birth,"Jan 15, 1961"\nRecorded Date,{at}\nClassification,{finding}\nSymptoms,{symptoms}\n'
        'Software Version,1.90\nDevice,"Watch6,7"\nSample Rate,{rate} hertz\n\n\nLead,Lead I\nUnit,µV\n\n'
    ),
    "de": (
        'Name,Asha Rao\nGeburtstag,"15.01.1961"\nAufzeichnungsdatum,{at}\nKlassifizierung,{finding}\nSymptome,{symptoms}\n'
        'Softwareversion,2.0\nGerät,"Watch6,7"\nMessrate,"{rate} Hertz"\n\n\nAbleitung,Ableitung I\nEinheit,µV\n\n'
    ),
    "ta": (
        'பெயர்,ஆஷா\nபிறந்த தேதி,"15 ஜன., 1961"\nபதிவு தேதி,{at}\nவகைப்பாடு,{finding}\nஅறிகுறிகள்,{symptoms}\n'
        'மென்பொருள் பதிப்பு,2.0\nசாதனம்,"Watch6,7"\nமாதிரி வீதம்,{rate} ஹெர்ட்ஸ்\n\n\nலீட்,லீட் I\nஅலகு,µV\n\n'
    ),
}


def ecg(
    at: datetime,
    *,
    language: str = "en",
    finding: str = "Sinus Rhythm",
    symptoms: str = "",
    rate: float = 512,
    seconds: float = 30,
    beats: float = 66,
) -> bytes:
    """A recording as a watch writes it: one peak of 1.2 mV a beat, and a wave after it."""
    comma = language != "en"
    values = []
    for place in range(round(rate * seconds)):
        phase = place / rate * beats / 60 % 1
        peak = 1200 * max(0.0, 1 - abs(phase - 0.3) / 0.02)
        values.append(f"{peak + 180 * max(0.0, 1 - abs(phase - 0.55) / 0.08) - 40:.3f}")
    pace = f"{rate:g}"
    head = ECG_WORDS[language].format(
        at=written(at), finding=finding, symptoms=symptoms, rate=pace.replace(".", ",") if comma else pace
    )
    body = "\n".join(values)
    return (head + (body.replace(".", ",") if comma else body) + "\n").encode()
