"""The commands. Whatever a command needs is imported when it runs, so that --help answers at once."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import ojas
from ojas.cli import said

if TYPE_CHECKING:
    from ojas.kit.settings import Settings

app = typer.Typer(
    name="ojas",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Ojas: a person's whole health record, on a machine they own.\n\n"
        "ojas demo starts everything with a made-up household; ojas serve starts it for real people. "
        "Settings are environment variables that begin with OJAS_; docs/guide/running.md lists them.\n\n"
        "Exit status: 0 done, 1 refused or failed, 2 used wrongly, 3 unwell (doctor), 130 interrupted."
    ),
)

Host = Annotated[
    str | None, typer.Option(help="Address to listen on; default 127.0.0.1, this machine alone.")
]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on; default 8000.")]
Hidden = Annotated[int | None, typer.Option(hidden=True)]


@app.callback(invoke_without_command=True)
def _bare(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, for machines.")] = False,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    said.speak_json(json)
    if version:
        said.result({"version": ojas.__version__}, ojas.__version__)
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command(epilog="Example: ojas demo --port 9000")
def demo(host: Host = None, port: Port = None) -> None:
    """Everything at once, with a made-up household to try it on."""
    from ojas.cli.serve import run

    os.environ.setdefault("OJAS_LOG_LEVEL", "warning")  # else the address scrolls away before it is read
    with said.plainly():
        run(_settings(host, port), fixed=False, household=True, jobs=True)


@app.command(epilog="Example: OJAS_HOME=/srv/ojas ojas serve --host 0.0.0.0 --port 8080")
def serve(
    host: Host = None,
    port: Port = None,
    jobs: Annotated[
        bool, typer.Option(help="Run the job process too; without it, ojas work must run.")
    ] = True,
    socket: Hidden = None,
    lifeline: Hidden = None,
) -> None:
    """The web process and the job process, on the embedded database or one of your own."""
    from ojas.cli import serve as serving

    with said.plainly():
        if socket is not None:
            serving.web_alone(_settings(host, port), socket, lifeline)
        else:
            serving.run(_settings(host, port), fixed=True, household=False, jobs=jobs)


@app.command(epilog="Example: ojas work")
def work(lifeline: Hidden = None) -> None:
    """The job process alone: imports, mail, reminders. As many as you like may run."""
    from ojas.cli.ground import ground
    from ojas.cli.jobs import labour

    with said.plainly(), ground(settings := _settings()) as found:
        labour(settings, found, lifeline)


@app.command(epilog="Example: ojas migrate && ojas serve")
def migrate(
    to: Annotated[str, typer.Option(help="Revision to upgrade to; the newest by default.")] = "head",
) -> None:
    """Bring the database to the present schema. demo and serve do it by themselves on the embedded one."""
    from ojas.cli.ground import ground
    from ojas.kit.db.migrate import head
    from ojas.kit.db.migrate import migrate as upgrade

    with said.plainly(), ground(_settings()) as found:
        if not found.owner:
            said.refuse("Migrations need the owner's connection: set OJAS_OWNER_URL.")
        upgrade(found.owner, to)
        revision = head() if to == "head" else to
        said.result({"revision": revision}, f"The database is at {revision}.")


def _settings(host: str | None = None, port: int | None = None) -> "Settings":
    """What was chosen here goes into the environment first, so that child processes choose the same."""
    from ojas.kit.settings import settings

    for name, value in {"OJAS_HOST": host, "OJAS_PORT": port}.items():
        if value is not None:
            os.environ[name] = str(value)
    return settings()


@app.command(epilog="Example: ojas --json doctor")
def doctor() -> None:
    """Look for what is wrong: disk, key, database, schema, isolation, sealing, jobs, mail."""
    from ojas.cli.doctor import examine, plain, words

    with said.plainly():
        found = examine(_settings())
        said.result(plain(found), words(found))
        if any(f.state == "unwell" for f in found):
            raise typer.Exit(said.UNWELL)


keys = typer.Typer(no_args_is_help=True, help="The master key, which wraps everybody's keys.")
app.add_typer(keys, name="keys")


@keys.command(epilog="Example: ojas keys show")
def show() -> None:
    """Which master key this is; never the key itself."""
    from ojas.cli.ground import home
    from ojas.kit import crypto

    with said.plainly():
        home(settings := _settings())
        held = crypto.load(settings)
        said.result(
            {"fingerprint": held.fingerprint, "version": held.version, "versions": held.versions},
            f"Fingerprint {held.fingerprint}, version {held.version} of {len(held.versions)}.",
        )


@keys.command(epilog="Example: ojas keys rotate --people")
def rotate(
    people: Annotated[
        bool, typer.Option("--people", help="A new key for every person too, and all they have sealed anew.")
    ] = False,
    finish: Annotated[
        bool, typer.Option("--finish", help="No new master key: only bring to its end what was begun.")
    ] = False,
) -> None:
    """A new master key, which wraps everybody's keys from now on. Nothing stops, and nothing need be restarted."""
    from ojas.cli.ground import ground
    from ojas.cli.keys import rotate as turn

    with said.plainly(), ground(settings := _settings()) as found:
        done = turn(settings, found, people=people, finish=finish)
        said.result(
            done,
            f"Master key version {done['version']} wraps {done['rewrapped']} keys more; {done['people']} people have new keys. "
            "Make a new recovery code: ojas keys recovery. The job process moves what older keys sealed: ojas keys status.",
        )


@keys.command(epilog="Example: ojas --json keys status")
def status() -> None:
    """How far it is: keys by version of the master key, and what older keys of people still seal."""
    from ojas.cli.ground import ground
    from ojas.cli.keys import status as state

    with said.plainly(), ground(settings := _settings()) as found:
        seen = state(settings, found)
        wraps = ", ".join(f"version {n}: {count} keys" for n, count in seen["wrapped"].items())
        said.result(
            seen,
            f"Master key {wraps or 'wraps nothing yet'}.\n"
            f"{seen['behind']} people have older keys; {seen['rows']} rows and {seen['files']} files lie under them.",
        )


@keys.command(epilog="Example: ojas keys retire 1")
def retire(
    version: Annotated[int, typer.Argument(min=1, help="The version of the master key to drop.")],
) -> None:
    """Drop an old version of the master key, once it wraps nothing; refused until then."""
    from ojas.cli.ground import ground
    from ojas.cli.keys import retire as drop

    with said.plainly(), ground(settings := _settings()) as found:
        left = drop(settings, found, version)
        said.result(
            {"versions": left}, f"Version {version} is gone. Backups that only it opens stay shut for good."
        )


@keys.command(epilog="Example: ojas keys recovery")
def recovery() -> None:
    """A new recovery code, to write on paper: it opens the copy of the master key that is kept at home."""
    from ojas.cli.keys import copy_of
    from ojas.cli.keys import recovery as made

    with said.plainly():
        code = made(settings := _settings())
        said.result(
            {"code": code, "copy": copy_of(settings)},
            f"{code}\nWrite it down: it is shown once. It opens {copy_of(settings)}; keep a copy of that file elsewhere.",
        )


@keys.command(epilog="Example: ojas keys recover")
def recover(
    code: Annotated[str, typer.Option(prompt="Recovery code", help="Asked for when not given.")],
) -> None:
    """Put a lost master key back, by the recovery code."""
    from ojas.cli.keys import recover as put_back

    with said.plainly():
        held = put_back(_settings(), code)
        said.result({"fingerprint": held.fingerprint}, f"The master key {held.fingerprint} is back.")


interactions = typer.Typer(
    no_args_is_help=True,
    epilog="Example: ojas interactions show",
    help="The list of interactions that medicines are checked by. Ojas comes with none: load one you may use.",
)
app.add_typer(interactions, name="interactions")


@interactions.command(
    "load",
    epilog='Example: ojas interactions load pairs.csv --source "Hospital pharmacy" --list-version 2026-11',
)
def load_interactions(
    file: Annotated[
        Path, typer.Argument(help="CSV in UTF-8: ingredient,other,severity,effect,cite; a line a pair.")
    ],
    source: Annotated[str, typer.Option(help="Who made the list; shown beside what it finds.")],
    list_version: Annotated[str, typer.Option(help="Which edition it is.")],
) -> None:
    """Put a list in the place of the one there is. A list with a mistake in it is refused whole, with its line."""
    from ojas.cli.ground import ground
    from ojas.cli.interactions import load

    with said.plainly(), ground(settings := _settings()) as found:
        _say_list(load(settings, found, file, source, list_version))


@interactions.command("show", epilog="Example: ojas interactions show")
def show_interactions() -> None:
    """Which list is loaded, if any."""
    from ojas.cli.ground import ground
    from ojas.cli.interactions import show as seen

    with said.plainly(), ground(settings := _settings()) as found:
        _say_list(seen(settings, found))


@interactions.command("drop", epilog="Example: ojas interactions drop")
def drop_interactions() -> None:
    """Do without a list again: interactions are then not checked, and pages say so."""
    from ojas.cli.ground import ground
    from ojas.cli.interactions import drop

    with said.plainly(), ground(settings := _settings()) as found:
        _say_list(drop(settings, found))


def _say_list(kept: dict[str, Any]) -> None:
    none = "No list of interactions is loaded: interactions are not checked."
    said.result(
        kept, f"{kept['source']}, {kept['version']}: {kept['pairs']:,} pairs." if kept["source"] else none
    )


Whom = Annotated[str, typer.Option("--person", help="Their id, or the e-mail address they sign in with.")]


@app.command("import", epilog="Example: ojas import export.zip --person asha@example.org")
def import_(
    file: Annotated[
        Path, typer.Argument(help="An Apple Health export (zip, xml) or FHIR R4 (json, ndjson, zip).")
    ],
    person: Whom,
) -> None:
    """Take a file into a person's record."""
    from ojas.cli.ground import ground
    from ojas.cli.record import take_in

    with said.plainly(), ground(settings := _settings()) as found:
        ended = take_in(settings, found, person, file)
        why = "".join(f"\n  {reason['count']:>8} × {reason['message']}" for reason in ended["reasons"])
        said.result(
            ended,
            f"{ended['state']}: {ended['taken']} taken in, {ended['refused']} refused. {ended['problem'] or ''}{why}",
        )
        if ended["state"] != "done":
            raise typer.Exit(said.REFUSED)


@app.command(epilog="Example: ojas export asha.zip --person asha@example.org")
def export(
    file: Annotated[Path, typer.Argument(help="The zip to write; readable by you alone.")],
    person: Whom,
) -> None:
    """Write a person's whole record into one zip: JSON lines or CSV of every part, and FHIR R4."""
    from ojas.cli.ground import ground
    from ojas.cli.record import take_out

    with said.plainly(), ground(settings := _settings()) as found:
        written = take_out(settings, found, person, file)
        said.result(written, f"{written['file']}: {written['size']:,} bytes.")


@app.command(epilog="Example: ojas erase --person asha@example.org")
def erase(
    person: Annotated[
        str | None, typer.Option("--person", help="Their id, or the e-mail address they sign in with.")
    ] = None,
    now: Annotated[
        bool, typer.Option("--now", help="At once, which nobody can undo; else in seven days.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Keep the record after all.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="After a restore: erase anew whom the backup brought back.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The receipt as JSON.")] = False,
) -> None:
    """Erase a person: rows, files, keys, account; a receipt is left."""
    from ojas.cli import erase as erasing
    from ojas.cli.ground import ground

    if json:
        said.speak_json(True)
    with said.plainly():
        if (person is None) != again or (now and undo) or (again and (now or undo)):
            said.refuse("Say --person WHOM, alone or with --now or --undo; or --again.", said.USAGE)
        with ground(settings := _settings()) as found:
            if person is None:
                done = erasing.erase_again(settings, found)
                said.result(done, "\n".join(erasing.words(one) for one in done) or "Nobody has come back.")
                return
            one = erasing.erase(settings, found, person, now=now, undo=undo)
            said.result(one, erasing.words(one))


@app.command(epilog='Example: ojas account asha@example.org --name "Asha Rao" --role admin')
def account(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    name: Annotated[str | None, typer.Option(help="Their name; needed for a new account.")] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="doctor, therapist or admin; may be said more than once.")
    ] = None,
) -> None:
    """Make an account, or give one its roles; so the first administrator comes to be."""
    from ojas.cli.ground import ground
    from ojas.cli.people import appoint

    with said.plainly(), ground(settings := _settings()) as found:
        outcome = appoint(settings, found, email, name, role or [])
        words = f"{email} has an account now; a letter with a link to choose a password is on its way."
        roles = f"Roles given: {', '.join(outcome['roles'])}." if outcome["roles"] else ""
        said.result(
            outcome,
            " ".join(part for part in (words if outcome["made"] else "", roles) if part) or "Nothing to do.",
        )
