#!/usr/bin/env python3
"""The lecture's one command. It makes its own environment, then does what you ask."""
# Standard library only, and Python 3.6 grammar: an old Python must get as far as the
# line that tells its user what to install.
import contextlib
import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

OLDEST, NEWEST = (3, 11), (3, 14)  # Pythons for which the lock has packages
NODE = (20, 19)  # what eslint asks for
SIZE = 900  # MB that .venv takes on Linux
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "course-stamp"
BUSY = ROOT / ".venv-lock"
LOCK = ROOT / "requirements.lock"
SITE_LOCK = ROOT / "site.lock"  # what the site needs beyond it
LITE_LOCK, LITE = ROOT / "lite.lock", VENV / "lite"  # JupyterLite wants older widgets: an environment of its own
NOTEBOOKS = ROOT / "notebooks"
SERVER = ROOT / "tools" / "jupyter_server_config.py"
TOOLS = ROOT / "node_modules"
# Makes the library importable in .venv by one line without a path: it holds in a folder of any
# name, whatever the locale. The end of sys.path is where an installed package would stand.
LINK = """
import pathlib, sysconfig
line = "import os, sys; sys.path.append(os.path.dirname(sys.prefix))\\n"
pathlib.Path(sysconfig.get_path("purelib"), "cnnlib.pth").write_text(line)
"""
# What .venv's own Python says: of its version, and in an environment. Another in its place would find no packages.
WHO = "import sys; print(*sys.version_info[:2], sys.prefix != sys.base_prefix)"
# ``python -m jupyterlab``, a fifth sooner. Importing it makes a thousand modules and hardly any garbage, so nobody
# need look for that. On a computer with Node.js it would ask that which registry a build of its pages should use,
# in a process of its own (0.14 s), though nothing is ever built here.
START = """
import gc, os
gc.disable()
path, os.environ["PATH"] = os.environ.get("PATH"), os.path.devnull
from jupyterlab.labapp import main
if path is None: del os.environ["PATH"]
else: os.environ["PATH"] = path
gc.freeze()
gc.enable()
main()
"""
# Of the variables that pip and Python read, those which .venv's own may see.
NETWORK = {"CACHE_DIR", "CERT", "CLIENT_CERT", "CONFIG_FILE", "DEFAULT_TIMEOUT", "EXTRA_INDEX_URL", "FIND_LINKS",
           "INDEX_URL", "KEYRING_PROVIDER", "NO_CACHE_DIR", "NO_INDEX", "PROXY", "RETRIES", "TIMEOUT", "TRUSTED_HOST"}
HARMLESS = {"PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "PYTHONPYCACHEPREFIX", "PYTHONUNBUFFERED"}


def lab(*args):
    """open the notebooks in JupyterLab, and pass it ARGS (--no-browser, --port 9999 ...)"""
    command = [str(PYTHON), "-c", START, "--ServerApp.root_dir=" + str(NOTEBOOKS)]
    os.chdir(str(NOTEBOOKS))  # so that a notebook named in ARGS is found
    if os.name == "posix":
        os.execve(command[0], command + list(args), environment())  # signals and exit code are JupyterLab's own
    return run(command + list(args))


def test(*args):
    """run all that CI runs; with ARGS, one pytest on them instead"""
    pytest = [str(PYTHON), "-m", "pytest"]
    if args:
        return run(pytest + list(args))
    suites, missing = rules()
    # Both workers of a file would share a kernel, or a page, hence loadfile.
    share = ["-n", "2", "--dist", "loadfile"] if (os.cpu_count() or 1) > 1 else []
    suites["library"] = pytest + share + ["--ignore=tests/browser"]
    notebooks = [str(path.relative_to(ROOT)) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
    if notebooks:
        nbval = ["-p", "tests.second_try", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=120"]
        suites["notebooks"] = pytest + share + nbval + notebooks
    for name, add in (("site", add_site), ("lite", add_lite)):
        try:
            add()
        except SystemExit as error:  # without a network there is none, and its tests are skipped
            missing[name] = str(error)
    if find_chromium(without_window=True):
        suites["browser"] = pytest + share + ["tests/browser"]
    else:
        missing["browser"] = "no Chromium, Chrome or Edge found. Install one, or set CHROMIUM to its path."
    return conduct(suites, missing)


def lint(*args):
    """check the rules: ruff, and with Node.js eslint, tsc and unit tests; --fix mends some"""
    return conduct(*rules(*args))


def refresh(*args):
    """execute the notebooks (all, or those that ARGS name) and store their outputs"""
    return run([str(PYTHON), str(ROOT / "tools" / "refresh_notebooks.py")] + list(args))


def bench(*args):
    """measure speed, beside PyTorch and SciPy where installed; ARGS: names, --quick, --write"""
    return run([str(PYTHON), "-m", "benchmarks"] + list(args))


def handout(*args):
    """write a class's exercises; ARGS: FOLDER, lectures such as 03, --nbgrader"""
    return run([str(PYTHON), str(ROOT / "tools" / "classes.py"), "handout"] + list(args))


def mark(*args):
    """mark the exercises that came back; ARGS: FOLDER, --to FILE, --seconds S, --megabytes M"""
    return run([str(PYTHON), str(ROOT / "tools" / "classes.py"), "mark"] + list(args))


def slides(*args):
    """write a deck of slides for each notebook in build/slides; ARGS: 04 ..., --to FOLDER"""
    return run([str(PYTHON), "-m", "tools.slides.build"] + list(args))


def site(*args):
    """make pages with live widgets, which need no Python, in build/site/html; ARGS: 04 ..., --to FOLDER"""
    add_site()
    return run([str(PYTHON), "-m", "pages.site"] + list(args))


def lite(*args):
    """build the course for a browser that has nothing else, in build/lite/html; ARGS: --pyodide PLACE, --to FOLDER"""
    add_lite()
    return run([str(PYTHON), "-m", "tools.lite.build"] + list(args))


def publish(*args):
    """write site, slides and the course for a browser into one folder; ARGS: FOLDER, --pyodide PLACE"""
    add_site()
    add_lite()
    return run([str(PYTHON), "-m", "tools.publish"] + list(args))


COMMANDS = {"lab": lab, "test": test, "lint": lint, "refresh": refresh, "bench": bench, "handout": handout,
            "mark": mark, "slides": slides, "site": site, "lite": lite, "publish": publish}


def main(argv):
    if argv[:1] and argv[0] in COMMANDS:
        check_python()
        setup()
        return COMMANDS[argv[0]](*argv[1:])
    say("usage: python3 course.py COMMAND [ARGS]\n\n{}\n".format(__doc__))
    for name, command in COMMANDS.items():
        say("  {:9} {}".format(name, command.__doc__))
    return 0 if argv in (["-h"], ["--help"]) else 2


def check_python():
    if sys.version_info < OLDEST:
        fail("The lecture needs Python {}.{} or newer; this is {}.{}.".format(
                *(OLDEST + sys.version_info[:2])),
             "Install a newer Python, then name it: for example, python3.13 course.py lab")
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        fail("This Python comes without venv or pip.",
             "On Debian and Ubuntu: sudo apt install python3-venv. Elsewhere: install Python"
             " from python.org. Then run the same command again.")


# The environment ----------------------------------------------------------------------------------

def setup():
    """Make .venv as the lock says, unless it is there; a doubtful one is made anew."""
    if not is_ready():
        with only_run() as lock:
            if not is_ready():  # else the run that this one waited for has made it
                try:
                    make(lock)
                except KeyboardInterrupt:
                    say("\nStopped. The next run makes the environment anew.")
                    raise
    try:
        configure()
    except OSError as error:  # a lecture renewed where .venv cannot be written, a full disk, a file in the way
        fail("Could not set up .venv: {}.".format(error), advice(str(error), "Make .venv writable, or delete it"))


def is_ready():
    try:
        stamp, *packages = STAMP.read_bytes().split(b"\n")
        return (stamp == fingerprint() and set(packages) <= set(installed())
                and ask([str(PYTHON), "-I", "-c", WHO])[1][-1] == "{} {} True".format(*sys.version_info[:2]))
    except OSError:
        return False


def fingerprint():
    """What .venv depends on; the folder too, since an environment does not survive a move."""
    parts = [LOCK.read_bytes(), repr(sys.version_info[:2]).encode(), os.fsencode(str(ROOT))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest().encode()


def installed():
    """What can be imported from .venv: another version of it may be there by now, but it may not be gone."""
    folder = "Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages"
    return [os.fsencode(path.name) for path in VENV.glob(folder + "/*")
            if path.suffix != ".dist-info" and path.name != "__pycache__"]


@contextlib.contextmanager
def only_run(what=".venv"):
    """Hold the lock file; the system frees it when its holder and the holder's pip have ended."""
    try:
        file = BUSY.open("ab")
    except OSError as error:
        if BUSY.exists() and not BUSY.is_file():
            fail("{} is not a file.".format(BUSY), "Delete it, then run the same command again.")
        fail("Cannot write in {}: {}.".format(ROOT, error.strerror),
             "Copy the folder to a place where you may write, then run the same command there.")
    with file:
        if not take(file):
            say("Another run is making the environment: waiting for it.")
            while not take(file):
                time.sleep(0.5)
        try:
            yield file
        except OSError as error:
            fail("Could not make {}: {}.".format(what, error), advice(str(error)))


def take(file):
    """Take the lock on an open file, and say whether that went well."""
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except OSError as error:  # a disk that knows no locks is no reason to wait
        return error.errno not in (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK)
    return True


def make(lock):
    """Make .venv from nothing, and stamp it once what it is for can be imported."""
    if Path(sys.prefix).resolve() == VENV:
        fail("The environment must be made anew, and this is its own Python.",
             "Leave it (deactivate), then run the same command with your usual Python.")
    if os.pathsep in str(ROOT):
        fail("No environment can be made in a folder with '{}' in its path: {}".format(os.pathsep, ROOT),
             "Rename or move the folder, then run the same command again.")
    if os.path.lexists(str(VENV)) and not VENV.is_dir():
        fail("{} is no folder, but a file or a link to nowhere.".format(VENV),
             "The environment belongs there: delete or rename it, then run the same command again.")
    free = shutil.disk_usage(str(ROOT)).free // 10**6
    if VENV.is_dir() and not VENV.is_symlink():
        free += SIZE  # the one that is there makes room, at least in part
    if free < SIZE:
        fail("The environment takes about {} MB, and {} MB are free on this disk.".format(SIZE, free),
             advice("no space"))
    say("Making the lecture's environment in .venv: once, a few minutes, about {} MB.".format(SIZE))
    remove(STAMP)  # first: from here on the environment is in doubt
    # venv would let pip in itself, and keep to itself why that fails
    for command in ([sys.executable, "-I", "-m", "venv", "--clear", "--without-pip", str(VENV)],
                    [str(PYTHON), "-I", "-m", "ensurepip", "--upgrade", "--default-pip"]):
        code, lines = ask(command, lock)
        if code:
            fail("Could not make .venv: {}".format(reason(lines)),
                 advice(reason(lines), "Close what still uses it (JupyterLab, a terminal), or delete the folder .venv"))
    install(lock)
    for code in (LINK, "import jupyterlab, notebook, cnnlib.widgets"):
        failed, lines = ask([str(PYTHON), "-I", "-c", code], lock)
        if failed:
            fail("The packages are installed, but do not work: {}".format(reason(lines)),
                 advice(reason(lines), "If 'pip config list' shows a target, prefix or root, remove it"))
    configure()
    STAMP.write_bytes(b"\n".join([fingerprint()] + installed()))  # last: the environment is whole


def remove(path):
    """Remove what lies at a path, if anything does, whatever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(str(path))
    else:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def add_site():
    """Add to .venv what makes the site, unless it is there."""
    stamp, wanted = VENV / "site-stamp", SITE_LOCK.read_bytes() + fingerprint()
    if not has(stamp, wanted):
        with only_run() as lock:
            say("Adding to .venv what makes the site: once, about 60 MB.")
            install(lock, SITE_LOCK)
            leave(stamp, wanted)


def add_lite():
    """Make the environment of JupyterLite inside .venv, unless it is there."""
    stamp, wanted = LITE / "course-stamp", LITE_LOCK.read_bytes() + fingerprint()
    if not has(stamp, wanted):
        with only_run(".venv/lite") as lock:
            say("Making an environment for JupyterLite in .venv/lite: once, about 110 MB.")
            remove(LITE)
            code, lines = ask([str(PYTHON), "-I", "-m", "venv", "--without-pip", str(LITE)], lock)
            if code:
                fail("Could not make .venv/lite: {}".format(reason(lines)), advice(reason(lines)))
            install(lock, LITE_LOCK, LITE)
            leave(stamp, wanted)


def has(stamp, wanted):
    with contextlib.suppress(OSError):  # none, a folder, one that may not be read
        return stamp.read_bytes() == wanted


def leave(stamp, wanted):
    remove(stamp)
    stamp.write_bytes(wanted)


def install(lock, names=None, folder=None):
    """Let pip install what the lock (or another) names, in .venv or another; on failure, say its reason in one line."""
    command = [str(PYTHON), "-I", "-m", "pip"] + (["--python", str(folder)] if folder else []) + [
        "install", "--progress-bar=off", "--only-binary=:all:", "--require-hashes", "-r", str(names or LOCK)]
    code, lines = ask(command, lock, progress=True)
    if code:
        why, told = reason(lines), "".join(lines)
        # pip that may not try again finds nothing at all, and says no more than that
        if "Retrying (" in told or ("(from versions: none)" in told and sys.version_info[:2] <= NEWEST):
            why = "The package index cannot be reached, or has nothing for this computer."
        fail("pip could not install the packages. {}".format(why),
             advice(why, "If a variable PIP_... or a pip.conf says so ('pip config list' shows them), mend that"))


def reason(lines):
    """Why a program failed, out of all that it said: its last error, or else its last words."""
    # a CalledProcessError only says that another program failed, which has said why before
    error = re.compile(r"ERROR: (?!Exception:)|(?!.*CalledProcessError)((\w+\.)+\w+|\w+Error): ")
    errors = list(filter(error.match, lines))
    return re.sub("^ERROR: ", "", " ".join(errors[-1:] or lines[-4:]))


def advice(reason, otherwise="Mend that"):
    """What to do about a failure, by the words in which it is told."""
    newest = "If this Python is newer than the lecture, take Python {}.{} to {}.{}".format(*OLDEST + NEWEST)
    known = {
        "space|quota": "Free about 1 GB where this folder is, and where temporary files are",
        "index cannot be reached": "If the network is missing, a proxy is in the way or the index is none"
                                   " ('pip config list' shows it), mend that",
        "DO NOT MATCH THE HASHES": "A download is damaged or not the real one: try another network",
        "No matching distribution": newest,
    }
    what = next((known[words] for words in known if re.search(words, reason)), otherwise)
    return what + "; then run the same command again."


def ask(command, lock=None, progress=False):
    """A command's exit code and the lines that it said (at least one); the lock lives as long as it."""
    held = {"pass_fds": [lock.fileno()]} if lock and fcntl else {}
    lines, seen = [], 0
    with subprocess.Popen(command, cwd=str(ROOT), env=environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **held) as process:
        for raw in process.stdout:
            line = raw.decode(errors="replace").strip()
            lines += [line] if line else []
            if progress and sys.stdout.isatty() and line.startswith(("Collecting ", "Installing ")):
                seen += 1
                print("\r{:5}  {:<70.70}".format(seen, line.split(" (")[0]), end="", flush=True)
    if seen:
        say("")
    return process.returncode, lines or ["it gave no reason"]


def environment():
    """The variables for all that runs in .venv: none that leads its Python, pip or plots elsewhere."""
    own = {"PYTHONUTF8": "1", "JUPYTER_PREFER_ENV_PATH": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return dict({name: value for name, value in os.environ.items() if not is_foreign(name)}, **own)


def is_foreign(name):
    """Whether a variable is meant for a Python of somebody's own; how to reach an index may stay."""
    if name.startswith("PIP_"):
        return name[len("PIP_"):] not in NETWORK
    return name.startswith(("PYTHON", "__PYVENV", "MPLBACKEND", "MATPLOTLIBRC")) and name not in HARMLESS


def configure():
    """Give .venv's Jupyter the lecture's settings."""
    no_news = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
    no_builds = {"buildAvailable": False, "buildCheck": False}
    for path, data in [(VENV / "share" / "jupyter" / "lab" / "settings" / "overrides.json",
                        json.dumps(no_news).encode()),
                       (VENV / "etc" / "jupyter" / "labconfig" / "page_config.json", json.dumps(no_builds).encode()),
                       # else Node.js takes Jupyter's scripts for what the lecture's own package.json says, and fails
                       (VENV / "package.json", b"{}"),
                       (VENV / "etc" / "jupyter" / SERVER.name, SERVER.read_bytes())]:
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


# What the commands need ---------------------------------------------------------------------------

def rules(*args):
    """The suites that check the rules, and why others cannot run here."""
    suites, missing = {"ruff": [str(PYTHON), "-m", "ruff", "check", "--output-format=concise"] + list(args)}, {}
    node, why_not = find_node()
    if node:
        suites["eslint"] = [node, str(TOOLS / "eslint" / "bin" / "eslint.js"), "."] + list(args)
        tsc = [node, str(TOOLS / "typescript" / "bin" / "tsc"), "-p"]
        suites["types"] = tsc + ["tsconfig.json"]
        suites["shared"] = tsc + ["tsconfig.strict.json"]  # what many import says all its types
        modules = sorted((ROOT / "tests" / "js").glob("*.test.mjs"))
        if modules:  # else Node.js would look for some itself, in .venv too
            suites["modules"] = [node, "--test"] + [str(path.relative_to(ROOT)) for path in modules]
    else:
        missing["javascript"] = why_not
    return suites, missing


def conduct(suites, missing):
    """Run every suite, whatever fails, and say how each ended and which could not run."""
    codes = {}
    for name, command in suites.items():
        say("\n== {} ==".format(name))
        codes[name] = run(command)
    say("")
    for name, code in codes.items():
        say("{:10} {}".format(name, "FAILED (exit code {})".format(code) if code else "passed"))
    for name, why_not in missing.items():
        say("{:10} NOT RUN: {}".format(name, why_not))
    required = [name for name in missing if os.environ.get("CNN_REQUIRE_" + name.upper()) == "1"]
    return int(any(codes.values()) or bool(required))


def find_node():
    """Node.js with the tools of package-lock.json beside it; or None, and what is missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    version = ask([node, "--version"])[1][-1] if node else ""
    numbers = tuple(map(int, re.findall(r"\d+", version)[:2]))
    if numbers < NODE or not npm:
        return None, "no Node.js {}.{} or newer with npm found. Only the widgets' developers need it.".format(*NODE)
    stamp, wanted = TOOLS / "course-stamp", (ROOT / "package-lock.json").read_bytes()
    with only_run("node_modules") as lock:
        if not has(stamp, wanted):
            say("Installing eslint and TypeScript in node_modules.")
            # No package may run a script of its own, and none is asked for that the lock does not name.
            code, lines = ask([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], lock)
            if code:
                return None, "npm could not install eslint and TypeScript: {}".format(lines[0])
            leave(stamp, wanted)
    return node, None


def find_chromium(without_window=False):
    """A browser: $CHROMIUM, else what is on PATH, else the usual places; one without a window takes half the time."""
    if "CHROMIUM" in os.environ:
        return shutil.which(os.environ["CHROMIUM"])
    names = ["chromium", "chromium-browser", "google-chrome", "chrome", "msedge"]
    names += ["/Applications/{0}.app/Contents/MacOS/{0}".format(name)
              for name in ("Google Chrome", "Chromium", "Microsoft Edge")]
    names += [os.path.join(os.environ.get(folder, ""), program)
              for folder in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
              for program in ("Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe",
                              "Microsoft/Edge/Application/msedge.exe")]
    bare = ["chromium-headless-shell", "chrome-headless-shell"]
    names = bare + names if without_window else names + bare
    return next(filter(None, map(shutil.which, names)), None)


def run(command):
    """Run a command in the project's folder and return its exit code."""
    with subprocess.Popen(command, cwd=str(ROOT), env=environment()) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:  # the child got it too: let it end in its own way
            process.wait()
            raise


def say(line):
    print(line, flush=True)


def fail(*lines):
    sys.exit("\n".join(lines))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
