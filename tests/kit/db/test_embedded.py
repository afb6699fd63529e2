"""The embedded database, tried on the real programs: shared, killed in every part, misused."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import psycopg
import pytest
from tests.kit.db.clusters import answers, ask, postmasters, wait_for

from ojas.kit.db import embedded
from ojas.kit.db.embedded import APP, KEEPER, OWNER, CannotStart, attach

pytestmark = [pytest.mark.timeout(90), pytest.mark.slow]

HOLDER = """
    import sys, time
    from pathlib import Path
    from ojas.kit.db.embedded import attach
    with attach(Path(sys.argv[1]), durable=False):
        print("held", flush=True)
        sys.stdin.read()
"""


def holder(data: Path, **more: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDER), str(data)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        **more,  # type: ignore[call-overload]
    )


def held(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    assert process.stdout.readline() == "held\n"


def let_go(process: subprocess.Popen[str]) -> None:
    process.communicate("")
    assert process.returncode == 0


def test_it_starts_from_nothing_and_stops_with_the_last_lease(place: Path) -> None:
    with attach(place, durable=False) as first:
        assert ask(first.cluster, "SELECT 1") == 1
        with attach(place, durable=False) as second:
            assert second.cluster == first.cluster
        assert len(postmasters(place)) == 1
    assert postmasters(place) == []


def test_data_outlives_a_restart(place: Path) -> None:
    with attach(place, durable=False) as lease, psycopg.connect(lease.cluster.dsn(OWNER)) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 7 AS n")
    with attach(place, durable=False) as lease:
        assert ask(lease.cluster, "SELECT n FROM kept", OWNER) == 7


def test_a_released_lease_may_be_released_again(place: Path) -> None:
    lease = attach(place, durable=False)
    with attach(place, durable=False) as other:
        lease.release()
        lease.release()
        assert ask(other.cluster, "SELECT 1") == 1


def test_roles_have_only_the_rights_they_need(place: Path) -> None:
    with attach(place, durable=False) as lease:
        with psycopg.connect(lease.cluster.dsn(KEEPER)) as keeper:
            rights = keeper.execute(
                "SELECT rolname FROM pg_roles WHERE rolcanlogin "
                "AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)"
            ).fetchall()
            assert rights == [(KEEPER,)]
            assert keeper.execute(
                "SELECT rolname FROM pg_database d JOIN pg_roles r ON r.oid = datdba WHERE datname = 'ojas'"
            ).fetchone() == (OWNER,)
        with (
            psycopg.connect(lease.cluster.dsn(APP)) as app,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            app.execute("CREATE TABLE mine (n int)")


def test_nobody_gets_in_without_a_password_or_over_the_network(place: Path) -> None:
    with attach(place, durable=False) as lease:
        bare = lease.cluster.dsn(APP).replace(lease.cluster.passwords[APP], "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(bare)
        assert ask(lease.cluster, "SHOW listen_addresses") == ""
        assert (
            ask(lease.cluster, "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method <> 'scram-sha-256'")
            == 0
        )
        assert (place / "passwords").stat().st_mode & 0o777 == 0o600
        assert lease.cluster.socket_dir.stat().st_mode & 0o777 == 0o700


def test_text_sorts_by_code_point_whatever_the_machine_speaks(place: Path) -> None:
    with attach(place, durable=False) as lease:
        assert (
            ask(lease.cluster, "SELECT string_agg(w, ' ' ORDER BY w) FROM unnest('{b,a,B,ஆ,आ}'::text[]) w")
            == "B a b आ ஆ"
        )
        assert ask(lease.cluster, "SELECT lower('ÄΩ')") == "äω"
        assert ask(lease.cluster, "SHOW server_encoding") == "UTF8"


def test_the_log_holds_nothing_of_what_was_asked_or_stored(place: Path) -> None:
    with (
        attach(place, durable=False) as lease,
        psycopg.connect(lease.cluster.dsn(OWNER), autocommit=True) as owner,
    ):
        owner.execute("CREATE TABLE secrets (word text UNIQUE)")
        add = "INSERT INTO secrets VALUES ('hiv-positive')"
        owner.execute(add)
        with pytest.raises(psycopg.errors.UniqueViolation):
            owner.execute(add)
        log = (place / "server.log").read_text()
    assert "duplicate key" in log
    assert "hiv-positive" not in log
    assert "INSERT" not in log


def test_many_processes_at_once_start_one_server(place: Path) -> None:
    crowd = [holder(place) for _ in range(5)]
    for process in crowd:
        held(process)
    assert len(postmasters(place)) == 1
    for process in crowd[:-1]:
        let_go(process)
    assert len(postmasters(place)) == 1
    let_go(crowd[-1])
    assert postmasters(place) == []


def test_the_server_survives_its_killed_parent_and_is_found_again(place: Path) -> None:
    parent = holder(place, start_new_session=True)
    held(parent)
    before = postmasters(place)
    os.killpg(parent.pid, signal.SIGKILL)
    parent.wait()
    with attach(place, durable=False) as lease:
        assert postmasters(place) == before
        assert ask(lease.cluster, "SELECT 1") == 1
    assert postmasters(place) == [], "the killed parent's lease must not keep the server running"


def test_a_killed_server_is_recovered_with_all_that_was_committed(place: Path) -> None:
    with attach(place) as lease:
        with psycopg.connect(lease.cluster.dsn(OWNER), autocommit=True) as owner:
            owner.execute("CREATE TABLE kept AS SELECT 7 AS n")
        os.kill(postmasters(place)[0], signal.SIGKILL)
        wait_for(lambda: not lease.alive())
        with attach(place) as again:
            assert ask(again.cluster, "SELECT n FROM kept", OWNER) == 7


def test_a_holder_revives_a_killed_server(place: Path) -> None:
    with attach(place, durable=False) as lease:
        assert not lease.revive()
        os.kill(postmasters(place)[0], signal.SIGKILL)
        wait_for(lambda: not lease.alive())
        assert lease.revive()
        assert ask(lease.cluster, "SELECT 1") == 1


def test_a_backend_deep_in_a_query_does_not_outlive_its_killed_server(place: Path) -> None:
    with attach(place, durable=False) as lease:
        busy = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys, psycopg\n"
                "psycopg.connect(sys.argv[1]).execute('SELECT count(*) FROM generate_series(1, 3000000000)')",
                lease.cluster.dsn(APP),
            ],
            stderr=subprocess.DEVNULL,
        )
        wait_for(
            lambda: (
                ask(lease.cluster, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%%3000000000)'")
                == 1
            )
        )
        old = postmasters(place)[0]
        children = psutil.Process(old).children()
        os.kill(old, signal.SIGKILL)
        wait_for(lambda: not lease.alive())
        assert lease.revive()
        assert ask(lease.cluster, "SELECT 1") == 1
        assert not [child for child in children if child.is_running()]
        assert busy.wait(timeout=10) != 0


def test_a_killed_backend_takes_no_other_committed_work_with_it(place: Path) -> None:
    with attach(place) as lease:
        with psycopg.connect(lease.cluster.dsn(OWNER), autocommit=True) as owner:
            owner.execute("CREATE TABLE kept AS SELECT 7 AS n")
            os.kill(owner.info.backend_pid, signal.SIGKILL)
            with pytest.raises(psycopg.OperationalError):
                owner.execute("SELECT 1")
        # It answers until it notices, then not until it has recovered.
        wait_for(lambda: answers(lease.cluster, "SELECT n FROM kept", 7, OWNER))


def test_a_pid_that_went_to_another_program_is_seen_through(place: Path) -> None:
    with attach(place, durable=False):
        written = (place / "18" / "postmaster.pid").read_text().splitlines()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        written[0] = str(stranger.pid)
        (place / "18" / "postmaster.pid").write_text("\n".join(written) + "\n")
        with attach(place, durable=False) as lease:
            assert ask(lease.cluster, "SELECT 1") == 1
    finally:
        stranger.kill()
        stranger.wait()


def test_a_swept_socket_brings_a_restart(place: Path) -> None:
    with attach(place, durable=False) as lease:
        (lease.cluster.socket_dir / ".s.PGSQL.5432").unlink()
        with attach(place, durable=False) as again:
            assert ask(again.cluster, "SELECT 1") == 1


def test_lost_passwords_are_made_anew(place: Path) -> None:
    with attach(place, durable=False) as lease, psycopg.connect(lease.cluster.dsn(OWNER)) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 7 AS n")
    (place / "passwords").unlink()
    with attach(place, durable=False) as lease:
        assert ask(lease.cluster, "SELECT n FROM kept", OWNER) == 7


def test_a_half_made_cluster_is_thrown_away(place: Path) -> None:
    (place / "18.new").mkdir(parents=True)
    (place / "18.new" / "PG_VERSION").write_text("18\n")
    with attach(place, durable=False) as lease:
        assert ask(lease.cluster, "SELECT 1") == 1


def test_a_long_path_gets_a_short_socket(place: Path) -> None:
    deep = place / ("long" * 20) / ("longer" * 10)
    with attach(deep, durable=False) as lease:
        assert len(str(lease.cluster.socket_dir)) < 40
        assert ask(lease.cluster, "SELECT 1") == 1
    shutil.rmtree(lease.cluster.socket_dir)


def test_a_strangers_folder_in_place_of_the_short_socket_is_refused(place: Path) -> None:
    deep = place / ("long" * 20) / ("longer" * 10)
    with attach(deep, durable=False) as lease:
        short = lease.cluster.socket_dir
    short.chmod(0o777)
    with pytest.raises(CannotStart, match="private folder"):
        attach(deep, durable=False)
    shutil.rmtree(short)


@pytest.mark.parametrize("name", ["with space", "ओजस्", "quote'\"$HOME`,"])
def test_odd_names_of_folders_are_fine(place: Path, name: str) -> None:
    with attach(place / name, durable=False) as lease:
        assert ask(lease.cluster, "SELECT 1") == 1
    if lease.cluster.socket_dir.parent == Path("/tmp"):  # noqa: S108
        shutil.rmtree(lease.cluster.socket_dir)


def test_a_file_in_the_way_is_named(place: Path) -> None:
    place.write_text("")
    with pytest.raises(CannotStart, match="a file is in the way"):
        attach(place)


def test_a_read_only_home_is_named(place: Path) -> None:
    if os.geteuid() == 0:
        mount(place, "ro")
    else:
        place.parent.chmod(0o500)
    try:
        with pytest.raises(CannotStart, match=r"cannot be written to.*OJAS_HOME"):
            attach(place / "postgres")
    finally:
        place.parent.chmod(0o711)
        subprocess.run(["umount", str(place)], capture_output=True)


def test_newer_data_is_refused(place: Path) -> None:
    (place / "99").mkdir(parents=True)
    (place / "99" / "PG_VERSION").write_text("99\n")
    with pytest.raises(CannotStart, match="newer than this Ojas"):
        attach(place)
    assert (place / "99" / "PG_VERSION").exists()


def test_a_busy_lock_is_waited_for_only_so_long(place: Path) -> None:
    import fcntl

    place.mkdir(parents=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CannotStart, match="starting or stopping"):
            attach(place, patience=0.1)


def test_a_full_disk_is_named(place: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small file system")
    mount(place, "size=8m")
    try:
        with pytest.raises(CannotStart, match=r"disk that holds .* is full"):
            attach(place, durable=False)
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_foreign_folder_is_refused_by_name(place: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to give a folder away")
    place.mkdir()
    shutil.chown(place, "nobody")
    with pytest.raises(CannotStart, match="belongs to nobody"):
        attach(place)


def test_root_opens_no_closed_folder_for_the_servers_account(place: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, who alone runs the server as another account")
    place.parent.chmod(0o700)
    with pytest.raises(CannotStart, match="cannot enter"):
        attach(place)
    assert place.parent.stat().st_mode & 0o777 == 0o700


def test_under_root_the_server_owns_its_files_and_nothing_that_decides(place: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, who alone runs the server as another account")
    with attach(place, durable=False):
        assert psutil.Process(postmasters(place)[0]).username() == "ojas"
        assert psutil.Process(postmasters(place)[0]).environ().keys() <= {
            "PATH",
            "LC_ALL",
            "TZ",
            "PWD",
            "PG_GRANDPARENT_PID",
        }
        owners = {path.name: path.owner() for path in place.iterdir()}
    assert {name for name, owner in owners.items() if owner != "root"} == {"18", "run"}


def test_scratch_leaves_nothing_and_sweeps_what_the_killed_left() -> None:
    with embedded.scratch() as lease:
        left = lease.cluster.data.parent / "ojas-scratch-left"
        assert ask(lease.cluster, "SELECT 1") == 1
    killed = holder(left)
    held(killed)
    killed.kill()
    killed.communicate()
    with embedded.scratch():
        assert not left.exists()
        assert postmasters(left) == []
    assert not lease.cluster.data.exists()


def test_scratch_sweeps_none_that_is_just_being_made() -> None:
    """It has the lock, and the file of its users, whose lock it does not have yet."""
    with embedded.scratch() as lease:
        made = lease.cluster.data.parent / "ojas-scratch-made"
    made.mkdir()
    (made / "users").touch()
    try:
        with (made / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with embedded.scratch():
                assert made.exists()
        with embedded.scratch():
            assert not made.exists()
    finally:
        shutil.rmtree(made, ignore_errors=True)


def mount(place: Path, options: str) -> None:
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        pytest.skip("may not mount a file system here")
