"""
A set of requests to be searched, and what a search of it comes to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.engine.domains import Values
from trustproof.engine.request_space import World
from trustproof.engine.search import Box, Piece, Tree
from trustproof.engine.statements import Shape


class Region(NamedTuple):
    """
    A set of requests: one world, and what some dimensions are restricted to.
    """

    world: World
    #: Dimension to the values that the region leaves it.
    constraints: tuple[tuple[str, Values], ...] = ()
    #: Boxes that the region leaves out.
    without: tuple[Box, ...] = ()
    #: Condition keys, lower-cased, to values that read well in a counterexample; tried first. ``action`` has actions as
    #: somebody wrote them, which is how they are shown.
    prefer: tuple[tuple[str, tuple[str, ...]], ...] = ()
    #: Further actions that the same request needs: its world with another action.
    also: tuple[World, ...] = ()


class Found(NamedTuple):
    """
    A part of the region in which every request is allowed, as far as the boxes are exact.
    """

    region: Region
    piece: Piece
    shape: Shape
    #: Why the boxes on the way are not exact; empty where they are.
    notes: tuple[str, ...]


class Case(NamedTuple):
    """
    One way for a request to be allowed, and the proof that none is allowed in this way.
    """

    #: The Allow statement of the permissions boundary that must hold as well; None where there is no boundary.
    within: Shape | None
    tree: Tree
    #: What the tree stays out of; it names these by number.
    denies: Mapping[int, Box]
    #: The Allow statements that let the request in for the further actions of the region.
    also: tuple[Shape, ...] = ()


class Closed(NamedTuple):
    """
    No request of the region is allowed by one Allow statement; `engine.certificate` checks it.
    """

    region: Region
    shape: Shape
    #: One case; with a permissions boundary, one for each of its Allow statements.
    cases: tuple[Case, ...]
