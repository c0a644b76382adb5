"""`conv2d` and pooling, forward and backward, and how their cost grows."""

import functools
import statistics
from dataclasses import dataclass

import numpy as np

from benchmarks.machines import KINDS, on_each
from benchmarks.report import NOT_MEASURED
from benchmarks.timing import CLOCKS, in_turn, middle, milliseconds, quiet, ratio, repeated, spread, threads, torch
from cnnlib import (
    SGD,
    avg_pool2d,
    avg_pool2d_backward,
    conv2d,
    conv2d_backward,
    cross_correlate2d,
    lenet5,
    max_pool2d,
    max_pool2d_backward,
    softmax_cross_entropy,
)
from cnnlib._columns import from_batch_last, to_batch_last


@dataclass(frozen=True)
class Shape:
    """One convolution: images of side × side, square filters."""

    name: str
    batch: int
    in_channels: int
    out_channels: int
    side: int
    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def options(self):
        return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}

    def arrays(self):
        """Return input, weight, bias and the output's gradient: float32, C order."""
        rng = np.random.default_rng(0)
        draw = functools.partial(rng.standard_normal, dtype=np.float32)
        x = draw((self.batch, self.in_channels, self.side, self.side))
        weight = draw((self.out_channels, self.in_channels, self.kernel, self.kernel))
        bias = draw(self.out_channels)
        return x, weight, bias, draw(conv2d(x, weight, bias, **self.options).shape)


SHAPES = (
    Shape("LeNet's first, 1→6, 5×5 on 28×28, batch 64", 64, 1, 6, 28, 5, padding=2),
    Shape("LeNet's second, 6→16, 5×5 on 14×14, batch 64", 64, 6, 16, 14, 5),
    Shape("3→16, 5×5 on 64×64, batch 32", 32, 3, 16, 64, 5),
    Shape("16→32, 3×3 on 32×32, batch 32", 32, 16, 32, 32, 3, padding=1),
    Shape("32→64, 3×3, stride 2 on 32×32, batch 32", 32, 32, 64, 32, 3, stride=2, padding=1),
    Shape("16→32, 3×3, dilation 2 on 32×32, batch 32", 32, 16, 32, 32, 3, padding=2, dilation=2),
    Shape("1→8, 5×5 on 512×512, one image", 1, 1, 8, 512, 5),
)


# Contestants: forward, then the gradients of input, weight and bias -------------------------------


def ours(shape):
    x, weight, bias, grad = shape.arrays()
    return lambda: (conv2d(x, weight, bias, **shape.options), *conv2d_backward(grad, x, weight, **shape.options))


def ours_batch_last(shape):
    """Input and gradient lie in memory as one layer hands them to the next."""
    x, weight, bias, grad = shape.arrays()
    x, grad = from_batch_last(to_batch_last(x)), from_batch_last(to_batch_last(grad))
    return lambda: (conv2d(x, weight, bias, **shape.options), *conv2d_backward(grad, x, weight, **shape.options))


def pytorch(shape):
    x, weight, bias, grad = map(torch.from_numpy, shape.arrays())
    leaves = [array.requires_grad_() for array in (x, weight, bias)]

    def run():
        y = torch.nn.functional.conv2d(*leaves, **shape.options)
        return y, *torch.autograd.grad(y, leaves, grad)

    return run


def plain(shape):
    """The im2col that most courses teach: batch first, columns kept from forward to backward."""
    x, weight, bias, grad = shape.arrays()
    n, channels, side, _ = x.shape
    filters, _, kernel, _ = weight.shape
    size, p = grad.shape[2], shape.padding
    starts = [k * shape.dilation for k in range(kernel)]
    reach = shape.stride * (size - 1) + 1
    rows = [slice(start, start + reach, shape.stride) for start in starts]

    def run():
        padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        columns = np.empty((n, channels, kernel, kernel, size, size), x.dtype)
        for a in range(kernel):
            for b in range(kernel):
                columns[:, :, a, b] = padded[:, :, rows[a], rows[b]]
        columns = columns.reshape(n, channels * kernel * kernel, size * size)
        matrix = weight.reshape(filters, -1)
        y = (matrix @ columns + bias[:, None]).reshape(grad.shape)

        flat = grad.reshape(n, filters, -1)
        grad_weight = (flat @ columns.transpose(0, 2, 1)).sum(axis=0).reshape(weight.shape)
        grad_columns = (matrix.T @ flat).reshape(n, channels, kernel, kernel, size, size)
        grad_padded = np.zeros_like(padded)
        for a in range(kernel):
            for b in range(kernel):
                grad_padded[:, :, rows[a], rows[b]] += grad_columns[:, :, a, b]
        return y, grad_padded[:, :, p : p + side, p : p + side], grad_weight, flat.sum(axis=(0, 2))

    return run


def contestants(shape):
    found = {"ours": ours(shape), "batch-last": ours_batch_last(shape), "plain NumPy": plain(shape)}
    return found | ({} if torch is None else {"PyTorch": pytorch(shape)})


# Benchmarks --------------------------------------------------------------------------------------


LIMITS = {  # of the table's geometric mean, by side, threads and kind of machine
    ("PyTorch", 1): {"natural": 0.8, "laptop": 0.8}, ("PyTorch", 2): {"natural": 0.8, "laptop": 0.75},
    ("plain NumPy", 1): {"natural": 0.45, "laptop": 0.45}, ("plain NumPy", 2): {"natural": 0.45, "laptop": 0.45},
}
WORST = {1: 1.5, 2: 2.5}  # of a single row of the table


def conv(report):
    """conv2d forward + backward over a table of shapes, beside PyTorch and a plain im2col"""
    report.say("Input and gradient in C order (N, C, H, W); *batch-last*: as one layer hands them to the next. With PyTorch's"
               " time stands what glibc did with free memory when it was faster.\n")
    for workers in (1, 2):
        shapes = SHAPES[:2] if report.quick else SHAPES
        can = workers == 1 or quiet(0 if report.quick else 90)
        found = on_each(conv_times, workers=workers, quick=report.quick) if can else {}
        header, rows = [f"threads {workers}"], [[shape.name] for shape in shapes]
        for kind in KINDS:
            header += [f"{kind}: ours", "PyTorch", "ours / PyTorch", "batch-last / PyTorch", "ours / plain"]
            for row, shape in zip(rows, shapes):
                row += conv_row(*found[kind][shape.name]) if found else [NOT_MEASURED] * 5
            conv_goals(report, kind, workers, [times for times, _ in found[kind].values()] if found else [])
        report.say()
        report.table(header, rows)
    single_image(report)


def conv_times(workers, quick):
    """Return ``{shape: {side: seconds of rounds}}``."""
    found = {}
    for shape in SHAPES[:2] if quick else SHAPES:
        with threads(workers):
            runs = {name: repeated(run, CLOCKS[workers]) for name, run in contestants(shape).items()}
            found[shape.name] = in_turn(runs, 2 if quick else 11)
    return found


def conv_row(times, memory):
    """Return the cells of one shape on one kind of machine."""
    plain = f"{middle(times, 'ours', 'plain NumPy'):.2f}"
    if "PyTorch" not in times:
        return [milliseconds(times["ours"]), "n/a", "", "", plain]
    return [milliseconds(times["ours"]), f"{milliseconds(times['PyTorch'])}, {memory}",
            *(f"{middle(times, side, 'PyTorch'):.2f}" for side in ("ours", "batch-last")), plain]


def conv_goals(report, kind, workers, table):
    """Hold the table's mean and its worst row against their goals."""
    plural = f"{workers} thread{'s' * (workers > 1)} each, {kind}"
    for name in ("PyTorch", "plain NumPy"):
        ratios = [middle(times, "ours", name) for times in table if name in times]
        report.goal(f"`conv2d` forward + backward over the table, geometric mean, {plural}, ours / {name}",
                    LIMITS[name, workers][kind], statistics.geometric_mean(ratios) if ratios else None,
                    between=f"{min(ratios):.2f}–{max(ratios):.2f}" if ratios else "")
        if name == "PyTorch":
            report.goal(f"`conv2d`, the worst row of the table, {plural}, ours / PyTorch", WORST[workers],
                        max(ratios, default=None))


def single_image(report):
    """One kernel over one image, beside SciPy."""
    try:
        from scipy import signal
    except ImportError:
        report.say("SciPy is not installed, so one image and one kernel have no comparison.\n")
        return
    rng, rows = np.random.default_rng(0), []
    image = rng.standard_normal((256 if report.quick else 512,) * 2, dtype=np.float32)
    for size in (3, 5, 15):
        kernel = rng.standard_normal((size, size), dtype=np.float32)
        runs = {
            "windows": lambda: cross_correlate2d(image, kernel),
            "matmul": lambda: cross_correlate2d(image, kernel, method="matmul"),
            "correlate2d": lambda: signal.correlate2d(image, kernel, "valid"),
            "fftconvolve": lambda: signal.fftconvolve(image, kernel[::-1, ::-1], "valid"),
        }
        with threads(1):
            times = in_turn({name: repeated(run) for name, run in runs.items()}, report.rounds(7))
        rows.append([f"{size}×{size} on {len(image)}×{len(image)}", *map(milliseconds, times.values())])
    report.table(["`cross_correlate2d`, 1 thread", "ours, windows", "ours, matmul", "SciPy correlate2d", "SciPy fftconvolve"], rows)


def pooling(report):
    """max and average pooling, forward + backward, one thread"""
    rng, rows = np.random.default_rng(0), []
    for name, shape, size, stride in (
        ("2×2 of 64×6×28×28", (64, 6, 28, 28), 2, 2),
        ("2×2 of 64×16×10×10", (64, 16, 10, 10), 2, 2),
        ("3×3, stride 2 of 32×16×33×33", (32, 16, 33, 33), 3, 2),
    ):
        x = rng.standard_normal(shape, dtype=np.float32)
        for kind, forward, backward in (("max", max_pool2d, max_pool2d_backward), ("average", avg_pool2d, avg_pool2d_backward)):
            grad = np.ones_like(forward(x, size, stride))
            runs = {"ours": lambda: (forward(x, size, stride), backward(grad, x, size, stride))}
            if torch is not None:
                pool = {"max": torch.nn.functional.max_pool2d, "average": torch.nn.functional.avg_pool2d}[kind]
                leaf, given = torch.from_numpy(x).requires_grad_(), torch.from_numpy(grad)
                runs["PyTorch"] = lambda: torch.autograd.grad(pool(leaf, size, stride), leaf, given)
            with threads(1):
                times = in_turn({side: repeated(run, CLOCKS[1]) for side, run in runs.items()}, report.rounds(7))
            both = len(times) == 2
            rows.append([
                f"{kind} {name}", milliseconds(times["ours"]), milliseconds(times["PyTorch"]) if both else "n/a",
                f"{ratio(times, 'ours', 'PyTorch'):.2f}" if both else "", spread(times, "ours", "PyTorch") if both else "",
            ])
    report.table(["", "ours", "PyTorch", "ratio", "of single rounds"], rows)


def growth(report):
    """time for the same work as images, kernels and batches grow sixteenfold"""
    conv_step = {
        "image area": [(side * side, ours(Shape("", 16, 3, 16, side, 5, padding=2))) for side in (32, 64, 128)],
        "kernel area": [(k * k, ours(Shape("", 16, 3, 16, 64, k, padding="same"))) for k in (3, 6, 12)],
        "batch": [(n, ours(Shape("", n, 3, 16, 32, 5, padding=2))) for n in (16, 64, 256)],
    }
    lenet = {"batch of a LeNet training step": [(n, training_step(n)) for n in (16, 64, 256)]}
    rows = []
    for what, series in (conv_step | lenet).items():
        with threads(1):
            runs = {work: repeated(run, CLOCKS[1]) for work, run in series}
            times = in_turn(runs, report.rounds(9))
        each = {work: statistics.median(values) / work for work, values in times.items()}
        (first, *others) = each.values()
        worst = max((abs(one / first - 1) for one in others), default=0)
        rows.append([f"{what} {', '.join(map(str, each))}", *(milliseconds(values) for values in times.values()),
                     *(f"{one / first:.2f}" for one in others)])
        if what in ("image area", "batch"):
            report.goal(f"cost of `conv2d` against {what}, away from linear over 16×", 15, 100 * worst, " %")
    report.say()
    report.table(["3→16, 5×5, batch 16, 64×64 but for what grows", "time at 1×", "at 4×", "at 16×", "per work, 4× / 1×", "16× / 1×"], rows)


def training_step(batch):
    model, rng = lenet5(rng=0), np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (batch, 28, 28), dtype=np.uint8), rng.integers(0, 10, batch)
    optimizer = SGD(model, 1e-4, momentum=0.9)

    def run():
        _, grad = softmax_cross_entropy(model.forward(images), labels)
        model.backward(grad, need_input_grad=False)
        optimizer.step()

    return run
