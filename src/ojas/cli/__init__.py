"""The command line: ``commands`` lists them, the other files do the work."""


def main() -> None:
    """The entry point of the command ``ojas``."""
    from ojas.cli.commands import app

    app()
