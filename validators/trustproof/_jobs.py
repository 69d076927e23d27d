"""
Many templates on all cores: each process reads and checks its share, and this one puts the answers in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof._proofs import Proofs
from trustproof._template_check import Checked, check_template
from trustproof._typing import NamedTuple
from trustproof.config import Config
from trustproof.errors import InputError, TrustproofError
from trustproof.properties import registry
from trustproof.templates.inputs import Declared, Inputs, Settings, Skipped, Unit, read_unit
from trustproof.templates.source import STDIN
from trustproof.templates.template import Template

#: A process costs more to start than so many templates cost to check.
MIN_SHARE = 32
#: Units that a process is given at a time: enough to be worth sending, few enough to end together with the others.
_BATCH = 16


class Task(NamedTuple):
    """
    What is asked of every template of a run.
    """

    settings: Settings
    config: Config
    #: Identifiers, in the order of reports.
    properties: tuple[str, ...]
    certify: bool = False


class Given(NamedTuple):
    """
    What one template gave.
    """

    name: str
    declared: Declared
    checked: Checked
    #: None where another process has read it.
    template: Template | None


Found = Given | InputError | Skipped


def run(inputs: Inputs, task: Task, jobs: int = 1) -> Iterator[tuple[Unit, int, Sequence[Found]]]:
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
    if jobs > 1:
        units = list(inputs.units())
        processes = min(jobs, -(-len(units) // MIN_SHARE))
        if processes > 1 and all(unit.file != STDIN for unit in units):
            yield from _spread(units, task, processes)
            return
    worker = Worker(task, jobs)
    for number, unit in enumerate(inputs.units()):
        yield unit, 0, worker.check(number, unit)


class Worker:
    """
    Checks units one after the other, and remembers what it has proved.

    Args:
        jobs: how many processes may share the work on a template.
    """

    def __init__(self, task: Task, jobs: int = 1) -> None:
        self._task = task
        self._jobs = jobs
        self._properties = registry.among(task.properties)
        self._proofs = Proofs()

    def check(self, number: int, unit: Unit) -> list[Found]:
        """
        What a unit gives.

        Args:
            number: of the unit in its run.
        """
        out: list[Found] = []
        for found in read_unit(unit, self._task.settings):
            if not isinstance(found, Template):
                out.append(found)
                continue
            place = (number, len(out))
            checked = check_template(
                found,
                self._task.config,
                self._properties,
                place,
                certify=self._task.certify,
                proofs=self._proofs,
                jobs=self._jobs,
            )
            out.append(Given(found.name, Declared(found.parameter_names, found.errors), checked, found))
        return out


# -- in other processes


def _spread(units: Sequence[Unit], task: Task, processes: int) -> Iterator[tuple[Unit, int, Sequence[Found]]]:
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    batches = [(start, units[start : start + _BATCH]) for start in range(0, len(units), _BATCH)]
    # A process that is forked takes over whatever threads the program has held locks in; a new one holds none.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin, (task,))
    try:
        for (_, batch), answers in zip(batches, pool.map(_check_batch, batches), strict=True):
            for unit, found in zip(batch, answers, strict=True):
                yield unit, len(units), found
    except BrokenProcessPool:
        raise TrustproofError("a process that checked templates was killed; try again with --jobs 1") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


#: The worker of this process, where it is one of several.
_worker: Worker | None = None


def _begin(task: Task) -> None:
    """Make this process a worker; an interrupt is for the process that started it."""
    import gc
    import signal

    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(100_000, 10, 100)
    _worker = Worker(task)


def _check_batch(batch: tuple[int, Sequence[Unit]]) -> list[list[Found]]:
    assert _worker is not None
    start, units = batch
    return [
        [found._replace(template=None) if isinstance(found, Given) else found for found in _worker.check(number, unit)]
        for number, unit in enumerate(units, start)
    ]
