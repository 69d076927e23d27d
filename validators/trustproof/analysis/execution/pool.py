"""
Many templates on all cores: each process reads and checks its share, and this one puts the answers in order.
"""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from trustproof.analysis.execution.task import (
    CheckedTemplate,
    ComposeTask,
    Recheck,
    Task,
    UnitResult,
    Worker,
    is_unfinished,
)
from trustproof.analysis.processes.child_processes import may_start, note_start, without_modules_of_the_directory
from trustproof.analysis.processes.endings import ENDING, at_work_on, each_at_work_on
from trustproof.analysis.processes.fork import end_with
from trustproof.analysis.role_chains.readings import ChainedTemplate, LaterReading
from trustproof.analysis.templates.identities_across import ComposedFindings
from trustproof.engine.allowance import first_units, is_worth_more, second_units
from trustproof.errors import TrustproofError
from trustproof.files.read import is_stream
from trustproof.inputs.discovery.inputs import LINKING, Inputs
from trustproof.inputs.discovery.units import Unit

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

_W = TypeVar("_W")
_R = TypeVar("_R")

#: A process costs more to start than so many templates cost to check.
MIN_SHARE = 32
#: A file is far larger than the others of its run that has so many times as much as they have on average.
_FAR_LARGER = 8
#: Where there are few, it is so that has more than half of all: so many times as much would be more than all have.
_HALF = 2
#: Units that a process is given at a time: enough to be worth sending, few enough to end together with the others.
_BATCH = 16


def run(inputs: Inputs, task: Task, jobs: int = 1) -> Iterator[tuple[Unit, int, Sequence[UnitResult]]]:
    """
    Check the templates of all units, in their order.

    Args:
        jobs: how many processes may be used; a run that is too small for them uses fewer.

    Returns:
        For each unit: how many there are, where that is known by then (else 0), and what it gave.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
        TrustproofError: a process was killed.
    """
    with at_work_on("looking for templates"):
        units = list(inputs.units())
    said = (
        task.settings.account,
        *task.settings.provider_accounts.values(),
        *(u.stack.account for u in units if u.stack),
    )
    size = sum(map(size_of, units))
    first = first_units(_files(units), size)
    task = task._replace(units=first, size=size, accounts=frozenset(filter(None, said)))
    units = _with_all_for_large(units, task.units)
    if jobs > 1 and may_start():
        processes = min(jobs, -(-len(units) // MIN_SHARE))
        if processes > 1 and all(unit.content is None and not is_stream(unit.file) for unit in units):
            yield from _spread(units, task, processes)
            return
    worker = Worker(task, jobs)
    checked = (worker.check(number, unit) for number, unit in enumerate(units))
    for unit, found in zip(units, each_at_work_on(checked, partial(_judging, units)), strict=True):
        yield unit, 0, found


def run_on(unfinished: Sequence[tuple[int, Unit]], task: Task, jobs: int = 1) -> list[Sequence[UnitResult]]:
    """
    Check units again, with as much work for each as the task says.

    Args:
        unfinished: their numbers in the run, and they.

    Returns:
        What each gave, in their order.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
        TrustproofError: a process was killed.
    """
    unfinished = [(number, unit._replace(units=0)) for number, unit in unfinished]
    at_hand = any(unit.content is not None or is_stream(unit.file) for _, unit in unfinished)
    if jobs > 1 and may_start() and len(unfinished) > 1 and not at_hand:
        checked = (found for batch in _pooled(_check_batch, unfinished, task, jobs, batch=1) for found in batch)
    else:
        worker = Worker(task, jobs)
        checked = (worker.check(number, unit) for number, unit in unfinished)
    return [*each_at_work_on(checked, partial(_judging, [unit for _, unit in unfinished], again=True))]


def _with_all_for_large(units: Sequence[Unit], first: int) -> list[Unit]:
    """
    Units, where those of files that are far larger than the others, such as the hub of all accounts, have at once what
    they would have after they had come to the end of a first share: they are judged beside the others, and once.
    """
    sizes = [size_of(unit) for unit in units]
    there, together = sum(size > 0 for size in sizes), sum(sizes)
    large = {at for at, size in enumerate(sizes) if size * there > _FAR_LARGER * together or _HALF * size > together}
    share = second_units(len(large), together)
    return [u._replace(units=share) if at in large and share > first else u for at, u in enumerate(units)]


def size_of(unit: Unit) -> int:
    """How many bytes a file has that is read, or the files of a configuration; 0 for what is none, or not there."""
    if unit.is_end or unit.error or unit.passed_over or unit.content is not None:
        return 0
    try:
        if unit.is_configuration:
            with os.scandir(unit.file) as entries:
                return sum(one.stat().st_size for one in entries if one.is_file())
        return 0 if is_stream(unit.file) else os.stat(unit.file).st_size
    except (OSError, ValueError):
        # A name may be one that no file has.
        return 0


def _files(units: Sequence[Unit]) -> int:
    """How many files a run reads."""
    return sum(map(is_read, units))


def is_read(unit: Unit) -> bool:
    """Whether there is something to judge; what is passed over takes nothing from the others."""
    is_there = unit.file or unit.content is not None
    return bool(is_there) and unit.passed_over is None and unit.error is None


def _judging(units: Sequence[Unit], number: int, *, again: bool = False) -> str:
    """
    How far a run is, in words, that judges one of some units, or has judged all of them.

    Args:
        again: whether they are judged once more, since they came to the end of what each had at first.
    """
    there = [unit for unit in units if unit.file]
    far = f"{_files([unit for unit in units[:number] if unit.file])} of {_files(there)} files judged"
    name = next((unit.file for unit in units[number:] if unit.file), "the last of them")
    return f"judging {name}{' again' if again else ''} ({far}{' again, with more work for each' if again else ''})"


def repeat(again: Sequence[Recheck], task: Task, jobs: int = 1) -> list[CheckedTemplate]:
    """
    Check templates again, in their order.

    Raises:
        InputError: a template is no longer there.
        CertificateError: a proof does not stand up to being checked again.
        TrustproofError: a process was killed.
    """

    def checked(work: Sequence[Recheck], units: int) -> list[CheckedTemplate]:
        given = task._replace(units=units)
        if _is_worth(work, jobs) and not any(one.read.is_open for one in work):
            return [found for batch in _pooled(_recheck_batch, work, given, jobs) for found in batch]
        worker = Worker(given, jobs)
        return [worker.recheck(one) for one in work]

    return _in_shares(
        again, checked, lambda found: found.checked.is_unfinished, lambda found: found.checked.spent, task.size
    )


def roles_for_others(again: Sequence[LaterReading], task: Task, jobs: int = 1) -> list[ChainedTemplate]:
    """
    The roles of templates, in their order, where a role of another one may demand MFA; what `repeat` raises.
    """
    if _is_worth(again, jobs) and not any(one.is_open for one in again):
        return [found for batch in _pooled(_read_batch, again, task, jobs) for found in batch]
    return [one() for one in again]


def compose(together: Sequence[ComposeTask], task: Task, jobs: int = 1) -> list[list[ComposedFindings]]:
    """
    Judge the users, groups and roles of templates together; what `repeat` raises.
    """

    def composed(work: Sequence[ComposeTask], units: int) -> list[list[ComposedFindings]]:
        given = task._replace(units=units)
        reads = [read for one in work for _, read, _ in one.parts]
        if _is_worth(reads, jobs) and not any(read.is_open for read in reads):
            return [found for batch in _pooled(_compose_batch, work, given, jobs) for found in batch]
        worker = Worker(given)
        return [worker.compose(one) for one in work]

    def unfinished(found: list[ComposedFindings]) -> bool:
        return any(is_unfinished(results) for results, _ in found)

    return _in_shares(together, composed, unfinished, lambda _: 0, task.size)


def _in_shares(
    work: Sequence[_W],
    do: Callable[[Sequence[_W], int], list[_R]],
    lacks: Callable[[_R], bool],
    cost: Callable[[_R], int],
    size: int,
) -> list[_R]:
    """What each work gives; what comes to the end of a first share has its part of the rest."""
    units, times = first_units(len(work), size), 0
    found = do(work, units)
    unfinished, spent = [index for index, one in enumerate(found) if lacks(one)], sum(map(cost, found))
    while unfinished and is_worth_more(more := second_units(len(unfinished), size, spent), units, times):
        units, times = more, times + 1
        for index, one in zip(unfinished, do([work[index] for index in unfinished], units), strict=True):
            found[index] = one
            spent += cost(one)
        unfinished = [index for index in unfinished if lacks(found[index])]
    return found


def _is_worth(work: Sequence[object], jobs: int) -> bool:
    return min(jobs, -(-len(work) // MIN_SHARE)) > 1 and may_start()


def have_cross_references(given: Sequence[CheckedTemplate]) -> bool:
    """Whether it is worth to look whether templates speak of each other's things; a quick look."""
    return LINKING.may_speak_of_each_other([one.checked.names for one in given if one.checked.names is not None])


# -- in other processes


def _spread(units: Sequence[Unit], task: Task, processes: int) -> Iterator[tuple[Unit, int, Sequence[UnitResult]]]:
    batches = _pooled(_check_batch, list(enumerate(units)), task, processes, is_long=_has_large)
    for start, answers in enumerate(each_at_work_on(batches, lambda batch: _judging(units, batch * _BATCH))):
        for unit, found in zip(units[start * _BATCH :], answers, strict=False):
            yield unit, len(units), found


def _has_large(batch: Sequence[tuple[int, Unit]]) -> bool:
    return any(unit.units for _, unit in batch)


def _pooled(
    function: Callable[[Sequence[_W]], list[_R]],
    work: Sequence[_W],
    task: Task,
    processes: int,
    batch: int = _BATCH,
    is_long: Callable[[Sequence[_W]], bool] = lambda _: False,
) -> Iterator[list[_R]]:
    """
    What a function gives for each batch of work, in their order.

    Args:
        is_long: whether a batch may take far longer than others: these are begun first, and end with the others.
    """
    # Of the standard library the heaviest part by far, and most runs have too few templates for it.
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children, get_context

    note_start()
    batches = [work[start : start + batch] for start in range(0, len(work), batch)]
    # A process that is forked takes over whatever threads the program has held locks in; a new one holds none.
    context = get_context("spawn")
    with _startable():
        needed, held = context.Pipe(duplex=False)
    try:
        # The locks of the pool start a process too, which looks after them.
        with without_modules_of_the_directory(), _startable():
            pool = ProcessPoolExecutor(min(processes, len(batches)), context, _begin, (task, needed))
    except TrustproofError:
        held.close()
        needed.close()
        raise
    workers: list[BaseProcess] = []
    try:
        with _undisturbed(), without_modules_of_the_directory(), _startable():
            others = active_children()
            begun = sorted(range(len(batches)), key=lambda number: not is_long(batches[number]))
            submitted = {number: pool.submit(function, batches[number]) for number in begun}
            answers = deque(submitted[number] for number in range(len(batches)))
            workers += [one for one in active_children() if one not in others]
        while answers:
            yield answers.popleft().result()
        pool.shutdown()
        workers.clear()
    except BrokenProcessPool:
        raise TrustproofError("a process that checked templates was killed; try again with --jobs 1") from None
    finally:
        # However this process comes to its end, its end of the pipe is closed, and the others end with it.
        held.close()
        needed.close()
        # Who is asked to end does not wait for one that cannot.
        for one in workers:
            one.kill()
        pool.shutdown()


@contextmanager
def _startable() -> Iterator[None]:
    """
    Say what to do where the system gives no process, file or lock more.

    Raises:
        TrustproofError: it gives none.
    """
    try:
        yield
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        raise TrustproofError(
            f"processes that check templates cannot be started: {said}; try again with --jobs 1"
        ) from None


@contextmanager
def _undisturbed() -> Iterator[None]:
    """
    Take what asks this process to end only afterwards.

    A process that is only half started would complain of its parent's end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


#: The worker of this process, where it is one of several.
_worker: Worker | None = None


def _begin(task: Task, needed: Connection) -> None:
    """
    Make this process a worker; an interrupt is for the process that started it.

    Args:
        needed: is at its end when that process is, or needs no workers any more.
    """
    global _worker
    # Of the module that has started this process.
    from multiprocessing.util import Finalize

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    end_with(needed)
    gc.set_threshold(100_000, 10, 100)
    _worker = Worker(task)
    # Who waits for its end would wait, too, until it has looked for garbage among all that it has made.
    Finalize(None, gc.freeze, exitpriority=0)


def _check_batch(batch: Sequence[tuple[int, Unit]]) -> list[list[UnitResult]]:
    assert _worker is not None
    return [
        [
            found._replace(template=None) if isinstance(found, CheckedTemplate) else found
            for found in _worker.check(number, unit)
        ]
        for number, unit in batch
    ]


def _recheck_batch(batch: Sequence[Recheck]) -> list[CheckedTemplate]:
    assert _worker is not None
    return [_worker.recheck(work) for work in batch]


def _read_batch(batch: Sequence[LaterReading]) -> list[ChainedTemplate]:
    return [one() for one in batch]


def _compose_batch(batch: Sequence[ComposeTask]) -> list[list[ComposedFindings]]:
    assert _worker is not None
    return [_worker.compose(work) for work in batch]
