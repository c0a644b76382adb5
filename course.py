#!/usr/bin/env python3
"""The lecture's one command. It makes its own environment, then does what you ask."""
# Standard library only, and Python 3.6 grammar: an old Python must get as far as the
# line that tells its user what to install.
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "course-stamp"
LOCK = ROOT / "requirements.lock"
NOTEBOOKS = ROOT / "notebooks"
SERVER = ROOT / "tools" / "jupyter_server_config.py"


def lab(*args):
    """open the notebooks in JupyterLab, and pass it ARGS (--no-browser, --port 9999 ...)"""
    command = [str(PYTHON), "-m", "jupyterlab", "--ServerApp.root_dir=" + str(NOTEBOOKS)]
    os.chdir(str(NOTEBOOKS))  # so that a notebook named in ARGS is found
    if os.name == "posix":
        os.execv(command[0], command + list(args))  # signals and exit code are JupyterLab's own
    return run(command + list(args))


def test(*args):
    """run all that CI runs; with ARGS, one pytest on them instead"""
    pytest = [str(PYTHON), "-m", "pytest"]
    if args:
        return run(pytest + list(args))
    # Both workers of a file would share a kernel, hence loadfile.
    share = ["-n", "2", "--dist", "loadfile"] if (os.cpu_count() or 1) > 1 else []
    suites = {"library": share + ["--ignore=tests/browser"]}
    notebooks = [str(path.relative_to(ROOT)) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]
    if notebooks:
        nbval = ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=120"]
        suites["notebooks"] = share + nbval + notebooks
    no_browser = not find_chromium()
    if not no_browser:
        suites["browser"] = ["tests/browser"]

    codes = {}
    for name, options in suites.items():
        say("\n== {} ==".format(name))
        codes[name] = run(pytest + options)
    say("")
    for name, code in codes.items():
        say("{:10} {}".format(name, "FAILED (pytest exit code %d)" % code if code else "passed"))
    if no_browser:
        say("{:10} NOT RUN: no Chromium, Chrome or Edge found. Install one, or set CHROMIUM to"
            " its path.".format("browser"))
    required = os.environ.get("CNN_REQUIRE_BROWSER") == "1"
    return int(any(codes.values()) or (no_browser and required))


def refresh(*args):
    """execute the notebooks (all, or those that ARGS name) and store their outputs"""
    return run([str(PYTHON), str(ROOT / "tools" / "refresh_notebooks.py")] + list(args))


def bench(*args):
    """measure speed, beside PyTorch and SciPy where installed; ARGS: names, --quick, --write"""
    return run([str(PYTHON), "-m", "benchmarks"] + list(args))


COMMANDS = {"lab": lab, "test": test, "refresh": refresh, "bench": bench}


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


def setup():
    """Make .venv as the lock says, unless it is there; a doubtful one is made anew."""
    if is_ready():
        return
    if Path(sys.prefix).resolve() == VENV:
        fail("The environment must be made anew, and this is its own Python.",
             "Leave it (deactivate), then run the same command with your usual Python.")
    say("Making the lecture's environment in .venv: once, a few minutes, about 850 MB.")
    try:
        if STAMP.exists():
            STAMP.unlink()  # first: from here on the environment is in doubt
    except OSError as error:
        fail("Cannot write in .venv: {}".format(error))
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        reason = made.stdout.decode(errors="replace").strip().splitlines() or ["no reason given"]
        fail("Could not make .venv: {}".format(reason[-1]),
             "Close what still uses it (JupyterLab, a terminal), then run the same command again.")
    pip_install("--require-hashes", "-r", str(LOCK))
    # The lock has the build backend, so this step needs no network.
    pip_install("--no-deps", "--no-build-isolation", "--no-index", "-e", str(ROOT))
    settings = VENV / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    no_news = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
    (settings / "overrides.json").write_text(json.dumps(no_news), encoding="utf-8")
    (VENV / "etc" / "jupyter").mkdir(parents=True, exist_ok=True)
    shutil.copy(str(SERVER), str(VENV / "etc" / "jupyter"))
    STAMP.write_text(fingerprint(), encoding="utf-8")  # last: the environment is whole


def is_ready():
    try:
        return (STAMP.read_text(encoding="utf-8") == fingerprint()
                and subprocess.call([str(PYTHON), "-c", ""], stderr=subprocess.DEVNULL) == 0)
    except OSError:
        return False


def fingerprint():
    """What .venv depends on; the folder too, since an environment does not survive a move."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), SERVER.read_bytes(),
             repr(sys.version_info[:2]).encode(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def pip_install(*args):
    """Run pip in .venv, showing how far it is; on failure, say its reason in one line."""
    command = [str(PYTHON), "-m", "pip", "install", "--progress-bar=off"]
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_USER="0")
    reason, seen = "It did not say why.", 0
    with subprocess.Popen(command + list(args), env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as pip:
        for raw in pip.stdout:
            line = raw.decode(errors="replace").strip()
            if "Retrying (" in line:
                reason = "The package index cannot be reached."
            elif line.startswith("ERROR: ") and "cannot be reached" not in reason:
                reason = line[len("ERROR: "):]
            if line.startswith(("Collecting ", "Processing ", "Installing ")):
                seen += 1
                if sys.stdout.isatty():
                    print("\r{:5}  {:<70.70}".format(seen, line.split(" (")[0]), end="", flush=True)
    if seen and sys.stdout.isatty():
        say("")
    if pip.returncode:
        fail("pip could not install the packages. {}".format(reason),
             "If the network is missing or a proxy is in the way, mend that; then run the same"
             " command again.")


def find_chromium():
    """The browser of the browser tests: $CHROMIUM, else what is on PATH, else the usual places."""
    if "CHROMIUM" in os.environ:
        return shutil.which(os.environ["CHROMIUM"])
    names = ["chromium", "chromium-browser", "google-chrome", "chrome", "msedge"]
    for name in ("Google Chrome", "Chromium", "Microsoft Edge"):
        names.append("/Applications/{0}.app/Contents/MacOS/{0}".format(name))
    for folder in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        for program in ("Google/Chrome/Application/chrome.exe",
                        "Chromium/Application/chrome.exe",
                        "Microsoft/Edge/Application/msedge.exe"):
            names.append(os.path.join(os.environ.get(folder, ""), program))
    return next(filter(None, map(shutil.which, names)), None)


def run(command):
    """Run a command in the project's folder and return its exit code."""
    with subprocess.Popen(command, cwd=str(ROOT)) as process:
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
