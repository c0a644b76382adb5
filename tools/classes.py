"""A class's exercises: write the hand-out, and mark what comes back.

``python3 course.py handout FOLDER [NN ...] [--nbgrader]`` writes the notebooks to hand out, or with ``--nbgrader`` a
course folder for nbgrader 0.9, solutions included, which ``nbgrader generate_assignment`` takes out again.

``python3 course.py mark FOLDER [--to FILE] [--seconds S] [--megabytes M]`` runs every notebook below FOLDER in fresh
kernels and writes a table. Of a returned notebook the cells to fill in and the reader's own cells count; the cells that
check are ours. A cell that runs too long or takes its kernel down is noted and left out, and all others are judged.

Nothing of this is a prison: a program that means harm belongs into a container. On Linux the kernel has no network at
all where `unshare` may be used; elsewhere Python's own sockets are closed. Memory is limited where the system can.
"""
import argparse
import contextlib
import csv
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from jupyter_client.manager import KernelManager

if __package__:
    from tools.exercise_notebooks import build, chosen, exercises, path, sheets, short
else:
    from exercise_notebooks import build, chosen, exercises, path, sheets, short

VERDICTS = {"✓": "right", "✗": "wrong", "…": "not tried"}
NBGRADER_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "cnn"
c.ClearSolutions.code_stub = {"python": "..."}  # an untouched answer stays "not tried yet"
"""
GUARD = """\
import socket
def _refused(*arguments, **options):
    raise OSError("there is no network while notebooks are marked")
socket.create_connection = socket.getaddrinfo = socket.socket.connect = socket.socket.connect_ex = _refused
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({bytes}, {bytes}))
except (ImportError, OSError, ValueError):
    pass
"""


def handout(folder, names, for_nbgrader=False):
    """Write the notebooks of a hand-out and return their paths; what is there already is not overwritten."""
    written = []
    for sheet in chosen(names):
        stem = path(sheet).stem
        target = folder / "source" / stem / f"{stem}.ipynb" if for_nbgrader else folder / f"{stem}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(nbformat.writes(build(sheet, solved=for_nbgrader)) + "\n")
        written.append(target)
    if for_nbgrader:
        (folder / "nbgrader_config.py").write_text(NBGRADER_CONFIG, encoding="utf-8")
    return written


def is_shut_off():
    """Whether this system lets a process run without any network."""
    return bool(shutil.which("unshare")) and subprocess.run(
        ["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0


class Kernel:
    """One fresh kernel with its limits; a context manager that leaves nothing running."""

    def __init__(self, megabytes, shut_off):
        self._place = tempfile.TemporaryDirectory(prefix="mark-", ignore_cleanup_errors=True)
        home = Path(self._place.name)
        if shut_off:  # a pipe in the file system reaches a process that has no network
            self._manager = KernelManager(transport="ipc", ip=str(home / "kernel"))
        else:
            self._manager = KernelManager()
        self._manager.kernel_spec.argv = [
            *(["unshare", "-rn"] if shut_off else []), sys.executable, "-m", "ipykernel_launcher", "-f",
            "{connection_file}"]
        environment = dict(os.environ, CNNLIB_PROGRESS=str(home / "progress.json"), IPYTHONDIR=str(home / "ipython"),
                           MPLBACKEND="Agg", OPENBLAS_NUM_THREADS="1")
        environment.pop("NBGRADER_EXECUTION", None)
        self._manager.start_kernel(cwd=str(home), env=environment, stderr=subprocess.DEVNULL)
        self._client = self._manager.client()
        self._guard = GUARD.format(bytes=megabytes * 1024**2)

    def __enter__(self):
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        self.run(self._guard, 60)
        return self

    def __exit__(self, *error):
        self._client.stop_channels()
        with contextlib.suppress(Exception):
            self._manager.shutdown_kernel(now=True)
        self._place.cleanup()

    def run(self, source, seconds):
        """Run a cell and return what its last line shows; `TimeoutError` and `ConnectionError` say how it failed."""
        request, shown, end = self._client.execute(source, allow_stdin=False, stop_on_error=False), "", \
            time.monotonic() + seconds
        while True:
            if time.monotonic() > end:
                raise TimeoutError
            try:
                message = self._client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                if not self._manager.is_alive():
                    raise ConnectionError from None
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "execute_result":
                shown = content["data"].get("text/plain", "")
            elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                return shown


def check(sheet, one):
    """The cell that judges an exercise, whatever the reader has done to ours."""
    module = f'__import__("importlib").import_module("{sheet.__name__}")'
    return f'{module}.{one.name.partition(".")[2]}.check(globals().get("{one.answer_name}", ...))'


def plan(notebook, sheet):
    """The cells to run, in order: (what it is called, source, the exercise that is judged after it or None)."""
    by_id = {one.name.replace(".", "-"): one for one in exercises(sheet)}
    for number, cell in enumerate(notebook.cells, 1):
        role = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and not role.get("grade"):
            one = by_id.get(role.get("grade_id"))
            yield one.name if one else f"cell {number}", cell.source, one


def which_sheet(notebook):
    """The module whose exercises a returned notebook holds, or None."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    named = re.search(r"^from cnnlib\.exercises import (\w+)", text, flags=re.MULTILINE)
    return next((sheet for sheet in sheets() if named and short(sheet) == named[1]), None)


def mark(file, seconds=20, megabytes=4096, whole=300, shut_off=False):
    """Return (status, {exercise: verdict}) of one returned notebook."""
    try:
        notebook = nbformat.read(file, as_version=4)
        cells = [cell for cell in notebook.cells if isinstance(cell.source, str)]
        sheet = which_sheet(notebook) if len(cells) == len(notebook.cells) else None
    except Exception as error:  # whatever a broken file can raise: it is one line of the table
        return f"unreadable ({type(error).__name__})", {}
    if sheet is None:
        return "no exercises in it", {}
    left_out, end = {}, time.monotonic() + whole
    while True:  # begins anew without a cell that ended badly
        verdicts = {one.name: "not reached" for one in exercises(sheet)}
        try:
            _run_all(plan(notebook, sheet), sheet, verdicts, left_out, seconds, end, Kernel(megabytes, shut_off))
        except _Ended as ended:
            left_out[ended.name] = ended.how
            if ended.name and len(left_out) < 6:
                continue
        return "; ".join(f"{name} {how}".strip() for name, how in left_out.items()) or "ok", verdicts


class _Ended(Exception):
    """A cell does not end, or takes its kernel down; without a name it is the whole notebook."""

    def __init__(self, name, how):
        super().__init__(how)
        self.name, self.how = name, how


def _run_all(cells, sheet, verdicts, left_out, seconds, end, kernel):
    """Run the cells and judge; raise `_Ended` at a cell that loops or crashes."""
    def run(source, name):
        if time.monotonic() > end:
            raise _Ended("", "out of time")
        try:
            return kernel.run(source, seconds)
        except TimeoutError:
            raise _Ended(name, "does not end") from None
        except ConnectionError:
            raise _Ended(name, "crashes") from None

    def judge(one, name):
        verdicts[one.name] = VERDICTS.get(run(check(sheet, one), name)[:1], "not judged")

    with kernel:
        for name, source, one in cells:
            if name in left_out:
                verdicts.update({name: left_out[name]} if one else {})
                continue
            run(source, name)
            if one:
                judge(one, name)
        for one in exercises(sheet):  # whose cell has lost its marks, or is gone
            if verdicts[one.name] == "not reached":
                judge(one, one.name)


def mark_all(folder, table, **limits):
    """Mark every notebook below `folder`, and write a line for each as soon as it is done."""
    files = [file for file in sorted(folder.rglob("*.ipynb")) if ".ipynb_checkpoints" not in file.parts]
    found = {}
    for number, file in enumerate(files, 1):
        status, verdicts = found[file] = mark(file, **limits)
        right = list(verdicts.values()).count("right")
        print(f"{number}/{len(files)}  {file.relative_to(folder)}: {right} of {len(verdicts)}, {status}", flush=True)
        write(table, folder, found)
    return found


def write(table, folder, found):
    """Write the table; the new one takes the old one's place in one step."""
    order = {one.name: k for k, one in enumerate(one for sheet in sheets() for one in exercises(sheet))}
    names = sorted({name for _, verdicts in found.values() for name in verdicts}, key=order.get)
    new = table.with_name(table.name + ".new")
    with new.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["notebook", "status", "right", "of", *names])
        for file, (status, verdicts) in found.items():
            rows.writerow([file.relative_to(folder).as_posix(), status, list(verdicts.values()).count("right"),
                           len(verdicts), *(verdicts.get(name, "") for name in names)])
    os.replace(new, table)


def main(argv):
    parser = argparse.ArgumentParser(prog="course.py", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    out = commands.add_parser("handout", help="write the notebooks to hand out")
    out.add_argument("folder", type=Path)
    out.add_argument("names", nargs="*", metavar="NN", help="lectures, such as 03 or appendix; all of them by default")
    out.add_argument("--nbgrader", action="store_true", help="write a course folder for nbgrader, with solutions")
    back = commands.add_parser("mark", help="mark the notebooks that came back")
    back.add_argument("folder", type=Path)
    back.add_argument("--to", type=Path, help="the table; marks.csv in the folder by default")
    back.add_argument("--seconds", type=float, default=20, help="the most that one cell may take")
    back.add_argument("--megabytes", type=int, default=4096, help="the most memory that a kernel may ask for")
    given = parser.parse_args(argv)
    if given.command == "handout":
        try:
            for file in handout(given.folder, given.names, given.nbgrader):
                print(file)
        except FileExistsError as error:
            sys.exit(f"{error.filename} is there already, and is left as it was.")
        return
    if not given.folder.is_dir():
        sys.exit(f"There is no folder {given.folder}.")
    shut_off = is_shut_off()
    print("Network: none." if shut_off else "Network: closed inside Python only; this system cannot shut it off.")
    mark_all(given.folder, given.to or given.folder / "marks.csv", seconds=given.seconds, megabytes=given.megabytes,
             shut_off=shut_off)


if __name__ == "__main__":
    main(sys.argv[1:])
