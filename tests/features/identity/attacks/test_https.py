"""Behind a proxy that ends TLS: what browsers are told to keep, and what is believed of where a request came from."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import httpx
import pytest

from ojas.kit.db import embedded
from ojas.kit.db.migrate import migrate
from ojas.kit.ids import new_id
from ojas.kit.settings import Settings, settings
from tests.features.identity.cast import PASSWORD, letters, token_in
from tests.features.identity.test_pages import form_token
from tests.kit.auth.authenticator import Authenticator
from tests.serving import serving
from tests.tls import proxy


@dataclass
class House:
    """A house behind a proxy. ``inner`` is where the proxy finds it."""

    address: str
    inner: str
    trusted: ssl.SSLContext
    home: Settings

    def browser(self, local: str = "127.0.0.2") -> httpx.Client:
        """From an address that is not the proxy's own."""
        transport = httpx.HTTPTransport(verify=self.trusted, local_address=local)
        return httpx.Client(transport=transport, base_url=self.address)


@pytest.fixture(scope="module")
def house(master: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On a database of its own: its worker leaves word there of when it looked last, which other tests would read."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, home = f"https://localhost:{port}", tmp_path_factory.mktemp("https")
    known = Settings(home=home, master_key=master.dump(), public_url=address, log_level="warning")  # type: ignore[call-arg]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OJAS_PUBLIC_URL", address)
        settings.cache_clear()
        with embedded.scratch() as lease:
            migrate(lease.cluster.dsn(embedded.OWNER))
            with (
                serving(known, lease.cluster) as inner,
                proxy(port, int(inner.rsplit(":")[-1]), home) as trusted,
            ):
                yield House(address, inner, trusted, known)
    settings.cache_clear()


@pytest.fixture(scope="module")
def email(house: House) -> str:
    """Somebody who registered and opened the letter, all by https."""
    address = f"tls.{new_id().hex[-12:]}@example.org"
    with house.browser() as client:
        sent = {"email": address, "password": PASSWORD, "name": "Asha"}
        assert client.post("/api/v1/auth/register", json=sent).status_code == 202
        letter = _first(house, address)
        assert f"{house.address}/verify?token=" in letter.get_content()
        sent = {"token": token_in(letter), "password": PASSWORD}
        assert client.post("/api/v1/auth/verify", json=sent).status_code == 200
    return address


def _first(house: House, address: str) -> Any:
    import time

    for _ in range(200):
        if found := letters(house.home, address):
            return found[0]
        time.sleep(0.05)
    raise AssertionError("no letter came")


def enter(client: httpx.Client, email: str, **headers: str) -> httpx.Response:
    sent = {"form_token": form_token(client.get("/sign-in?lang=hi")), "email": email, "password": PASSWORD}
    answer = client.post("/sign-in", data=sent, headers=headers)
    assert answer.status_code == 303, answer.text
    return answer


def test_every_cookie_is_secure_and_bound_to_this_host_alone(house: House, email: str) -> None:
    with house.browser() as client:
        shown, entered = client.get("/sign-in?lang=hi"), enter(client, email)
        given: SimpleCookie = SimpleCookie()
        for line in [*shown.headers.get_list("set-cookie"), *entered.headers.get_list("set-cookie")]:
            given.load(line)
        assert {"__Host-ojas", "__Host-ojas-device", "__Host-ojas_form", "__Host-lang"} <= given.keys()
        for name, cookie in given.items():
            assert name.startswith("__Host-")
            assert cookie["secure"]
            assert cookie["httponly"]
            assert cookie["path"] == "/"
            assert not cookie["domain"]
            assert cookie["samesite"] == ("strict" if name == "__Host-ojas-device" else "lax")
        assert client.get("/settings").status_code == 200


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/api/v1/account", "/static/ojas.css", "/healthz"])
def test_every_answer_tells_the_browser_to_stay_with_https(house: House, path: str) -> None:
    with house.browser() as client:
        said = client.get(path).headers["strict-transport-security"]
    assert said == "max-age=31536000; includeSubDomains"


def test_a_cookie_that_a_neighbour_or_a_plain_connection_could_plant_is_not_believed(
    house: House, email: str
) -> None:
    with house.browser() as client:
        enter(client, email)
        token = client.cookies["__Host-ojas"]
        client.cookies.clear()
        client.cookies.set("ojas", token)
        assert client.get("/settings").status_code == 303
        client.cookies.clear()
        client.cookies.set("__Host-ojas", token)
        assert client.get("/settings").status_code == 200


def test_a_planted_form_cookie_forges_no_form(house: House, email: str) -> None:
    with house.browser() as evil, house.browser() as client:
        token = form_token(evil.get("/sign-in"))
        client.cookies.set("ojas_form", evil.cookies["__Host-ojas_form"])
        sent = {"form_token": token, "email": email, "password": PASSWORD}
        assert client.post("/sign-in", data=sent).status_code == 403


def test_where_a_request_came_from_is_the_proxys_word_and_not_the_clients(house: House, email: str) -> None:
    with house.browser("127.0.0.3") as client:
        enter(client, email, **{"x-forwarded-for": "203.0.113.66"})
        shown = client.get("/settings/devices", headers={"x-forwarded-for": "203.0.113.66"})
        assert "127.0.0.3" in shown.text
        assert "203.0.113.66" not in shown.text


def test_a_passkey_is_bound_to_the_public_address(house: House, email: str) -> None:
    with house.browser() as client:
        tokens = client.post("/api/v1/auth/sign-in", json={"email": email, "password": PASSWORD}).json()
        headers = {"authorization": f"Bearer {tokens['access_token']}"}
        device = Authenticator(origin=house.address)
        question = client.post("/api/v1/account/passkeys/question", headers=headers).json()
        assert question["rp"]["id"] == "localhost"
        sent = {"credential": device.create(question)}
        assert client.post("/api/v1/account/passkeys", json=sent, headers=headers).status_code == 201
        for origin, status in ((house.address, 200), (house.inner, 422), ("http://localhost", 422)):
            device.origin = origin
            sent = {"credential": device.get(client.post("/api/v1/auth/passkeys/question").json())}
            assert client.post("/api/v1/auth/passkeys", json=sent).status_code == status


def test_a_token_names_the_public_address_as_issuer_and_audience(house: House, email: str) -> None:
    import base64
    import json

    with house.browser() as client:
        tokens = client.post("/api/v1/auth/sign-in", json={"email": email, "password": PASSWORD}).json()
        body = tokens["access_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        assert (claims["iss"], claims["aud"]) == (house.address, f"{house.address}/api")
