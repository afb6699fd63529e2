"""Make a cluster: all of it, or none."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from ojas.kit.db.embedded.folder import Folder
from ojas.kit.db.embedded.programs import Programs
from ojas.kit.db.embedded.roles import KEEPER, creation
from ojas.kit.db.embedded.trouble import explained, from_output


def create(programs: Programs, folder: Folder, known: dict[str, str], *, durable: bool = True) -> None:
    """Make the cluster with its roles and database beside its place, and move it there when it is whole."""
    fresh = empty(programs, folder, known, durable=durable)
    tell(programs, folder, fresh, creation(known))
    fresh.rename(folder.files(programs.major))


def empty(
    programs: Programs, folder: Folder, known: dict[str, str], *, durable: bool = True, checksums: bool = True
) -> Path:
    """A cluster with nothing but its superuser, in ``18.new``; a half-made one is thrown away."""
    fresh = folder.data / f"{programs.major}.new"
    secret = folder.data / "password.new"
    with explained(folder.data):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        folder.account.own(fresh, 0o700)
        secret.unlink(missing_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(known[KEEPER])
        folder.account.own(secret, 0o600)
        command: list[str | Path] = [programs.path("initdb"), "-D", fresh, "-U", KEEPER, f"--pwfile={secret}"]
        command += ["--auth=scram-sha-256", *_choices(programs.major, durable, checksums)]
        result = folder.account.run(command)
        secret.unlink()
    if result.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise from_output(folder.data, result.stdout, "make its files")
    return fresh


def tell(programs: Programs, folder: Folder, files: Path, statements: Sequence[str]) -> None:
    """Run statements without a server, in single-user mode, which asks for no password."""
    result = folder.account.run(
        [programs.path("postgres"), "--single", "-j", "-D", files, "-c", "log_checkpoints=off", "template1"],
        sent="".join(f"{statement};\n\n" for statement in statements),
    )
    if result.returncode or "ERROR:" in result.stdout:
        raise from_output(folder.data, result.stdout, "set up its roles")


def _choices(major: int, durable: bool, checksums: bool) -> list[str]:
    """Text sorts by code point, so an index never depends on a C library that changes under it."""
    chosen = ["--encoding=UTF8", "--locale=C", "--no-instructions"]
    if major >= 17:
        chosen += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if checksums:
        chosen += ["--data-checksums"]
    elif major >= 18:
        chosen += ["--no-data-checksums"]
    return chosen if durable else [*chosen, "--no-sync"]
