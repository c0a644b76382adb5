"""JupyterHub for a class on one machine with systemd. README.md beside says how to install it.

Each user gets a unit of systemd with limits of its own, and a copy of the notebooks that only he changes.
"""

import sys
from pathlib import Path

from tornado.web import HTTPError

HERE = Path(__file__).resolve().parent
COURSE = HERE.parent.parent  # the clone, which belongs to root
c = get_config()  # noqa: F821 (JupyterHub gives it)



def before_start(spawner):
    """Keep a dynamic user out of the system's folders, and let him start a second time."""
    home = Path("/var/lib", spawner.user.name)  # systemd makes it his, whatever it is; his own is a link
    if home.exists() and not home.is_symlink():
        raise HTTPError(403, f"The system has a folder {home}: choose another user name.")
    left = Path("/run", spawner.unit_name)  # systemd leaves the link to his last folder there; the spawner stumbles
    if left.is_symlink() and not left.exists():
        left.unlink()


# Who may come in ------------------------------------------------------------------------------------
# Choose an authenticator of your institution's (OAuth, LTI, LDAP; PAM, the default, wants an account of this
# machine for each) and name those whom it lets in: c.Authenticator.allowed_users, or allow_all = True where the
# authenticator knows the class only.
c.Authenticator.admin_users = set()
# A name becomes that of a folder and of a unit of systemd, where blanks, slashes and percent signs mean something.
c.Authenticator.username_pattern = r"[a-z0-9][a-z0-9._@-]*\Z"

# What listens: this machine only. A web server in front of it brings TLS and the name of the host.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:8081"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:8001"

# What a user gets -----------------------------------------------------------------------------------
c.JupyterHub.spawner_class = "systemd"
c.Spawner.mem_limit = "1536M"  # lecture 08, the largest, takes half of it
c.Spawner.cpu_limit = 1.0
c.SystemdSpawner.dynamic_users = True  # no accounts; homes lie in /var/lib/private
c.SystemdSpawner.pre_spawn_hook = before_start
c.SystemdSpawner.slice = "cnnusers.slice"  # all users together leave something to the hub
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.isolate_devices = True
c.SystemdSpawner.disable_user_sudo = True
c.SystemdSpawner.unit_extra_properties = {"MemorySwapMax": "0", "TasksMax": "256", "CPUWeight": "100"}
# As many threads as the limit has cores, however many the machine has: more would only wait for each other.
c.Spawner.environment = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), "1")

# The notebooks: copied by the user himself, within his limits, before his server starts.
c.Spawner.cmd = [sys.executable, str(HERE / "copy_course.py"), str(COURSE / "notebooks"), "cnn-lecture", "--",
                 str(Path(sys.executable).with_name("jupyterhub-singleuser"))]
c.Spawner.args = [f"--config={COURSE / 'tools' / 'jupyter_server_config.py'}"]
c.Spawner.default_url = "/lab/tree/cnn-lecture/00_start_here.ipynb"
c.Spawner.start_timeout = 120  # a class logs in at once
c.Spawner.http_timeout = 120

# When it is too much --------------------------------------------------------------------------------
c.JupyterHub.concurrent_spawn_limit = 10  # the others wait a moment; the page says so
c.JupyterHub.active_server_limit = 100
c.JupyterHub.services = [{
    "name": "idle-culler",
    "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600", "--cull-every=300"],
}]
c.JupyterHub.load_roles = [{
    "name": "idle-culler",
    "services": ["idle-culler"],
    "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
}]
