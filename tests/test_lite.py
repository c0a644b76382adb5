"""What the browser's course is made of: packages, stand-ins, and what its kernel is told. No network, no browser."""

import base64
import hashlib
import importlib.metadata
import importlib.util
import json
import sys
import types
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest
from skimage import data, feature, transform

from pages.safety import guarded, policy
from tools.lite import build
from tools.lite.packages import CORE, KERNEL, LOCK, STAND_INS, Pyodide, assemble, write_wheel

ROOT = Path(__file__).resolve().parent.parent


def write(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.fixture
def distribution(tmp_path):
    """A folder as Pyodide's: a core, the kernel's packages, NumPy, and one that nobody needs."""
    folder, packages = tmp_path / "pyodide", {}
    for name in [*KERNEL, "numpy", "pandas"]:
        write(folder, {f"{name}.whl": name.encode()})
        packages[name] = {"name": name, "file_name": f"{name}.whl", "depends": [], "version": "1",
                          "sha256": hashlib.sha256(name.encode()).hexdigest()}
    write(folder, dict.fromkeys(CORE, b"core"))
    write(folder, {LOCK: json.dumps({"info": {"version": "0.27.7"}, "packages": packages}).encode()})
    return folder


@pytest.fixture
def machine(tmp_path):
    """A folder of installed packages: lazy depends on inner, which is compiled in part, and on two that are left out."""
    folder = tmp_path / "machine"
    for name, needs in {"lazy": ["inner>=1", "networkx", "numpy", "colorama; sys_platform == 'win32'"], "inner": []}.items():
        files = {f"{name}/__init__.py": b"x = 1\n", f"{name}/fast.so": b"\x7fELF", f"{name}/tests/test_it.py": b"",
                 f"{name}-2.0.dist-info/METADATA":
                     "\n".join([f"Name: {name}", "Version: 2.0", *(f"Requires-Dist: {need}" for need in needs)]).encode()}
        record = "\n".join([*(f"{path},," for path in files), f"../../share/{name}.json,,", f"{name}-2.0.dist-info/RECORD,,"])
        write(folder, files | {f"{name}-2.0.dist-info/RECORD": record.encode()})
    return folder


@pytest.fixture
def library(tmp_path):
    path = tmp_path / "cnnlib-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("cnnlib/__init__.py", "")
    return path


def test_pyodide_gets_what_it_lacks_and_loses_what_nobody_needs(distribution, machine, library, tmp_path):
    made = tmp_path / "made"
    taken = assemble(Pyodide(str(distribution)), library, ["numpy>=2.0", "lazy>=1"], made, [str(machine)])
    assert taken == ["inner", "lazy"]
    packages = json.loads((made / LOCK).read_text(encoding="utf-8"))["packages"]
    assert set(packages) == {*KERNEL, "numpy", "lazy", "inner", "cnnlib"}
    assert packages["cnnlib"]["depends"] == ["lazy", "numpy"] and packages["cnnlib"]["imports"] == ["cnnlib"]
    assert packages["lazy"]["depends"] == ["inner", "numpy"]
    for one in packages.values():
        assert hashlib.sha256((made / one["file_name"]).read_bytes()).hexdigest() == one["sha256"]
    assert {path.name for path in made.iterdir()} == {LOCK, *CORE, *(one["file_name"] for one in packages.values())}


def test_a_wheel_holds_no_machine_code_and_is_the_same_each_time(machine, tmp_path):
    one, = importlib.metadata.distributions(name="inner", path=[str(machine)])
    contents = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        wheel = write_wheel(one, tmp_path / name)
        contents.append(wheel.read_bytes())
    assert contents[0] == contents[1] and wheel.name == "inner-2.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as file:
        assert set(file.namelist()) == {"inner/__init__.py", *(f"inner-2.0.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD"))}
        line = file.read("inner-2.0.dist-info/RECORD").decode().splitlines()[-2]
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"x = 1\n").digest()).decode().rstrip("=")
    assert line == f"inner/__init__.py,sha256={digest},6"


def test_a_damaged_package_is_refused(distribution, machine, library, tmp_path):
    (distribution / "numpy.whl").write_bytes(b"other")
    with pytest.raises(ValueError, match="numpy.whl of .* is damaged"):
        assemble(Pyodide(str(distribution)), library, ["numpy>=2.0"], tmp_path / "made", [str(machine)])


def test_a_package_that_nobody_has_is_named(distribution, library, tmp_path):
    with pytest.raises(ValueError, match="neither Pyodide nor this machine has the package absent"):
        assemble(Pyodide(str(distribution)), library, ["absent"], tmp_path / "made", [])


@pytest.mark.parametrize("content", [None, b"[]", b"{}", b"no json"])
def test_a_place_without_pyodide_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / LOCK).write_bytes(content)
    with pytest.raises(ValueError, match="--pyodide must be a folder that holds an unpacked Pyodide, or its address, got "):
        Pyodide(str(tmp_path))


def test_pyodide_is_taken_from_an_address_too(distribution):
    from tools.lite.walk import Files, serving

    with serving(lambda *args: Files(*args, directory=str(distribution))) as server:
        pyodide = Pyodide(f"{server.url}/")
        assert pyodide.version == "0.27.7" and pyodide.read("numpy.whl") == b"numpy"


def stand_in(path):
    """A module that takes the place of a compiled one of scikit-image, under a name beside it."""
    package = ".".join(("skimage", *path.parent.relative_to(STAND_INS).parts))
    spec = importlib.util.spec_from_file_location(f"{package}.{path.stem}_stand_in", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("mode", ["constant", "edge", "symmetric", "reflect", "wrap"])
def test_the_stand_in_warps_as_scikit_image_does(mode, order, monkeypatch):
    image = np.random.default_rng(0).random((23, 31))
    move = transform.AffineTransform(scale=1.1, rotation=0.2, translation=(1.3, -3))
    wanted = transform.warp(image, move, order=order, mode=mode, cval=0.3, output_shape=(20, 27))
    monkeypatch.setattr(sys.modules["skimage.transform._warps"], "_warp_fast",
                        stand_in(STAND_INS / "transform" / "_warps_cy.py")._warp_fast)
    found = transform.warp(image, move, order=order, mode=mode, cval=0.3, output_shape=(20, 27))
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    with pytest.raises(NotImplementedError, match="order 0 and 1, got 3"):
        transform.warp(image, move, order=3)


@pytest.mark.parametrize("votes", [1, 4])
def test_the_stand_in_finds_the_faces_that_scikit_image_finds(votes):
    """Where scikit-image has one thread; several of them group boxes in another order each time."""
    picture = data.astronaut()[:240, 100:340]
    options = {"scale_factor": 1.2, "step_ratio": 1, "min_size": (60, 60), "max_size": (130, 130),
               "min_neighbor_number": votes, "intersection_score_threshold": 0.5 if votes > 1 else 2}
    trained = data.lbp_frontal_face_cascade_filename()
    both = [kind(trained).detect_multi_scale(picture, **options)
            for kind in (feature.Cascade, stand_in(STAND_INS / "feature" / "_cascade.py").Cascade)]
    if votes == 1:  # nothing is grouped
        assert len(both[0]) > 5
    theirs, ours = (sorted(tuple(box[key] for key in ("r", "c", "width", "height")) for box in boxes) for boxes in both)
    np.testing.assert_allclose(ours, theirs, atol=0 if votes == 1 else 6)


def test_none_reaches_the_page_as_null(monkeypatch):
    """As the kernel of the browser: what is no Python object any more is passed on as it is."""
    from cnnlib.widgets._browser import speak_json

    class Comm:
        def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
            self.said = msg_type, data, buffers, keys

    monkeypatch.setitem(sys.modules, "js", types.SimpleNamespace(JSON=types.SimpleNamespace(parse=lambda text: f"JSON {text}")))
    monkeypatch.setitem(sys.modules, "pyodide_kernel", types.ModuleType("pyodide_kernel"))
    monkeypatch.setitem(sys.modules, "pyodide_kernel.comm", types.SimpleNamespace(Comm=Comm))
    speak_json()
    speak_json()  # a second time changes nothing
    comm = Comm()
    comm.publish_msg("comm_msg", {"state": {"answer": None}}, buffers=[b"1"], target_name="x")
    assert comm.said == ("comm_msg", 'JSON {"state": {"answer": null}}', [b"1"], {"target_name": "x"})
    comm.publish_msg("comm_msg", {"value": float("inf")})
    assert comm.said[1] == {"value": float("inf")}


def test_the_policy_lets_the_page_compile_and_load_nothing_from_outside():
    said = policy("<script>one()</script>", build.ALSO_ALLOWED)
    assert "http" not in said and "*" not in said and "'unsafe-inline'" not in said.split("style-src")[0]
    assert {"script-src", "worker-src", "connect-src"} <= {part.split()[0] for part in said.split("; ")}
    page = "<head></head>"
    assert guarded(guarded(page, build.ALSO_ALLOWED), build.ALSO_ALLOWED) == guarded(page, build.ALSO_ALLOWED)


def test_each_notebook_says_under_its_title_what_is_different_and_is_otherwise_as_stored(tmp_path):
    build.contents(tmp_path / "contents")
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert sorted(path.name for path in (tmp_path / "contents").iterdir()) == [path.name for path in paths]
    for path in paths:
        ours, stored = (nbformat.read(one, as_version=4) for one in (tmp_path / "contents" / path.name, path))
        title, note = ours.cells[0].source, stored.cells[0].source
        assert title.startswith(note) and "**In this browser** Python runs inside the page" in title
        assert ours.cells[1:] == stored.cells[1:]
    stems = {path.stem for path in paths} | {"exercises"}
    assert build.DIFFERENT.keys() <= stems


def test_a_folder_that_is_no_environment_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is no environment: python3 course.py lite makes it"):
        build.site_packages(tmp_path)
