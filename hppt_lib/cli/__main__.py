"""``python -m hppt_lib.cli``: the command line, for launchers that start a module."""

from hppt_lib.cli.main import main

main()
