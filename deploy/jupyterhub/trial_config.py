"""The class's hub as `load.py` tries it: the same settings, and one password for all users.

They are nobody's: this is no hub for people. As `load.py` is told, limits are those of the users' units of systemd;
or set by the means that systemd uses, a control group for each user (of version 1, made by root); or by RLIMIT_AS
for each process and niceness.
"""

import os
import resource
from pathlib import Path

from jupyterhub.spawner import SimpleLocalProcessSpawner

GROUPS = Path("/sys/fs/cgroup")
FAMILY = "cnn-trial"
LIMITS = os.environ["CNN_TRIAL_LIMITS"]
c = get_config()  # noqa: F821 (JupyterHub gives it)
load_subconfig(str(Path(__file__).resolve().with_name("jupyterhub_config.py")))  # noqa: F821


def group_of(name, memory, cores):
    """Make the control groups of a user, and return the files that a process joins them by."""
    settings = {"memory": {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory},
                "cpu": {"cpu.cfs_period_us": 100_000, "cpu.cfs_quota_us": int(100_000 * cores)}}
    try:
        for controller, values in settings.items():
            folder = GROUPS / controller / FAMILY / name
            folder.mkdir(parents=True, exist_ok=True)
            for file, value in values.items():
                (folder / file).write_text(str(value))
    except OSError as error:
        raise OSError("no control group can be made here (version 1, as root): try --limits process") from error
    return [str(GROUPS / controller / FAMILY / name / "cgroup.procs") for controller in settings]


class LimitedSpawner(SimpleLocalProcessSpawner):
    """A process for each user, in a control group of its own."""

    def make_preexec_fn(self, name):
        go_home, memory = super().make_preexec_fn(name), self.mem_limit
        groups = group_of(name, memory, self.cpu_limit) if LIMITS == "groups" else []

        def preexec():
            go_home()
            for file in groups:
                with open(file, "w") as procs:
                    procs.write(str(os.getpid()))
            if not groups:
                resource.setrlimit(resource.RLIMIT_AS, (2 * memory, 2 * memory))  # addresses, not what is in use
                os.nice(5)

        return preexec


folder = os.environ["CNN_TRIAL_FOLDER"]
if LIMITS != "systemd":
    c.JupyterHub.spawner_class = LimitedSpawner
    c.SimpleLocalProcessSpawner.home_dir_template = f"{folder}/homes/{{username}}"
    if os.geteuid() == 0:
        c.Spawner.args.append("--allow-root")
c.Spawner.environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["CNN_TRIAL_TOKEN"]
c.JupyterHub.bind_url, c.JupyterHub.hub_bind_url, c.ConfigurableHTTPProxy.api_url = (
    f"http://127.0.0.1:{port}" for port in os.environ["CNN_TRIAL_PORTS"].split())
c.ConfigurableHTTPProxy.command = [os.environ["CNN_TRIAL_PROXY"]]
c.ConfigurableHTTPProxy.pid_file = f"{folder}/proxy.pid"
c.JupyterHub.db_url = f"sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{folder}/cookie_secret"
c.JupyterHub.cleanup_servers = True
c.JupyterHub.services.append({"name": "load", "api_token": os.environ["CNN_TRIAL_TOKEN"]})
c.JupyterHub.load_roles.append({"name": "load", "services": ["load"],
                                "scopes": ["admin:users", "admin:servers", "access:servers"]})
