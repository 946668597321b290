"""A JupyterHub for a class: one kit and one model for all, a folder of copies for each student.

    jupyterhub --config examples/jupyterhub_config.py

Set up the kit once, readable for all (`make model` with HPPT_CACHE below). Only the hook was
tested, not a real hub.
"""

import os
import subprocess
from pathlib import Path

KIT = Path(os.environ.get("HPPT_KIT", "/srv/hppt-lab"))
CACHE = os.environ.get("HPPT_CACHE", "/srv/hppt-cache")  # the model, 540 MB, once for all


def copies_of(home: Path, **process) -> Path:
    """Write the copies that a student has not yet; what is there stays.

    ``process``: whose, as `subprocess.run` takes it.
    """
    folder = home / "hppt-lab" / "notebooks" / "mine"
    command = [str(KIT / ".venv/bin/hppt"), "release", "--add", "--out", str(folder)]
    subprocess.run(command, check=True, **process)
    return folder


def before_the_server(spawner) -> None:
    """The hub calls this as root, before a student's server starts."""
    import pwd

    entry = pwd.getpwnam(spawner.user.name)
    copies_of(Path(entry.pw_dir), user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])


c = get_config()  # noqa: F821 - the hub defines it
c.Spawner.pre_spawn_hook = before_the_server
c.Spawner.cmd = [str(KIT / ".venv/bin/jupyterhub-singleuser")]
c.Spawner.default_url = "/lab/tree/hppt-lab/notebooks/mine"
c.Spawner.environment = {"HPPT_CACHE": CACHE, "HPPT_TIER": "cpu", "OMP_NUM_THREADS": "2"}
c.Spawner.mem_limit = "7G"  # what notebook 05 needs, which trains
c.Spawner.cpu_limit = 2
