"""What script adds: entries kept without a network, undo, charts that answer to fingers and keys, the page for no network."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, TimeoutError, expect
from tests.e2e.conftest import PASSWORD, Site, Somebody

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def meera(site: Site, arrive: Callable[..., Somebody]) -> Somebody:
    somebody: Somebody = arrive("Meera", "en", 360, 740)
    somebody.sign_in(site.account("Meera", "en"))
    return somebody


def stands_on(meera: Somebody, words: str) -> None:
    """The keyboard comes to stand on what begins with these words."""
    wanted = "words => document.activeElement?.innerText?.startsWith(words)"
    try:
        meera.page.wait_for_function(wanted, arg=words, timeout=10_000)
    except TimeoutError:
        found = "[document.activeElement.outerHTML, document.querySelector('#toasts').innerHTML].join('\\n')"
        raise AssertionError(f"not on {words}, but on {meera.page.evaluate(found)[:2000]}") from None


def kept(meera: Somebody) -> object:
    return meera.page.evaluate("localStorage.getItem('ojas:kept')")


def test_what_is_entered_without_a_network_is_sent_when_there_is_one_and_then_forgotten(
    meera: Somebody,
) -> None:
    root = meera.root
    meera.go(f"{root}/add/weight")
    meera.settle()
    meera.context.set_offline(True)
    with meera.page.expect_event("requestfailed", lambda asked: asked.url.endswith("/band")):
        meera.page.fill("input[name=value]", "64.5")  # whether that is in range is not said, and not missed
    meera.page.click("main form .btn.main")
    expect(meera.page.locator(".toast")).to_contain_text("Kept on this device")
    assert "64.5" in str(kept(meera))
    assert "form_token" not in str(kept(meera))
    meera.context.set_offline(False)
    expect(meera.page.locator(".toast").last).to_contain_text("Sent what was kept", timeout=20_000)
    assert kept(meera) is None
    meera.go(f"{root}/readings/weight")
    assert meera.page.inner_text("main").count("64.5") >= 1
    assert meera.page.locator('main .list a[href*="/readings/weight/"]').count() == 1


def test_what_a_bad_network_swallows_is_kept_and_sent_once(meera: Somebody) -> None:
    """The device believes that it has a network, and never says that it has one again."""
    lose_two(meera, lambda route: route.abort())


def test_what_was_saved_but_whose_answer_was_lost_is_not_saved_twice(meera: Somebody) -> None:
    lose_two(meera, lambda route: (route.fetch(), route.abort()))


def lose_two(meera: Somebody, lose: Callable[[Route], object]) -> None:
    """Enter a walk; its first two requests are lost, the third comes through, and there is one walk."""
    keys: list[str] = []

    def on_its_way(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) < 3:
            lose(route)
        else:
            route.continue_()

    walks = meera.page.locator('main a[href*="/sessions/"]', has_text="Walking")
    meera.go(f"{meera.root}/sessions")
    before = walks.count()
    meera.go(f"{meera.root}/sessions/new")
    meera.settle()
    meera.context.route(
        "**/sessions/new",
        lambda route: on_its_way(route) if route.request.method == "POST" else route.continue_(),
    )
    meera.page.click("main form .btn.main")
    expect(meera.page.locator(".toast").first).to_contain_text("Kept on this device")
    expect(meera.page.locator(".toast").last).to_contain_text("Sent what was kept", timeout=20_000)
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert kept(meera) is None
    meera.go(f"{meera.root}/sessions")
    assert walks.count() == before + 1


def test_what_was_kept_waits_for_whoever_typed_it(meera: Somebody) -> None:
    """Somebody's session ended by itself, and Meera signs in on the same device."""
    meera.go(f"{meera.root}/add/weight")
    meera.settle()
    somebody = meera.page.get_attribute("body", "data-keeper")
    stranger = {
        "by": "somebody else",
        "action": f"{meera.root}/add/weight",
        "fields": [["value", "70"]],
        "key": "k",
    }
    meera.page.evaluate("told => localStorage.setItem('ojas:kept', JSON.stringify(told))", [stranger])
    meera.context.set_offline(True)
    meera.page.fill("input[name=value]", "64.5")
    meera.page.click("main form .btn.main")
    expect(meera.page.locator(".toast")).to_contain_text("Kept on this device")
    assert f'"by":"{somebody}"' in str(kept(meera))
    meera.context.set_offline(False)
    expect(meera.page.locator(".toast").last).to_contain_text("Sent what was kept", timeout=20_000)
    meera.go(f"{meera.root}/add/weight")
    expect(meera.page.locator("input[name=value]")).to_have_value("")
    assert "somebody else" in str(kept(meera))
    assert "refused" not in str(kept(meera))


def test_an_entry_that_is_refused_later_is_put_back_into_its_form(meera: Somebody) -> None:
    root = meera.root
    meera.go(f"{root}/add/weight")
    meera.settle()
    meera.context.set_offline(True)
    meera.page.fill("input[name=value]", "9999")
    meera.page.click("main form .btn.main")
    meera.context.set_offline(False)
    expect(meera.page.locator(".toast.alarm")).to_be_visible()
    meera.go(f"{root}/add/weight")
    expect(meera.page.locator("input[name=value]")).to_have_value("9999")
    meera.page.fill("input[name=value]", "64.5")
    meera.page.click("main form .btn.main")
    meera.page.wait_for_selector('main .list a[href*="/readings/weight/"]')
    assert kept(meera) is None


def test_without_a_network_a_page_says_so_and_shows_nothing_of_anybody(meera: Somebody) -> None:
    meera.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    meera.page.reload()
    meera.context.set_offline(True)
    meera.page.goto(meera.root, wait_until="domcontentloaded")
    assert "There is no network" in meera.page.inner_text("main")
    held = meera.page.evaluate(
        "caches.keys().then(names => Promise.all(names.map(n => caches.open(n).then(c => c.keys()))))"
        ".then(all => all.flat().map(r => new URL(r.url).pathname))"
    )
    assert held
    assert all(path == "/offline" or path.startswith("/static/") for path in held), held


def test_what_was_deleted_is_brought_back_by_undo(meera: Somebody) -> None:
    root = meera.root
    meera.page.clock.install()
    meera.go(f"{root}/add/weight")
    meera.page.fill("input[name=value]", "64.5")
    meera.page.click("main form .btn.main")
    meera.page.click('main .list a[href*="/readings/weight/"]')
    meera.page.click('main form[action$="/delete"] button')
    expect(meera.page.locator('main .list a[href*="/readings/weight/"]')).to_have_count(0)
    stands_on(meera, "Deleted.")  # what was done takes the focus, and its undo comes next
    meera.page.clock.fast_forward(12_000)
    meera.page.keyboard.press("Tab")
    stands_on(meera, "Undo")  # it waits for its reader
    meera.page.keyboard.press("Enter")
    expect(meera.page.locator(":focus")).to_contain_text("64.5")  # what came back takes the focus
    meera.go(f"{root}/readings/weight")
    expect(meera.page.locator('main .list a[href*="/readings/weight/"]')).to_have_count(1)


def test_what_was_entered_and_corrected_takes_the_focus_and_is_told(meera: Somebody) -> None:
    root = meera.root
    meera.go(f"{root}/add/weight")
    meera.type("input[name=value]", "64.5")
    meera.press("main form .btn.main")
    stands_on(meera, "64.5 kg")  # the reading in its list
    expect(meera.page.locator("#toasts")).to_contain_text("Saved.")
    meera.page.keyboard.press("Enter")
    meera.page.wait_for_url("**/readings/weight/*")
    meera.press('main a[href$="/change"]')
    meera.type("input[name=value]", "65.5")
    meera.press("main form .btn.main")
    stands_on(meera, "Weight")  # the heading of what was corrected


def test_a_note_that_is_closed_gives_the_focus_back(meera: Somebody) -> None:
    meera.go(f"{meera.root}/record/conditions/new")
    meera.type("input[name=name]", "Gout")
    meera.press("main form .acts .btn.main")
    stands_on(meera, "Saved")
    meera.page.keyboard.press("Escape")
    stands_on(meera, "Gout")  # on to what was saved


def test_a_part_that_is_drawn_anew_leaves_the_keyboard_where_it_was(meera: Somebody) -> None:
    meera.go(f"{meera.root}/record/conditions/new")
    meera.settle()
    choice = meera.page.locator("#diagnoses input[name=code]").first
    choice.focus()
    meera.page.evaluate(
        "() => { const name = document.querySelector('input[name=name]'); name.value = 'heart fail';"
        " name.dispatchEvent(new Event('input', {bubbles: true})) }"
    )
    expect(meera.page.locator("#diagnoses")).to_contain_text("I50.9")
    expect(meera.page.locator("#diagnoses input[name=code]").first).to_be_focused()


def test_a_form_that_is_drawn_again_breaks_no_policy(meera: Somebody) -> None:
    """A field that somebody pulled larger has a style of its own, which must not be written into the next page."""
    meera.go(f"{meera.root}/add/weight")
    meera.page.evaluate("document.querySelector('details.more').open = true")
    meera.page.evaluate("document.querySelector('textarea').style.height = '300px'")
    meera.page.fill("input[name=value]", "99999")
    meera.page.click("main form .btn.main")
    expect(meera.page.locator("input[name=value]")).to_have_attribute("aria-invalid", "true")
    assert not meera.trouble


def test_faults_stand_beside_their_fields_and_are_read_out(meera: Somebody) -> None:
    meera.go(f"{meera.root}/add/blood_pressure")
    meera.page.fill("input[name=systolic]", "12")
    meera.page.fill("input[name=diastolic]", "86")
    meera.page.click("main form .btn.main")
    field = meera.page.locator("input[name=systolic]")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("12")
    assert meera.page.locator(f"#{str(field.get_attribute('aria-describedby')).split()[-1]}").inner_text()
    assert meera.page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert not meera.findings()


def test_what_is_typed_as_a_password_can_be_looked_at(site: Site, arrive: Callable[..., Somebody]) -> None:
    somebody = arrive("Nobody", "en", 360, 740)
    somebody.go("/sign-in")
    somebody.type("input[name=password]", PASSWORD)
    somebody.press("[data-reveal] button", "Space")
    expect(somebody.page.locator("input[name=password]")).to_have_attribute("type", "text")


def test_reduced_motion_and_large_type_are_kept(arrive: Callable[..., Somebody]) -> None:
    somebody = arrive("Nobody", "en", 360, 740, reduced_motion="reduce")
    somebody.go("/sign-in")
    assert (
        somebody.page.evaluate("getComputedStyle(document.querySelector('.btn')).transitionDuration") == "0s"
    )
    somebody.page.evaluate("document.documentElement.dataset.size = 'xl'")
    assert not somebody.cut_off()
