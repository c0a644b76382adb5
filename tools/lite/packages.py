"""What a browser's Python loads: Pyodide's own packages, and wheels of those that it lacks."""

import base64
import hashlib
import importlib.metadata
import io
import json
import re
import shutil
import urllib.request
import zipfile
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lite.fetch import LOCK

CORE = ["pyodide.js", "pyodide.mjs", "pyodide.asm.js", "pyodide.asm.wasm", "python_stdlib.zip"]
# What the kernel itself is made of, and what it installs by its own means.
KERNEL = ["ipython", "jedi", "matplotlib-inline", "micropip", "packaging", "sqlite3", "ssl", "comm"]
KERNEL_S_OWN = {"ipykernel", "widgetsnbextension"}
# What scikit-image imports in functions that no lecture calls.
LEFT_OUT = {"networkx"}
COMPILED = {".so", ".pyd", ".dylib"}
STAND_INS = Path(__file__).resolve().parent / "scikit_image"
BROWSER = {"extra": "", "sys_platform": "emscripten", "platform_system": "Emscripten", "os_name": "posix"}
EPOCH = (1980, 1, 1, 0, 0, 0)  # of each file in a wheel: the same build gives the same bytes


class Pyodide:
    """A distribution of Pyodide, in a folder or at an address.

    Parameters
    ----------
    place : str
        The folder, or the address of one, that holds ``pyodide-lock.json``, and all that it names.

    Attributes
    ----------
    lock : dict
        What ``pyodide-lock.json`` says.
    """

    def __init__(self, place):
        self.place = place
        try:
            self.lock = json.loads(self.read(LOCK))
            self.version = self.lock["info"]["version"]
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ValueError(
                f"--pyodide must be a folder that holds an unpacked Pyodide, or its address, got {place}: {error}"
            ) from None

    def read(self, name):
        """Return a file's bytes; one that the lock names must be what the lock says."""
        if re.match(r"https?://", self.place):
            with urllib.request.urlopen(f"{self.place.rstrip('/')}/{name}", timeout=60) as answer:
                content = answer.read()
        else:
            content = Path(self.place, name).read_bytes()
        for entry in getattr(self, "lock", {"packages": {}})["packages"].values():
            if entry["file_name"] == name and hashlib.sha256(content).hexdigest() != entry["sha256"]:
                raise ValueError(f"{name} of {self.place} is damaged: its SHA-256 is not that of {LOCK}")
        return content

    def needed(self, names):
        """Return the entries of packages and of all that they depend on, by name."""
        found, waiting = {}, list(names)
        while waiting:
            name = canonicalize_name(waiting.pop())
            if name not in found:
                found[name] = self.lock["packages"][name]
                waiting += found[name]["depends"]
        return found


def assemble(pyodide, cnnlib_wheel, requirements, folder, places):
    """Write a Pyodide that has the course's library and no package that the course does not need.

    Parameters
    ----------
    pyodide : Pyodide
    cnnlib_wheel : pathlib.Path
    requirements : list of str
        What the library needs, as ``pyproject.toml`` says it.
    folder : pathlib.Path
        Is made.
    places : list of str
        Folders with installed packages, the first asked first: what Pyodide lacks is taken from there.

    Returns
    -------
    list of str
        Names of the packages that were taken from this machine.
    """
    folder.mkdir(parents=True)
    packages, taken, waiting = pyodide.lock["packages"], [], [*KERNEL, *requirements]
    while waiting:
        name = canonicalize_name(Requirement(waiting.pop()).name)
        if name in packages or name in KERNEL_S_OWN | LEFT_OUT:
            continue
        distribution = installed(name, places)
        needs = [Requirement(line) for line in distribution.requires or []]
        needs = [need.name for need in needs if need.marker is None or need.marker.evaluate(BROWSER)]
        wheel = write_wheel(distribution, folder)
        packages[name] = entry(wheel, name, distribution.version, needs)
        taken.append(name)
        waiting += needs
    shutil.copy(cnnlib_wheel, folder)
    needs = [Requirement(line).name for line in requirements]
    packages["cnnlib"] = entry(folder / cnnlib_wheel.name, "cnnlib", cnnlib_wheel.name.split("-")[1], needs)
    pyodide.lock["packages"] = pyodide.needed([*KERNEL, "cnnlib"])
    for one in pyodide.lock["packages"].values():
        if not (folder / one["file_name"]).exists():
            (folder / one["file_name"]).write_bytes(pyodide.read(one["file_name"]))
    for name in CORE:
        (folder / name).write_bytes(pyodide.read(name))
    (folder / LOCK).write_text(json.dumps(pyodide.lock), encoding="utf-8")
    return sorted(taken)


def entry(wheel, name, version, needs):
    """Return what `pyodide-lock.json` says of a package."""
    with zipfile.ZipFile(wheel) as file:
        tops = {PurePosixPath(path).parts[0].removesuffix(".py") for path in file.namelist() if path.endswith(".py")}
    depends = sorted({canonicalize_name(need) for need in needs} - KERNEL_S_OWN - LEFT_OUT)
    return {
        "name": name, "version": version, "file_name": wheel.name, "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(), "package_type": "package",
        "imports": sorted(tops), "depends": depends, "unvendored_tests": False,
    }


def installed(name, places):
    """Return the distribution of that name in the first of the folders that has it."""
    found = next(iter(importlib.metadata.distributions(name=name, path=places)), None)
    if found is None:
        raise ValueError(f"neither Pyodide nor this machine has the package {name}")
    return found


def write_wheel(distribution, folder):
    """Write an installed package's Python files and data as a wheel that any Python can load.

    What is compiled for this machine stays out. psygnal then runs as the Python that it was compiled from, and
    scikit-image takes the stand-ins in ``scikit_image/`` for the few compiled functions that lectures call.
    """
    name = distribution.name.replace("-", "_")
    wheel = folder / f"{name}-{distribution.version}-py3-none-any.whl"
    files = {}
    for path in distribution.files:
        if ".." in path.parts or {"tests", "__pycache__"} & set(path.parts) or path.suffix in COMPILED:
            continue
        if path.name not in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"):
            files[path.as_posix()] = path.locate().read_bytes()
    if name == "scikit_image":
        files |= {f"skimage/{path.relative_to(STAND_INS).as_posix()}": path.read_bytes()
                  for path in STAND_INS.rglob("*.py")}
    about = next(path for path in files if path.endswith(".dist-info/METADATA")).rsplit("/", 1)[0]
    files[f"{about}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = io.StringIO()
    for path, content in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        record.write(f"{path},sha256={digest},{len(content)}\n")
    files[f"{about}/RECORD"] = (record.getvalue() + f"{about}/RECORD,,\n").encode()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as file:
        for path, content in sorted(files.items()):
            file.writestr(zipfile.ZipInfo(path, EPOCH), content, zipfile.ZIP_DEFLATED)
    return wheel
