"""
Sets of collections: the values of a multi-valued key.

``ForAllValues`` bounds every element, ``ForAnyValue`` asks for one; a conjunction of both has a closed normal form.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

V = TypeVar("V", covariant=True)


class Elements(Protocol[V]):
    """What a set of elements must offer."""

    def __and__(self: E, other: E, /) -> E: ...
    def sample(self) -> V | None: ...


E = TypeVar("E", bound=Elements[object])


class CollectionSet(Generic[E]):
    """
    The finite, non-empty collections whose elements all lie in `every`, and that have an element in each of `some`.

    A collection without elements is an absent key (IAM treats both alike), so it is not a member here.
    """

    __slots__ = ("every", "some")

    def __init__(self, every: E, some: tuple[E, ...] = ()) -> None:
        #: What every element must be.
        self.every: E = every
        #: For each of these sets, some element must be in it.
        self.some: tuple[E, ...] = some

    def __and__(self, other: CollectionSet[E]) -> CollectionSet[E]:
        merged = self.some + tuple(s for s in other.some if s not in self.some)
        return CollectionSet(self.every & other.every, merged)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CollectionSet) and (self.every, self.some) == (other.every, other.some)

    def __hash__(self) -> int:
        return hash((self.every, self.some))

    @property
    def searched(self) -> tuple[E, ...]:
        """The sets whose members `sample` looks for: one for each demand, or all elements."""
        return tuple(self.every & demand for demand in self.some) or (self.every,)

    def sample(self) -> tuple[object, ...] | None:
        """
        A collection of the set, one element for each demand; None iff there is none.
        """
        chosen: list[object] = []
        for wanted in self.searched:
            found = wanted.sample()
            if found is None:
                return None
            if found not in chosen:
                chosen.append(found)
        return tuple(chosen)
