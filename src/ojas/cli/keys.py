"""The master key: what there is, a code on paper that opens a copy of it, and that copy put back."""

from pathlib import Path

from ojas.cli.ground import home
from ojas.cli.said import Refused
from ojas.kit import crypto
from ojas.kit.settings import Settings

_WHAT = b"ojas master key"


def copy_of(settings: Settings) -> Path:
    """The master key wrapped by the recovery code. Useless without the code, so it may lie in backups."""
    return settings.home / "recovery"


def recovery(settings: Settings) -> str:
    """A new recovery code; the copy it opens replaces the former one, whose code then opens nothing."""
    home(settings)
    code = crypto.RecoveryCode.new()
    wrapped = code.wrap(crypto.load(settings).dump().encode(), _WHAT)
    fresh = copy_of(settings).with_suffix(".new")
    fresh.write_bytes(wrapped)
    fresh.chmod(0o600)
    fresh.replace(copy_of(settings))
    return str(code)


def recover(settings: Settings, typed: str) -> crypto.MasterKeys:
    """Put the master key back from its copy.

    Raises:
        Incorrect: the code has a slip, or is another's. Refused: a key is there, or no copy.
    """
    file = settings.master_key_file or settings.home / "master.key"
    if file.exists():
        raise Refused(f"There is a master key at {file}; move it away first.")
    if not copy_of(settings).exists():
        raise Refused(f"There is no copy at {copy_of(settings)}; put the one of a backup there.")
    code = crypto.RecoveryCode.parse(typed)
    keys = crypto.MasterKeys.parse(code.unwrap(copy_of(settings).read_bytes(), _WHAT).decode())
    crypto.FileSource(file).save(keys)
    return keys
