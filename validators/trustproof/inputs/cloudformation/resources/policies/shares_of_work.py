"""
Parts of the work on a template that may each take a share of it: what does not fit is a place that could not be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.results.result import BUDGET

_Read = TypeVar("_Read")


class SharesOfWork:
    """
    Reads parts of a template, each with a share of the work that is left.

    Args:
        environment: of the template.
        unread: gets the place of what does not fit, with the reason.
    """

    def __init__(self, environment: Environment, unread: list[tuple[Path, str]]) -> None:
        self._environment = environment
        self._unread = unread

    def of_resource(
        self, logical_id: str, read: Callable[[], None], documents: Sequence[Document] | None = None
    ) -> bool:
        """
        Read something of a resource; whether it fits.

        Args:
            documents: those of the template, which may say that a value could not be read; None where others say that.
        """
        return self._read(self._environment.path(logical_id), logical_id, read, documents)

    def of_all(
        self, what: str, read: Callable[[], Iterable[_Read]], instead: Iterable[_Read] = ()
    ) -> tuple[_Read, ...]:
        """
        What is read of all resources at once.

        Args:
            what: it is, in words.
            instead: what there is where it does not fit.
        """
        found: list[_Read] = []
        fits = self._read(("Resources",), what, lambda: found.extend(read()))
        return tuple(found if fits else instead)

    def _read(
        self, path: Path, what: str, read: Callable[[], None], documents: Sequence[Document] | None = None
    ) -> bool:
        work, before = self._environment.work, (len(self._unread), len(documents or ()))
        try:
            with work.share():
                read()
                if documents is not None and (reached := [*work.reached]):
                    # Whoever asked for a value may have passed over it.
                    said = repr((self._unread[before[0] :], documents[before[1] :]))
                    reasons = (reason for reason in reached if reason not in said)
                    self._unread += [(path, f"a value of {what} is not read: {reason}") for reason in reasons]
        except Unreadable as error:
            place = path, f"{what} is not read to its end: {error}"
        except RecursionError:
            place = path, f"{BUDGET}: what {what} holds is nested too deeply to be read"
        else:
            return True
        if place not in self._unread:
            self._unread.append(place)
        return False
