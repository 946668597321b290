"""The one exception that this library raises on purpose: its message says what to do."""


class HpptError(Exception):
    """Something that the reader can put right.

    The message names the thing (file, line, setting) and the next step. The command line prints it
    without a traceback and ends with exit status 1.
    """
