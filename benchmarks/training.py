"""LeNet-5 on MNIST: an epoch, the evaluation of the test set, the way to 98 %."""

import statistics
import time

import numpy as np

from benchmarks.timing import in_turn, milliseconds, ratio, seconds, spread, threads, torch
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


def epoch(report):
    """one epoch of LeNet-5, batch 32, 64 and 128, one and two threads"""
    train = load_mnist().train
    count = 6_400 if report.quick else len(train)
    images, labels = train.images[:count], train.labels[:count]
    rows = []
    for workers in (1, 2):
        for batch_size in (32, 64, 128):
            times = epoch_times(images, labels, batch_size, workers, report.rounds(3))
            what = f"one LeNet epoch, batch {batch_size}, {workers} thread{'s' * (workers > 1)} each, ours / PyTorch"
            both = len(times) == 2
            rows.append([
                f"batch {batch_size}, threads {workers}",
                *(f"{statistics.median(times[side]):.2f} s" if side in times else "n/a" for side in ("ours", "PyTorch")),
                *((f"{ratio(times, 'ours', 'PyTorch'):.2f}", spread(times, "ours", "PyTorch")) if both else ("", "")),
            ])
            report.goal(what, {1: 0.60, 2: 0.75}[workers], ratio(times, "ours", "PyTorch") if both else None,
                        between=rows[-1][-1])
    report.say()
    report.table([f"{count:,} images", "ours", "PyTorch", "ratio", "of single rounds"], rows)
    if torch is None:
        report.say(MISSING)


def epoch_times(images, labels, batch_size, workers, rounds):
    model = lenet5(rng=0)
    optimizer, rng = SGD(model, 0.01, momentum=MOMENTUM), np.random.default_rng(0)
    options = {"optimizer": optimizer, "rng": rng, "batch_size": batch_size, "progress": False}
    contestants = {"ours": lambda: seconds(lambda: fit(model, images, labels, **options))}
    if torch is not None:
        theirs, pictures, classes = TorchLeNet(lenet5(rng=0)), torch.tensor(images), torch.tensor(labels, dtype=torch.long)
        contestants["PyTorch"] = lambda: seconds(lambda: theirs.epoch(pictures, classes, batch_size))
    with threads(workers):
        return in_turn(contestants, rounds)


def evaluation(report):
    """the outputs of LeNet-5 for 10,000 images, one and two threads"""
    test, model, rows = load_mnist().test, lenet5(rng=0), []
    for workers in (1, 2):
        contestants = {"ours": lambda: seconds(lambda: predict(model, test.images))}
        if torch is not None:
            theirs, (images, _) = TorchLeNet(model), tensors(test)
            for size in (250, 1000):
                contestants[f"PyTorch, batch {size}"] = lambda size=size: seconds(lambda: theirs.predict(images, size))
        with threads(workers):
            times = in_turn(contestants, report.rounds(7))
        best = min(times.keys() - {"ours"}, key=lambda name: statistics.median(times[name]), default=None)
        both = best is not None
        report.goal(f"evaluation of 10,000 images, {workers} thread{'s' * (workers > 1)} each, ours / PyTorch at its better batch",
                    0.35, ratio(times, "ours", best) if both else None, between=spread(times, "ours", best) if both else "")
        for name, values in times.items():
            compared = (f"{ratio(times, 'ours', name):.2f}", spread(times, "ours", name)) if both and name != "ours" else ("", "")
            rows.append([f"{name}, threads {workers}", f"{statistics.median(values):.3f} s", *compared])
    report.say()
    report.table(["10,000 images", "time", "ours / this", "of single rounds"], rows)
    if torch is None:
        report.say(MISSING)


def accuracy(report):
    """from fit to 98 % of the test images: same net, weights, batches and schedule for both"""
    report.say(f"Batch 64, SGD with momentum {MOMENTUM}, {SCHEDULE}, {EVERY} steps between looks at the 10,000 test images,"
               " whose time is not counted.\n")
    mnist, rows = load_mnist(), []
    target = 0.8 if report.quick else TARGET
    for workers in (1, 2):
        contestants = {"ours": lambda seed: our_way(mnist, seed, target)}
        if torch is not None:
            contestants["PyTorch"] = lambda seed: their_way(mnist, seed, target)
        times, each = ({name: [] for name in contestants} for _ in range(2))
        with threads(workers):
            for seed in range(1 if report.quick else 3):  # another seed: other weights, other batches
                for name, run in list(contestants.items())[:: (-1) ** seed]:
                    steps, taken = run(seed)
                    times[name].append(taken)
                    each[name].append(taken / steps)
                    rows.append([f"{name}, threads {workers}, seed {seed}", f"{steps:,}", f"{taken:.2f} s", milliseconds([each[name][-1]])])
        plural = "s" * (workers > 1)
        report.goal(f"from `fit` to 98 %, {workers} thread{plural}", 5,
                    statistics.median(times["ours"]), " s")
        report.goal(f"from `fit` to 98 %, {workers} thread{plural} each, ours / PyTorch", 0.7,
                    ratio(times, "ours", "PyTorch") if len(times) == 2 else None,
                    between=spread(times, "ours", "PyTorch") if len(times) == 2 else "")
        if len(times) == 2:
            report.say(f"- the same for one step: {ratio(each, 'ours', 'PyTorch'):.3g}")
    report.say("\nFrom equal weights and batches both go the same way for a hundred steps; then rounding leads them apart, and"
               " who needs a look less is chance.\n")
    report.table([f"to {target:.0%}", "steps", "time", "time a step"], rows)
    if torch is None:
        report.say(MISSING)


def our_way(mnist, seed, target):
    """Train until the test accuracy is reached; return steps and seconds."""
    model, looking = lenet5(rng=seed), 0.0

    def look(history):
        nonlocal looking
        if history.steps % EVERY:
            return
        start = time.perf_counter()
        reached = evaluate(model, mnist.test.images, mnist.test.labels).accuracy >= target
        looking += time.perf_counter() - start
        if reached:
            raise KeyboardInterrupt

    start = time.perf_counter()
    history = fit(model, mnist.train.images, mnist.train.labels, optimizer=SGD(model, 0.01, momentum=MOMENTUM), rng=seed,
                  schedule=SCHEDULE, callback=look, progress=False)
    taken = time.perf_counter() - start - looking
    return history.steps, taken if history.interrupted else float("inf")


def their_way(mnist, seed, target):
    """The same, in PyTorch, over the very same batches."""
    model, looking, rng = TorchLeNet(lenet5(rng=seed)), 0.0, np.random.default_rng(seed)
    (images, labels), (test_images, test_labels) = tensors(mnist.train), tensors(mnist.test)
    steps = -(-len(images) // 64)
    start = time.perf_counter()
    for step, batch in enumerate(batches(len(images), 64, rng)):
        model.optimizer.param_groups[0]["lr"] = SCHEDULE(step, steps)
        index = torch.from_numpy(batch)
        model.step(images[index], labels[index])
        if (step + 1) % EVERY == 0:
            look = time.perf_counter()
            right = (model.predict(test_images, 1000).argmax(1) == test_labels).float().mean().item()
            looking += time.perf_counter() - look
            if right >= target:
                return step + 1, time.perf_counter() - start - looking
    return steps, float("inf")
