"""The account the server runs as: one's own, or for root, whom PostgreSQL refuses, the account ``ojas``."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ojas.kit.db.embedded.trouble import CannotStart

SYSTEM_NAME = "ojas"


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int

    @property
    def other(self) -> bool:
        """Whether it is another account than the one that runs this process."""
        return self.uid != os.geteuid()

    def run(
        self,
        command: Sequence[str | Path],
        *,
        sent: str = "",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, with none of our environment; what it says is kept."""
        return subprocess.run(  # noqa: S603  # programs of the wheel, arguments as a list
            [str(part) for part in command],
            input=sent,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**clean_environment(), **(env or {})},
            cwd=cwd or "/",
            umask=0o077,
            user=self.uid if self.other else None,
            group=self.gid if self.other else None,
            extra_groups=[] if self.other else None,
        )

    def own(self, path: Path, mode: int) -> Path:
        """Give a file or folder we have just made to this account."""
        path.chmod(mode)
        if self.other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)
        return path


def clean_environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def server_account() -> Account:
    """The account to run as; made on the first start as root."""
    if os.geteuid() != 0:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid())
    return _known() or _made()


def name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _known() -> Account | None:
    try:
        entry = pwd.getpwnam(SYSTEM_NAME)
    except KeyError:
        return None
    if entry.pw_uid == 0:
        raise CannotStart(
            f"The account {SYSTEM_NAME} is root by another name, and PostgreSQL refuses to run as root."
        )
    return Account(SYSTEM_NAME, entry.pw_uid, entry.pw_gid)


def _made() -> Account:
    if sys.platform == "darwin":
        raise CannotStart("On macOS Ojas runs as an ordinary user: start it without sudo.")
    said = ""
    for command in _ways():
        if shutil.which(command[0]):
            result = subprocess.run(command, capture_output=True, text=True)  # noqa: S603
            if account := _known():
                return account
            said = (result.stderr or result.stdout).strip()
    why = f" ({said.splitlines()[-1]})" if said else ""
    raise CannotStart(
        f"PostgreSQL refuses to run as root and the account {SYSTEM_NAME} could not be made{why}; "
        "make that system account, or start Ojas as an ordinary user."
    )


def _ways() -> list[list[str]]:
    shell = "/usr/sbin/nologin" if Path("/usr/sbin/nologin").exists() else "/sbin/nologin"
    nowhere = "/nonexistent"
    return [
        ["useradd", "--system", "--user-group", "--no-create-home", "-d", nowhere, "-s", shell, SYSTEM_NAME],
        [
            "adduser",
            "--system",
            "--group",
            "--no-create-home",
            "--home",
            nowhere,
            "--shell",
            shell,
            SYSTEM_NAME,
        ],
        ["adduser", "-S", "-D", "-H", "-h", nowhere, "-s", shell, SYSTEM_NAME],  # BusyBox
    ]
