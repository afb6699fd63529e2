"""A whole Ojas for a browser: a server and a worker on a database of its own, and somebody who only has a keyboard."""

import asyncio
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, sync_playwright
from tests.serving import serving

from ojas.features.identity import service as identity
from ojas.features.identity.schemas import Preferences
from ojas.kit import crypto
from ojas.kit.db import Access, Database, embedded
from ojas.kit.db.migrate import migrate
from ojas.kit.ids import new_id
from ojas.kit.settings import Settings

CHROMIUM = Path(os.environ.get("OJAS_CHROMIUM", "/usr/bin/chromium"))
PICTURES = Path(__file__).parents[2] / "docs" / "guide" / "pictures"
KEEP_PICTURES = bool(os.environ.get("OJAS_PICTURES"))
_WANTED = re.compile(r"status of 4\d\d|net::ERR_(INTERNET_DISCONNECTED|FAILED|ABORTED)|Failed to fetch")
PICTURED = {
    "alarm",
    "alarm-rules",
    "empty",
    "import",
    "calendar",
    "calendar-hours",
    "appointment",
    "enter",
    "reading",
    "share",
    "access",
    "export",
    "messages",
    "wishes",
    "emergency",
    "calling",
    "opened",
}
AXE = (Path(__file__).parent / "vendor" / "axe.js").read_text()
PASSWORD = "plum tree in the rain"
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


_TORN = r"""() => {
  const torn = new Set(), spot = document.createRange();
  for (const button of document.querySelectorAll(".btn, .tabs a, .sos, summary")) {
    const words = document.createTreeWalker(button, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
      if (words.currentNode.parentElement.closest(".hush")) continue;
      for (const word of words.currentNode.data.matchAll(/\S+/g)) {
        spot.setStart(words.currentNode, word.index);
        spot.setEnd(words.currentNode, word.index + word[0].length);
        const lines = new Set([...spot.getClientRects()].filter((box) => box.width > 0).map((box) => Math.round(box.top)));
        if (lines.size > 1) torn.add(word[0]);
      }
    }
  }
  return [...torn];
}"""
_STICKS_OUT = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [
  document.documentElement.scrollWidth - innerWidth + ' px',
  ...[...document.querySelectorAll('main *, header *, nav *')]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, .segments, .hush, svg'))
    .slice(-3).map((e) => e.outerHTML.slice(0, 200))]"""


_SETTLED = """async () => {
  const turn = () => new Promise((go) => setTimeout(go));
  await document.fonts.ready;
  await turn(); // what waits for the load begins
  while (document.querySelector('.htmx-request')) await turn();
  await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  const ends = (one) => one.effect?.getComputedTiming().endTime < Infinity;
  await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished));
}"""
"""Fonts, what script asks for, and whatever moves. Not silence on the network, which costs half a second a page to hear."""


@dataclass(frozen=True)
class Site:
    """A running Ojas."""

    url: str
    settings: Settings
    conninfo: str

    def account(self, name: str, language: str) -> str:
        """A new account; its address."""
        email = f"{language}.{new_id().hex[-8:]}@example.org"

        async def make() -> None:
            database = Database(self.conninfo, crypto.load(self.settings))
            async with database.transaction(Access.system("sign_in")) as tx:
                preferences = Preferences(language=language)  # type: ignore[arg-type]
                await identity.create_account(
                    tx, email=email, name=name, password=PASSWORD, preferences=preferences
                )
            await database.close()

        with ThreadPoolExecutor(1) as thread:  # Playwright keeps a loop in this one
            thread.submit(asyncio.run, make()).result()
        return email


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[Site]:
    """On a database of its own, for one file: its worker would take the jobs other tests defer and run off themselves."""
    with embedded.scratch() as lease:
        migrate(lease.cluster.dsn(embedded.OWNER))
        with serving(settings, lease.cluster) as url:
            yield Site(url, settings, lease.cluster.dsn(embedded.APP))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """For one file at a time: while it is open Playwright keeps a loop in this thread, and no other may run there."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs Chromium, which is not at {CHROMIUM}; OJAS_CHROMIUM says where else")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_QUIET))
        yield browser
        browser.close()


@dataclass
class Somebody:
    """Somebody at a screen, with a keyboard and nothing else."""

    site: Site
    context: BrowserContext
    language: str
    name: str
    page: Page = field(init=False)
    trouble: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        """What the console calls an error, the policy's refusals too; not an answer of 4xx, nor a network taken away."""
        if message.type == "error" and not _WANTED.search(message.text):
            self.trouble.append(message.text)

    @property
    def root(self) -> str:
        """The address of the record that is open."""
        return "/".join(self.page.url.split("/")[:5])

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.site.url + path)

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector).first

    def reach(self, selector: str) -> Locator:
        """Walk there with Tab, as one must who has no mouse."""
        wanted = self.find(selector)
        wanted.wait_for(state="visible")
        for _ in range(160):
            if wanted.evaluate("e => e === document.activeElement"):
                return wanted
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {selector} on {self.page.url}")

    def type(self, selector: str, text: str) -> None:
        self.reach(selector)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def press(self, selector: str, key: str = "Enter", *, stays: bool = False) -> None:
        """Reach it, press it, and wait for the page that follows, unless one ``stays``."""
        self.reach(selector)
        if key != "Enter" or stays:
            self.page.keyboard.press(key)
            return
        before = self.page.evaluate("performance.timeOrigin")
        self.page.keyboard.press(key)
        for _ in range(1000):
            with suppress(Error):  # between two pages there is none to ask
                if self.page.evaluate("performance.timeOrigin") != before:
                    break
            self.page.wait_for_timeout(20)
        self.settle()

    def settle(self) -> None:
        """Wait until the page is as it stays while nobody does anything."""
        self.page.wait_for_load_state()
        for _ in range(5):
            with suppress(Error):  # one that is left meanwhile
                self.page.evaluate(_SETTLED)
                return
            self.page.wait_for_load_state()

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.go("/sign-in")
        self.seen("sign-in")
        self.type("input[name=email]", email)
        self.type("input[name=password]", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/p/*")

    def seen(self, name: str) -> None:
        """What everybody must be able to see: nothing cut off, nothing axe finds, no error. And a picture of it."""
        self.settle()
        assert self.page.evaluate("document.documentElement.lang") == self.language
        assert not self.cut_off(), f"{name} is wider than the screen: {self.cut_off()}"
        assert not (torn := self.page.evaluate(_TORN)), f"{name} tears words of its buttons: {torn}"
        if (
            found := self.findings()
        ):  # a note that came just then, half faded in, is looked at again when it is there
            self.settle()
            found = self.findings()
        assert not found, f"{name}: {found}"
        assert not self.trouble, f"{name}: {self.trouble}"
        if name in PICTURED:
            self.picture(name)

    def cut_off(self) -> list[str]:
        """What sticks out of the screen to the right, where the page as a whole does."""
        return [str(one) for one in self.page.evaluate(_STICKS_OUT)]

    def findings(self) -> list[str]:
        """What axe finds wrong after WCAG 2.2 AA, and where."""
        self.page.evaluate(AXE)
        found = self.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],"
            " resultTypes: ['violations'], selectors: false})"
        )
        return [
            f"{rule['id']}: {[node['html'][:160] for node in rule['nodes']]}" for rule in found["violations"]
        ]

    def picture(self, name: str) -> None:
        """Kept for the guide, small, where OJAS_PICTURES asks for it."""
        if not KEEP_PICTURES:
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        size = self.page.viewport_size
        assert size
        image = Image.open(BytesIO(self.page.screenshot())).convert("RGB")
        path = PICTURES / f"{name}-{self.language}-{'phone' if size['width'] < 600 else 'desk'}.png"
        image.save(path, optimize=True)
        if path.stat().st_size > 150_000:
            image.quantize(256).save(path, optimize=True)
        assert path.stat().st_size <= 150_000, f"{path.name} is too large for the guide"


@pytest.fixture
def arrive(site: Site, chromium: Browser) -> Iterator[Any]:
    """Somebody new at a screen of this size, in this language."""
    opened: list[Somebody] = []

    def come(name: str, language: str, width: int, height: int, **more: Any) -> Somebody:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, locale=language, accept_downloads=True, **more
        )
        context.set_default_timeout(20_000)
        opened.append(Somebody(site, context, language, name))
        return opened[-1]

    yield come
    for somebody in opened:
        somebody.context.close()
    assert not [trouble for somebody in opened for trouble in somebody.trouble]
