"""
A set of requests to be searched, and what a search of it comes to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.engine.domains import Values
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.search import Assignment, Box, Tree
from trustproof.engine.statements import EncodedStatement


class Region(NamedTuple):
    """
    A set of requests: one request space, and what some dimensions are restricted to.
    """

    space: RequestSpace
    #: Dimension to the values that the region leaves it.
    constraints: tuple[tuple[str, Values], ...] = ()
    #: Boxes that the region leaves out.
    without: tuple[Box, ...] = ()
    #: Condition keys, lower-cased, to values that read well in a counterexample; tried first. ``action`` has actions as
    #: somebody wrote them, which is how they are shown.
    hints: tuple[tuple[str, tuple[str, ...]], ...] = ()
    #: Further actions that the same request needs: its request space with another action.
    also: tuple[RequestSpace, ...] = ()


class AllowedPart(NamedTuple):
    """
    A part of the region in which every request is allowed, as far as the boxes are exact.
    """

    region: Region
    assignment: Assignment
    encoded: EncodedStatement
    #: Why the boxes on the way are not exact; empty where they are.
    notes: tuple[str, ...]


class Case(NamedTuple):
    """
    One way for a request to be allowed, and the proof that none is allowed in this way.
    """

    #: The Allow statement of the permissions boundary that must hold as well; None where there is no boundary.
    within: EncodedStatement | None
    tree: Tree
    #: What the tree stays out of; it names these by number.
    denies: Mapping[int, Box]
    #: The Allow statements that let the request in for the further actions of the region.
    also: tuple[EncodedStatement, ...] = ()


class ClosedRegion(NamedTuple):
    """
    No request of the region is allowed by one Allow statement; `engine.certificate` checks it.
    """

    region: Region
    encoded: EncodedStatement
    #: One case; with a permissions boundary, one for each of its Allow statements.
    cases: tuple[Case, ...]
