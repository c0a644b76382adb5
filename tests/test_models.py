"""Sequential, LeNet, and weights on disk."""

import os
import stat
import sys
import zipfile

import numpy as np
import pytest

from cnnlib import (
    SGD, BatchNorm2d, Conv2d, Cost, Dropout, Flatten, Linear, LocallyConnected2d, MaxPool2d, Normalize, ReLU, Sequential, Tanh,
    UnitBias, check_layer, evaluate, fit, fully_convolutional, lecun1989, lenet5, load_lenet5, load_mnist, load_weights,
    predict, save_weights,
)


def small_model(seed=0, dtype=np.float32):
    rng = np.random.default_rng(seed)
    model = Sequential(
        Normalize(seed + 1, 2, dtype=dtype), Conv2d(1, 2, 3, rng=rng, dtype=dtype), BatchNorm2d(2, dtype=dtype), ReLU(),
        MaxPool2d(2), Flatten(), Linear(8, 3, rng=rng, dtype=dtype),
    )
    model(rng.normal(size=(4, 6, 6)))  # running averages of its own
    return model


def state(model):
    return {name: np.array(value) for name, value in {**model.parameters(), **model.buffers()}.items()}


def assert_state(model, expected):
    got = state(model)
    assert got.keys() == expected.keys()
    for name in expected:
        np.testing.assert_array_equal(got[name], expected[name], err_msg=name)


# LeNet-5 -----------------------------------------------------------------------------------------


def test_lenet_has_the_parameters_that_a_hand_counts():
    convolutions = 6 * (25 + 1) + 16 * (6 * 25 + 1)
    connected = 120 * (400 + 1) + 84 * (120 + 1) + 10 * (84 + 1)
    assert convolutions + connected == 61_706
    model = lenet5(rng=0)
    assert model.cost((28, 28)).parameters == sum(p.size for p in model.parameters().values()) == 61_706


def test_lenet_takes_raw_digits_and_gives_logits():
    model, images = lenet5(rng=0), np.zeros((3, 28, 28), np.uint8)
    assert model(images).shape == (3, 10) and model(images).dtype == np.float32
    assert model.output_shape((28, 28)) == (10,)
    assert [a.shape[1:] for a in model.activations(images)] == [
        (1, 28, 28), (6, 28, 28), (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 10, 10), (16, 5, 5), (400,), (120,), (120,),
        (84,), (84,), (10,),
    ]
    assert lenet5(rng=0, dtype=np.float64)(images).dtype == np.float64


def test_the_shipped_lenet_is_as_good_as_it_is_said_to_be():
    model, test = load_lenet5(), load_mnist().test
    assert not model.training and model.cost((28, 28)).parameters == 61_706
    assert evaluate(model, test.images, test.labels).accuracy == pytest.approx(0.9912, abs=5e-4)


def test_the_shipped_lenet_is_checked_before_it_is_read(tmp_path):
    with pytest.raises(FileNotFoundError, match="^lenet5_mnist.npz must be in "):
        load_lenet5(tmp_path)
    save_weights(lenet5(rng=0), tmp_path / "lenet5_mnist.npz")
    with pytest.raises(ValueError, match="^lenet5_mnist.npz must have SHA-256 "):
        load_lenet5(tmp_path)


def test_lenet_repeats_for_a_seed():
    first, again, other = lenet5(rng=3), lenet5(rng=np.random.default_rng(3)), lenet5(rng=4)
    assert_state(again, state(first))
    assert (other[1].weight != first[1].weight).any()


def test_lenet_normalises_by_the_statistics_of_the_training_images():
    images = load_mnist().train.images
    counts = sum(np.bincount(part.ravel(), minlength=256) for part in np.split(images, 60))
    values = np.arange(256)
    mean = values @ counts / images.size
    std = np.sqrt((values - mean) ** 2 @ counts / images.size)
    assert lenet5(rng=0)[0].mean == pytest.approx(mean, rel=1e-6) and lenet5(rng=0)[0].std == pytest.approx(std, rel=1e-6)


# The five networks of 1989 ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "net, links, weights",
    [(1, 2570, 2570), (2, 3214, 3214), (3, 1226, 1226), (4, 2266, 1132), (5, 5194, 1060)],
)
def test_a_net_of_1989_has_the_links_and_weights_of_the_paper(net, links, weights):
    model = lecun1989(net, rng=0)
    assert model.cost((16, 16)) == Cost(parameters=weights, links=links)
    assert sum(p.size for p in model.parameters().values()) == weights
    outputs = model(np.zeros((3, 16, 16), np.uint8))
    assert outputs.shape == (3, 10) and outputs.dtype == np.float32


def test_the_nets_of_1989_have_the_layers_that_a_hand_counts():
    shared_first = 2 * 9 + 2 * 64  # two filters, a bias for each unit
    assert [layer.cost(shape).parameters for layer, shape in costly_layers(lecun1989(5, rng=0))] == [
        18, 128, 4 * 2 * 25, 4 * 16, 10 * 65,
    ] and shared_first == 146
    assert [layer.cost(shape).parameters for layer, shape in costly_layers(lecun1989(4, rng=0))] == [18, 128, 16 * 51, 170]
    assert [layer.cost(shape).parameters for layer, shape in costly_layers(lecun1989(3, rng=0))] == [64 * 10, 16 * 26, 170]


def costly_layers(model, shape=(16, 16)):
    for layer in model.layers:
        if layer.parameters():
            yield layer, shape
        shape = layer.output_shape(shape)


def test_in_net_5_a_unit_sees_15_pixels():
    """3 + 4·2 pixels a side, and neighbours four pixels apart: poison shows who sees what."""
    model = lecun1989(5, rng=0, dtype=np.float64)
    poisoned = np.zeros((256, 16, 16))
    poisoned[np.arange(256), np.arange(256) // 16, np.arange(256) % 16] = np.nan
    maps = model[: len(model) - 3].activations(poisoned)[-1]
    assert maps.shape == (256, 4, 4, 4)
    seen = np.isnan(maps[:, 0, 2, 1]).reshape(16, 16)
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    assert rows.tolist() == list(range(3, 14)) and columns.tolist() == list(range(0, 10)) and seen.sum() == 110


@pytest.mark.parametrize("net", range(1, 6))
def test_gradients_of_a_net_of_1989(net):
    rng = np.random.default_rng(net)
    model = lecun1989(net, rng, dtype=np.float64)
    for parameter in model.parameters().values():
        parameter += rng.normal(scale=0.1, size=parameter.shape)
    check_layer(model, rng.uniform(0, 255, (2, 16, 16)), rng, tolerance=1e-5)


def test_nets_of_1989_repeat_for_a_seed_and_begin_small():
    first, again, other = (lecun1989(4, rng=seed) for seed in (1, 1, 2))
    assert_state(again, state(first))
    assert (other[1].weight != first[1].weight).any()
    for layer, fan_in in ((first[1], 9), (first[4], 50), (first[7], 16)):
        assert isinstance(layer, (Conv2d, LocallyConnected2d, Linear))
        assert 0.7 * 2.4 / fan_in < np.abs(layer.weight).max() <= 2.4 / fan_in
    assert isinstance(first[2], UnitBias) and isinstance(first[-1], Tanh) and not first[2].bias.any()


@pytest.mark.parametrize(
    "net, error, message",
    [
        (0, ValueError, "net must be an integer of at least 1, got 0"),
        (6, ValueError, "net must be an integer from 1 to 5, got 6"),
        ("5", TypeError, "net must be an integer of at least 1, got '5'"),
    ],
)
def test_no_other_net_of_1989(net, error, message):
    with pytest.raises(error, match=message):
        lecun1989(net, rng=0)


# Sequential --------------------------------------------------------------------------------------


def test_parameters_are_the_layers_own_arrays():
    model = small_model()
    assert model.parameters()["1.weight"] is model[1].weight and model.buffers()["2.running_var"] is model[2].running_var
    assert list(model.parameters()) == ["1.weight", "1.bias", "2.weight", "2.bias", "6.weight", "6.bias"]
    assert set(model.buffers()) == {"0.mean", "0.std", "2.running_mean", "2.running_var"}
    assert len(model) == 7


def test_slices_share_parameters():
    model = small_model().eval()
    head, tail = model[:4], model[4:]
    x = np.random.default_rng(0).normal(size=(2, 6, 6))
    np.testing.assert_allclose(tail(head(x)), model(x), rtol=1e-5)
    assert head.parameters()["1.weight"] is model[1].weight
    head[1].weight[...] = 0
    assert not model[1].weight.any()
    assert isinstance(model[-1], Linear) and isinstance(model[-1:], Sequential)


@pytest.mark.parametrize("training", [True, False])
def test_a_slice_has_the_mode_of_its_layers(training):
    """Or predicting with a part of a finished model would put its batch norm back into training."""
    model = small_model().train(training)
    predict(model[:4], np.ones((2, 6, 6)))
    assert [layer.training for layer in model.layers] == [training] * 7


def test_a_slice_of_a_plain_model_is_plain():
    plain = Sequential(Conv2d(1, 1, 3, rng=0), ReLU(), MaxPool2d(2), Flatten(), fused=False)
    assert plain[:3]._steps == plain.layers[:3]
    assert len(Sequential(*plain.layers)[:3]._steps) == 1


def test_modes_reach_all_layers_also_nested_ones():
    inner = Sequential(Dropout(0.5, rng=0))
    model = Sequential(inner, ReLU())
    model.eval()
    assert not inner[0].training and not inner.training
    model.train()
    assert inner[0].training


def test_backward_stops_before_the_first_layer_with_parameters():
    class Untouchable(ReLU):
        def backward(self, grad_output, *, need_input_grad=True):
            raise AssertionError("nobody needs this gradient")

    model = Sequential(Flatten(), Untouchable(), Linear(4, 2, rng=0))
    model(np.ones((1, 2, 2), np.float32))
    model.backward(np.ones((1, 2), np.float32), need_input_grad=False)
    assert model.gradients()["2.weight"].shape == (2, 4)
    with pytest.raises(AssertionError, match="nobody needs"):
        model.backward(np.ones((1, 2), np.float32))


def test_an_empty_model_is_the_identity():
    x = np.ones((2, 3))
    assert Sequential()(x) is x and Sequential().backward(x) is x and Sequential().cost((3,)) == Cost(0, 0)


def test_summary_adds_up():
    model = lenet5(rng=0)
    lines = model.summary((28, 28)).splitlines()
    assert lines[0].split() == ["layer", "output", "parameters", "links"]
    assert len(lines) == len(model) + 2 and len({len(line) for line in lines}) == 1
    assert "Conv2d(6, 16, 5)" in lines[5] and lines[5].split()[-3:] == ["16×10×10", "2,416", "241,600"]
    assert lines[-1].split() == ["total", "61,706", "423,038"]
    assert model.cost((28, 28)) == Cost(61_706, 423_038)


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: Sequential(ReLU(), 3), TypeError, r"layers\[1\] must be a Layer, got 3"),
        (lambda: Sequential([ReLU()]), TypeError, r"layers\[0\] must be a Layer, got \[ReLU\(\)\]"),
        (lambda: Sequential(ReLU), TypeError, r"layers\[0\] must be a Layer, got <class"),
        (lambda: lenet5(rng=None), TypeError, r"rng must be a numpy.random.Generator or an integer seed, got None"),
        (lambda: lenet5(rng=0).output_shape((3, 28, 28)), ValueError, r"input_shape must have 1 channels for Conv2d\(1, 6, 5, padding=2\), got 3"),
        (lambda: lenet5(rng=0).output_shape((32, 32)), ValueError, r"input_shape must be \(400,\) for Linear\(400, 120\), got \(576,\)"),
        (lambda: lenet5(rng=0)(np.zeros((1, 32, 32), np.uint8)), ValueError, r"x must have 400 features, got shape \(1, 576\)"),
        (lambda: lenet5(rng=0).backward(np.ones((1, 10))), RuntimeError, "call forward before backward"),
        (lambda: lenet5(rng=0).gradients(), RuntimeError, "has no gradient of weight yet: call backward first"),
    ],
)
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


# Sliding a net -----------------------------------------------------------------------------------


def slider(rng, side=13):
    """A net for patches of 13×13 (or up to 16×16: the rest is never seen) with a stride of 4 and two linear layers."""
    model = Sequential(
        Normalize(0.5, 2, dtype=np.float64), Conv2d(1, 3, 2, rng=rng, dtype=np.float64), ReLU(), MaxPool2d(2),
        Conv2d(3, 4, 3, rng=rng, dtype=np.float64), BatchNorm2d(4, dtype=np.float64), MaxPool2d(2), Flatten(),
        Linear(16, 5, rng=rng, dtype=np.float64), ReLU(), Linear(5, 2, bias=False, rng=rng, dtype=np.float64),
    )
    model(rng.normal(size=(6, side, side)))  # running averages of its own
    return model.eval()


@pytest.mark.parametrize("side", [13, 14, 16])
def test_sliding_is_the_patch_net_on_each_window(side):
    rng = np.random.default_rng(side)
    model, picture = slider(rng, side), rng.normal(size=(2, 27, 34))
    maps = fully_convolutional(model, (side, side))(picture)
    rows, cols = ((n - 13) // 4 + 1 for n in picture.shape[1:])
    assert maps.shape == (2, 2, rows, cols)
    for i in range((27 - side) // 4 + 1):
        for j in range((34 - side) // 4 + 1):
            window = picture[:, 4 * i : 4 * i + side, 4 * j : 4 * j + side]
            np.testing.assert_allclose(maps[:, :, i, j], model(window), atol=1e-12)


def test_sliding_on_one_patch_is_the_patch_net():
    rng = np.random.default_rng(0)
    for model, patch in ((slider(rng), rng.normal(size=(3, 13, 13))), (lenet5(rng), rng.integers(0, 256, (3, 28, 28)))):
        sliding = fully_convolutional(model, patch.shape[1:])
        np.testing.assert_allclose(sliding(patch)[:, :, 0, 0], model(patch), rtol=1e-4, atol=1e-5)
        assert sliding.cost(patch.shape[1:]) == model.cost(patch.shape[1:])


def test_sliding_shares_the_weights_and_the_mode():
    model = slider(np.random.default_rng(0))
    before = state(model)
    sliding = fully_convolutional(model, (13, 13))
    assert_state(model, before)
    assert not sliding.training and not sliding[5].training
    assert [np.shares_memory(a, b) for a, b in zip(sliding.parameters().values(), model.parameters().values(), strict=True)] == [True] * 9
    sliding[7].weight[...] = 0
    assert not model[8].weight.any()


@pytest.mark.parametrize("model, shape, error, message", [
    (ReLU(), (1, 4, 4), TypeError, r"model must be a Sequential, got ReLU\(\)"),
    (slider(np.random.default_rng(0)), (12, 12), ValueError, r"input_shape must be \(16,\) for Linear\(16, 5\), got \(4,\)"),
    (Sequential(Linear(4, 2, rng=0)), (4,), ValueError, r"model must flatten its maps before Linear\(4, 2\)"),
    (Sequential(LocallyConnected2d(1, 1, 4, 2, rng=0)), (1, 4, 4), ValueError,
     r"model must be made of layers that can slide, got LocallyConnected2d"),
    (Sequential(UnitBias((1, 4, 4))), (1, 4, 4), ValueError, r"model must be made of layers that can slide, got UnitBias"),
])
def test_what_cannot_slide(model, shape, error, message):
    with pytest.raises(error, match=message):
        fully_convolutional(model, shape)


# Weights on disk ---------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_save_and_load_round_trip(tmp_path, dtype):
    model, other = small_model(0, dtype), small_model(1, dtype)
    save_weights(model, tmp_path / "model.npz")
    identities = {name: id(value) for name, value in other.parameters().items()}
    assert load_weights(other, str(tmp_path / "model.npz")) is other
    assert_state(other, state(model))
    assert {name: id(value) for name, value in other.parameters().items()} == identities  # filled in place
    assert os.listdir(tmp_path) == ["model.npz"]
    x = np.random.default_rng(0).normal(size=(2, 6, 6))
    np.testing.assert_array_equal(predict(other, x), predict(model, x))


def test_load_keeps_the_models_dtype(tmp_path):
    save_weights(small_model(0, np.float64), tmp_path / "model.npz")
    model = load_weights(small_model(1, np.float32), tmp_path / "model.npz")
    assert {value.dtype for value in state(model).values()} == {np.dtype(np.float32)}


def test_weights_can_be_loaded_while_an_optimizer_holds_them(tmp_path):
    model = small_model()
    save_weights(model, tmp_path / "model.npz")
    expected = state(model)
    sgd = SGD(model, 0.1)
    images, labels = np.random.default_rng(0).normal(size=(6, 6, 6)), np.array([0, 1, 2, 0, 1, 2])
    fit(model, images, labels, optimizer=sgd, rng=0, progress=False)
    load_weights(model, tmp_path / "model.npz")
    assert_state(model, expected)


def test_the_file_holds_arrays_only(tmp_path):
    save_weights(small_model(), tmp_path / "model.npz")
    with zipfile.ZipFile(tmp_path / "model.npz") as archive:
        for name in archive.namelist():
            assert name.endswith(".npy") and b"'descr': '<f4'" in archive.read(name)[:100]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_has_the_permissions_of_any_new_file(tmp_path):
    save_weights(small_model(), tmp_path / "model.npz")
    (tmp_path / "other").touch()
    mode = [stat.S_IMODE(os.stat(tmp_path / name).st_mode) for name in ("model.npz", "other")]
    assert mode[0] == mode[1]


@pytest.mark.parametrize("failing", ["savez", "fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=["error", "interrupt"])
def test_a_failed_save_leaves_the_old_weights_and_nothing_else(tmp_path, monkeypatch, failing, error):
    path = tmp_path / "model.npz"
    save_weights(small_model(0), path)
    before = path.read_bytes()

    def fail(*arguments, **_):
        if failing == "savez":
            arguments[0].write(b"half of it")
        raise error

    monkeypatch.setattr(*{"savez": (np, "savez_compressed"), "fsync": (os, "fsync"), "replace": (os, "replace")}[failing], fail)
    with pytest.raises(type(error)):
        save_weights(small_model(1), path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["model.npz"]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_not_saved(tmp_path, bad):
    model = small_model()
    model[6].weight[1, 2] = bad
    with pytest.raises(ValueError, match="model must have finite weights to be saved, got NaN or infinity in 6.weight"):
        save_weights(model, tmp_path / "model.npz")
    assert os.listdir(tmp_path) == []


def rewritten(path, change):
    with np.load(path) as file:
        arrays = dict(file)
    change(arrays)
    np.savez(path, **arrays)


DAMAGE = {
    "truncated": (lambda p: p.write_bytes(p.read_bytes()[:-200]), "must be a whole .npz file of weights, got model.npz"),
    "empty": (lambda p: p.write_bytes(b""), "must be a whole .npz file of weights, got model.npz"),
    "not a zip": (lambda p: p.write_bytes(b"hello " * 100), "must be a whole .npz file of weights, got model.npz"),
    "altered": (
        lambda p: p.write_bytes(p.read_bytes()[:150] + bytes([p.read_bytes()[150] ^ 255]) + p.read_bytes()[151:]),
        "must be a whole .npz file of weights, got model.npz",
    ),
    "an array": (lambda p: np.save(open(p, "wb"), np.ones(3)), "must be a whole .npz file of weights, got model.npz"),
    "pickled": (
        lambda p: rewritten(p, lambda a: a.update({"6.bias": np.array([{}], object)})), "must be a whole .npz file .*pickle",
    ),
    "name missing": (lambda p: rewritten(p, lambda a: a.pop("6.bias")), "must hold the weights of this model, .* differs in 6.bias"),
    "name too many": (
        lambda p: rewritten(p, lambda a: a.update({"9.weight": np.ones(1)})), "must hold the weights of this model, .* differs in 9.weight",
    ),
    "wrong shape": (
        lambda p: rewritten(p, lambda a: a.update({"6.weight": np.ones((8, 3))})),
        r"must hold floating-point weights of shape \(3, 8\) for 6.weight, got float64 of shape \(8, 3\)",
    ),
    "integers": (
        lambda p: rewritten(p, lambda a: a.update({"6.bias": np.ones(3, int)})),
        r"must hold floating-point weights of shape \(3,\) for 6.bias, got int64",
    ),
    "NaN": (
        lambda p: rewritten(p, lambda a: a.update({"6.bias": np.array([0, np.nan, 0])})),
        r"must hold finite float32 weights for 6.bias, got \[ 0. nan  0.\]",
    ),
    "too large for float32": (
        lambda p: rewritten(p, lambda a: a.update({"6.bias": np.array([0, 1e300, 0])})),
        r"must hold finite float32 weights for 6.bias, got .*1\.e\+300",
    ),
    "text": (
        lambda p: rewritten(p, lambda a: a.update({"6.bias": np.array(["a", "b", "c"])})),
        r"must hold floating-point weights of shape \(3,\) for 6.bias, got <U1",
    ),
}


@pytest.mark.parametrize("damage, message", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_changes_nothing(tmp_path, damage, message):
    path, model = tmp_path / "model.npz", small_model(1)
    save_weights(small_model(0), path)
    damage(path)
    before = state(model)
    with pytest.raises(ValueError, match=f"path {message}"):
        load_weights(model, path)
    assert_state(model, before)


def test_missing_files_and_other_suffixes(tmp_path):
    with pytest.raises(FileNotFoundError, match="model.npz"):
        load_weights(small_model(), tmp_path / "model.npz")
    for function in (save_weights, load_weights):
        with pytest.raises(ValueError, match=r"path must end in .npz, got '.*model.pt'"):
            function(small_model(), tmp_path / "model.pt")
    assert os.listdir(tmp_path) == []
