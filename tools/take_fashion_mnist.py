"""Take the part of Fashion-MNIST that lies in ``data/``, and say what its checksums are.

``python tools/take_fashion_mnist.py FOLDER`` needs the four original files in FOLDER; Debian's
package ``dataset-fashion-mnist`` puts them into ``/usr/share/datasets/fashion-mnist``. Of each
class it takes the first images, in the order of the file, and writes them with ``gzip -9n``: the
same bytes each time.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np

from cnnlib.datasets import DATA, parse_idx

PER_CLASS = {"train": 400, "t10k": 200}


def first_of_each_class(labels, count):
    """Return the indices of the first `count` examples of each class, in the order of the file."""
    return np.sort(np.concatenate([np.flatnonzero(labels == label)[:count] for label in np.unique(labels)]))


def as_idx(array):
    """Return an array of bytes in IDX format, as `cnnlib.datasets.parse_idx` reads it."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return header + array.tobytes()


def main(folder):
    for part, count in PER_CLASS.items():
        names = [f"{part}-images-idx3-ubyte.gz", f"{part}-labels-idx1-ubyte.gz"]
        images, labels = (parse_idx((Path(folder) / name).read_bytes(), name) for name in names)
        chosen = first_of_each_class(labels, count)
        for name, array in zip(names, (images[chosen], labels[chosen])):
            packed = subprocess.run(["gzip", "-9n"], input=as_idx(array), capture_output=True, check=True).stdout
            (DATA / f"fashion-{name}").write_bytes(packed)
            print(f"{hashlib.sha256(packed).hexdigest()}  fashion-{name}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
