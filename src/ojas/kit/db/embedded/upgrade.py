"""From one major version of PostgreSQL to the next: by pg_upgrade, and where that fails by dump and restore.

Both leave the old files untouched and build the new ones beside them, which take their place when whole. The
old files then go: they hold what a person may since have had erased.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ojas.kit.db.embedded import server
from ojas.kit.db.embedded.create import empty
from ojas.kit.db.embedded.folder import PORT, Folder
from ojas.kit.db.embedded.programs import Programs
from ojas.kit.db.embedded.roles import KEEPER
from ojas.kit.db.embedded.trouble import CannotStart, explained, from_output


@dataclass(frozen=True)
class Upgrade:
    """The data of ``old`` on its way to ``new``. No server runs on it, and the caller holds the lock."""

    folder: Folder
    old: Programs
    new: Programs
    known: dict[str, str]
    socket_dir: Path
    durable: bool = True

    def run(self) -> None:
        self._finish()
        with explained(self.folder.data):
            work = self.folder.work()
            try:
                environment = self._password_file(work)
                try:
                    fresh = self._by_pg_upgrade(work, environment)
                except CannotStart:
                    fresh = self._by_dump(work, environment)
                fresh.rename(self.folder.files(self.new.major))
                shutil.rmtree(self._files)
            finally:
                shutil.rmtree(work, ignore_errors=True)

    @property
    def _files(self) -> Path:
        """Of the old server."""
        return self.folder.files(self.old.major)

    def _finish(self) -> None:
        """pg_upgrade wants a clean shutdown; after a crash the old server must first recover by itself."""
        if self._control()["Database cluster state"] != "shut down":
            with self._serving(self.old, self._files, durable=True):
                pass

    def _by_pg_upgrade(self, work: Path, environment: dict[str, str]) -> Path:
        """Copies files as they are and moves only the catalogue over: fast, also for much data."""
        checksums = self._control()["Data page checksum version"] != "0"
        fresh = empty(self.new, self.folder, self.known, durable=self.durable, checksums=checksums)
        command: list[str | Path] = [self.new.path("pg_upgrade"), "-b", self.old.bin, "-B", self.new.bin]
        command += ["-d", self._files, "-D", fresh, "-s", self.socket_dir, "-U", KEEPER, "--copy"]
        command += [] if self.durable else ["--no-sync"]
        result = self.folder.account.run(command, env=environment, cwd=work)
        if result.returncode:
            raise from_output(
                self.folder.data, result.stdout, f"upgrade its files from version {self.old.major}"
            )
        return fresh

    def _by_dump(self, work: Path, environment: dict[str, str]) -> Path:
        """Reads everything out of the old server and into a new one: slow, but asks least of the files."""
        dump = work / "everything.sql"
        connection = ["-h", str(self.socket_dir), "-p", str(PORT), "-U", KEEPER]
        with self._serving(self.old, self._files, durable=self.durable):
            self._must([self.new.path("pg_dumpall"), *connection, "-l", "postgres", "-f", dump], environment)
        fresh = empty(self.new, self.folder, self.known, durable=self.durable)
        with self._serving(self.new, fresh, durable=self.durable):
            said = self._must(
                [self.new.path("psql"), *connection, "-X", "-q", "-d", "postgres", "-f", dump], environment
            )
        for line in said.splitlines():
            if "ERROR:" in line and f'"{KEEPER}" already exists' not in line:
                raise from_output(self.folder.data, line, f"restore the data of version {self.old.major}")
        return fresh

    @contextmanager
    def _serving(self, programs: Programs, files: Path, *, durable: bool) -> Iterator[None]:
        server.start(programs, self.folder, files, self.socket_dir, durable=durable)
        try:
            yield
        finally:
            server.stop(files)

    def _must(self, command: Sequence[str | Path], environment: dict[str, str]) -> str:
        result = self.folder.account.run(command, env=environment)
        if result.returncode:
            raise from_output(self.folder.data, result.stdout, "upgrade its files")
        return result.stdout

    def _password_file(self, work: Path) -> dict[str, str]:
        file = work / "pgpass"
        file.touch(mode=0o600)
        file.write_text(f"*:*:*:{KEEPER}:{self.known[KEEPER]}\n")
        self.folder.account.own(file, 0o600)
        return {"PGPASSFILE": str(file)}

    def _control(self) -> dict[str, str]:
        said = self._must([self.old.path("pg_controldata"), "-D", self._files], {})
        lines = (line.partition(":") for line in said.splitlines())
        return {name.strip(): value.strip() for name, _, value in lines}
