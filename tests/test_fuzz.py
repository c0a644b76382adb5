"""What the fuzzer begins with and what it has found, replayed: each input is read or refused in words."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import fuzz

CASES = sorted(path for path in fuzz.CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.relative_to(fuzz.CORPUS).as_posix())
def test_each_input_of_the_corpus_is_read_or_refused(path):
    fuzz.check(path.parent.name, path.read_bytes())


@pytest.mark.parametrize("name, kind", [(name, kind) for name, inputs in fuzz.seeds().items() for kind in inputs])
def test_the_seeds_are_read(name, kind):
    fuzz.TARGETS[name](fuzz.seeds()[name][kind])


def test_the_corpus_is_small_and_belongs_to_the_readers():
    assert sum(path.stat().st_size for path in CASES) < 40_000
    assert {path.parent.name for path in CASES} == set(fuzz.TARGETS)


def test_another_exception_would_be_seen(monkeypatch):
    def broken(content):
        raise KeyError("weight")

    monkeypatch.setitem(fuzz.TARGETS, "weights", broken)
    with pytest.raises(KeyError):
        fuzz.check("weights", b"")
    monkeypatch.setitem(fuzz.TARGETS, "weights", lambda content: int("x"))  # a ValueError that names nothing
    with pytest.raises(AssertionError, match="names no argument: invalid literal"):
        fuzz.check("weights", b"")


def test_without_the_fuzzer_it_says_what_to_install():
    code = "import sys; sys.modules['atheris'] = None; from tools import fuzz; sys.exit(fuzz.main(['1']))"
    root = Path(__file__).resolve().parent.parent
    answer = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert answer.returncode == 1 and answer.stdout.startswith("The fuzzer is not installed: pip install atheris.")
    assert not answer.stderr
