"""A training that goes on in the background, to be watched, paused and changed while it runs."""

import contextlib
import math
import signal
import threading

from cnnlib._main_thread import in_main_loop, is_main_thread, know_loop, on_main_thread, running_loop
from cnnlib._validate import check_callable, check_number
from cnnlib.parallel import HAS_THREADS, one_blas_thread
from cnnlib.train import Run, before_change

ENDED = "done", "stopped", "failed"  # states


class Training:
    """`cnnlib.train.fit` in a thread of its own: the notebook stays free while the model learns.

    Only one goes on at a time: to start one ends the one before, so that a cell can be run again. It
    ends too when `fit`, or the checkpoint of a new one, is about to change the same weights.

    Parameters
    ----------
    model, images, labels, **options
        As for `fit`; not ``callback`` (see `listeners`) and not ``progress``.

    Attributes
    ----------
    history : History
        Filled while the training goes on.
    steps : int
        Steps that the whole training takes.
    state : {"ready", "running", "paused", "done", "stopped", "failed"}
        "stopped" is by the user; "failed" is by an error, which `wait` raises.
    schedule : callable
        As for `fit`; without one, the optimizer's rate at any step.
    rate_factor : float
        Above 0; multiplies the learning rate from the next step on. A schedule keeps its shape:
        what your hand changes lies on top of it.
    listeners : list of callable
        Each is called with the training, from its thread, after each step and each change of
        state, while the model rests. A listener that raises ends the training.
    model : Layer
        In evaluation mode meanwhile, and free to be called: its replicas are what is trained.
    images, labels : ndarray
    loss : callable

    Raises
    ------
    TypeError, ValueError
        As `fit`, before anything is started.

    Examples
    --------
    >>> import numpy as np
    >>> from cnnlib import SGD, Linear
    >>> model, x = Linear(2, 2, rng=0), np.eye(2, dtype=np.float32)
    >>> training = Training(model, x, np.array([0, 1]), optimizer=SGD(model, 0.5), rng=0, epochs=20)
    >>> training.step()
    >>> training
    Training(paused, 1 of 20 steps)
    >>> training.wait()
    The training was paused after 1 of 20 steps: it goes on.
    History(20 steps, 20 epochs)

    In a notebook, ``await training`` does the same and lets the buttons of a monitor work meanwhile.

    Notes
    -----
    Meanwhile BLAS computes on one core, in the whole process. Only the main thread can give it back the others:
    a notebook's does so at the end, a script's as soon as it asks for `state`, `ended` or `history`, or waits.

    A browser's Python has no threads. There the steps are turns of the notebook's event loop: all of
    the above holds, but `start` raises RuntimeError where no loop runs, and while `wait` takes the
    steps itself no button is heard (``await training`` hears them).
    """

    _latest = None  # the training that was started last
    _starting = threading.Lock()
    _hearing, _handler_before = None, None  # interrupts: whom they end, and who was asked before
    _deferred, _missed = 0, False  # whether they wait, and whether one does

    def __new__(cls, *_, **__):
        return super().__new__(cls if HAS_THREADS or cls is not Training else _TrainingInTurns)

    def __init__(self, model, images, labels, **options):
        self._run, self._options = Run(model, images, labels, **options), options
        self.model, self.images, self.labels, self.loss = model, images, labels, self._run.loss
        self.schedule = self._run.schedule or (lambda step, steps: self._run.optimizer.learning_rate)
        self.steps, self.listeners, self.error = self._run.steps, [], None
        know_loop()
        self._training = self._run.training()
        self._state, self._begun, self._rests = "ready", False, False
        self._wanted, self._pressed = 0, False
        self._change, self._limit = threading.Condition(), contextlib.ExitStack()
        self._thread = threading.Thread(target=self._work, name="cnnlib training", daemon=True)

    @property
    def rate_factor(self):
        return self._run.rate_factor

    @rate_factor.setter
    def rate_factor(self, value):
        self._run.rate_factor = check_number("rate_factor", value, 0, open_low=True)

    @property
    def state(self):
        state = self._state  # first: whoever hears of the end, and never asks again, has BLAS back
        self._let_go_if_over()
        return state

    @property
    def history(self):
        self._let_go_if_over()
        return self._run.history

    @property
    def ended(self):
        """Whether it is done, stopped or failed."""
        return self.state in ENDED

    # What the hand may do ------------------------------------------------------------------------
    #
    # An interrupt (Ctrl-C, the notebook's stop button) that comes meanwhile ends the training.

    def start(self):
        """Begin, or go on after a pause."""
        with self._deferring():
            self._want(math.inf)
            self._keep_going()

    def pause(self):
        """Finish the step at hand, then rest until `start`."""
        with self._deferring():
            self._want(0)
            self._until(lambda: self._rests)

    def step(self):
        """Take one step, then rest."""
        self.pause()
        with self._deferring():
            target = self._run.history.steps + 1
            self._want(1)
            self._until(lambda: self._run.history.steps >= target and self._rests)

    def stop(self):
        """End the training after the step at hand; what the model has learned, it keeps."""
        with self._deferring():
            self._end()

    def wait(self):
        """Return the `History` at the end; a paused training goes on, one not begun begins.

        The notebook's stop button ends the training, as it does in `fit`: the history so far is
        returned, with ``interrupted`` set.

        Raises
        ------
        ValueError
            Or what else has ended the training, such as a loss that is not finite any more.
        """
        with contextlib.suppress(KeyboardInterrupt), self._deferring():
            self._go_on()
            self._until(lambda: False)
        if self.error is not None:
            raise self.error
        return self._run.history

    def again(self):
        """Return a training that goes on with the model as it is: as many steps again, by the same schedule.

        Its batches come in another order, `rate_factor` stays, and no checkpoint is kept.

        Raises
        ------
        RuntimeError
            If this one has not ended.

        Examples
        --------
        >>> import numpy as np
        >>> from cnnlib import SGD, Linear
        >>> model = Linear(2, 2, rng=0)
        >>> training = Training(model, np.eye(2), np.array([0, 1]), optimizer=SGD(model, 0.5), rng=0, epochs=20)
        >>> training.wait(), training.again()
        (History(20 steps, 20 epochs), Training(ready, 0 of 20 steps))
        """
        if not self.ended:
            raise RuntimeError(f"the training must have ended, and it is {self.state}")
        options = {**self._options, "rng": self._run.rng, "checkpoint": None}
        training = Training(self.model, self.images, self.labels, **options)
        training.rate_factor = self.rate_factor
        return training

    def __await__(self):
        return self._wait_and_let_others_work().__await__()

    async def _wait_and_let_others_work(self):
        import asyncio  # here, as below: it would double the time of `import cnnlib`

        with self._deferring():
            self._go_on()
            self._keep_going()
        try:
            while self._alive():
                await asyncio.sleep(0.05)
        except asyncio.CancelledError:  # what a notebook makes of its stop button
            self.stop()
        return self.wait()

    def _go_on(self):
        if self._state == "paused":
            print(f"The training was paused after {self._run.history.steps} of {self.steps} steps: it goes on.")
        self._want(math.inf)

    def __repr__(self):
        return f"Training({self.state}, {self.history.steps} of {self.steps} steps)"

    # How the thread is told ----------------------------------------------------------------------

    def _want(self, steps):
        """Ask the thread for so many steps, for an endless number, or to end (None)."""
        for position, listener in enumerate(() if self._begun else self.listeners):
            check_callable(f"listeners[{position}]", listener, "training")
        with Training._starting:
            before, begins = Training._latest, not self._begun
            if begins:
                Training._latest, self._begun, self._wanted = self, True, steps
        if begins:
            know_loop()
            if before is not None:
                before._end()
            on_main_thread(self._limit_blas)
            self._begin()
            self._hear_the_stop_button()
        with self._change:
            if self._wanted is not None:  # what has been stopped does not go on
                self._wanted = steps
            self._change.notify_all()

    @contextlib.contextmanager
    def _deferring(self):
        """Let an interrupt wait while the thread is told something; then it is raised."""
        self._hear_interrupts()
        main = is_main_thread()
        Training._deferred += main
        try:
            yield
        finally:
            self._let_go_if_over()
            Training._deferred -= main
        if main and Training._missed and not Training._deferred:
            Training._missed = False
            raise KeyboardInterrupt

    @staticmethod
    def _end_one_of(model):
        """End the training that was started last, if it is one of these weights; return whether it was at work."""
        training = Training._latest
        if training is None or training.ended or not training._run.changes(model):
            return False
        training.stop()
        return True

    def _hear_interrupts(self):
        """From now on an interrupt ends this training, whatever line it meets; then it does what it did before.

        No `try` could do that: an interrupt may come just before it, or behind it.
        """
        if not is_main_thread():
            return
        Training._hearing = self
        if signal.getsignal(signal.SIGINT) is not Training._on_interrupt:
            Training._handler_before = signal.getsignal(signal.SIGINT)
            signal.signal(signal.SIGINT, Training._on_interrupt)

    @staticmethod
    def _on_interrupt(signum, frame):
        training = Training._hearing
        if training._alive() or Training._deferred:
            training._pressed = True
            training._heed()
        if Training._deferred:
            Training._missed = True
            return
        if callable(Training._handler_before):
            Training._handler_before(signum, frame)

    def _limit_blas(self):
        if self._state not in ENDED:
            self._limit.enter_context(one_blas_thread())

    def _begin(self):
        self._thread.start()

    def _keep_going(self):
        """See to it that what is wanted is done though nobody waits for it: the thread does that."""

    def _heed(self):
        """Let the thread see at once that the stop button was pressed."""
        with self._change:  # held by this thread, it can be taken again
            self._change.notify_all()

    def _alive(self):
        return self._thread.is_alive()

    def _let_go_if_over(self):
        """Give back what the training has taken: BLAS its threads, and the interrupts their handler."""
        if self._state not in ENDED or not is_main_thread():
            return  # only that can, for both: it is told at the end, where it has a loop
        self._limit.close()
        if Training._hearing is self and signal.getsignal(signal.SIGINT) is Training._on_interrupt:
            signal.signal(signal.SIGINT, Training._handler_before)

    def _end(self):
        self._want(None)
        self._until(lambda: False)

    def _until(self, reached):
        """Return when `reached()`, or when the thread has ended."""
        if threading.current_thread() is self._thread:
            return  # a listener asks: it comes true after this step
        with self._change:
            while not (reached() and not self._pressed) and self._thread.is_alive():
                self._change.wait(0.05)  # one without end could not be interrupted on Windows
        self._let_go_if_over()

    def _hear_the_stop_button(self):
        """Let the notebook's stop button end the training when no cell runs.

        An idle kernel ignores interrupts; its event loop is where that can be changed, between cells.
        """

        def listen():
            if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
                signal.signal(signal.SIGINT, lambda *_: Training._latest._want(None))
            elif not self.ended:  # a cell runs: later
                in_main_loop(listen, 0.1)

        in_main_loop(listen)

    # What the thread does ------------------------------------------------------------------------

    def _work(self):
        for _ in self._turns():
            with self._change:
                while self._rests and self._wanted == 0 and not self._pressed:
                    self._change.wait()
        in_main_loop(self._let_go_if_over)  # perhaps nobody waits for the training

    def _turns(self):
        """Take the training to its end, whatever that is; yield after each step, and while it rests."""
        train = self._train()
        while True:
            try:
                next(train)
            except StopIteration as end:
                state = end.value
                break
            except KeyboardInterrupt:  # a listener's way to stop, as a callback's in `fit`
                self._run.history.interrupted, state = True, "stopped"
                break
            except BaseException as error:  # SystemExit too: who waits has to hear of it
                self.error, state = error, "failed"
                break
            yield
        self._run.release()  # before anybody hears of the end, and has the model compute
        self._state = state
        for listener in list(self.listeners):  # each hears the end, whatever the others do
            try:
                listener(self)
            except BaseException as error:
                if self.error is None:
                    self.error, self._state = error, "failed"

    def _train(self):
        """Do what is wanted; yield after each step, and while it rests. Return the state at the end."""
        with contextlib.closing(self._training):
            while True:
                with self._change:
                    at_end = self._run.history.steps == self.steps  # what is left needs no asking
                    if self._pressed:
                        self._wanted = None
                    if self._wanted is None and not at_end:
                        break
                    to_rest = self._wanted == 0 and not at_end
                    if not to_rest:
                        self._wanted = max(0, (self._wanted or 0) - 1)
                        self._rests, before = False, self._state
                        if self._wanted:  # one step of a paused training leaves it paused
                            self._state = "running"
                if to_rest:
                    self._rest()
                else:
                    if self._state != before:
                        self._tell()
                    try:
                        next(self._training)
                    except StopIteration:
                        return "done"
                    self._tell()
                yield
        self._run.history.interrupted = True
        return "stopped"

    def _rest(self):
        if self._rests:
            return
        told, self._state = self._state == "paused", "paused"
        self._run.keep()
        if not told:
            self._tell()
        with self._change:
            self._rests = True  # only now that the listeners have heard of it
            self._change.notify_all()

    def _tell(self):
        for listener in list(self.listeners):
            listener(self)


before_change.append(Training._end_one_of)


class _TrainingInTurns(Training):
    """A training where Python has no threads: whoever waits takes its steps, else the event loop."""

    _left, _at_work, _task = None, False, None

    def start(self):
        if running_loop() is None:
            raise RuntimeError(
                "start needs a thread or a running event loop, as notebooks have one, and here is neither:"
                " call wait(), which takes all steps before it returns"
            )
        super().start()

    def wait(self):
        history = super().wait()
        if self._alive() and not self._at_work:
            raise RuntimeError(
                f"the training rests after {history.steps} of {self.steps} steps, and nothing can start it while"
                " wait() waits, as Python has no threads here: use `await training`"
            )
        return history

    def _begin(self):
        self._left = self._turns()

    def _alive(self):
        return self._left is not None

    def _keep_going(self):
        loop = running_loop()
        if loop is not None and (self._task is None or self._task.done()):
            self._task = loop.create_task(self._go_on_in_the_loop())

    async def _go_on_in_the_loop(self):
        import asyncio

        while self._alive() and not self._idle():
            with contextlib.suppress(KeyboardInterrupt), self._deferring():  # no step stays half done
                self._take_turn()
            await asyncio.sleep(0)

    def _idle(self):
        return self._rests and self._wanted == 0 and not self._pressed

    def _take_turn(self):
        self._at_work = True
        try:
            next(self._left)
        except StopIteration:
            self._left = None
        finally:
            self._at_work = False

    def _until(self, reached):
        if self._at_work:
            return  # a listener asks: it comes true after this step
        while self._alive() and not self._idle() and (self._pressed or not reached()):
            self._take_turn()
        super()._let_go_if_over()

    def _heed(self):
        if not Training._deferred:
            self._until(lambda: False)

    def _let_go_if_over(self):
        if self._pressed:  # no thread sees it
            self._until(lambda: False)
        if not self._at_work:  # else a listener asks
            super()._let_go_if_over()

    def _hear_interrupts(self):
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # an idle kernel restores its own
            super()._hear_interrupts()

    def _hear_the_stop_button(self):
        """A browser's kernel sends no signals between cells."""
