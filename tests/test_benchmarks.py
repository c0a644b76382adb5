"""The benchmarks run, compare like with like, and keep their results as they say."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import convolution, machines, processes, start, timing, training, widgets
from benchmarks.report import Report, store
from cnnlib import lenet5, load_mnist
from cnnlib import widgets as all_widgets

SMALL = convolution.Shape("3→4, 3×3, stride 2", 2, 3, 4, 9, 3, stride=2, padding=1)
DILATED = convolution.Shape("2→3, 3×3, dilation 2", 2, 2, 3, 9, 3, padding=2, dilation=2)


@pytest.mark.parametrize("shape", [SMALL, DILATED, convolution.Shape("one image", 1, 1, 2, 12, 5)])
def test_contestants_compute_the_same(shape):
    results = {name: run() for name, run in convolution.contestants(shape).items()}
    for name, arrays in results.items():
        for ours, other in zip(results["ours"], arrays, strict=True):
            other = other if isinstance(other, np.ndarray) else other.detach().numpy()
            np.testing.assert_allclose(ours, other, rtol=1e-4, atol=1e-4, err_msg=name)


def test_pytorch_trains_the_same_net():
    torch = pytest.importorskip("torch")
    model, images = lenet5(rng=1), np.random.default_rng(0).integers(0, 256, (4, 28, 28), dtype=np.uint8)
    theirs = training.TorchLeNet(model).predict(torch.tensor(images), 2)
    np.testing.assert_allclose(model(images), theirs.numpy(), rtol=1e-4, atol=1e-4)


def test_rounds_alternate_and_the_first_is_dropped():
    order = []
    times = timing.in_turn({name: lambda name=name: order.append(name) or float(len(order)) for name in "ab"}, 2)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert times == {"a": [4.0, 5.0], "b": [3.0, 6.0]}
    assert timing.ratio(times, "a", "b") == 1.0 and timing.spread(times, "a", "b") == "0.83–1.33"


@pytest.mark.parametrize("function, rows", [
    (training.epoch_times, {"32", "64", "128"}), (training.evaluation_times, {"all"}),
    (convolution.conv_times, {shape.name for shape in convolution.SHAPES[:2]}),
])
def test_each_side_is_timed(function, rows):
    found = function(1, True)
    assert found.keys() == rows
    for times in found.values():
        assert all(value > 0 for values in times.values() for value in values)
        assert ("PyTorch" in {side.partition(",")[0] for side in times}) == (timing.torch is not None)


def seen(**arguments):
    """What a process of `machines` finds set, as a function that it can call."""
    names = (*machines.KINDS["laptop"], *machines.MEMORY["kept"], "OPENBLAS_L2_SIZE")
    return {name: os.environ.get(name) for name in names} | arguments


def test_each_kind_of_machine_has_its_own_variables_and_no_others(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "1024")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    natural = machines.in_process(seen, "natural", "given back", why="asked")
    assert natural.pop("why") == "asked" and set(natural.values()) == {None}
    laptop = {name: value for name, value in machines.in_process(seen, "laptop", "kept").items() if value is not None}
    assert laptop == machines.KINDS["laptop"] | machines.MEMORY["kept"]


def test_the_kernels_are_said():
    lines = machines.describe()
    assert [line.partition(":")[0] for line in lines] == ["- natural", "- laptop"] and all(len(line) > 12 for line in lines)


def test_pytorch_counts_where_it_is_faster(monkeypatch):
    speed = {("natural", "kept"): 2.0, ("natural", "given back"): 3.0, ("laptop", "kept"): 5.0, ("laptop", "given back"): 4.0}
    monkeypatch.setattr(machines, "torch", "there")
    monkeypatch.setattr(machines.sys, "platform", "linux")
    monkeypatch.setattr(machines, "in_process", lambda function, kind, memory: {"row": {"ours": [1.0], "PyTorch, batch 9": [speed[kind, memory]]}})
    found = machines.on_each(None)
    assert {kind: rows["row"][1] for kind, rows in found.items()} == {"natural": "kept", "laptop": "given back"}
    assert found["natural"]["row"][0] == {"ours": [1.0], "PyTorch, batch 9": [2.0]}


def test_two_threads_wait_for_a_quiet_machine(monkeypatch):
    loads = iter([3.0, 1.3, 1.1])
    monkeypatch.setattr(timing.os, "getloadavg", lambda: (next(loads), 0, 0), raising=False)
    monkeypatch.setattr(timing.time, "sleep", lambda _: None)
    assert timing.quiet(60) and next(loads, None) is None
    monkeypatch.setattr(timing.os, "getloadavg", lambda: (timing.BUSY, 0, 0), raising=False)
    assert not timing.quiet(0)


@pytest.mark.parametrize("benchmark", [convolution.conv, training.epoch, training.evaluation])
def test_a_busy_machine_measures_no_two_threads(benchmark, monkeypatch):
    asked = []

    def on_each(function, workers, quick):
        asked.append(workers)
        rows = {"32", "64", "128", "all", *(shape.name for shape in convolution.SHAPES)}
        return {kind: dict.fromkeys(rows, ({"ours": [1.0], "batch-last": [1.0], "plain NumPy": [4.0], "PyTorch": [2.0]}, "kept")) for kind in machines.KINDS}

    for module in (convolution, training):
        monkeypatch.setattr(module, "on_each", on_each)
        monkeypatch.setattr(module, "quiet", lambda patience: False)
    monkeypatch.setattr(convolution, "single_image", lambda report: None)
    report = Report(benchmark.__name__, quick=True)
    benchmark(report)
    assert asked == [1]
    for what, row in report.goals.items():
        assert ("not measured" in row) == ("2 threads" in what), row
    assert sum(line.count("not measured") > 1 for line in report.lines) > 0


def test_the_way_to_an_accuracy_ends_there():
    mnist = load_mnist()
    steps, taken = training.our_way(mnist, 0, target=0.05, clock=time.perf_counter)
    assert steps == training.EVERY and 0 < taken < 60


def test_a_goal_is_held_against_its_limit(capsys):
    report = Report("conv")
    report.goal("low", 1.0, 0.5)
    report.goal("high", 1.0, 1.5, " s", between="1.2–1.6")
    report.goal("none", 1.0, None)
    said = capsys.readouterr().out.splitlines()
    assert said == ["- low: 0.5, goal ≤ 1: reached", "- high: 1.5 s (1.2–1.6), goal ≤ 1 s: **not reached**",
                    "- none: not measured, goal ≤ 1: –"]


def test_results_replace_their_own_section_only(tmp_path):
    file = tmp_path / "RESULTS.md"

    def measured(name, value):
        report = Report(name)
        report.goal(f"goal of {name}", 1.0, value)
        if name == "conv":
            report.goal(f"once {value}", 1.0, value)
        report.table(["what", "time"], [["all", "1 s"]])
        store([report], file, "2026-01-02")

    measured("conv", 0.5)
    file.write_text(file.read_text(encoding="utf-8") + "\n## What limits it\n\nBy hand.\n", encoding="utf-8")
    measured("epoch", 0.5)
    measured("conv", 2.0)
    text = file.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith(("| goal", "| once"))]
    assert rows == [  # each in its place, and none under a name that it no longer has
        "| goal of conv | ≤ 1 | 2 | **not reached** |", "| goal of epoch | ≤ 1 | 0.5 | reached |",
        "| once 2.0 | ≤ 1 | 2 | **not reached** |",
    ]
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Goals", "## What limits it", "## conv", "## epoch"]
    assert "By hand." in text and text.count("Measured 2026-01-02") == 2

    file.write_text(text.replace("Machine: ", "Machine: another, "), encoding="utf-8")
    measured("epoch", 0.25)
    text = file.read_text(encoding="utf-8")
    assert "conv" not in text and "By hand." in text


@pytest.mark.parametrize("was, now, kept", [
    ("torch 2.13.0", "no torch", True), ("no torch", "torch 2.13.0", True), ("torch 2.13.0", "torch 2.13.1", False),
])
def test_a_run_without_pytorch_loses_nothing(tmp_path, monkeypatch, was, now, kept):
    file = tmp_path / "RESULTS.md"
    for torch, name in ((was, "conv"), (now, "widgets")):
        monkeypatch.setattr("benchmarks.report.machine", lambda torch=torch: f"2 cores, NumPy 2.4.6, {torch}")
        report = Report(name)
        report.goal(f"goal of {name}", 1.0, 0.5)
        beside = "" if torch == "no torch" else ", PyTorch B"
        store([report], file, "2026-01-02", kernels=[f"- natural: blas A{beside}", f"- laptop: blas C{beside}"])
    text = file.read_text(encoding="utf-8")
    assert ("goal of conv" in text) is kept and "goal of widgets" in text
    assert "\n- natural: blas A, PyTorch B\n- laptop: blas C, PyTorch B\n" in text
    assert f"NumPy 2.4.6, torch {'2.13.0' if kept else '2.13.1'}." in text


def test_what_was_not_measured_this_time_is_kept(tmp_path):
    file = tmp_path / "RESULTS.md"

    def measured(value, today):
        report, text = Report("conv"), "not measured" if value is None else f"{value:g} s"
        report.goal("two threads", 1.0, value)
        report.goal("one thread", 1.0, value or 0.25)
        report.table(["what", "time"], [["two", text], ["one", f"{value or 0.25} s"]])
        store([report], file, today, kernels=["- natural: A", "- laptop: B"])
        return file.read_text(encoding="utf-8").splitlines()

    assert sum("not measured" in line for line in measured(None, "2026-01-01")) == 3  # nothing to keep
    measured(0.5, "2026-01-02")
    lines = measured(None, "2026-01-03")
    assert not any("not measured |" in line or "not measured," in line for line in lines)
    assert [line for line in lines if "two" in line] == [
        "| two threads | ≤ 1 | 0.5 | reached |", "- two threads: 0.5, goal ≤ 1: reached", "| two  | 0.5 s |"]
    assert any("Measured 2026-01-03" in line and "is of 2026-01-02." in line for line in lines)
    assert next(line for line in lines if "one" in line) == "| one thread | ≤ 1 | 0.25 | reached |"
    assert lines.count("- natural: A") == 1


def test_the_widgets_that_are_measured_are_there():
    assert 12 < len(widgets.HANDS) == len({hand.widget for hand in widgets.HANDS} & set(all_widgets.__all__))


@pytest.mark.parametrize("there", [True, False])
def test_the_start_says_what_it_could_measure(there, monkeypatch):
    monkeypatch.setattr(start.importlib.util, "find_spec", lambda name: there or None)
    monkeypatch.setattr(start, "find_chromium", lambda: "chromium")
    monkeypatch.setattr(start, "server_times", lambda rounds: [450.0, 440.0, 600.0])
    monkeypatch.setattr(start, "first_widgets", lambda cards, rounds: {name: [1200.0, 1100.0, 900.0] for name in cards})
    report = Report("start")
    start.start(report)
    server, *cards = report.goals.values()
    assert len(cards) == len(start.CARDS) and set(start.CARDS) <= set(all_widgets.__all__)
    assert ("450 ms (440–600) | reached" in server) is there and ("not measured" in server) is not there
    assert all(("1.1e+03 ms (900–1200) | **not reached**" in row) is there for row in cards), cards


def test_a_server_s_own_processor_time_is_counted():
    pytest.importorskip("playwright")
    times = start.server_times(1)
    assert len(times) == 1 and 50 < times[0] < 60_000


def test_a_child_s_memory_is_its_own():
    hoard = np.ones(30_000_000)  # 240 MB
    assert 1 < float(processes.python("-c", processes.PEAK + "print(peak())")) < 100 < hoard.nbytes / 1e6


def test_the_command_begins_again_once_without_what_chooses_kernels(monkeypatch):
    started = []

    def run(command, env, check):
        started.append((command, env))
        return type("Done", (), {"returncode": 3})

    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setattr(command.subprocess, "run", run)
    assert command.main(["conv", "--quick"]) == 3
    ((arguments, environment),) = started
    assert arguments[1:] == ["-m", "benchmarks", "--unbiased", "conv", "--quick"] and "OPENBLAS_CORETYPE" not in environment
    monkeypatch.setattr(command, "describe", list)
    monkeypatch.setattr(command, "BENCHMARKS", {"conv": lambda report: None})
    assert command.main(arguments[3:]) == 0 and len(started) == 1  # whatever a library has set since, not again


def test_the_command_refuses_what_it_does_not_know(capsys):
    for argv, said in ((["speed"], "there is no benchmark 'speed'"), (["--quick", "--write"], "--quick makes none")):
        with pytest.raises(SystemExit):
            command.main(argv)
        assert said in capsys.readouterr().err
