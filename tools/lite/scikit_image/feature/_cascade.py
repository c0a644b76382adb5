"""In place of what scikit-image compiles: a cascade of stages that looks for faces, all windows of a size at once.

Each stage adds up what its stumps say about a window, and lets it pass or not; few windows reach the later stages.
A stump compares the eight blocks round a ninth with it: that gives eight bits, and a table says what they mean.
"""

import math
import xml.etree.ElementTree as ElementTree

import numpy as np

from ..color import rgb2gray
from ..transform import integral_image

AROUND = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)]  # the blocks, the highest bit first


class Cascade:
    """The interface of ``skimage.feature.Cascade``."""

    def __init__(self, xml_file, eps=1e-5):
        tree = ElementTree.parse(xml_file)
        self.window_height, self.window_width = int(tree.find(".//height").text), int(tree.find(".//width").text)
        self.eps = eps
        boxes = [[int(number) for number in node.text.split()] for node in tree.iter("rect")]
        self._stages = [
            (np.float32(stage.find("stageThreshold").text) - np.float32(eps),
             [_stump(weak, boxes) for weak in stage.find("weakClassifiers")])
            for stage in tree.find(".//stages")
        ]

    def detect_multi_scale(self, img, scale_factor, step_ratio, min_size, max_size, min_neighbor_number=4,
                           intersection_score_threshold=0.5):
        """Return a dict for each box in which a face is found, as scikit-image does."""
        # A first row and column of zeros: the sum of a block is a difference of four corners, at the edge too.
        sums = np.pad(integral_image(rgb2gray(img) if img.ndim > 2 else img).astype(np.float32), ((1, 0), (1, 0)))
        found = []
        for scale in self._scales(float(np.float32(scale_factor)), min_size, max_size):
            height, width = int(self.window_height * scale), int(self.window_width * scale)
            last = img.shape[0] - height, img.shape[1] - width
            step = int(scale * np.float32(step_ratio) + np.float32(0.5))
            if min(last) >= 0:
                rows, cols = (axis.ravel() for axis in np.mgrid[0:last[0]:step, 0:last[1]:step])
                passed = self._passed(sums, rows, cols, scale)
                found += [(int(rows[i]), int(cols[i]), width, height) for i in passed]
        groups = _grouped(found, intersection_score_threshold)
        return [dict(zip(("r", "c", "width", "height"), _mean(group)))
                for group in groups if len(group) >= min_neighbor_number]

    def _scales(self, step, least, most):
        """How many times the trained window the searched ones are."""
        sides = self.window_height, self.window_width
        low = max(0, *(math.log(np.float32(size) / side, step) for size, side in zip(least, sides)))
        high = min(math.log(np.float32(size) / side, step) for size, side in zip(most, sides))
        return np.power(step, np.arange(low, high), dtype=np.float32)

    def _passed(self, sums, rows, cols, scale):
        """Indices of the windows that pass every stage."""
        left = np.arange(len(rows))
        for threshold, stumps in self._stages:
            points = np.zeros(len(left), np.float32)
            for box, table, values in stumps:
                col, row, width, height = (int(np.float32(number) * scale) for number in box)
                blocks = _blocks(sums, rows[left] + row, cols[left] + col, height, width)
                greater = ((blocks[place] >= blocks[1, 1]).astype(np.intp) for place in AROUND)
                code = sum(one << 7 - bit for bit, one in enumerate(greater))
                points += values[1 - (table[code >> 5] >> (code & 31) & 1)]
            left = left[points >= threshold]
        return left


def _stump(weak, boxes):
    """Its nine blocks' place, its table of 256 bits, and what it adds: where the bit is 1, and where it is 0."""
    _, _, box, *table = (int(number) for number in weak.find("internalNodes").text.split())
    values = np.array([float(number) for number in weak.find("leafValues").text.split()], np.float32)
    return boxes[box], np.array(table, np.int64) & 0xFFFFFFFF, values


def _blocks(sums, rows, cols, height, width):
    """Sums over 3×3 blocks whose first begins at each (row, col): shape (3, 3, windows)."""
    corners = np.stack([np.stack([sums[rows + i * height, cols + j * width] for j in range(4)]) for i in range(4)])
    return corners[1:, 1:] + corners[:-1, :-1] - corners[:-1, 1:] - corners[1:, :-1]  # in this order: float32 rounds


def _mean(group):
    return [sum(numbers) // len(group) for numbers in zip(*group)]


def _grouped(boxes, least):
    """Boxes by the mean box that each covers best, more than `least` of the smaller one."""
    groups = []
    for box in boxes:
        scores = [_covered(box, _mean(group)) for group in groups]
        best = max(range(len(groups)), key=scores.__getitem__, default=None)
        if best is not None and scores[best] > least:
            groups[best].append(box)
        else:
            groups.append([box])
    return groups


def _covered(one, other):
    rows = min(one[0] + one[3], other[0] + other[3]) - max(one[0], other[0])
    cols = min(one[1] + one[2], other[1] + other[2]) - max(one[1], other[1])
    return max(rows, 0) * max(cols, 0) / min(one[2] * one[3], other[2] * other[3])
