"""
The outcome of a check of many templates.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from trustproof.errors import InputError
from trustproof.model.policy import Path
from trustproof.results.result import Result


class Sources(Protocol):
    """
    The texts that results point into.
    """

    def position(self, template: str, path: Path) -> tuple[int, int, int] | None:
        """Line, column and end column of a value, from 1."""

    def line(self, template: str, number: int) -> str:
        """One line of a template, from 1."""


class Report(NamedTuple):
    """
    The outcome of a check.
    """

    #: Every result, the proved ones included, in the order of the templates.
    results: tuple[Result, ...]
    templates: int
    #: How many policies were asked about.
    policies: int
    #: Files of directories that are no templates: path and reason.
    skipped: tuple[tuple[str, str], ...]
    #: Inputs that could not be read; what they hold is not judged.
    errors: tuple[InputError, ...]
    #: What a reader must know to read the summary right.
    notes: tuple[str, ...]
    sources: Sources
    #: How many proofs were checked again; None where nobody asked for that.
    certified: int | None = None
