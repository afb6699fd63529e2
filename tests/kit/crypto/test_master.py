"""The master key: wrapping, rotation, and the places it comes from."""

import base64
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ojas.kit.crypto import (
    DataKey,
    EnvironmentSource,
    FileSource,
    KmsSource,
    MasterKeys,
    Unreadable,
    load,
)
from ojas.kit.errors import Incorrect, Unavailable
from ojas.kit.settings import Settings

ASHA, STRANGER = uuid4(), uuid4()


def test_a_wrapped_key_unwraps_for_its_person_and_version_alone() -> None:
    master, key = MasterKeys.new(), DataKey.new(3)
    wrapped = master.wrap(ASHA, 3, key)
    assert master.unwrap(ASHA, 3, wrapped) == key
    assert len(wrapped) == 81
    for person, version in ((STRANGER, 3), (ASHA, 4)):
        with pytest.raises(Unreadable):
            master.unwrap(person, version, wrapped)
    with pytest.raises(Unreadable):
        MasterKeys.new().unwrap(ASHA, 3, wrapped)


@given(st.lists(st.uuids(), min_size=1, max_size=5, unique=True), st.integers(1, 3))
def test_rotation_rewraps_every_key_and_the_old_master_may_go(persons: list[UUID], rotations: int) -> None:
    master = MasterKeys.new()
    keys = {person: DataKey.new(1) for person in persons}
    stored = {person: master.wrap(person, 1, key) for person, key in keys.items()}
    for _ in range(rotations):
        old, master = master, master.rotated()
        assert all(master.unwrap(person, 1, wrapped) == keys[person] for person, wrapped in stored.items())
        stored = {person: master.rewrap(person, 1, wrapped) or wrapped for person, wrapped in stored.items()}
        assert all(master.rewrap(person, 1, wrapped) is None for person, wrapped in stored.items())
        master = master.retired(old.version)
    assert master.versions == (rotations + 1,)
    assert all(master.unwrap(person, 1, wrapped) == keys[person] for person, wrapped in stored.items())


def test_rotation_leaves_what_is_derived_as_it_was() -> None:
    master = MasterKeys.new()
    assert master.rotated().derive("index:email") == master.derive("index:email")
    assert master.rotated().fingerprint == master.fingerprint
    assert master.rotated().retired(1).derive("index:email") == master.derive("index:email")
    assert master.derive("cookies") != master.derive("index:email")


def test_what_is_derived_tells_nothing_that_opens_what_a_retired_version_wrapped() -> None:
    master = MasterKeys.new()
    wrapped = master.wrap(ASHA, 1, DataKey.new(1))
    left = MasterKeys.parse(master.rotated().retired(1).dump())
    assert left.versions == (2,)
    with pytest.raises(Unreadable):
        left.unwrap(ASHA, 1, wrapped)
    with pytest.raises(Unreadable):  # the root is no version
        MasterKeys({1: left._derived_from}).unwrap(ASHA, 1, wrapped)


def test_a_key_from_before_there_were_roots_goes_on_deriving_what_it_did() -> None:
    old = MasterKeys({1: bytes(range(32))})
    assert old.rotated().retired(1).derive("index:email") == old.derive("index:email")
    assert MasterKeys.parse(old.dump()) == old


def test_the_master_key_in_use_cannot_be_retired() -> None:
    with pytest.raises(ValueError):
        MasterKeys.new().retired(1)


def test_dumped_keys_are_read_back() -> None:
    master = MasterKeys.new().rotated().rotated()
    assert MasterKeys.parse("# a note\n\n" + master.dump()) == master
    assert MasterKeys.parse(master.dump().replace("\n", ",")) == master
    assert master.dump() not in repr(master)


def test_a_key_alone_in_the_environment_is_version_one() -> None:
    text = base64.b64encode(bytes(range(32))).decode()
    master = EnvironmentSource(text).load()
    assert master == MasterKeys({1: bytes(range(32))})
    assert load(Settings(master_key=SecretStr(text))) == master


@pytest.mark.parametrize(
    "text", ["", "hello", "1:AAAA", "x:" + "A" * 43 + "=", "A" * 43 + "=," + "B" * 43 + "="]
)
def test_what_is_no_master_key_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Incorrect, match="not a master key"):
        MasterKeys.parse(text)


def test_the_file_is_made_on_first_use_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "master.key"
    first = FileSource(path).load()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert FileSource(path).load() == first
    assert [each.name for each in path.parent.iterdir()] == ["master.key"]
    assert load(Settings(home=path.parent)) == load(Settings(master_key_file=path)) == first


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from ojas.kit.crypto import FileSource;"
        "print(FileSource(Path(sys.argv[1])).load().fingerprint)"
    )

    def started(_: int) -> str:
        command = [sys.executable, "-c", program, str(tmp_path / "master.key")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(started, range(4)))) == 1
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    FileSource(path).load()
    path.chmod(mode)
    with pytest.raises(Unavailable, match="chmod 600"):
        FileSource(path).load()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to someone else")
def test_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    FileSource(path).load()
    os.chown(path, 12345, 12345)
    with pytest.raises(Unavailable, match="someone else"):
        FileSource(path).load()


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be read or written"):
        FileSource(tmp_path / "file" / "master.key").load()


def test_a_rotated_key_replaces_the_file_whole(tmp_path: Path) -> None:
    source = FileSource(tmp_path / "master.key")
    rotated = source.load().rotated()
    source.save(rotated)
    assert source.load() == rotated
    assert stat.S_IMODE(source.path.stat().st_mode) == 0o600


class Loopback:
    """A key management service in this process."""

    def __init__(self) -> None:
        self.key = DataKey.new(1)

    def encrypt(self, plaintext: bytes, context: dict[str, str]) -> bytes:
        from ojas.kit.crypto import seal

        return seal(self.key, plaintext, repr(sorted(context.items())).encode())

    def decrypt(self, ciphertext: bytes, context: dict[str, str]) -> bytes:
        from ojas.kit.crypto import unseal

        return unseal(self.key, ciphertext, repr(sorted(context.items())).encode())


def test_a_service_may_guard_the_master_key(tmp_path: Path) -> None:
    kms, path = Loopback(), tmp_path / "master.key.kms"
    master = KmsSource(path, kms).load()
    assert KmsSource(path, kms).load() == master
    assert master.dump().encode() not in path.read_bytes()
    with pytest.raises(Unreadable):
        KmsSource(path, Loopback()).load()
