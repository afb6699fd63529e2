"""An import with electrocardiograms is looked at and taken back, on a phone, by keyboard alone."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from tests.builders import apple_health as apple
from tests.e2e.conftest import Site, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.zip"
    made = apple.days(3)
    made.files["/electrocardiograms/ecg_1.csv"] = apple.ecg(
        apple.BEGIN + timedelta(hours=9), symptoms="Dizziness"
    )
    path.write_bytes(made.zip())
    return path


@pytest.mark.parametrize(
    ("language", "width", "height"), [("en", 360, 740), ("hi", 1280, 800), ("ta", 360, 740)]
)
def test_an_import_is_looked_at_and_taken_back_by_keyboard(
    site: Site, arrive: Callable[..., Somebody], export: Path, language: str, width: int, height: int
) -> None:
    meera: Somebody = arrive("Meera", language, width, height)
    meera.sign_in(site.account("Meera", language))
    meera.go(f"{meera.root}/imports")
    meera.page.set_input_files("input[type=file]", export)
    meera.press("main form .btn.main")
    meera.page.wait_for_url("**/imports/*")
    meera.page.wait_for_selector("#progress:not([hx-get])", timeout=60_000)
    here = meera.page.url
    meera.go(f"{meera.root}/sessions")
    recording = meera.page.locator('main .list a[href*="/sessions/"]').first.get_attribute("href")
    assert recording
    meera.go(recording)
    assert meera.page.locator("main svg[role=img]").count() >= 6
    meera.seen("ecg")
    meera.go(re.sub(r"^https?://[^/]+", "", here))
    meera.press('main a[href$="/take-back"]')
    meera.page.wait_for_url("**/take-back")
    assert "864" in meera.page.inner_text("main table")
    meera.seen("take-back")
    meera.press("main form .btn.danger")
    meera.page.wait_for_url("**/imports/*")
    meera.page.wait_for_selector("#progress:not([hx-get])", timeout=60_000)
    assert not meera.page.locator('main a[href$="/take-back"]').count()
    meera.seen("taken-back")
    meera.go(f"{meera.root}/sessions")
    assert not meera.page.locator('main .list a[href*="/sessions/"]').count()
