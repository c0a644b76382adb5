"""The graph of a fully connected net, by its artists."""

import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from cnnlib import figures, fully_connected_parameters


@pytest.mark.parametrize("widths", [[3, 4, 4, 1], [1, 1], [2, 7, 3]])
def test_one_line_a_weight_and_one_circle_a_unit(widths):
    ax = figures.network(Figure().add_subplot(), widths)
    circles = [patch for patch in ax.patches if isinstance(patch, Circle)]
    centres = {circle.center for circle in circles}
    assert len(ax.lines) == fully_connected_parameters(widths, bias=False)
    assert len(centres) == len(circles) == sum(widths)
    ends = [tuple(zip(*line.get_data())) for line in ax.lines]
    assert len(set(ends)) == len(ends) and all(end in centres for pair in ends for end in pair)


def test_network_names_its_matrices_and_layers():
    ax = figures.network(Figure().add_subplot(), [3, 4, 1])
    texts = [text.get_text() for text in ax.texts]
    assert r"$\Theta^{(1)}$: 4×3" in texts and r"$\Theta^{(2)}$: 1×4" in texts
    assert r"$a^{(1)}$ $= x$" in texts and r"$a^{(3)}$ $= \hat{y}$" in texts
    inputs = [patch for patch in ax.patches if to_hex(patch.get_edgecolor()) == figures.PALETTE["light"]["input"]]
    assert len(inputs) == 3
