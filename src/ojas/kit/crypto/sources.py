"""Where the master key comes from: a file of its own, the environment, or a key management service."""

import base64
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from ojas.kit.crypto.master import MasterKeys
from ojas.kit.errors import Incorrect, Unavailable
from ojas.kit.settings import Settings

_NOTE = (
    "# The master key of this Ojas. Without it nobody can read what is stored here.\n"
    "# Keep a copy, or the recovery code, away from this machine. Never in a backup beside the data.\n"
)


class KeySource(Protocol):
    """What yields the master key when a process starts."""

    def load(self) -> MasterKeys: ...


class EnvironmentSource:
    """The key as text, from a setting: base64 alone, or ``1:base64,2:base64`` while rotating."""

    def __init__(self, text: str) -> None:
        self._text = text

    def load(self) -> MasterKeys:
        return MasterKeys.parse(self._text)


class FileSource:
    """A file that its owner alone may read (0600), made on first use."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> MasterKeys:
        """
        Raises:
            Unavailable: the file cannot be read or made, or others may read it.
            Incorrect: it holds something else.
        """
        if not self.path.exists():
            self._create()
        return MasterKeys.parse(_read_private(self.path).decode(errors="replace"))

    def save(self, keys: MasterKeys) -> None:
        """Put ``keys`` in place of what the file holds, all or nothing."""
        _replace(self.path, (_NOTE + keys.dump()).encode())

    def _create(self) -> None:
        # Server and worker may both start first: link() lets one win, and the other reads what it made.
        with _told(self.path):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = _written(self.path, (_NOTE + MasterKeys.new().dump()).encode())
        try:
            with _told(self.path), suppress(FileExistsError):
                os.link(draft, self.path)
        finally:
            draft.unlink()
        _sync_folder(self.path.parent)


class Kms(Protocol):
    """What is asked of a key management service; the master key it encrypts never leaves this machine in the
    clear.
    """

    def encrypt(self, plaintext: bytes, context: dict[str, str]) -> bytes: ...

    def decrypt(self, ciphertext: bytes, context: dict[str, str]) -> bytes: ...


class KmsSource:
    """A file whose content a service encrypted; it is asked once, when a process starts."""

    _CONTEXT = {"application": "ojas", "use": "master-key"}

    def __init__(self, path: Path, kms: Kms) -> None:
        self.path = path
        self._kms = kms

    def load(self) -> MasterKeys:
        if not self.path.exists():
            with _told(self.path):
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.save(MasterKeys.new())
        try:
            sealed = base64.b64decode(_read_private(self.path), validate=True)
        except ValueError:
            raise Incorrect("This is not a master key: 32 bytes in base64 are expected.") from None
        return MasterKeys.parse(self._kms.decrypt(sealed, self._CONTEXT).decode())

    def save(self, keys: MasterKeys) -> None:
        sealed = self._kms.encrypt(keys.dump().encode(), self._CONTEXT)
        _replace(self.path, base64.b64encode(sealed))


def load(settings: Settings) -> MasterKeys:
    """The master key as set: ``OJAS_MASTER_KEY``, else the file ``OJAS_MASTER_KEY_FILE``, else ``master.key``
    at home.
    """
    if settings.master_key is not None:
        return EnvironmentSource(settings.master_key.get_secret_value()).load()
    return FileSource(settings.master_key_file or settings.home / "master.key").load()


def _read_private(path: Path) -> bytes:
    with _told(path), path.open("rb") as file:
        found = os.fstat(file.fileno())
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise Unavailable("Others may read the master key. Run: chmod 600 {path}", path=path)
        if found.st_uid not in (0, os.geteuid()):
            raise Unavailable("The master key {path} belongs to someone else.", path=path)
        return file.read(2**16)


def _replace(path: Path, content: bytes) -> None:
    draft = _written(path, content)
    with _told(path):
        draft.replace(path)
    _sync_folder(path.parent)


def _written(path: Path, content: bytes) -> Path:
    """A new file beside ``path`` that holds ``content``, on the disk and not only on its way there."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    with _told(path), os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _told:  # noqa: N801  # reads as a word in `with`
    """Turns what the system says of ``path`` into a refusal."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            raise Unavailable(
                "The master key {path} cannot be read or written: {reason}.",
                path=self._path,
                reason=error.strerror or str(error),
            ) from error
