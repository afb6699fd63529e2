"""Where a request to somebody else's server may go: to the open internet, by whatever name and notation."""

import asyncio
from datetime import timedelta
from email.utils import format_datetime

import pytest

from ojas.kit import clock
from ojas.kit.errors import Incorrect, Unavailable
from ojas.kit.outward import Answer, Outward, checked, is_public


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "224.0.0.1", "::1", "::", "fe80::1%eth0", "fc00::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "fec0::1", "ff02::1"],
)  # fmt: skip
def test_no_address_of_our_own_network_is_public_however_it_is_written(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_addresses_of_the_open_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "ftp://example.org", "https://", "https://127.0.0.1/", "https://[::1]/", "https://a@example.org/",
     "https://example.org\\@127.0.0.1/", "https://example.org/\r\nX: y", "https://example.org:99999/", "https://exämple.org/",
     "https://example.org/a b"],
)  # fmt: skip
def test_an_address_that_could_mislead_is_refused_where_it_is_typed(url: str) -> None:
    with pytest.raises(Incorrect):
        checked(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
        f"https://{'a' * 64}.example/",
        "https://a..example/",
    ],
)
async def test_a_name_that_leads_to_ourselves_or_nowhere_is_refused_where_it_is_used(url: str) -> None:
    outward = Outward()
    with pytest.raises(Incorrect):
        await outward.post(url, b"", {})
    await outward.close()


@pytest.mark.parametrize(
    "url",
    ["https://[::1", "https://example.org/#a", "https://a:b@example.org/", "https://:b@example.org/", "https://a.example:0/",
     "http://example.org/", "https://10.0.0.1/"],
)  # fmt: skip
def test_what_is_no_address_is_refused_at_its_field(url: str) -> None:
    with pytest.raises(Incorrect) as refused:
        checked(url)
    assert refused.value.fault.field == "url"
    with pytest.raises(Incorrect) as refused:
        checked(url, field="hook")
    assert refused.value.fault.field == "hook"


def test_an_address_may_be_two_thousand_letters_long_and_lead_inside_where_the_house_allows_it() -> None:
    longest = "https://example.org/".ljust(2000, "a")
    assert checked(longest) == longest
    with pytest.raises(Incorrect):
        checked(longest + "a")
    assert checked("http://127.0.0.1:8080/x", inside=True) == "http://127.0.0.1:8080/x"
    assert checked("https://8.8.8.8/") == "https://8.8.8.8/"
    with pytest.raises(Incorrect):
        checked("ftp://127.0.0.1/", inside=True)


async def answered(head: str, body: bytes = b"") -> tuple[Answer, bytes]:
    """What is made of a server's answer, and what it was sent."""
    sent = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent.set_result(await reader.readuntil(b"Hello."))
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outward = Outward(inside=True)
    try:
        return await outward.post(f"http://127.0.0.1:{port}/hook?a=1", b"Hello.", {"X-One": "1"}), await sent
    finally:
        await outward.close()
        server.close()


async def test_a_message_arrives_whole_and_of_the_answer_the_beginning_is_read() -> None:
    answer, sent = await answered("503 Busy\r\nRetry-After: 7", "é".encode() * 5000)
    assert answer == Answer(503, "é" * 1024, timedelta(seconds=7))
    assert sent.startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
    for part in (b"User-Agent: Ojas\r\n", b"X-One: 1\r\n", b"\r\n\r\nHello."):
        assert part in sent


@pytest.mark.parametrize(("told", "seconds"), [("0", 0), ("86400", 86400), ("999999999999", 86400)])
async def test_a_server_asks_us_to_wait_so_many_seconds_of_a_day_at_most(told: str, seconds: int) -> None:
    answer, _sent = await answered(f"429 Slower\r\nRetry-After: {told}")
    assert answer.retry_after == timedelta(seconds=seconds)


async def test_a_server_asks_us_to_wait_until_a_date() -> None:
    soon, over = clock.now() + timedelta(hours=2), clock.now() - timedelta(hours=2)
    for told in (format_datetime(soon), format_datetime(soon.replace(tzinfo=None))):
        answer, _sent = await answered(f"429 Slower\r\nRetry-After: {told}")
        assert answer.retry_after is not None
        assert timedelta(hours=1, minutes=55) <= answer.retry_after <= timedelta(hours=2)
    answer, _sent = await answered(f"429 Slower\r\nRetry-After: {format_datetime(over)}")
    assert answer.retry_after == timedelta()


async def test_a_server_that_asks_for_nothing_or_for_nonsense_asks_for_no_wait() -> None:
    assert (await answered("200 Fine", b"ok"))[0] == Answer(200, "ok")
    for nonsense in ("soon", "-5", "nan", "Fri, 31 Dec 9{0} 23:59:59 GMT", "Fri, 31 Dec 2027 23:59:59 +9{0}"):
        told = nonsense.format("9" * 20)
        assert (await answered(f"200 Fine\r\nRetry-After: {told}"))[0].retry_after is None
    assert (await answered("200 Fine\r\nRetry-After: é", b"\xff"))[0] == Answer(200, "\ufffd")


async def test_who_does_not_answer_or_not_in_http_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        await answered("nonsense")
    outward = Outward(inside=True)
    with pytest.raises(Unavailable):
        await outward.post("http://127.0.0.1:1/", b"", {})
    await outward.close()


async def test_who_went_nowhere_has_nothing_to_close_and_who_did_leaves_no_connection_open() -> None:
    await Outward().close()
    ended = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"Hello.")
        writer.write(b"HTTP/1.1 200 Fine\r\nContent-Length: 0\r\n\r\n")
        ended.set_result(await reader.read())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    outward = Outward(inside=True)
    await outward.post(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", b"Hello.", {})
    assert not ended.done()
    await outward.close()
    assert await asyncio.wait_for(ended, 5) == b""
    server.close()
