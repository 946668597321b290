"""The command line `hppt`: thin, each command calls one function of the library.

`main.py` holds the application and its errors, `options.py` the options that several commands
share, and each other module one group of commands. A command imports what it runs only when it
runs, so that ``hppt --help`` is quick and needs no extra.
"""

from hppt_lib.cli.main import app

__all__ = ["app"]
