"""The folded answers to the exercises that close a lecture: what they say in numbers is computed here.

An entry of `ANSWERS` gives pieces of an answer's text, written with numbers that `cnnlib` has just computed.
Every piece stands in the answer, and every number of the answer in a piece or in the exercise itself.
"""

import re
from math import sqrt
from pathlib import Path

import nbformat
import numpy as np
import pytest
from skimage.filters import sobel

from cnnlib import CosineDecay, fully_convolutional, lecun1989, lenet5, load_lenet5, load_long_run, load_mnist, predict
from cnnlib.conv import conv2d, conv2d_backward, convolve1d, convolve2d, cross_correlate1d, cross_correlate2d
from cnnlib.functional import sigmoid
from cnnlib.gradcheck import numerical_gradient
from cnnlib.kernels import KERNELS
from cnnlib.layers import BatchNorm2d, Conv2d
from cnnlib.matrices import conv1d_index, conv2d_index, parameter_count, weight_index, weight_matrix
from cnnlib.pooling import avg_pool2d, max_pool2d, max_pool2d_backward
from cnnlib.search import LogUniform, Uniform
from cnnlib.shapes import ReceptiveField, conv2d_cost, linear_cost, output_shape2d, output_size
from cnnlib.widgets import DigitPad

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
# What another test computes.
ELSEWHERE = {("00", 4): "test_widget_digit_pad.py", ("08", 3): "test_lecture_08.py", ("08", 5): "test_lecture_08.py"}
NAMES = {("11", 4)}  # digits that are spoken of, and no results


def cells(name):
    (path,) = NOTEBOOKS.glob(f"{name}_*.ipynb")
    return nbformat.read(path, as_version=4).cells


def folded():
    """Every exercise with a folded answer: (lecture, number) → (question, answer)."""
    found = {}
    for name in [*(f"{k:02}" for k in range(13)), "appendix"]:
        for cell in cells(name):
            for part in re.split(r"(?m)^(?=\*\*\d+\.\*\*)", cell.source)[1:]:
                if "<details>" in part:
                    question, answer = part.split("<details>", 1)
                    number = int(re.match(r"\*\*(\d+)", question)[1])
                    answer = answer.partition("</summary>")[2].partition("</details>")[0]
                    found[name, number] = question.split("**", 2)[2], answer
    return found


FOLDED = folded()


def numbers(text):
    """The numbers of a text, without those in code, in names (θ₁, r_1) and in references (lecture 11)."""
    text = re.sub(r"`[^`]*`", " ", text.replace("{,}", ","))
    text = re.sub(r"\b([Ll]ecture|[Ss]ection|exercise) \d+|(Le)?Net-\d|_\{?\w+\}?|\\t?frac\d\d", " ", text)
    return {one.rstrip(",").replace(",", "") for one in re.findall(r"\d[\d,]*(?:\.\d+)?", text)}


def latex(number):
    return f"{number:,}".replace(",", "{,}")


def widths(*sizes):
    costs = [linear_cost(before, after) for before, after in zip(sizes, sizes[1:])]
    biases = sum(sizes[1:])
    return sum(cost.parameters for cost in costs) - biases, biases


def answer_00_1():
    maps = DigitPad(load_lenet5()).maps[0]  # of a 7
    strokes = [maps[:, rows].max(axis=(1, 2)).argmax() for rows in (slice(7, 11), slice(12, 20))]
    return ["Map {} along the horizontal stroke and map {} along the slanted one".format(*strokes)]


def answer_00_2():
    said = np.asarray(predict(load_lenet5(), np.zeros((1, 28, 28), np.uint8)))[0]
    shares = np.exp(said) / np.exp(said).sum()
    return [f"leans to a {shares.argmax()}, at {100 * shares.max():.0f} %", f"the {100 / len(shares):.0f} % of a blind"]


def answer_00_3():
    model = load_lenet5()
    weight, bias = model[1].weight, model[1].bias
    assert 0.002 < (weight.size + bias.size) / model.cost((28, 28)).parameters < 0.003
    return [f"6 × 5 × 5 = {weight.size} weights and {bias.size} biases: {weight.size + bias.size} numbers"]


def answer_01_1():
    z = np.array([2, -1]) @ [1, 3] + 0.5
    return [f"z = 2·1 − 1·3 + 0.5 = −{-z}", f"about {sigmoid(z):.2f}"]


def answer_01_2():
    weights, biases = widths(784, 300, 100, 10)
    by_layer = " + ".join(f"{a * b:,}" for a, b in ((784, 300), (300, 100), (100, 10)))
    assert (weights + biases) / load_lenet5().cost((28, 28)).parameters > 4
    return [f"784·300 + 300·100 + 100·10 = {by_layer} = {weights:,} weights",
            f"{biases} biases: {weights + biases:,} parameters"]


def answer_01_3():
    unit = linear_cost(200 * 200, 1, bias=False).parameters
    large = linear_cost(400 * 400, 1, bias=False).parameters
    bytes_ = np.dtype(np.float32).itemsize
    return [f"{unit:,} weights of {bytes_} bytes, {unit * bytes_ // 1000} kB",
            f"{8 * 10**9 // (unit * bytes_):,} units", f"so {8 * 10**9 // (large * bytes_):,}"]


def answer_01_5():
    rng = np.random.default_rng(0)
    rank = np.linalg.matrix_rank(rng.normal(size=(100, 2)) @ rng.normal(size=(2, 100)))
    return [f"rank {rank} at most", f"100·2 + 2·100 = {widths(100, 2, 100)[0]} weights",
            f"{widths(100, 100)[0]:,} of the full matrix"]


def answer_02_1():
    counts = [parameter_count(weight_index(100, 5, kind)) for kind in ("full", "local", "shared")]
    return [f"Fully connected {counts[0]:,}, local $5 \\cdot 100 - 6 = {counts[1]}$, shared {counts[2]}",
            f"With biases {counts[0] + 100:,}, {counts[1] + 100} and {counts[2] + 1} (one bias"]


def answer_02_2():
    assert np.array_equal(cross_correlate1d([5, 6, 7], [1, 0, 0], padding="same"), [0, 5, 6])
    return ["(1, 0, 0)", "so $a'_0 = 0$"]


def answer_02_3():
    for n in (3, 5, 8):
        matrix = sum(np.roll(np.eye(n), shift, axis=1) for shift in (-1, 0, 1))
        assert matrix.sum() == 3 * n and matrix[0, -1] == matrix[-1, 0] == 1
    return ["$3n$"]


def answer_03_1():
    plain, flipped = (operation([2, 0, 1, 3], [1, -1]) for operation in (cross_correlate1d, convolve1d))
    terms = ", ".join(f"${x} - {y} = {value}$" for x, y, value in zip([2, 0, 1], [0, 1, 3], plain))
    return [terms, "$" + ", ".join(map(str, flipped)) + "$"]


def answer_03_2():
    size = output_size(28, 5, stride=2, padding=2)
    begins, last = 2 * (size - 1), 2 * (size - 1) + 5 - 1
    return [f"/2 \\rfloor + 1 = {size - 1} + 1 = {size}$", f"begins at {begins} of the padded {28 + 4} and ends at {last}",
            f"(28 + 4 - {5 - 1} - 1)"]


def answer_03_3():
    for theta, sign in (([1, 0, 1], 1), ([1, 2, 1], 1), ([-1, 0, 1], -1)):
        x = np.arange(9) ** 2
        assert np.array_equal(cross_correlate1d(x, theta), sign * convolve1d(x, theta))
    return ["$(1, 0, 1)$", "$(1, 2, 1)$", "$(-1, 0, 1)$", "\\theta_1 = 0"]


def answer_03_4():
    assert not cross_correlate1d(3 + 7 * np.arange(9), [1, -2, 1]).any()
    return ["sum to 0", "\\theta_1 + 2\\theta_2$ must be 0", "$\\theta = (1, -2, 1)$"]


def answer_03_5():
    one = convolve1d([1, 1], [1, 2, 1], padding="full")
    return [f"$(1, 1) * (1, 2, 1) = ({', '.join(map(str, one))})$", f"$2 + 3 - {2 + 3 - len(one)}$"]


def answer_04_1():
    valid, same, full = (output_shape2d((28, 28), 5, padding=rule)[0] for rule in ("valid", "same", "full"))
    last = output_shape2d((28, 28), 5, padding=2, stride=2)[0]
    return [f"{valid}×{valid}, {same}×{same} and {full}×{full}",
            f"\\lfloor (28 + 4 - 4 - 1)/2 \\rfloor + 1 = {last}$, so {last}×{last}"]


def answer_04_2():
    ways = [(s, p, d) for d in (1, 2) for s in (1, 2, 3) for p in (0, 1, 2)
            if output_shape2d((5, 5), 3, stride=s, padding=p, dilation=d) == (2, 2)]
    return [", ".join(map(str, ways[:-1])) + f" and {ways[-1]}", "$5 + 2p - 2d$", "With stride 1"]


def answer_04_3():
    image, kernel = np.arange(20).reshape(4, 5), np.zeros((3, 3), int)
    kernel[1, 0] = 1
    moved = cross_correlate2d(image, kernel, padding="same")
    assert np.array_equal(moved[:, 1:], image[:, :-1]) and not moved[:, 0].any()
    return ["A single 1", "$K(1, 0) = 1$, all others 0"]


def answer_04_4():
    return [f"Nine steps instead of {conv2d_cost(1, 1, 3, (254, 254), bias=False).links:,}"]


def answer_04_5():
    rng = np.random.default_rng(0)
    image, u, v = rng.normal(size=(9, 8)), rng.normal(size=(3, 1)), rng.normal(size=(1, 4))
    assert np.allclose(cross_correlate2d(image, u * v), cross_correlate2d(cross_correlate2d(image, v), u))
    assert 20 < 41**2 / (41 + 41) < 21
    return [f"$41 + 41 = {41 + 41}$ multiplications instead of $41^2 = {latex(41**2)}$"]


def answer_05_1():
    kernel, image = np.array([[0, 0, 0], [0, 0, 1], [0, 0, 0]]), np.arange(20).reshape(4, 5)
    assert np.array_equal(cross_correlate2d(image, kernel, padding="same")[:, :-1], image[:, 1:])
    assert np.array_equal(convolve2d(image, kernel, padding="same")[:, 1:], image[:, :-1])
    return [f"The sum is {kernel.sum()}", "the 1 stands where"]


def answer_05_2():
    identity = np.zeros((3, 3))
    identity[1, 1] = 1
    kernel = 2 * identity - KERNELS["box blur"]
    assert np.allclose(identity - KERNELS["box blur"], KERNELS["edges, all round"] / 9)
    assert np.allclose(KERNELS["sharpen"], identity - KERNELS["edges, Laplacian"])
    return [f"2 − 1 = {kernel.sum():.0f}"]


def answer_05_3():
    stripes = np.tile([0.0, 100.0], (3, 4))
    box, gauss = (cross_correlate2d(stripes, KERNELS[name])[0] for name in ("box blur", "Gaussian blur"))
    assert np.allclose(gauss, 50)
    return [f"bright, dark, bright: {box[1]:.0f}", f"dark, bright, dark: {box[0]:.0f}",
            f"(100 + 0 + 100)/4 = {gauss[1]:.0f} on dark ones and 200/4 = {gauss[0]:.0f}", "columns 1, 2, 1"]


def answer_05_4():
    twice = convolve2d(KERNELS["box blur"], KERNELS["box blur"], padding="full") * 81
    line = ", ".join(f"{value:.0f}" for value in twice[0])
    assert np.allclose(twice, np.outer(twice[0], twice[0]))
    return [f"A {len(twice)} × {len(twice)} kernel: the column {line} times the row {line}, divided by 81"]


def answer_05_5():
    picture = np.random.default_rng(0).uniform(size=(9, 8))
    x, y = (cross_correlate2d(picture, KERNELS[name]) for name in ("Sobel x", "Sobel y"))
    assert np.allclose(sobel(picture)[1:-1, 1:-1], np.sqrt(x**2 + y**2) / (4 * sqrt(2)))
    return ["(255 − picture)", "sums to 0", "by 4 and the sum of squares by 2", "/ (4\\sqrt 2)$"]


def answer_06_1():
    cost, side = conv2d_cost(6, 16, 5, (10, 10)), output_size(14, 5)
    return [f"$(14+1-5)^2 \\times 16 = {side}\\times{side}\\times16$",
            f"$16\\cdot 25\\cdot 6 = {latex(cost.parameters - 16)}$ weights and ${latex(cost.parameters)}$"]


def answer_06_2():
    return [f"$16\\cdot(64+1) = {latex(conv2d_cost(64, 16, 1, (8, 8)).parameters)}$"]


def answer_06_3():
    first, second = (conv2d_cost(c, c, 2, (5, 5)).parameters for c in (6, 16))
    share = (first + second) / load_lenet5().cost((28, 28)).parameters
    assert 0.015 < share < 0.025
    return [f"$6\\cdot(4\\cdot 6+1) = {first}$", f"$16\\cdot(4\\cdot16+1) = {latex(second)}$",
            f"together {first + second:,} more"]


def answer_06_4():
    edge = KERNELS["Sobel x"].astype(float)
    bank = np.stack([edge, -edge, edge.T, -edge.T])[:, None]
    framed = np.pad(load_mnist().test.images[:200] / 255, ((0, 0), (5, 5), (5, 5)))[:, None]
    before, after = (np.maximum(conv2d(x, bank), 0) for x in (framed, np.roll(framed, 1, axis=-1)))
    changes = [100 * np.abs(pool(after, 2) - pool(before, 2)).mean() / pool(before, 2).mean()
               for pool in (avg_pool2d, max_pool2d)]
    return [f"is {changes[0]:.1f} %, against {changes[1]:.1f} % for the maximum"]


def answer_06_5():
    field = ReceptiveField()
    for _ in range(4):
        field = field.through(3)
    small, large = (conv2d_cost(64, 64, k, (1, 1), bias=False).parameters for k in (3, 9))
    return [f"$1 + 4\\cdot 2 = {field.size}$", f"$4\\cdot 64\\cdot 64\\cdot 9 = {latex(4 * small)}$",
            f"$64\\cdot 64\\cdot 81 = {latex(large)}$"]


def answer_07_1():
    x, kernel, grad = np.ones((1, 1, 4, 4)), np.ones((1, 1, 3, 3)), np.ones((1, 1, 2, 2))
    in_x, in_kernel = conv2d_backward(grad, x, kernel)[:2]
    assert (in_kernel == in_kernel[0, 0, 0, 0]).all()
    corner, side, middle = in_x[0, 0, 0, 0], in_x[0, 0, 0, 1], in_x[0, 0, 1, 1]
    assert np.array_equal(in_x[0, 0], np.outer([1, 2, 2, 1], [1, 2, 2, 1]))
    return ["four messages of 1", f"kernel is {in_kernel[0, 0, 0, 0]:.0f} everywhere",
            f"the corners {corner:.0f}, the other border pixels {side:.0f}, the four in the middle {middle:.0f}"]


def answer_07_2():
    grad = np.array([[1, -1, 2], [-1, 1, 2], [2, 1, -1]], float)
    in_bias = conv2d_backward(grad[None, None], np.ones((1, 1, 5, 5)), np.ones((1, 1, 3, 3)))[2]
    return ["times 1", f"$1 - 1 + 2 - 1 + 1 + 2 + 2 + 1 - 1 = {float(np.ravel(in_bias)[0]):.0f}$"]


def answer_07_3():
    ones = np.ones((1, 1, 2, 2))
    seen = conv2d_backward(ones, np.ones((1, 1, 5, 5)), np.ones((1, 1, 3, 3)), stride=2)[0][0, 0]
    assert seen[2, 2] == 4 and (seen == 1).sum() == 16 and (np.delete(seen[2], 2) == 2).all()
    return ["x_{2i+a,\\,2j+b}", "rows and columns 0 and 2, so they share row 2 and column 2"]


def answer_07_4():
    ones = np.array([[[[1.0, 1.0], [1.0, 0.0]]]])
    said = numerical_gradient(lambda x: 3 * float(max_pool2d(x, 2).sum()), ones)
    assert np.allclose(said[0, 0, 0], 1.5, atol=1e-6)
    assert max_pool2d_backward(np.full((1, 1, 1, 1), 3.0), ones, 2).max() == 3
    return ["nudged up, a 1 takes", "The slope is 1 to the right and 0 to the left", "$3 \\cdot \\tfrac12$"]


def answer_08_1():
    sizes, field = [1], ReceptiveField()
    for kernel, stride in ((5, 1), (2, 2), (5, 1), (2, 2)):
        field = field.through(kernel, stride=stride)
        sizes.append(field.size)
    return [" → ".join(map(str, sizes)), f"{field.size}×{field.size}. Each 5×5 convolution adds 4 times", "2×2 pooling"]


def answer_08_2():
    first, second = (layer.weight.size + layer.bias.size for layer in lenet5(0).layers if isinstance(layer, Conv2d))
    return [f"their {first} and {second:,} parameters"]


def answer_09_1():
    four = lecun1989(4, rng=0).cost((16, 16))
    one, last = conv2d_cost(1, 2, 3, (8, 8), bias=False).parameters + 2 * 8 * 8, linear_cost(16, 10).parameters
    shared, before = conv2d_cost(2, 1, 5, (4, 4), bias=False), conv2d_cost(2, 1, 5, (4, 4), shared=False)
    assert four.parameters == one + before.parameters + last and shared.links + 16 == before.links
    shared, before = shared.parameters + 16, before.parameters
    return [f"{four.links:,}: sharing", f"$2\\cdot 25 + 16 = {shared}$ weights where it had {before}",
            f"${one} + {shared} + {last} = {one + shared + last}$"]


def answer_09_2():
    layers = [conv2d_cost(1, 2, 3, (8, 8)).parameters, conv2d_cost(2, 4, 5, (4, 4)).parameters,
              linear_cost(64, 10).parameters]
    return [f"= {' + '.join(map(str, layers))} = {sum(layers)}$", "$2\\cdot(9+1) + 4\\cdot(50+1) + 10\\cdot(64+1)",
            f"The {2 * 8 * 8} and {4 * 4 * 4} private biases become 2 and 4"]


def answer_09_3():
    field = ReceptiveField().through(3, stride=2, padding=1).through(5, stride=2, padding=2)
    assert field.start == -5 and field.jump == 4
    return [f"{field.size}×{field.size} pixels, four apart: $3 + (5-1)\\cdot 2 = {field.size}$",
            f"$2\\cdot 2 = {field.jump}$"]


def answer_09_4():
    n = (1.96 * 4 / 1) ** 2
    return [f"$n = (1.96\\cdot 4)^2 = {n:.1f}$, so it takes {int(np.ceil(n))} seeds"]


def answer_10_1():
    field = ReceptiveField().through(5, padding=2).through(2, stride=2).through(5).through(2, stride=2)
    return [f"row −{-field.start} and the last ends before row $-2 + 4\\cdot 4 + 16 = {field.span(4)[1]}$",
            "of 0 to 27", "layer 6"]


def answer_10_2():
    largest = np.concatenate([predict(load_lenet5()[:5], part).max(axis=(2, 3))
                              for part in np.split(load_mnist().train.images, 12)])
    speaks = (largest > 0).sum(axis=0)
    dead = np.flatnonzero(speaks == 0)
    whisper = [k for k in (0, 5, 9, 10, 11, 14, 15) if speaks[k]]
    return [f"Filters {', '.join(map(str, dead[:-1]))} and {dead[-1]} are below zero",
            f"Filters {whisper[0]} and {whisper[1]} speak on {speaks[whisper[0]]} and {speaks[whisper[1]]} of the 60,000"]


def answer_10_4():
    digits = load_long_run("10")["digits"]
    ahead = [np.mean(kept) > np.mean(scratch)
             for kept, scratch in zip(digits["conv layers kept"], digits["from scratch"])]
    change = ahead.index(False)
    return [f"Between {digits['counts'][change - 1]} and {digits['counts'][change]} labels"]


def answer_11_1():
    space = next(cell.source for cell in cells("11") if "SPACE = {" in cell.source)
    names = {"LogUniform": LogUniform, "Uniform": Uniform, "SCHEDULES": range(4)}
    exec(space[space.index("SPACE"):space.index("}") + 1], names)  # noqa: S102  our own notebook
    choices = [len(values) for values in names["SPACE"].values() if isinstance(values, list)]
    minutes = round(np.prod(choices) / 2 / 60)
    return ["$" + r"\cdot".join(map(str, choices)) + f" = {latex(np.prod(choices))}$ recipes",
            f"{minutes // 60} hours and {minutes % 60} minutes"]


def answer_11_2():
    rates = [CosineDecay(0.05, warmup=0.2)(step, 100) for step in (0, 19, 20, 99)]
    assert abs(rates[3]) < 1e-12
    return ["{:.4f}, {:.2f}, {:.2f} and {:.0f}".format(*rates)]


def answer_11_3():
    values = BatchNorm2d(1).train().forward(np.array([1, 2, 6], np.float32).reshape(3, 1, 1, 1)).ravel()
    return [f"The mean is {np.mean([1, 2, 6]):.0f}", f"$(4 + 1 + 9)/3 = {np.var([1, 2, 6]):.2f}$",
            "${:.2f}$, ${:.2f}$ and ${:.2f}$".format(*values)]


def answer_11_5():
    return [f"$\\pm 2.365\\cdot 0.6/\\sqrt 8 = \\pm {2.365 * 0.6 / sqrt(8):.1f}$",
            f"$(1.96\\cdot 0.6/0.1)^2 \\approx {(1.96 * 0.6 / 0.1) ** 2:.0f}$"]


def answer_11_6():
    return [f"$\\sqrt{{95}} \\approx {sqrt(95):.0f}$", f"$\\sqrt{{95+80}} \\approx {sqrt(175):.0f}$"]


def answer_12_1():
    scores, windows = output_size(512, 25, stride=4), output_size(512, 25)
    assert round(windows**2 / scores**2) == 16
    return [f"/ 4 \\rfloor + 1 = {scores}$, so {scores}×{scores} = {scores**2:,} scores",
            f"$(512 - 25 + 1)^2 = {latex(windows**2)}$"]


def answer_12_2():
    video = 25 * 3600
    return [f"16,244 windows make {16244 / 10000:.1f} false alarms", f"{video:,} pictures, so about",
            f"{round(video * 16244 / 10000, -3):,.0f}"]


def answer_12_4():
    strip = np.concatenate(list(load_mnist().test.images[:5]), axis=1)
    wide = fully_convolutional(load_lenet5(), (28, 28))
    return [f"{wide(strip[None]).shape}: ten maps of 1×29", "a step of 4 pixels"]


def answer_appendix_1():
    index = conv2d_index((1, 4, 4), (1, 1, 3, 3))
    edges = (index >= 0).sum()
    return [f"$4 \\cdot 9 = {edges}$, a patch $4 \\cdot 4 = {index.shape[1]}$", f"4×16 with $4 \\cdot 9 = {edges}$ edges",
            f"{index.size - edges} of its {index.size} places", f"$64/36 = {index.size / edges:.2f}$"]


def answer_appendix_2():
    matrix = weight_matrix(conv1d_index(5, 3), [1, 0, 1])
    candidates = matrix @ [1, 1, 1, 0, 0]
    return [" \\\\ ".join("&".join(map(str, row)) for row in matrix),
            f"The candidates are {', '.join(map(str, candidates))}, the maximum is {candidates.max()}"]


def answer_appendix_3():
    rng = np.random.default_rng(0)
    rows, patch = rng.normal(size=(4, 36)), rng.normal(size=36)
    assert np.isclose((rows @ patch).mean(), rows.mean(axis=0) @ patch)
    return ["a single 6×6 filter with stride 2"]


def answer_appendix_4():
    windows, patches = (conv2d_index((1, side, side), (16, 1, 5, 5)).shape[0] for side in (5, 6))
    first = [conv2d_index((1, side, side), (6, 1, 5, 5)).shape[0] for side in (5, 6)]
    return [f"Windows: {windows}", f"Patches: {patches}", f"had {first[0]} and {first[1]}"]


def answer_appendix_5():
    return ["$N = 1$", f"runs of {output_size(32, 5)} neighbours"]


ANSWERS = {(name, int(number)): function for key, function in globals().copy().items() if key.startswith("answer_")
           for _, name, number in [key.split("_")]}


@pytest.mark.parametrize("place", ANSWERS, ids=str)
def test_what_an_answer_says_is_computed(place):
    question, answer = FOLDED[place]
    text, pieces = " ".join(answer.split()), ANSWERS[place]()
    for piece in pieces:
        assert piece in text, text
    left = numbers(answer) - numbers(question) - set().union(*map(numbers, pieces))
    assert not left, text


def test_no_answer_with_a_number_is_left_out():
    assert ANSWERS.keys() | ELSEWHERE.keys() <= FOLDED.keys() and not ANSWERS.keys() & ELSEWHERE.keys()
    bare = {place for place, (question, answer) in FOLDED.items() if numbers(answer) - numbers(question)}
    assert bare <= ANSWERS.keys() | ELSEWHERE.keys() | NAMES
    assert all((Path(__file__).parent / test).exists() for test in ELSEWHERE.values())


def test_a_wrong_number_is_seen(monkeypatch):
    question, answer = FOLDED["03", 2]
    for wrong in (answer.replace("14", "15"), answer + " And 7 more."):
        monkeypatch.setitem(FOLDED, ("03", 2), (question, wrong))
        with pytest.raises(AssertionError):
            test_what_an_answer_says_is_computed(("03", 2))
