"""What runs inside the sandbox's child process; the way in is `hppt_lib.sources.sandbox`.

Standard library only: the child is started without site-packages.
"""
