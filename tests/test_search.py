"""Random search: what is drawn, what is returned, and that it does not matter who does the work."""

import inspect
import os
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from joblib import parallel_config

from cnnlib import Sequential, evaluate, fit
from cnnlib.layers import Flatten, Linear, Normalize
from cnnlib.optim import SGD
from cnnlib.search import LogUniform, Trial, Uniform, draw_setting, random_search
from strategies import seeds

SPACE = {"rate": LogUniform(0.001, 0.1), "slope": Uniform(-1.0, 0.5), "maps": (4, 8), "schedule": ["constant", "cosine"]}


def sum_of_numbers(setting, rng):
    return setting["rate"] + setting["slope"] + setting["maps"] + rng.normal()


def trained(setting, rng):
    """The error of a small network: real work, with BLAS in it."""
    images = rng.integers(0, 256, (64, 4, 4), dtype=np.uint8)
    labels = (images[:, 0].mean(axis=1) > 128).astype(int)
    model = Sequential(Normalize(128, 74), Flatten(), Linear(16, 2, rng=rng))
    fit(model, images, labels, optimizer=SGD(model, setting["rate"]), rng=rng, epochs=3, progress=False, threads=1)
    return evaluate(model, images, labels, threads=1).loss


def worker(setting, rng):
    return os.getpid()


# What is drawn -----------------------------------------------------------------------------------


@given(seeds)
def test_every_knob_is_drawn_from_its_own_range(seed):
    setting = draw_setting(SPACE, np.random.default_rng(seed))
    assert setting.keys() == SPACE.keys()
    assert 0.001 <= setting["rate"] <= 0.1 and -1 <= setting["slope"] <= 0.5
    assert setting["maps"] in (4, 8) and setting["schedule"] in ("constant", "cosine")


def test_all_of_a_range_is_reached():
    rng = np.random.default_rng(0)
    drawn = [draw_setting(SPACE, rng) for _ in range(2000)]
    assert {(s["maps"], s["schedule"]) for s in drawn} == {(m, s) for m in (4, 8) for s in ("constant", "cosine")}
    # in eight equal parts of the range there are equally many: straight for one, in powers for the other
    for values, low, high in (([s["slope"] for s in drawn], -1, 0.5), (np.log10([s["rate"] for s in drawn]), -3, -1)):
        counts, _ = np.histogram(values, bins=8, range=(low, high))
        assert counts.sum() == 2000 and np.abs(counts - 250).max() < 75


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: Uniform(1, 0), ValueError, r"high must be a finite number in \[1, inf\), got 0"),
        (lambda: LogUniform(0, 1), ValueError, r"low must be a finite number in \(0, inf\), got 0"),
        (lambda: LogUniform(0.1, 0.01), ValueError, r"high must be a finite number in \[0.1, inf\), got 0.01"),
        (lambda: Uniform("a", 1), TypeError, "low must be a finite number .*, got 'a'"),
        (lambda: search(space={"maps": 4}), TypeError, r"space\['maps'\] must be a Uniform, a LogUniform, a list or a tuple, got 4"),
        (lambda: search(space={"maps": ()}), ValueError, r"space\['maps'\] must have a value to choose, got \(\)"),
        (lambda: search(trials=0), ValueError, "trials must be an integer of at least 1, got 0"),
        (lambda: search(seed=-1), ValueError, "seed must be an integer of at least 0, got -1"),
        (lambda: search(seed=None), TypeError, "seed must be an integer of at least 0, got None"),
        (lambda: search(None), TypeError, "objective must be a function, or something else that can be called, got None"),
        (lambda: search(lambda setting, rng: None), TypeError, "objective must return a number, got None for {'maps': "),
        (lambda: search(lambda setting, rng: "1"), TypeError, "objective must return a number, got '1' for"),
        (lambda: search(lambda setting, rng: np.ones(1)), TypeError, r"objective must return a number, got array\(\[1\.\]\)"),
        (lambda: search(n_jobs=0), ValueError, "n_jobs must be above 0, or below it to count from all cores, got 0"),
        (lambda: search(n_jobs="all"), TypeError, "n_jobs must be an integer, got 'all'"),
        (lambda: draw_setting(SPACE, None), TypeError, "rng must be a numpy.random.Generator or an integer seed, got None"),
        *((lambda value=value: search(lambda setting, rng: value), TypeError, "objective must return a number, got")
          for value in (np.ma.masked, np.ma.array(1.0), [1.0], [[1], [1, 2]], 1j)),
        (lambda: search(lambda setting, rng: np.nan), ValueError, "objective must return a number, got nan for {'maps': "),
    ],
)
@pytest.mark.filterwarnings("error")
def test_refuses(call, error, message):
    with pytest.raises(error, match=message):
        call()


def search(objective=lambda setting, rng: 0.0, **change):
    return random_search(objective, **{"space": {"maps": (4, 8)}, "trials": 2, "seed": 0, "n_jobs": 1, **change})


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", [Uniform, LogUniform])
def test_a_bound_of_a_few_bits_is_a_number(kind):
    assert kind(np.float16(1.5), 1e300) == kind(1.5, 1e300) and kind(np.int8(1), 1000) == kind(1, 1000)


# What is returned --------------------------------------------------------------------------------


def test_the_best_comes_first_and_failures_last():
    def objective(setting, rng):
        return np.inf if setting["maps"] == 8 else setting["slope"]

    trials = random_search(objective, SPACE, 20, seed=1, n_jobs=1)
    assert sorted(t.number for t in trials) == list(range(20))
    assert [(t.score, t.number) for t in trials] == sorted((t.score, t.number) for t in trials)
    assert trials[0].score == trials[0].setting["slope"] == min(t.setting["slope"] for t in trials if t.setting["maps"] == 4)
    assert trials[-1].score == np.inf and trials[-1].setting["maps"] == 8
    with pytest.raises(FrozenInstanceError):
        trials[0].score = 0.0


def test_no_more_processes_start_than_there_are_trials(monkeypatch):
    asked = []
    monkeypatch.setattr("joblib.Parallel", lambda n_jobs: asked.append(n_jobs) or (lambda tasks: [f(*a) for f, a, _ in tasks]))
    for n_jobs in (10**5, 2, 1, -1, -2):
        search(n_jobs=n_jobs)
    assert asked == [2, 2, 1, -1, -2]


def test_more_trials_begin_with_the_same_ones():
    def by_number(trials):
        return sorted(trials, key=lambda t: t.number)

    few, many = (by_number(random_search(sum_of_numbers, SPACE, n, seed=5, n_jobs=1)) for n in (4, 9))
    assert many[:4] == few and len({t.score for t in many}) == 9
    assert random_search(sum_of_numbers, SPACE, 4, seed=6, n_jobs=1) != few
    assert repr(Trial(0, {"maps": 4}, 0.5)) == "Trial(number=0, setting={'maps': 4}, score=0.5)"


# Who does the work -------------------------------------------------------------------------------


def test_results_do_not_depend_on_the_number_of_workers():
    alone, together = (random_search(trained, SPACE, 5, seed=2, n_jobs=jobs) for jobs in (1, 2))
    assert alone == together


def test_it_runs_in_other_processes_where_there_are_two_cores():
    assert os.getpid() not in {t.score for t in random_search(worker, SPACE, 4, seed=0, n_jobs=2)}
    assert {t.score for t in random_search(worker, SPACE, 4, seed=0, n_jobs=1)} == {os.getpid()}


def test_one_line_moves_it_to_a_dask_cluster_of_two_processes():
    from dask.distributed import Client, LocalCluster

    alone = random_search(trained, SPACE, 5, seed=2, n_jobs=1)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        workers = set(client.run(os.getpid).values())
        assert len(workers) == 2 and os.getpid() not in workers
        with parallel_config("dask"):
            assert random_search(trained, SPACE, 5, seed=2) == alone
            assert {t.score for t in random_search(worker, SPACE, 12, seed=0)} <= workers


def test_distributions_are_constants_and_a_search_takes_all_cores():
    with pytest.raises(FrozenInstanceError):
        Uniform(0, 1).low = 2
    assert inspect.signature(random_search).parameters["n_jobs"].default == -1


def test_an_objective_may_change_its_setting():
    def objective(setting, rng):
        setting["widths"].append(0)
        return float(sum(setting.pop("widths")))

    space = {"widths": ([1, 2], [3])}
    tried = random_search(objective, space, 6, seed=0, n_jobs=1)
    assert space == {"widths": ([1, 2], [3])}
    assert {str(trial.setting) for trial in tried} == {"{'widths': [1, 2]}", "{'widths': [3]}"}
    for trial in tried:
        trial.setting["widths"].append(7)
    assert space == {"widths": ([1, 2], [3])} and {len(trial.setting["widths"]) for trial in tried} == {2, 3}


def test_what_is_drawn_stays_within_the_bounds():
    rng = np.random.default_rng(0)
    for number in np.random.default_rng(1).uniform(1e-9, 1e3, 500).tolist():
        assert LogUniform(number, number).draw(rng) == number
    drawn = [Uniform(-1.7e308, 1.7e308).draw(rng) for _ in range(200)]
    assert np.isfinite(drawn).all() and min(drawn) < -1e308 and max(drawn) > 1e308
