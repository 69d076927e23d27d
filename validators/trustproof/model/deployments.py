"""
What the prover asks about the deployments of a template.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from trustproof.model.document import Document
from trustproof.model.policy import Guard
from trustproof.model.text import ACCOUNT_ID, Symbol

#: How it is called that a stack is there, for what stands in it.
IS_THERE = "the stack is there"
#: How the names begin of what is given to Terraform.
_GIVEN = ("var.", "terraform.")
#: Names with texts that their values are compared with; or None, which says nothing about them.
Told: TypeAlias = "Mapping[str, Collection[str]] | None"


class Assignment(NamedTuple):
    """
    Values of parameters under which something has one reading.
    """

    #: Names and values, and the outcomes of comparisons that hold of no single value.
    values: tuple[tuple[str, str], ...]
    #: Parameters that have any value but their default.
    not_default: tuple[str, ...]
    #: What a report names it by: each parameter with the value, or with one of the values that it may have.
    named: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self.named)


class PassedParameter(NamedTuple):
    """
    A parameter of the stacks around a nested one, which is passed something that is made of it.
    """

    #: None for one without.
    default: str | None
    #: The parameters of the nested stack that are made of it.
    own: tuple[str, ...] = ()
    #: Those of them that are this one as it is.
    same: tuple[str, ...] = ()
    #: What the stacks list as its values, or look up by it.
    told: tuple[str, ...] = ()
    #: What conditions of the nested stack may compare it with, and the rows of its mappings.
    compared: tuple[str, ...] = ()
    #: Whether the nested stack is judged at its default.
    is_at_default: bool = False
    #: Whether there are no other values than those that are told.
    is_listed: bool = False
    #: Whether the nested stack takes a value.
    admits: Callable[[str], bool] = bool


def equality_key(name: str, text: str) -> str:
    """How a comparison of a parameter with a text is called where it is decided as a whole."""
    return f"Fn::Equals [{', '.join(sorted((f'<{name}>', text)))}]"


def is_other_account(assignment: Assignment, account: str) -> bool:
    """Whether an assignment is of accounts other than one."""
    return (equality_key(ACCOUNT_ID, account), "false") in assignment.values


def excluded_values(assignment: Assignment) -> Iterator[tuple[str, str]]:
    """The parameters that have none of some texts, each with each of these texts."""
    for name in assignment.not_default:
        for key, outcome in assignment.values:
            sides = key.removeprefix("Fn::Equals [").removesuffix("]")
            if outcome == "false" and f"<{name}>" in (sides[: len(name) + 2], sides[-len(name) - 2 :]):
                yield name, sides.removeprefix(f"<{name}>, ").removesuffix(f", <{name}>")


def is_chosen(name: str) -> bool:
    """
    Whether whoever deploys a template chooses the value of a parameter, or what decides a condition; what only a
    deployment tells has a name with spaces in it: ``length(data.aws_vpcs.all.ids) > 0``.
    """
    return " " not in name


def is_given(name: str) -> bool:
    """
    Whether whoever deploys a template can give the value of what decides a condition: a parameter, or a variable; not
    what a data source or a module has (``module.this.enabled``).
    """
    return is_chosen(name) and ("." not in name or name.startswith(_GIVEN))


class Deployments(Protocol):
    """
    What the prover asks of a template: its possible deployments.
    """

    def satisfy(self, guards: Sequence[Guard]) -> dict[str, str] | None:
        """Parameter values under which all the guards hold; None where there are none."""

    def listed(self, name: str) -> tuple[str, ...]:
        """All values that a parameter may have, whatever others have; empty where that is not known."""

    def undecided_together(self, values: Mapping[str, str]) -> str:
        """Why it is not known whether a deployment has some values together; empty where it may have them."""

    def document(self, document: Document, values: Mapping[str, str]) -> Document | None:
        """The same document, read again with these values bound; None where it then does not exist."""

    def holds(self, guards: Sequence[Guard], values: Mapping[str, str]) -> bool:
        """Whether all the guards hold with these values bound."""

    def partition(self, values: Mapping[str, str]) -> str:
        """The partition of a deployment with these values; the empty string where they do not say."""

    def sample(self, symbol: Symbol) -> str | None:
        """A value that a symbol may have."""

    def admits(self, symbol: Symbol, value: str) -> bool:
        """Whether a symbol may have a value."""
