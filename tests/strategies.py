"""What several test modules share: drawn geometries, and oracles that are written out plainly."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

seeds = st.integers(0, 2**32 - 1)


@dataclass(frozen=True)
class Geometry:
    """A window that fits: one number an axis in each field but `padding`, which may be a rule."""

    size: tuple
    kernel: tuple
    stride: tuple
    padding: object
    dilation: tuple

    @property
    def options(self):
        """Stride, padding and dilation, as the functions take them; bare numbers in 1-D."""
        if len(self.size) > 1:
            return {"stride": self.stride, "padding": self.padding, "dilation": self.dilation}
        padding = self.padding if isinstance(self.padding, str) else self.padding[0]
        return {"stride": self.stride[0], "padding": padding, "dilation": self.dilation[0]}

    @property
    def zeros(self):
        """Zeros before and after each axis, from the definition of the rules."""
        return [zeros(self.padding, axis, m, d) for axis, (m, d) in enumerate(zip(self.kernel, self.dilation))]

    @property
    def output(self):
        """How many places the window takes along each axis, counted one by one."""
        return tuple(
            len([start for start in range(0, before + n + after, s) if start + d * (m - 1) < before + n + after])
            for (before, after), n, m, s, d in zip(self.zeros, self.size, self.kernel, self.stride, self.dilation)
        )


def zeros(padding, axis, kernel_size, dilation):
    """Zeros before and after: an even kernel under "same" has its odd one after."""
    reach = dilation * (kernel_size - 1)
    rules = {"valid": (0, 0), "same": (reach // 2, (reach + 1) // 2), "full": (reach, reach)}
    return rules[padding] if isinstance(padding, str) else (padding[axis],) * 2


@st.composite
def geometries(draw, axes=2, *, kernel=4, stride=3, padding=3, dilation=3, rules=("valid", "same", "full"), room=5):
    """Draw a `Geometry` whose kernel fits: other kernels, strides … on each axis, up to the given ones."""

    def numbers(low, high):
        return draw(st.tuples(*[st.integers(low, high)] * axes))

    pad = draw(st.sampled_from(rules)) if rules and draw(st.booleans()) else numbers(0, padding)
    m, d = numbers(1, kernel), numbers(1, dilation)
    s = (1,) * axes if pad == "same" else numbers(1, stride)
    least = [d[a] * (m[a] - 1) + 1 - sum(zeros(pad, a, m[a], d[a])) for a in range(axes)]
    size = tuple(max(1, n) + extra for n, extra in zip(least, numbers(0, room)))
    return Geometry(size, m, s, pad, d)


def window(padded, position, geometry):
    """Return what the window at an output position covers, of the last axes of a padded array."""
    return padded[
        (..., *(
            slice(i * s, i * s + d * (m - 1) + 1, d)
            for i, s, d, m in zip(position, geometry.stride, geometry.dilation, geometry.kernel)
        ))
    ]


def pad_last(x, geometry, value=0):
    """Return `x` with the geometry's padding around its last axes."""
    pads = geometry.zeros
    return np.pad(x, [(0, 0)] * (x.ndim - len(pads)) + pads, constant_values=value)


def dilate(kernel, dilation):
    """Return the kernel with its holes written out as zeros."""
    holes = np.zeros([d * (m - 1) + 1 for d, m in zip(dilation, kernel.shape)], kernel.dtype)
    holes[tuple(slice(None, None, d) for d in dilation)] = kernel
    return holes


def conv_by_loops(x, weight, bias, geometry):
    """The layer's formula, one output at a time; 1-D or 2-D."""
    padded = pad_last(x, geometry)
    y = np.zeros((len(x), len(weight), *geometry.output), np.result_type(x, weight))
    for n, o, *position in np.ndindex(y.shape):
        y[(n, o, *position)] = (window(padded[n], position, geometry) * weight[o]).sum()
        if bias is not None:
            y[(n, o, *position)] += bias[o]
    return y


def layouts(x):
    """Return the same numbers as other memory: Fortran order, a strided view, batch last."""
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    wide[..., ::2] = x
    backwards = x[..., ::-1].copy()
    last = np.ascontiguousarray(np.moveaxis(x, 0, -1))
    return [np.asfortranarray(x), wide[..., ::2], backwards[..., ::-1], np.moveaxis(last, -1, 0)]


def read_only(*arrays):
    """Return copies that cannot be written to: who changes its input fails at once."""
    copies = [array.copy() for array in arrays]
    for copy in copies:
        copy.flags.writeable = False
    return copies
