"""Every page of the household's record: nothing axe finds, nothing wider than a phone, in every language, light and dark."""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text as sql
from tests.e2e.conftest import PASSWORD, Site, Somebody

from ojas.features.demo.service import household
from ojas.kit import crypto
from ojas.kit.db import Access, Database
from ojas.kit.jobs import Context

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_AWAY = re.compile(r"^/(api|static)/|/sign-out|download|\.webmanifest")
_SAME = re.compile(r"(/readings/|/add/|/trends/|/record/|/calendar/events/\*/)[\w:-]+")
MOST = 70


@pytest.fixture(scope="module")
def patient(site: Site) -> tuple[str, str]:
    """The address and password of the heart patient of the demonstration."""

    async def make() -> tuple[str, str]:
        database = Database(site.conninfo, crypto.load(site.settings))
        members = await household(Context(database, site.settings))
        await database.close()
        return members[0]["email"], members[0]["password"]

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, make()).result()


def speak(site: Site, language: str, theme: str) -> None:
    """Every account speaks this language, and shows itself so."""

    async def write() -> None:
        database = Database(site.conninfo, crypto.load(site.settings))
        async with database.transaction(Access.system("sign_in")) as tx:
            await tx.session.execute(
                sql(
                    "UPDATE accounts SET preferences = preferences"
                    " || jsonb_build_object('language', cast(:language AS text), 'theme', cast(:theme AS text))"
                ),
                {"language": language, "theme": theme},
            )
        await database.close()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, write()).result()


def pattern(path: str) -> str:
    """Pages that differ by a name or an id alone are one page."""
    return _SAME.sub(r"\1*", _ID.sub("*", path.split("?")[0].split("#")[0]))


@pytest.mark.parametrize(
    ("language", "size", "theme"),
    [
        ("en", (1280, 800), "light"),
        ("en", (360, 740), "dark"),
        ("hi", (360, 740), "light"),
        ("ta", (360, 740), "light"),
        ("ta", (320, 640), "dark"),  # 640 px at 200 %
    ],
    ids=["en-desk", "en-phone-dark", "hi-phone", "ta-phone", "ta-zoomed-dark"],
)
def test_every_page_can_be_seen_and_read_out(
    site: Site,
    arrive: Callable[..., Somebody],
    patient: tuple[str, str],
    language: str,
    size: tuple[int, int],
    theme: str,
) -> None:
    speak(site, language, theme)
    meera = arrive("Meera", language, *size)
    meera.sign_in(patient[0], patient[1])
    waiting, seen = [meera.page.url.removeprefix(site.url)], set[str]()
    troubles: list[str] = []
    while waiting and len(seen) < MOST:
        path = waiting.pop(0)
        if pattern(path) in seen:
            continue
        seen.add(pattern(path))
        meera.go(path)
        try:
            meera.seen(pattern(path))
        except AssertionError as trouble:
            troubles.append(str(trouble).split("\nassert")[0])
            meera.trouble.clear()
        links = meera.page.locator("a[href]").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        waiting += [link for link in links if link.startswith("/") and not _AWAY.search(link)]
    assert not troubles, "\n".join(troubles)
    assert len(seen) > 20, seen
    if size[0] in (360, 1280):
        portraits(meera, theme)


def portraits(meera: Somebody, theme: str) -> None:
    """For the guide."""
    shade = "-dark" if theme == "dark" else ""
    meera.go("/")
    meera.settle()
    for name in ("", "trends", "timeline", "record", "medicines/adherence"):
        meera.go(f"{meera.root}/{name}".rstrip("/"))
        meera.settle()
        meera.picture((name or "today").replace("/", "-") + shade)


def test_the_doors_can_be_seen_and_read_out(arrive: Callable[..., Somebody]) -> None:
    for language in ("en", "hi", "ta"):
        nobody = arrive("Nobody", language, 360, 740)
        for path in ("sign-in", "register", "forgot", "offline", "nowhere"):
            nobody.go(f"/{path}?lang={language}")
            nobody.seen(f"door {path}")


def test_pages_work_without_script(site: Site, arrive: Callable[..., Somebody]) -> None:
    """Sign in, enter a reading, see it: as on the cheapest phone."""
    email = site.account("Meera", "en")
    meera = arrive("Meera", "en", 360, 740, java_script_enabled=False)
    meera.go("/sign-in")
    meera.page.fill("input[name=email]", email)
    meera.page.fill("input[name=password]", PASSWORD)
    meera.page.click("main form .btn.main")
    meera.go(f"{meera.root}/add/weight")
    meera.page.fill("input[name=value]", "64.5")
    meera.page.click("main form .btn.main")
    assert "64.5" in meera.page.inner_text("main")
    meera.go(f"{meera.root}/readings/weight")
    assert meera.page.locator("figure .still").count() == 1, "the chart is a still picture"


def test_a_page_weighs_little(site: Site, arrive: Callable[..., Somebody], patient: tuple[str, str]) -> None:
    """Today and Trends, with script and style and without fonts, for somebody who comes for the first time."""
    speak(site, "en", "light")
    for path in ("", "/trends"):
        meera = arrive("Meera", "en", 360, 740, service_workers="block")
        meera.sign_in(patient[0], patient[1])
        session = meera.context.new_cdp_session(meera.page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        kinds: dict[str, str] = {}
        weights: list[tuple[str, float]] = []
        session.on(
            "Network.responseReceived", lambda e, kinds=kinds: kinds.update({e["requestId"]: e["type"]})
        )
        session.on(
            "Network.loadingFinished",
            lambda e, kinds=kinds, weights=weights: weights.append(
                (kinds.get(e["requestId"], ""), e["encodedDataLength"])
            ),
        )
        meera.go(f"{meera.root}{path}")
        meera.page.wait_for_load_state("networkidle")
        total = sum(size for kind, size in weights if kind not in ("Font", "Manifest"))
        assert 5_000 < total < 100_000, (path, weights)
