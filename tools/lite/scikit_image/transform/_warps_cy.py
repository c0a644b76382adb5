"""In place of what scikit-image compiles: `warp` of a picture by a matrix, computed by SciPy."""

import numpy as np
from scipy import ndimage

MODES = {"constant": "grid-constant", "edge": "nearest", "symmetric": "reflect", "reflect": "mirror",
         "wrap": "grid-wrap"}


def _warp(image, H, output_shape=None, order=1, mode="constant", cval=0):
    if order > 1:
        raise NotImplementedError(f"without scikit-image's compiled parts, warp has order 0 and 1, got {order}")
    rows, cols = np.indices(image.shape if output_shape is None else output_shape)
    x, y, scale = np.tensordot(H, np.stack([cols, rows, np.ones_like(rows)]).astype(float), axes=1)
    return ndimage.map_coordinates(image, [y / scale, x / scale], order=order, mode=MODES[mode], cval=cval)


_warp_fast = {"float32_t": _warp, "float64_t": _warp}  # asked for by the type of the picture
