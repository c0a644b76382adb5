"""What institutions run: the hub's settings, its values for Kubernetes, the copy of the course, and Binder's."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from tornado.web import HTTPError
from traitlets.config.loader import PyFileConfigLoader

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "deploy" / "jupyterhub"))

import copy_course

from pages import elsewhere, folders

ROOT = Path(__file__).resolve().parent.parent
HUB = ROOT / "deploy" / "jupyterhub"


# Nobody's work is overwritten ----------------------------------------------------------------------

@pytest.fixture
def course(tmp_path):
    if os.name != "posix":
        pytest.skip("no hub runs there")
    folder = tmp_path / "course"
    (folder / "more").mkdir(parents=True)
    (folder / ".ipynb_checkpoints").mkdir()
    for name in ("one.ipynb", "more/two.ipynb", ".ipynb_checkpoints/three.ipynb"):
        (folder / name).write_text(f"course: {name}")
    return folder


def test_the_first_time_all_notebooks_are_there_and_may_be_changed(course, tmp_path):
    assert copy_course.copy_missing(course, tmp_path / "own") == ["more/two.ipynb", "one.ipynb"]
    own = tmp_path / "own" / "more" / "two.ipynb"
    assert own.read_text() == "course: more/two.ipynb" and stat.S_IMODE(own.stat().st_mode) == 0o644
    assert sorted(path.name for path in (tmp_path / "own").rglob("*")) == ["more", "one.ipynb", "two.ipynb"]


@pytest.mark.parametrize("what", ["text", "empty", "folder", "link to nowhere", "link elsewhere"])
def test_whatever_is_there_stays(course, tmp_path, what):
    own, secret = tmp_path / "own", tmp_path / "secret"
    own.mkdir()
    secret.write_text("mine")
    place = own / "one.ipynb"
    make = {"text": lambda: place.write_text("work"), "empty": place.touch, "folder": place.mkdir,
            "link to nowhere": lambda: place.symlink_to(tmp_path / "nowhere"),
            "link elsewhere": lambda: place.symlink_to(secret)}
    make[what]()
    before = place.lstat()
    assert copy_course.copy_missing(course, own) == ["more/two.ipynb"]
    assert place.lstat().st_ino == before.st_ino and place.lstat().st_size == before.st_size
    assert secret.read_text() == "mine" and not (tmp_path / "nowhere").exists()


def test_a_course_that_has_changed_brings_what_is_new_and_changes_nothing(course, tmp_path):
    copy_course.copy_missing(course, tmp_path / "own")
    (course / "one.ipynb").write_text("second edition")
    (course / "four.ipynb").write_text("new")
    assert copy_course.copy_missing(course, tmp_path / "own") == ["four.ipynb"]
    assert (tmp_path / "own" / "one.ipynb").read_text() == "course: one.ipynb"


def test_a_file_that_appears_meanwhile_stays(course, tmp_path, monkeypatch):
    own = tmp_path / "own"
    monkeypatch.setattr(copy_course.shutil, "copyfile",
                        lambda source, whole: (own / Path(source).name).write_text("work"))
    copy_course.copy_missing(course, own)
    assert (own / "one.ipynb").read_text() == "work"


def test_a_disk_that_is_full_leaves_no_part_and_keeps_nobody_out(course, tmp_path, monkeypatch, capsys):
    def full(source, whole):
        Path(whole).write_text("half")
        raise OSError(28, "No space left on device")

    ran = []
    monkeypatch.setattr(copy_course.shutil, "copyfile", full)
    monkeypatch.setattr(copy_course.os, "execvp", lambda *command: ran.append(command))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    copy_course.main([str(course), "own", "--", "server", "--port=1"])
    assert ran == [("server", ["server", "--port=1"])] and "No space left" in capsys.readouterr().err
    assert not [path for path in (tmp_path / "own").rglob("*") if path.is_file()]


def test_the_command_copies_then_becomes_the_server(course, tmp_path):
    command = [sys.executable, str(HUB / "copy_course.py"), str(course), "own", "--", sys.executable, "-c", "print('served')"]
    said = subprocess.run(command, env=dict(os.environ, HOME=str(tmp_path), USERPROFILE=str(tmp_path)),
                          capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["2 notebooks are new in own", "served"]
    assert (tmp_path / "own" / "one.ipynb").exists()


# The hub -------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def hub():
    return PyFileConfigLoader(str(HUB / "jupyterhub_config.py")).load_config()


def test_the_hub_listens_to_this_machine_only_and_lets_nobody_in_unasked(hub):
    for address in (hub.JupyterHub.bind_url, hub.JupyterHub.hub_bind_url, hub.ConfigurableHTTPProxy.api_url):
        assert address.startswith("http://127.0.0.1:")
    assert "authenticator_class" not in hub.JupyterHub and "allow_all" not in hub.Authenticator
    assert not hub.Authenticator.admin_users
    assert "disable_check_xsrf" not in str(hub) and "password" not in str(hub).lower()


def test_each_user_has_limits_and_the_notebooks_of_the_course(hub):
    assert hub.Spawner.mem_limit == "1536M" and hub.Spawner.cpu_limit == 1
    assert {"MemorySwapMax": "0", "TasksMax": "256"}.items() <= hub.SystemdSpawner.unit_extra_properties.items()
    assert hub.SystemdSpawner.isolate_tmp and hub.SystemdSpawner.disable_user_sudo and hub.SystemdSpawner.dynamic_users
    _, script, source, target, dashes, server = hub.Spawner.cmd
    assert Path(script).is_file() and Path(source, "00_start_here.ipynb").is_file() and dashes == "--"
    assert server.endswith("jupyterhub-singleuser") and Path(hub.Spawner.args[0].split("=")[1]).is_file()
    assert hub.Spawner.default_url == f"/lab/tree/{target}/00_start_here.ipynb"
    assert (HUB / hub.SystemdSpawner.slice).is_file()
    assert set(hub.Spawner.environment.values()) == {"1"}


@pytest.mark.parametrize(("name", "fits"), [
    ("anna", True), ("anna.b-c_2@example.org", True), ("", False), ("a b", False), ("a/b", False), ("../etc", False),
    (".hidden", False), ("-x", False), ("a%h", False), ("anna\n", False), ("Anna", False)])
def test_a_user_s_name_is_that_of_a_folder_and_of_a_unit(hub, name, fits):
    assert bool(re.match(hub.Authenticator.username_pattern, name)) == fits  # as JupyterHub does


def test_a_user_gets_no_folder_of_the_system_s_and_starts_twice(hub, tmp_path, monkeypatch):
    """What a real systemd did: it gave the user "cnn-hub" the hub's database, and nobody came in a second time."""
    before_start = hub.SystemdSpawner.pre_spawn_hook
    monkeypatch.setitem(before_start.__globals__, "Path", lambda first, *rest: tmp_path.joinpath(first[1:], *rest))
    for folder in ("var/lib/private/anna", "var/lib/cnn-hub", "run/private"):
        (tmp_path / folder).mkdir(parents=True)
    for link, goal in (("var/lib/anna", "private/anna"), ("run/unit-of-anna", "private/unit-of-anna")):
        (tmp_path / link).symlink_to(goal)

    def spawner(name):
        return SimpleNamespace(user=SimpleNamespace(name=name), unit_name=f"unit-of-{name}")

    for name in ("cnn-hub", "private"):
        with pytest.raises(HTTPError, match=f"403.*/var/lib/{name}: choose another"):
            before_start(spawner(name))
    before_start(spawner("ben"))  # new
    before_start(spawner("anna"))
    assert not (tmp_path / "run/unit-of-anna").is_symlink() and (tmp_path / "var/lib/anna").is_symlink()
    (tmp_path / "run/private/unit-of-anna").mkdir()
    (tmp_path / "run/unit-of-anna").symlink_to("private/unit-of-anna")
    before_start(spawner("anna"))  # it is in use
    assert (tmp_path / "run/unit-of-anna").is_symlink()


def test_the_hub_s_slice_stands_beside_the_users(hub):
    """A weight counts among neighbours: below system.slice the hub's would count for nothing against the users'."""
    units = {name: (HUB / name).read_text(encoding="utf-8")
             for name in ("jupyterhub.service", "cnnhub.slice", hub.SystemdSpawner.slice)}
    assert "Slice=cnnhub.slice" in units["jupyterhub.service"] and "CPUWeight" not in units["jupyterhub.service"]
    weight = {name: int(re.search(r"^CPUWeight=(\d+)$", text, re.MULTILINE)[1]) for name, text in units.items() if "CPUWeight" in text}
    assert weight["cnnhub.slice"] >= 10 * weight[hub.SystemdSpawner.slice]
    assert units["cnnhub.slice"].count("MemoryMin=512M") == units["jupyterhub.service"].count("MemoryMin=512M") == 1


def test_idle_servers_are_culled_with_no_more_rights_than_that_needs(hub):
    (service,), (role,) = hub.JupyterHub.services, hub.JupyterHub.load_roles
    assert "jupyterhub_idle_culler" in service["command"] and role["services"] == [service["name"]]
    assert set(role["scopes"]) == {"list:users", "read:users:activity", "read:servers", "delete:servers"}


def test_jupyterhub_itself_takes_the_settings(hub):
    """Each name is one of a class's settings, and each value is of its type."""
    jupyterhub = pytest.importorskip("jupyterhub.app", reason="JupyterHub is not installed")
    spawners = pytest.importorskip("systemdspawner")
    from jupyterhub.auth import Authenticator
    from jupyterhub.proxy import ConfigurableHTTPProxy

    classes = {one.__name__: one for one in (jupyterhub.JupyterHub, Authenticator, ConfigurableHTTPProxy,
                                             spawners.SystemdSpawner)}
    classes["Spawner"] = spawners.SystemdSpawner
    for section, settings in hub.items():
        traits = classes[section].class_traits(config=True)
        for name, value in settings.items():
            traits[name]._validate(classes[section].__new__(classes[section]), value)


def test_values_for_kubernetes_say_the_same_as_the_hub_of_one_machine(hub):
    values = yaml.safe_load((HUB / "values.yaml").read_text(encoding="utf-8"))
    user = values["singleuser"]
    assert user["memory"]["limit"] == hub.Spawner.mem_limit and user["cpu"]["limit"] == hub.Spawner.cpu_limit
    assert user["extraEnv"] == dict(hub.Spawner.environment) and user["defaultUrl"] == hub.Spawner.default_url
    assert user["cmd"][1:5] == ["/srv/cnn-lecture/deploy/jupyterhub/copy_course.py", "/srv/cnn-lecture/notebooks",
                                hub.Spawner.cmd[3], "--"]
    assert user["cmd"][6] == "--config=/srv/cnn-lecture/tools/jupyter_server_config.py"
    assert values["cull"] == {"enabled": True, "timeout": 3600, "every": 300}
    assert values["hub"]["config"]["Authenticator"]["allow_all"] is False
    assert values["proxy"]["https"]["enabled"] and not user["allowPrivilegeEscalation"]
    assert user["networkPolicy"]["enabled"] and not any(user["networkPolicy"]["egressAllowRules"].values())
    assert values["scheduling"]["userPlaceholder"]["replicas"] > 0 and values["prePuller"]["continuous"]["enabled"]


def test_a_student_s_work_lies_on_his_own_disk_on_kubernetes():
    """The chart mounts it at /home/jovyan, for user 1000; the image's home is that of its user."""
    read, values = ((HUB / name).read_text(encoding="utf-8") for name in ("README.md", "values.yaml"))
    build, = re.findall(r"^jupyter-repo2docker .*$", read, flags=re.MULTILINE)
    assert "--user-id 1000 " in build and "--user-name jovyan " in build
    assert "--target-repo-dir /srv/cnn-lecture " in build  # not at home, where the disk would hide it
    assert set(re.findall(r"--version (\S+)", read + values)) == {"4.4.0"}


def test_the_table_of_the_load_is_of_this_command():
    text, command = (HUB / "LOAD.md").read_text(encoding="utf-8"), (HUB / "load.py").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ") and line[2] != "|"]
    assert len(rows) >= 9
    assert all(row.split(":")[0] in command for row in rows)


# Published -------------------------------------------------------------------------------------------

def test_the_workflow_publishes_what_the_script_has_committed():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8"))
    said = "\n".join(step.get("run", "") for step in workflow["jobs"]["publish"]["steps"])
    assert re.search(r"^\.ci/publish .*\n+git push --force origin gh-pages", said, flags=re.MULTILINE)
    script = (ROOT / ".ci" / "publish").read_text(encoding="utf-8")
    assert "refs/heads/gh-pages" in script and elsewhere.BRANCH == "gh-pages"
    assert os.access(ROOT / ".ci" / "publish", os.X_OK) or os.name != "posix"


def test_pages_go_into_no_folder_of_somebody_else_s(tmp_path):
    own, other = tmp_path / "own", tmp_path / "other"
    for _ in range(2):
        folders.emptied(own)
        (own / "index.html").touch()
    other.mkdir()
    folders.emptied(other)  # empty
    assert [path.name for path in other.iterdir()] == [folders.SIGN]
    (other / folders.SIGN).unlink()
    (other / "thesis.txt").touch()
    for place in (other, other / "thesis.txt"):
        with pytest.raises(ValueError, match=f"must be new, empty or made by course.py before, got {re.escape(str(place))}"):
            folders.emptied(place)
    assert (other / "thesis.txt").exists()


# Binder --------------------------------------------------------------------------------------------

def test_ci_lets_repo2docker_read_the_environment():
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    assert {"run": ".ci/binder"} in jobs["binder"]["steps"]
    assert os.access(ROOT / ".ci" / "binder", os.X_OK) or os.name != "posix"
    assert not (ROOT / "binder").exists()  # it would hide environment.yml
