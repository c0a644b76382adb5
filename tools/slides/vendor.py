"""The two libraries of the slides, as their authors released them: `vendor/`, held by `vendor/versions.json`.

They are stored so that a deck can be written without Node.js. To take another version, edit it in
``versions.json``, run ``python -m tools.slides.vendor`` (it needs npm and a network) and look at the decks.
"""

import base64
import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "vendor"
VERSIONS = FOLDER / "versions.json"


def read(name, binary=False):
    """Return a file of `vendor/` that is what `versions.json` says.

    Raises
    ------
    ValueError
        If it is not listed, or has another SHA-256.
    """
    package, path = name.split("/", 1)
    known = json.loads(VERSIONS.read_text(encoding="utf-8"))[package]["files"]
    data = (FOLDER / name).read_bytes()
    if known.get(path) != hashlib.sha256(data).hexdigest():
        raise ValueError(f"{name} must have the hash that versions.json gives it: restore it, or take it anew")
    return data if binary else data.decode("utf-8")


def take():
    """Fetch the packages that `versions.json` names, and keep of each what it lists."""
    versions = json.loads(VERSIONS.read_text(encoding="utf-8"))
    for name, package in versions.items():
        with tempfile.TemporaryDirectory() as folder:
            wanted = f"{package['package']}@{package['version']}"
            subprocess.run(["npm", "pack", "--silent", wanted], cwd=folder, check=True)
            [archive] = Path(folder).iterdir()
            digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
            package["integrity"] = f"sha512-{digest}"
            with tarfile.open(archive) as members:
                for path in package["files"]:
                    data = members.extractfile(f"package/{package['from'].get(path, path)}").read()
                    target = FOLDER / name / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(data)
                    package["files"][path] = hashlib.sha256(data).hexdigest()
    VERSIONS.write_text(json.dumps(versions, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    take()
