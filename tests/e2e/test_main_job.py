"""The main job, whole, on the smallest phone and on a desk, in three languages, by keyboard alone."""

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.builders import apple_health
from tests.e2e.conftest import Site, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

PHONE, DESK = (360, 740), (1280, 800)
NAMES = {"en": ("Meera", "Vikram"), "hi": ("मीरा", "विक्रम"), "ta": ("மீரா", "விக்ரம்")}
DAYS = 45


@pytest.fixture(scope="session")
def export_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an iPhone writes, of the last weeks."""
    today = datetime.now(apple_health.INDIA).replace(hour=0, minute=0, second=0, microsecond=0)
    patch = pytest.MonkeyPatch()
    patch.setattr(apple_health, "BEGIN", today - timedelta(days=DAYS))
    path = tmp_path_factory.mktemp("files") / "export.zip"
    path.write_bytes(apple_health.days(DAYS, every_s=1800).zip())
    patch.undo()
    return path


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clinic writes: a diagnosis, and cholesterol three times."""
    taken = [datetime.now(UTC) - timedelta(days=n) for n in (20, 120, 240)]
    lab = "http://loinc.org"
    entries = [
        {"resourceType": "Patient", "id": "p", "name": [{"text": "Meera"}]},
        {
            "resourceType": "Condition",
            "id": "c",
            "subject": {"reference": "Patient/p"},
            "clinicalStatus": {
                "coding": [
                    {"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}
                ]
            },
            "code": {
                "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I25.10"}],
                "text": "Coronary artery disease",
            },
            "recordedDate": taken[2].isoformat(timespec="seconds"),
        },
        *(
            {
                "resourceType": "Observation",
                "id": f"o{n}",
                "status": "final",
                "subject": {"reference": "Patient/p"},
                "code": {"coding": [{"system": lab, "code": "13457-7", "display": "LDL cholesterol"}]},
                "effectiveDateTime": at.isoformat(timespec="seconds"),
                "valueQuantity": {
                    "value": 76 + 20 * n,
                    "unit": "mg/dL",
                    "system": "http://unitsofmeasure.org",
                    "code": "mg/dL",
                },
            }
            for n, at in enumerate(taken)
        ),
    ]
    path = tmp_path_factory.mktemp("files") / "bundle.json"
    entry = [{"fullUrl": f"urn:x:{one['id']}", "resource": one} for one in entries]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}))
    return path


@pytest.mark.parametrize(
    ("language", "size"),
    [("en", PHONE), ("en", DESK), ("hi", PHONE), ("ta", PHONE)],
    ids=["en-phone", "en-desk", "hi-phone", "ta-phone"],
)
def test_from_sign_in_to_export(
    site: Site,
    arrive: Callable[..., Somebody],
    export_zip: Path,
    bundle: Path,
    tmp_path: Path,
    language: str,
    size: tuple[int, int],
) -> None:
    name, doctor_name = NAMES[language]
    emails = site.account(name, language), site.account(doctor_name, language)
    meera = arrive(name, language, *size)
    meera.sign_in(emails[0])
    meera.seen("empty")

    bring_in(meera, export_zip, "import")
    bring_in(meera, bundle, "import-fhir")
    look_at_today(meera)
    look_at_trends(meera)
    enter_and_correct(meera)
    share(meera, emails[1])

    doctor = arrive(doctor_name, language, *size)
    doctor.sign_in(emails[1])
    accept_and_look(doctor, meera.root)

    see_who_looked(meera, doctor_name)
    take_back(meera)
    doctor.go(f"{meera.root}/readings/blood_pressure")
    assert "128/86" not in doctor.page.content()

    export(meera, tmp_path)


def bring_in(somebody: Somebody, file: Path, name: str) -> None:
    somebody.go(somebody.root)
    somebody.go(f"{somebody.root}/imports")
    somebody.page.set_input_files("input[type=file]", file)  # the system's own dialog has no keys for us
    somebody.press("main form .btn.main")
    somebody.page.wait_for_url("**/imports/*")
    somebody.page.wait_for_selector("#progress:not([hx-get])", timeout=60_000)
    somebody.page.wait_for_selector("main table")
    somebody.seen(name)


def look_at_today(somebody: Somebody) -> None:
    somebody.press('.tabs a[href$="' + somebody.root.rpartition("/")[2] + '"]')
    content = somebody.page.inner_text("main")
    assert somebody.page.locator(".tile").count() >= 5, content
    somebody.seen("today")


def look_at_trends(somebody: Somebody) -> None:
    somebody.press('.tabs a[href$="/trends"]')
    drawn = somebody.page.locator("figure.chart")
    ids = drawn.evaluate_all("all => all.map(one => one.id)")
    for kind in ("heart-rate", "steps", "sleep", "weight", "blood-pressure", "ldl"):
        assert f"chart-{kind}" in ids, ids
    somebody.page.wait_for_selector("#chart-heart-rate canvas")
    somebody.seen("trends")
    plot = somebody.reach("#chart-heart-rate .plot")
    readout = somebody.page.locator("#chart-heart-rate [data-readout]")
    last = readout.inner_text()
    somebody.page.keyboard.press("ArrowLeft")
    somebody.page.keyboard.press("ArrowLeft")
    somebody.settle()
    assert readout.inner_text() != last, "the arrows read the chart"
    before = [span(somebody, kind) for kind in ("heart-rate", "steps")]
    finding = somebody.page.locator("#chart-heart-rate .finding")
    whole = finding.inner_text()
    plot.press("+")
    somebody.settle()
    assert finding.inner_text() != whole, "the title tells of what is shown"
    after = [span(somebody, kind) for kind in ("heart-rate", "steps")]
    assert after[0] < before[0] * 0.6
    assert after[0] == after[1], "charts zoom together"
    plot.press("0")
    somebody.settle()
    assert finding.inner_text() == whole
    somebody.press('nav.segments a[href*="range=1m"]')
    assert "range=1m" in somebody.page.url
    somebody.page.wait_for_selector("#chart-heart-rate canvas")


def span(somebody: Somebody, kind: str) -> float:
    """How many seconds a chart shows."""
    scale = f"document.querySelector('#chart-{kind} .plot').chart.u.scales.x"
    return float(somebody.page.evaluate(f"{scale}.max - {scale}.min"))


def enter_and_correct(somebody: Somebody) -> None:
    somebody.press('.tabs a[href$="/add"]')
    somebody.press('main a[href$="/add/blood_pressure"]')
    somebody.type("input[name=systolic]", "138")
    somebody.type("input[name=diastolic]", "86")
    somebody.page.wait_for_selector("#band .level")
    somebody.seen("enter")
    somebody.press("main form .btn.main")
    somebody.page.wait_for_selector("text=138/86")
    somebody.seen("reading-saved")
    somebody.press('main .list a[href*="/readings/blood_pressure/"]')
    somebody.press('main a[href$="/change"]')
    somebody.type("input[name=systolic]", "128")
    somebody.press("main form .btn.main")
    somebody.page.wait_for_selector("text=128/86")
    assert "138/86" in somebody.page.inner_text("main"), "what was there before stays in the history"
    somebody.seen("reading")


def share(somebody: Somebody, email: str) -> None:
    somebody.go(f"{somebody.root}/sharing")
    somebody.press('main a[href$="/sharing/new"]')
    somebody.type("input[name=email]", email)
    somebody.press('input[name=scopes][value="measurements"]', "Space")
    somebody.seen("share")
    somebody.press("main form .btn.main")
    somebody.page.wait_for_url("**/sharing")
    somebody.seen("sharing")


def accept_and_look(doctor: Somebody, record: str) -> None:
    doctor.go("/people")
    doctor.seen("invitation")
    doctor.press('form[action$="/accept"] button')
    doctor.go(record)
    doctor.seen("doctor-today")
    content = doctor.page.inner_text("main")
    assert "128/86" in content
    assert doctor.page.locator('.tile[href*="/trends/steps"]').count() == 0, (
        "what devices send was not shared"
    )
    doctor.go(f"{record}/readings/blood_pressure")
    assert "128/86" in doctor.page.inner_text("main")
    doctor.seen("doctor-readings")
    for closed in ("record", "imports", "trends/steps"):
        answer = doctor.page.goto(f"{record}/{closed}")
        assert answer
        assert answer.status in (403, 404), closed
    doctor.go(f"{record}/trends")
    ids = doctor.page.locator("figure.chart").evaluate_all("all => all.map(one => one.id)")
    assert "chart-blood-pressure" in ids
    assert "chart-steps" not in ids


def see_who_looked(somebody: Somebody, doctor: str) -> None:
    somebody.go(f"{somebody.root}/sharing")
    somebody.press('main a[href$="/access"]')
    assert doctor in somebody.page.inner_text("main")
    somebody.seen("access")


def take_back(somebody: Somebody) -> None:
    somebody.go(f"{somebody.root}/sharing")
    somebody.press('main form[action$="/end"] button')
    somebody.seen("taken-back")


def export(somebody: Somebody, folder: Path) -> None:
    somebody.go(f"{somebody.root}/exports")
    somebody.press("main form button.main")
    somebody.page.wait_for_selector("main a[download]", timeout=60_000)
    somebody.seen("export")
    with somebody.page.expect_download() as loading:
        somebody.press("main a[download]", stays=True)
    path = folder / "record.zip"
    loading.value.save_as(path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert "measurements/readings.ndjson" in names
        readings = [json.loads(line) for line in archive.read("measurements/readings.ndjson").splitlines()]
    assert any(r.get("systolic") == 128 and r.get("diastolic") == 86 for r in readings)
