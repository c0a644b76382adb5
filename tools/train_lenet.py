"""Train the LeNet-5 that is shipped in ``data/``, and say how good it is.

``python tools/train_lenet.py`` takes about a minute. The same seed gives the same network to
rounding; the last digits of the weights, and with them the file's SHA-256, are the machine's own.
"""
import hashlib

import numpy as np

from cnnlib import SGD, CosineDecay, evaluate, fit, lenet5, load_mnist, save_weights
from cnnlib.datasets import DATA

SEED, EPOCHS = 1998, 10
PATH = DATA / "lenet5_mnist.npz"


def main():
    rng = np.random.default_rng(SEED)
    mnist = load_mnist()
    model = lenet5(rng)
    fit(
        model, mnist.train.images, mnist.train.labels,
        optimizer=SGD(model, 0.05, momentum=0.9, weight_decay=1e-4),
        schedule=CosineDecay(0.05), epochs=EPOCHS, batch_size=64, rng=rng,
    )
    save_weights(model, PATH)
    accuracy = evaluate(model, mnist.test.images, mnist.test.labels).accuracy
    print(f"accuracy on the {len(mnist.test):,} test images: {accuracy:.2%}")
    print(hashlib.sha256(PATH.read_bytes()).hexdigest(), PATH.name)


if __name__ == "__main__":
    main()
