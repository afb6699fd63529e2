"""Where a request to somebody else's server may go: to the open internet, by whatever name and notation."""

import pytest

from ojas.kit.errors import Incorrect
from ojas.kit.outward import Outward, checked, is_public


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "224.0.0.1", "::1", "::", "fe80::1%eth0", "fc00::1",
     "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "fec0::1", "ff02::1"],
)  # fmt: skip
def test_no_address_of_our_own_network_is_public_however_it_is_written(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_addresses_of_the_open_internet_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://example.org", "ftp://example.org", "https://", "https://127.0.0.1/", "https://[::1]/", "https://a@example.org/",
     "https://example.org\\@127.0.0.1/", "https://example.org/\r\nX: y", "https://example.org:99999/", "https://exämple.org/"],
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
