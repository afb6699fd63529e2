"""A calendar in a browser, by keyboard alone: an appointment is made, confirmed, moved, left out, and all that undone.

Pulled with a mouse it is only because that can be done too.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from ojas.kit import clock

from .conftest import Site, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

HOME = ZoneInfo("Asia/Kolkata")  # what a new account's preferences say


@pytest.mark.parametrize("language", ["en", "hi", "ta"])
def test_an_appointment_from_making_it_to_leaving_it_out(
    arrive: Callable[..., Somebody], site: Site, language: str
) -> None:
    size = (360, 740)
    me = arrive("Asha Rao", language, *size)
    me.sign_in(site.account("Asha Rao", language))
    root = me.root
    me.go(f"{root}/calendar")
    me.seen("calendar-none")
    me.press("main a[href*='kind=appointment']")
    me.seen("appointment-new")

    # Every week from tomorrow on, with somebody, and what to do before.
    day = (clock.now().astimezone(HOME) + timedelta(days=1)).date()
    me.type("#f-title", "Physiotherapy")
    me.type("#f-provider", "Dr Rao")
    me.reach("#f-day").fill(day.isoformat())
    me.reach("#f-start").fill("10:30")
    me.page.keyboard.press("Tab")
    expect(me.page.locator("#f-to")).to_have_value("11:00")  # it moved along, as long as it was
    me.type("#f-preparation", "Bring the list of medicines.")
    me.press("details:has(#f-rhythm) summary", stays=True)
    me.reach("#f-rhythm input")
    for _ in range(2):
        me.page.keyboard.press("ArrowDown")
    me.type("#f-count", "4")
    me.press("form button.main")
    me.seen("appointment")
    expect(me.page.locator("main")).to_contain_text("Bring the list of medicines.")
    first = me.page.url.split("#")[0]

    me.press("form[action$='/status'] button.main")
    me.seen("confirmed")
    assert not me.find("form[action$='/status'] input[value=confirmed]").is_visible()

    # The arrow keys lead from day to day of the month.
    me.go(f"{root}/calendar?view=month&on={day}")
    me.reach(f"a[data-day][href*='on={day}']")
    me.page.keyboard.press("ArrowDown" if day.day < 22 else "ArrowUp")
    there = me.page.evaluate("document.activeElement.getAttribute('href')")
    assert f"on={day + timedelta(days=7 if day.day < 22 else -7)}" in there
    me.seen("calendar")
    for view in ("week", "day", "agenda"):
        me.go(f"{root}/calendar?view={view}&on={day}")
        if language == "ta":  # whose words are the longest
            me.seen(f"calendar-{view}")
        expect(me.page.locator("main")).to_contain_text("Physiotherapy")

    # On a wide screen the week is by the hour: arrows lead from it to the free hour beside, and Enter adds there.
    me.page.set_viewport_size({"width": 1280, "height": 800})
    if language == "en":
        pulled_with_a_mouse(me, root, day)
    me.go(f"{root}/calendar?view=week&on={day}")
    me.seen("calendar-hours")
    me.reach(".hours tbody .slot")
    me.page.keyboard.press("ArrowUp")
    free = me.page.evaluate("document.activeElement.getAttribute('href')")
    assert free.endswith(f"on={day}&at=10:00")
    me.press(f".hours a[href='{free}']")
    expect(me.page.locator("#f-start")).to_have_value("10:00")
    me.page.set_viewport_size({"width": size[0], "height": size[1]})

    # This and all that follow, an hour later; and back again.
    week = day + timedelta(days=7)
    second = first.replace(day.isoformat(), week.isoformat())
    me.go(f"{second}/edit")
    me.seen("appointment-edit")
    me.reach("#f-reach input")
    me.page.keyboard.press("ArrowDown")
    me.reach("#f-start").fill("11:30")
    me.reach("#f-to").fill("12:00")
    me.press("form:has(#f-title) button.main")
    me.seen("moved")
    assert f"{week}T11:30:00" in me.page.url
    me.press(".toast button")
    assert f"{day}T10:30:00" in me.page.url
    me.go(second)
    me.reach("#f-reach input")
    me.page.keyboard.press("ArrowDown")
    me.press("form[action$='/delete'] button")
    me.seen("left-out")
    me.press(".toast button")
    me.go(f"{root}/calendar?view=day&on={week}")
    expect(me.page.locator("main")).to_contain_text("Physiotherapy")

    # Something for oneself alone, for the whole day, from a template.
    me.go(f"{root}/calendar/new?template=walk&on={day}")
    me.press("#f-all_day", "Space", stays=True)
    me.press("form:has(#f-title) button.main")
    me.seen("event")
    me.go(f"{root}/calendar/files")
    me.seen("calendar-files")
    me.type("#f-name", "Phone")
    me.press("form[action$='/links'] button.main")
    me.seen("calendar-address")
    expect(me.page.locator("main code")).to_contain_text(".ics")


def pulled_with_a_mouse(me: Somebody, root: str, day: date) -> None:
    """An hour later in the week, a day later in the month; of what repeats it is asked which, and each is undone."""
    mouse, ask, undo = me.page.mouse, me.page.locator("#move"), me.page.locator(".toast .undo")

    def pull(one: Locator, x: float, y: float) -> None:
        one.scroll_into_view_if_needed()
        box = one.bounding_box()
        assert box
        mouse.move(box["x"] + 20, box["y"] + 8)
        mouse.down()
        mouse.move(box["x"] + 20 + x / 2, box["y"] + 8 + y / 2)
        mouse.move(box["x"] + 20 + x, box["y"] + 8 + y)
        mouse.up()

    def place(one: Locator) -> tuple[float, float]:
        box = one.bounding_box()
        assert box
        return box["x"], box["y"]

    me.go(f"{root}/calendar?view=week&on={day}")
    slot = me.page.locator(".hours tbody .slot", has_text="Physiotherapy")
    hours = me.page.locator(".hours tbody th")
    hour = place(hours.nth(2))[1] - place(hours.nth(1))[1]
    pull(slot, 0, hour)
    expect(ask).to_be_visible()
    me.seen("calendar-ask")
    me.page.keyboard.press("Escape")
    expect(slot).to_contain_text("10:30 to 11:00")
    expect(slot).not_to_have_class(re.compile("pulled"))
    pull(slot, 0, hour)
    ask.locator("button[value=following]").click()
    expect(undo).to_be_visible(timeout=20_000)
    expect(slot).to_contain_text("11:30 to 12:00")
    undo.click()
    expect(slot).to_contain_text("10:30 to 11:00", timeout=20_000)
    assert me.page.url.endswith(f"view=week&on={day}")

    week = day + timedelta(days=7)
    me.go(f"{root}/calendar?view=month&on={week}")
    cells = me.page.locator("td[data-on]")
    on = cells.evaluate_all(
        "(all, day) => all.findIndex((one) => one.innerHTML.includes(`on=${day}#`))", str(week)
    )
    was, there = cells.nth(on), cells.nth(on - 1 if on else on + 1)
    (x, y), (right, down) = place(was), place(there)
    pull(was.locator("li a"), right - x, down - y)
    ask.locator("button[value=this]").click()
    expect(undo).to_be_visible(timeout=20_000)
    expect(there).to_contain_text("Physiotherapy")
    expect(was).not_to_contain_text("Physiotherapy")
    undo.click()
    expect(was).to_contain_text("Physiotherapy", timeout=20_000)
