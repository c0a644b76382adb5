"""The benchmarks run, compare like with like, and keep their results as they say."""

import numpy as np
import pytest

from benchmarks import __main__ as command
from benchmarks import convolution, processes, timing, training, widgets
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


def test_epochs_are_timed():
    train = load_mnist().train
    times = training.epoch_times(train.images[:64], train.labels[:64], 32, 1, 1)
    assert all(value > 0 for value in times["ours"]) and len(times) == 1 + (timing.torch is not None)


def test_the_way_to_an_accuracy_ends_there():
    mnist = load_mnist()
    steps, taken = training.our_way(mnist, 0, target=0.05)
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


def test_the_widgets_that_are_measured_are_there():
    assert 12 < len(widgets.HANDS) == len({hand.widget for hand in widgets.HANDS} & set(all_widgets.__all__))


def test_a_child_s_memory_is_its_own():
    hoard = np.ones(30_000_000)  # 240 MB
    assert 1 < float(processes.python("-c", processes.PEAK + "print(peak())")) < 100 < hoard.nbytes / 1e6


def test_the_command_refuses_what_it_does_not_know(capsys):
    for argv, said in ((["speed"], "there is no benchmark 'speed'"), (["--quick", "--write"], "--quick makes none")):
        with pytest.raises(SystemExit):
            command.main(argv)
        assert said in capsys.readouterr().err
