"""Commands that say something and end."""

import json
import os
import resource
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.builders import apple_health as apple
from tests.cli.conftest import Run
from tests.cli.running import free_port

pytestmark = pytest.mark.timeout(100)


def test_help_answers_within_a_third_of_a_second() -> None:
    # By the processor's clock, so that what else the machine does cannot make it fail.
    taken = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "ojas.cli", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(taken) < 0.3


def test_every_command_has_help_with_an_example(ojas: Run) -> None:
    _, listed, _ = ojas("--help").end()
    names = [
        line.split()[0] for line in listed.partition("Commands:")[2].splitlines() if line.startswith("  ")
    ]
    assert {"demo", "serve", "work", "migrate", "doctor", "keys"} <= set(names)
    for name in set(names) - {"keys"}:
        assert "Example: " in ojas(name, "--help").end()[1], name


def test_the_version_is_said_to_machines_too(ojas: Run) -> None:
    assert json.loads(ojas("--json", "--version").end()[1])["version"]


def test_an_unknown_command_is_used_wrongly(ojas: Run) -> None:
    status, out, err = ojas("cook").end()
    assert (status, out) == (2, "")
    assert "cook" in err


def test_a_setting_that_cannot_be_is_named(ojas: Run) -> None:
    status, _, err = ojas("serve", OJAS_PORT="many").end()
    assert status == 1
    assert err.startswith("OJAS_PORT: ")
    assert len(err.splitlines()) == 1


def test_a_home_that_cannot_be_written_is_one_sentence(ojas: Run, home: Path) -> None:
    home.parent.joinpath("file").write_text("")
    status, _, err = ojas("doctor", OJAS_HOME=str(home.parent / "file" / "home")).end()
    assert status == 3
    status, _, err = ojas("serve", OJAS_HOME=str(home.parent / "file" / "home")).end()
    assert status == 1
    assert "a file is in the way" in err
    assert len(err.splitlines()) == 1


def test_a_closed_home_is_one_sentence(ojas: Run, home: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("no folder is closed to root; a read-only mount is tried in tests/kit/db")
    home.parent.chmod(0o500)
    status, _, err = ojas("serve").end()
    assert status == 1
    assert "cannot be written to" in err


def test_a_database_that_does_not_answer_is_one_sentence(ojas: Run) -> None:
    status, _, err = ojas("migrate", OJAS_OWNER_URL="host=/nowhere", OJAS_DATABASE_URL="host=/nowhere").end()
    assert status == 1
    assert err.startswith("The database does not answer: ")


def test_migrating_ones_own_database_asks_for_its_owner(ojas: Run) -> None:
    status, _, err = ojas("migrate", OJAS_DATABASE_URL="host=/nowhere").end()
    assert status == 1
    assert "OJAS_OWNER_URL" in err


@pytest.mark.slow
def test_migrate_says_where_the_database_is(ojas: Run) -> None:
    status, out, _ = ojas("--json", "migrate").end()
    assert status == 0
    assert json.loads(out)["revision"]


@pytest.mark.slow
def test_the_doctor_finds_a_fresh_house_well_once_migrated(ojas: Run) -> None:
    status, out, _ = ojas("--json", "doctor").end()
    before = {f["check"]: f["state"] for f in json.loads(out)["findings"]}
    assert (status, before["schema"]) == (3, "unwell")
    ojas("migrate").end()
    status, out, _ = ojas("--json", "doctor").end()
    after = {f["check"]: f["state"] for f in json.loads(out)["findings"]}
    assert status == 0
    assert {
        "disk",
        "master key",
        "database",
        "schema",
        "role",
        "isolation",
        "jobs",
        "watch",
        "sealed data",
        "mail",
    } <= set(after)
    assert "unwell" not in after.values()


@pytest.mark.slow
def test_the_doctor_finds_a_table_without_row_security(ojas: Run, home: Path) -> None:
    import psycopg

    from ojas.kit.db.embedded import OWNER, attach

    ojas("migrate").end()
    with attach(home / "postgres") as lease, psycopg.connect(lease.cluster.dsn(OWNER)) as owner:
        owner.execute("CREATE TABLE forgotten (person_id uuid, said bytea)")
        owner.execute(
            "INSERT INTO forgotten VALUES (gen_random_uuid(), 'the diagnosis in plain words, readable by all')"
        )
    status, out, _ = ojas("--json", "doctor").end()
    says = {f["check"]: f["says"] for f in json.loads(out)["findings"] if f["state"] == "unwell"}
    assert status == 3
    assert "forgotten" in says["isolation"]
    assert "forgotten.said" in says["sealed data"]


def test_a_lost_master_key_comes_back_by_its_recovery_code(ojas: Run, home: Path) -> None:
    code = json.loads(ojas("--json", "keys", "recovery").end()[1])["code"]
    key = (home / "master.key").read_text()
    status, _, err = ojas("keys", "recover", "--code", code).end()
    assert (status, "move it away first" in err) == (1, True)
    (home / "master.key").unlink()
    assert (
        ojas("keys", "recover", "--code", "0" + code[1:] if code[0] != "0" else "1" + code[1:]).end()[0] == 1
    )
    assert ojas("keys", "recover", "--code", code.lower()).end()[0] == 0
    assert (home / "master.key").read_text() == key
    assert (home / "master.key").stat().st_mode & 0o777 == 0o600


def test_every_command_is_in_the_guide(ojas: Run) -> None:
    from ojas.cli.commands import app, keys

    guide = (Path(__file__).parents[2] / "docs" / "guide" / "commands.md").read_text()
    names = [c.name or (c.callback.__name__ if c.callback else "") for c in app.registered_commands]
    names += [f"keys {c.callback.__name__}" for c in keys.registered_commands if c.callback]
    assert not [name for name in names if f"`ojas {name}" not in guide]


@pytest.mark.slow
def test_a_record_comes_in_and_goes_out_whole(ojas: Run, home: Path, tmp_path: Path) -> None:
    house = ojas("--json", "demo", "--port", str(free_port()))
    mail = house.ready()["accounts"][1]["email"]
    assert house.interrupt()[0] == 0
    export, archive = tmp_path / "export.zip", tmp_path / "whole.zip"
    export.write_bytes(apple.days(3).zip())
    status, out, err = ojas("--json", "import", str(export), "--person", mail).end(90)
    assert (status, json.loads(out)["state"]) == (0, "done"), err
    status, out, err = ojas("--json", "export", str(archive), "--person", mail).end(90)
    assert status == 0, err
    assert archive.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(archive) as found:
        assert b"blood_pressure" in found.read("measurements/readings.ndjson")
    status, _, err = ojas("export", str(archive), "--person", mail).end()
    assert (status, "is there already" in err) == (1, True)
    status, _, err = ojas("import", str(export), "--person", "nobody@example.org").end()
    assert (status, err) == (1, "Nobody signs in as nobody@example.org.\n")
