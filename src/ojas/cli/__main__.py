"""python -m ojas.cli, the same as the command ojas."""

from ojas.cli import main

main()
