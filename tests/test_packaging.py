"""The files that say what the project is and needs agree with each other."""
import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import cnnlib
import course

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCK, SITE_LOCK, LITE_LOCK, HUB_LOCK, BINDER_LOCK = (
    (ROOT / f"{name}.lock").read_text(encoding="utf-8") for name in ("requirements", "site", "lite", "hub", "binder")
)


def name_of(requirement):
    """The name that a requirement begins with, as the lock writes it."""
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-").replace(".", "-")


def locked(lock=LOCK):
    """A lock's requirements: one string each, its hashes included."""
    text = re.sub(r"^#.*\n", "", lock, flags=re.M).replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip()]


def test_conda_environment_equals_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *conda, pip = environment["dependencies"]
    extras = PROJECT["optional-dependencies"]
    wanted = PROJECT["dependencies"] + extras["lab"] + extras["test"]
    assert environment["channels"] == ["conda-forge"]
    assert pip == {"pip": ["-e ."]}
    python = conda.pop(0)
    assert SpecifierSet(PROJECT["requires-python"]).contains(python.removeprefix("python="))
    assert sorted(conda) == sorted([*wanted, "pip", "jupyter>=1.1"])


def test_locks_pin_and_hash_every_requirement():
    for requirement in (one for lock in (LOCK, SITE_LOCK, LITE_LOCK, HUB_LOCK, BINDER_LOCK) for one in locked(lock)):
        assert re.match(r"[a-z0-9.-]+(\[[a-z0-9,-]+\])?==\S+", requirement), requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", requirement), requirement


def test_locks_hold_no_address():
    assert not re.search(r"://|^\s*--(index|extra-index|find-links)|@", LOCK + SITE_LOCK + LITE_LOCK + HUB_LOCK + BINDER_LOCK, flags=re.M)


def test_the_lock_of_the_browser_s_course_covers_its_extra():
    pins = {name_of(item): re.search("==([0-9.]+)", item)[1] for item in locked(LITE_LOCK)}
    for requirement in map(Requirement, PROJECT["optional-dependencies"]["lite"]):
        assert requirement.specifier.contains(pins[name_of(requirement.name)]), requirement


@pytest.mark.parametrize("extra, lock", [("site", SITE_LOCK), ("hub", HUB_LOCK)])
def test_a_lock_beside_covers_its_extra_and_changes_no_version(extra, lock):
    pins = [{name_of(item): item.split(" ")[0].partition("==")[2] for item in locked(one)} for one in (LOCK, lock)]
    assert {name_of(item) for item in PROJECT["optional-dependencies"][extra]} <= pins[1].keys()
    assert all(pins[0][name] == pins[1][name] for name in pins[0].keys() & pins[1].keys())


def test_lock_of_the_javascript_tools_pins_and_hashes_and_holds_no_address():
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock and '"resolved"' not in lock
    packages = json.loads(lock)["packages"]
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert packages.pop("")["devDependencies"] == wanted
    for name, version in wanted.items():
        assert packages["node_modules/" + name]["version"] == version  # exact: no range
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name


def test_lock_covers_pyproject():
    extras = PROJECT["optional-dependencies"]
    wanted = PROJECT["dependencies"] + extras["lab"] + extras["test"] + extras["browser"] + extras["build"]
    missing = {name_of(item) for item in wanted} - {name_of(item) for item in locked()}
    assert not missing


def test_build_backend_is_locked():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert pyproject["build-system"]["requires"] == PROJECT["optional-dependencies"]["build"]


def test_version_is_the_library_s():
    assert PROJECT["version"] == cnnlib.__version__


@pytest.mark.parametrize("name, words", [("LICENSE", "MIT License"),
                                         ("LICENSE-LECTURES", "Attribution 4.0 International")])
def test_licence(name, words):
    assert words in (ROOT / name).read_text(encoding="utf-8")


def test_course_imports_only_the_standard_library():
    tree = ast.parse((ROOT / "course.py").read_text(encoding="utf-8"))
    imported = {alias.name.split(".")[0] for node in ast.walk(tree)
                if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module.split(".")[0] for node in ast.walk(tree)
                 if isinstance(node, ast.ImportFrom)}
    assert imported and imported <= sys.stdlib_module_names


def test_the_front_lists_its_names_and_has_what_notebooks_use():
    """Kernels, figures, widgets and exercises are catalogues of their own; everything else a lecture needs is on the front."""
    public = {name for name, value in vars(cnnlib).items()
              if not name.startswith("_") and not isinstance(value, ModuleType)}
    assert sorted(cnnlib.__all__) == sorted(public)
    catalogues = {"figures", "showing", "widgets", "kernels", "exercises"}
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for module, names in re.findall(r"^from cnnlib\.(\w+) import (.+)$", "".join(cell["source"]), re.MULTILINE):
                missing = set(re.findall(r"\w+", names)) - public - {"DATA"}
                assert module in catalogues or cell["cell_type"] != "code" or not missing, (path.name, missing)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The project's wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    built, = folder.glob("*.whl")
    return built


def test_the_wheel_carries_scripts_styles_and_data_and_nothing_of_the_workshop(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = [path for kind in ("js", "css", "py") for path in (ROOT / "cnnlib").rglob(f"*.{kind}")]
    assert len(sources) > 100 and {path.relative_to(ROOT).as_posix() for path in sources} <= names
    data = [path for path in (ROOT / "data").rglob("*") if path.is_file()]
    assert len(data) > 10 and {f"cnnlib/{path.relative_to(ROOT).as_posix()}" for path in data} <= names
    assert {name.split("/")[0] for name in names} == {"cnnlib", f"cnnlib-{PROJECT['version']}.dist-info"}


def test_an_installed_library_works_from_any_folder(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")  # what an installer does with a wheel of pure Python
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = """
import cnnlib, cnnlib.widgets
from cnnlib.datasets import DATA, load_long_run
print(cnnlib.__file__, DATA, sep="\\n")
print(cnnlib.load_mnist(), cnnlib.load_fashion_mnist().train, sorted(load_long_run("09"))[:1] != [])
print(cnnlib.widgets.DigitPad())
"""
    variables = dict(os.environ, PYTHONPATH=str(tmp_path / "site"))
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=elsewhere, env=variables, capture_output=True, text=True)
    assert not done.returncode, done.stderr
    module, data, loaded, pad = done.stdout.splitlines()
    assert Path(module).is_relative_to(tmp_path / "site") and Path(data) == tmp_path / "site" / "cnnlib" / "data"
    assert "60,000 images" in loaded and "4,000 images" in loaded and pad.endswith("says 7)")


def test_a_bare_installation_brings_nothing_that_opens_notebooks():
    assert not {"jupyterlab", "notebook", "jupyter"} & {name_of(item) for item in PROJECT["dependencies"]}


def test_every_requirement_says_the_oldest_version_that_will_do():
    """Without one, a resolver that looks for the oldest takes a release of 2012, and the lower bounds cannot be tested."""
    every = sum(PROJECT["optional-dependencies"].values(), PROJECT["dependencies"])
    assert [one for one in every if not {"==", ">="} & {part.operator for part in Requirement(one).specifier}] == []


def test_pythons_of_ci_are_the_oldest_and_newest_that_are_named():
    ci = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    named = [f"{major}.{minor}" for major, minor in (course.OLDEST, course.NEWEST)]
    assert ci["jobs"]["test"]["strategy"]["matrix"]["python"] == named
    assert f"Python {named[0]} to {named[1]}" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert PROJECT["requires-python"] == ">=" + named[0]


def test_conda_environment_has_the_packages_that_a_notebook_is_promised():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    names = {name_of(item) for item in environment["dependencies"] if isinstance(item, str)}
    assert {"numpy", "jupyter", "ipywidgets", "matplotlib", "scikit-image", "nbval"} <= names
    assert not names & {"playwright", "playwright-python"}  # a class opens no second browser


def test_without_playwright_the_browser_tests_are_left_out():
    code = (
        "import importlib.util, sys, pytest; found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *more: None if name == 'playwright' else found(name, *more)\n"
        "sys.modules['playwright'] = None\n"
        "sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', '--collect-only', 'tests/browser']))"
    )
    for required, said in (("0", "no tests collected"), ("1", "Playwright is missing")):
        environment = dict(os.environ, CNN_REQUIRE_BROWSER=required)
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True,
                              check=False)
        assert said in done.stdout + done.stderr


def test_pre_commit_runs_the_lint_command():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (hook,), = (repo["hooks"] for repo in config["repos"])
    assert hook["entry"] == "python3 course.py lint" and "lint" in course.COMMANDS
