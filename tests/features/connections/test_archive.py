"""Archives from strangers."""

import io
import struct
import zipfile

import pytest

from ojas.features.connections.rules import Unreadable
from ojas.features.connections.vendors.archive import Archive, inside


def packed(**files: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def read(content: bytes, limit: int = 1 << 30) -> bytes:
    archive = Archive(io.BytesIO(content))
    return archive.read(archive.entries[0], limit)


def test_a_whole_archive_is_read() -> None:
    assert read(packed(a=b"hello")) == b"hello"


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.99])
def test_a_cut_archive_is_refused_with_a_reason(kept: float) -> None:
    content = packed(a=bytes(range(256)) * 40, b=b"x" * 1000)
    with pytest.raises(Unreadable, match="cut off"):
        Archive(io.BytesIO(content[: int(len(content) * kept)]))


def test_an_entry_whose_bytes_were_changed_is_refused() -> None:
    content = bytearray(packed(a=bytes(range(256)) * 40))
    content[60] ^= 0xFF
    with pytest.raises(Unreadable, match="damaged"):
        read(bytes(content))


def test_a_bomb_is_not_unpacked() -> None:
    with pytest.raises(Unreadable, match="trap"):
        read(packed(a=b"\0" * (40 * 2**20)))


def test_a_bomb_in_many_small_pieces_is_not_unpacked() -> None:
    with pytest.raises(Unreadable, match="trap"):
        Archive(io.BytesIO(packed(**{f"a{number}": b"\0" * (30 * 2**20) for number in range(9)})))


def test_a_claim_of_ten_gigabytes_in_the_header_is_not_believed() -> None:
    content = bytearray(packed(a=b"hello"))
    central = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, central + 24, 0xFFFFFFF0)
    with pytest.raises(Unreadable, match="trap"):
        read(bytes(content))


def test_a_claim_too_small_gives_no_more_than_was_claimed() -> None:
    content = bytearray(packed(a=b"hello" * 100))
    central = content.rfind(b"PK\x01\x02")
    struct.pack_into("<I", content, central + 24, 5)
    with pytest.raises(Unreadable, match="damaged"):
        read(bytes(content))


def test_a_protected_archive_asks_for_one_without_a_password() -> None:
    content = bytearray(packed(a=b"hello"))
    central = content.rfind(b"PK\x01\x02")
    for place in (6, central + 8):
        struct.pack_into("<H", content, place, struct.unpack_from("<H", content, place)[0] | 1)
    with pytest.raises(Unreadable, match="password"):
        read(bytes(content))


@pytest.mark.parametrize("name", ["../a", "/etc/passwd", "a/../../b", "C:\\a", "..\\a", "a\0b"])
def test_a_name_that_points_outside_is_known(name: str) -> None:
    assert not inside(name)


@pytest.mark.parametrize("name", ["a", "a/b.xml", "a..b/c", "ஏற்றுமதி/x.gpx"])
def test_a_plain_name_is_inside(name: str) -> None:
    assert inside(name)
