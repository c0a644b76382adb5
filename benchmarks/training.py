"""LeNet-5 on MNIST: an epoch, the evaluation of the test set, the way to 98 %."""

import functools
import statistics

import numpy as np

from benchmarks.machines import KINDS, on_each
from benchmarks.report import NOT_MEASURED
from benchmarks.timing import CLOCKS, in_turn, middle, milliseconds, quiet, ratio, seconds, spread, threads, torch
from cnnlib import SGD, CosineDecay, evaluate, fit, lenet5, load_mnist, predict
from cnnlib.datasets import batches

MOMENTUM, TARGET, EVERY = 0.9, 0.98, 100
SCHEDULE = CosineDecay(0.05, warmup=0.2)  # that of lecture 08
MISSING = "PyTorch is not installed, so there is nothing to compare with.\n"


# PyTorch's side ----------------------------------------------------------------------------------


class TorchLeNet:
    """The net of `cnnlib.lenet5` in PyTorch, from the same weights, and its plain training loop.

    Images stay uint8 in memory; a batch is an indexed copy, made float32 and normalised in place.
    """

    def __init__(self, model):
        nn = torch.nn
        self.net = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
        )
        with torch.no_grad():
            for theirs, ours in zip(self.net.parameters(), model.parameters().values(), strict=True):
                ours = torch.from_numpy(ours.copy())
                theirs.copy_(ours if ours.shape == theirs.shape else ours.T)
        # One fused update of all parameters: faster on a CPU than PyTorch's default.
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.01, momentum=MOMENTUM, fused=True)

    def prepare(self, images):
        return images.unsqueeze(1).float().sub_(33.318421).div_(78.567490)

    def step(self, images, labels):
        self.optimizer.zero_grad()
        torch.nn.functional.cross_entropy(self.net(self.prepare(images)), labels).backward()
        self.optimizer.step()

    def epoch(self, images, labels, batch_size):
        for index in torch.randperm(len(images)).split(batch_size):
            self.step(images[index], labels[index])

    def predict(self, images, batch_size):
        with torch.inference_mode():
            return torch.cat([self.net(self.prepare(part)) for part in images.split(batch_size)])


def tensors(split, count=None):
    """Images and labels as PyTorch takes them."""
    return torch.tensor(split.images[:count]), torch.tensor(split.labels[:count], dtype=torch.long)


# Benchmarks --------------------------------------------------------------------------------------


EPOCH_LIMITS = {1: 0.5, 2: 0.65}
EVALUATION_LIMITS = {"natural": 0.30, "laptop": 0.38}
PART, WHOLE = 12_800, 60_000  # images of an epoch that are trained on, and that it has


def epoch(report):
    """one epoch of LeNet-5, batch 32, 64 and 128, one and two threads"""
    rows = []
    for workers in (1, 2):
        can = workers == 1 or quiet(0 if report.quick else 90)
        found = on_each(epoch_times, workers=workers, quick=report.quick) if can else {}
        for size in (32, 64, 128):
            rows.append([f"batch {size}, threads {workers}"])
            for kind in KINDS:
                times, memory = found[kind][str(size)] if found else ({}, "")
                rows[-1] += versus(times, "ours", "PyTorch", memory)
                report.goal(f"one LeNet epoch, batch {size}, {plural(workers)} each, {kind}, ours / PyTorch", EPOCH_LIMITS[workers],
                            middle(times, "ours", "PyTorch") if "PyTorch" in times else None,
                            between=spread(times, "ours", "PyTorch") if "PyTorch" in times else "")
    report.say()
    report.table(["60,000 images", *(f"{kind}: {what}" for kind in KINDS for what in ("ours", "PyTorch", "ratio"))], rows)
    if torch is None:
        report.say(MISSING)


def epoch_times(workers, quick):
    """Return ``{batch size: {side: seconds of rounds}}`` for an epoch, of which the first images are trained on."""
    train, found = load_mnist().train, {}
    count = 640 if quick else PART
    images, labels = train.images[:count], train.labels[:count]
    for size in (32, 64, 128):
        model = lenet5(rng=0)
        optimizer, rng = SGD(model, 0.01, momentum=MOMENTUM), np.random.default_rng(0)
        options = {"optimizer": optimizer, "rng": rng, "batch_size": size, "progress": False}
        sides = {"ours": functools.partial(fit, model, images, labels, **options)}
        if torch is not None:
            theirs, pictures, classes = TorchLeNet(lenet5(rng=0)), torch.tensor(images), torch.tensor(labels, dtype=torch.long)
            sides["PyTorch"] = functools.partial(theirs.epoch, pictures, classes, size)
        found[str(size)] = rounds_of(sides, workers, 1 if quick else 7, WHOLE / count)
    return found


def evaluation(report):
    """the outputs of LeNet-5 for 10,000 images, one and two threads"""
    rows = []
    for workers in (1, 2):
        can = workers == 1 or quiet(0 if report.quick else 90)
        found = on_each(evaluation_times, workers=workers, quick=report.quick) if can else {}
        rows.append([f"threads {workers}"])
        for kind in KINDS:
            times, memory = found[kind]["all"] if found else ({}, "")
            best = min(times.keys() - {"ours"}, key=lambda name: statistics.median(times[name]), default="PyTorch")
            rows[-1] += versus(times, "ours", best, f"{best.partition(', ')[2]}, {memory}")
            report.goal(f"evaluation of 10,000 images, {plural(workers)} each, {kind}, ours / PyTorch at its better batch",
                        EVALUATION_LIMITS[kind], middle(times, "ours", best) if best in times else None,
                        between=spread(times, "ours", best) if best in times else "")
    report.say()
    report.table(["10,000 images", *(f"{kind}: {what}" for kind in KINDS for what in ("ours", "PyTorch", "ratio"))], rows)
    if torch is None:
        report.say(MISSING)


def evaluation_times(workers, quick):
    """Return ``{"all": {side: seconds of rounds}}``; PyTorch is there with several sizes of batch."""
    test, model = load_mnist().test, lenet5(rng=0)
    sides = {"ours": functools.partial(predict, model, test.images)}
    if torch is not None:
        theirs, (images, _) = TorchLeNet(model), tensors(test)
        sides |= {f"PyTorch, batch {size}": functools.partial(theirs.predict, images, size) for size in (64, 250, 1000)}
    return {"all": rounds_of(sides, workers, 1 if quick else 9)}


def rounds_of(sides, workers, rounds, scale=1.0):
    """Return the seconds of each side's rounds by the clock that fits the threads, times `scale`."""
    with threads(workers):
        times = in_turn({name: functools.partial(seconds, run, CLOCKS[workers]) for name, run in sides.items()}, rounds)
    return {name: [scale * value for value in values] for name, values in times.items()}


def versus(times, ours, theirs, note):
    """Return the cells of a row: both times, what the other's depends on, the ratio."""
    if not times:
        return [NOT_MEASURED] * 3
    cells = [f"{statistics.median(times[ours]):.3g} s"]
    return cells + ([f"{statistics.median(times[theirs]):.3g} s, {note}", f"{middle(times, ours, theirs):.2f}"] if theirs in times else ["n/a", ""])


def plural(workers):
    return f"{workers} thread{'s' * (workers > 1)}"


def accuracy(report):
    """from fit to 98 % of the test images: same net, weights, batches and schedule for both"""
    report.say(f"Batch 64, SGD with momentum {MOMENTUM}, {SCHEDULE}, {EVERY} steps between looks at the 10,000 test images,"
               " whose time is not counted.\n")
    mnist, rows = load_mnist(), []
    target = 0.8 if report.quick else TARGET
    for workers in (1, 2):
        if workers > 1 and not quiet(0 if report.quick else 90):
            report.goal(f"from `fit` to 98 %, {plural(workers)}", 5, None, " s")
            report.goal(f"from `fit` to 98 %, {plural(workers)} each, ours / PyTorch", 0.7, None)
            rows += [[f"{name}, threads {workers}, seed {seed}", *[NOT_MEASURED] * 3] for seed in range(3) for name in ("ours", "PyTorch")]
            continue
        clock = CLOCKS[workers]
        contestants = {"ours": lambda seed, clock=clock: our_way(mnist, seed, target, clock)}
        if torch is not None:
            contestants["PyTorch"] = lambda seed, clock=clock: their_way(mnist, seed, target, clock)
        times, each = ({name: [] for name in contestants} for _ in range(2))
        with threads(workers):
            for seed in range(1 if report.quick else 3):  # another seed: other weights, other batches
                for name, run in list(contestants.items())[:: (-1) ** seed]:
                    steps, taken = run(seed)
                    times[name].append(taken)
                    each[name].append(taken / steps)
                    rows.append([f"{name}, threads {workers}, seed {seed}", f"{steps:,}", f"{taken:.2f} s", milliseconds([each[name][-1]])])
        report.goal(f"from `fit` to 98 %, {plural(workers)}", 5, statistics.median(times["ours"]), " s")
        report.goal(f"from `fit` to 98 %, {plural(workers)} each, ours / PyTorch", 0.7,
                    ratio(times, "ours", "PyTorch") if len(times) == 2 else None,
                    between=spread(times, "ours", "PyTorch") if len(times) == 2 else "")
        if len(times) == 2:
            report.say(f"- the same for one step: {ratio(each, 'ours', 'PyTorch'):.3g}")
    report.say("\nFrom equal weights and batches both go the same way for a hundred steps; then rounding leads them apart, and"
               " who needs a look less is chance.\n")
    report.table([f"to {target:.0%}", "steps", "time", "time a step"], rows)
    if torch is None:
        report.say(MISSING)


def our_way(mnist, seed, target, clock):
    """Train until the test accuracy is reached; return steps and seconds."""
    model, looking = lenet5(rng=seed), 0.0

    def look(history):
        nonlocal looking
        if history.steps % EVERY:
            return
        start = clock()
        reached = evaluate(model, mnist.test.images, mnist.test.labels).accuracy >= target
        looking += clock() - start
        if reached:
            raise KeyboardInterrupt

    start = clock()
    history = fit(model, mnist.train.images, mnist.train.labels, optimizer=SGD(model, 0.01, momentum=MOMENTUM), rng=seed,
                  schedule=SCHEDULE, callback=look, progress=False)
    taken = clock() - start - looking
    return history.steps, taken if history.interrupted else float("inf")


def their_way(mnist, seed, target, clock):
    """The same, in PyTorch, over the very same batches."""
    model, looking, rng = TorchLeNet(lenet5(rng=seed)), 0.0, np.random.default_rng(seed)
    (images, labels), (test_images, test_labels) = tensors(mnist.train), tensors(mnist.test)
    steps = -(-len(images) // 64)
    start = clock()
    for step, batch in enumerate(batches(len(images), 64, rng)):
        model.optimizer.param_groups[0]["lr"] = SCHEDULE(step, steps)
        index = torch.from_numpy(batch)
        model.step(images[index], labels[index])
        if (step + 1) % EVERY == 0:
            look = clock()
            right = (model.predict(test_images, 1000).argmax(1) == test_labels).float().mean().item()
            looking += clock() - look
            if right >= target:
                return step + 1, clock() - start - looking
    return steps, float("inf")
