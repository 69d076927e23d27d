"""
What decides beside its own arguments whether a resource is there, and how: above all its ``lifecycle`` block, with the
arguments that Terraform leaves as they are.

https://developer.hashicorp.com/terraform/language/meta-arguments#lifecycle
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.syntax.blocks import Argument, Block
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, ListOf, Literal, Name, Traversal
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.conditions import WasThere
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import KEPT, Choice, Fields, Items, Symbol, Value, is_sensitive

#: Attributes by which the provider sees that an argument has changed, to that argument:
#: https://github.com/hashicorp/terraform-provider-aws/blob/main/docs/resource-tagging.md
_SEEN_AS = {"tags_all": "tags"}
#: In the name of what nobody knows since ``ignore_changes`` keeps it.
_LEFT = "which ignore_changes"
#: Arguments that other people often set, and that decide who gets in though the configuration does not set them.
_SET_BY_OTHERS = ("tags",)
#: Likewise of single types: what is not set there is a setting that is off.
_SET_ELSEWHERE = {"aws_organizations_organization": ("enabled_policy_types",)}


class IgnoredArguments(NamedTuple):
    """
    The arguments of a resource that are only set when it is created.
    """

    #: Without what is inside of them; None for all.
    names: frozenset[str] | None = frozenset()
    #: Where that is written.
    place: Place | None = None

    def leaves(self, name: str) -> bool:
        """Whether an argument is one of them."""
        return self.names is None or name in self.names

    def unset(self, type_: str) -> tuple[str, ...]:
        """Arguments of a type of resources that count as ignored whether the resource sets them or not."""
        return tuple(name for name in (*_SET_BY_OTHERS, *_SET_ELSEWHERE.get(type_, ())) if self.leaves(name))

    def kept(self, address: str, name: str, value: Value | None) -> Value:
        """
        What an ignored argument may be worth: what is written where the resource is created, and else whatever it is.

        Args:
            address: of the resource.
            name: of the argument.
            value: that is written; None where nothing is.
        """
        where = f" at {self.place.file}:{self.place.line}" if self.place is not None else ""
        reason = (
            f"ignore_changes{where} leaves the {name} of {address} as it is where it was there before: "
            "check the plan, or the state"
        )
        # Without the place: it is the same value in another line, and at another revision.
        called = f"{address}.{name}, {_LEFT} leaves as it is"
        unknown = Symbol(called, KEPT, reason, self.place)
        written = convert.NULL if value is None else value
        return Choice(WasThere(address), unknown, written, written.place, written.sensitive)


NOTHING = IgnoredArguments()


def is_kept(text: str) -> bool:
    """Whether something is made of what `IgnoredArguments.kept` gives, by its name or by what is said of it."""
    return _LEFT in text


def ignored_changes(block: Block) -> IgnoredArguments:
    """The arguments that ``ignore_changes`` names."""
    argument = argument_of(block, "ignore_changes")
    return NOTHING if argument is None else _named(argument)


def argument_of(block: Block, name: str) -> Argument | None:
    """An argument of the ``lifecycle`` of a block; None where there is none."""
    for lifecycle in block.body.blocks("lifecycle"):
        if (argument := lifecycle.body.argument(name)) is not None:
            return argument
    return None


def _named(argument: Argument) -> IgnoredArguments:
    expression = argument.expression
    if _root(expression) == "all":
        return IgnoredArguments(None, argument.place)
    items = expression.items if isinstance(expression, ListOf) else ()
    names = frozenset(_SEEN_AS.get(name, name) for name in map(_root, items))
    # Before version 0.12 all was a star.
    return IgnoredArguments(None if "*" in names else names, argument.place)


def _root(expression: Expression) -> str:
    """The argument that an item is in: ``policy[0]`` and ``tags.Name`` are in ``policy`` and ``tags``."""
    if isinstance(expression, Traversal):
        expression = expression.of
    if isinstance(expression, Name):
        return expression.name
    # Before version 0.12 items were texts, and in JSON they still are.
    text = str(expression.value) if isinstance(expression, Literal) else ""
    return text.partition(".")[0].partition("[")[0]


def shown_keys(value: Value, each: Argument, address: str, refuse: Callable[[InputError], None]) -> Value:
    """
    The value of a ``for_each``; one whose keys are sensitive is refused: each would be shown in an address.

    https://developer.hashicorp.com/terraform/language/meta-arguments/for_each#limitations-on-values-used-in-for_each

    Args:
        value: of the argument.
        address: of the block.
        refuse: keeps what Terraform would refuse.

    Raises:
        Fault: its keys are sensitive.
        InputError: whoever reads it wants to be told at once.
    """
    keys = value.items if isinstance(value, Items) and value.is_set else ()
    keys = tuple(entry.key for entry in value.entries) if isinstance(value, Fields) else keys
    if value.sensitive or any(map(is_sensitive, keys)):
        message, place = f"for_each of {address} is sensitive, and its keys would be shown", each.place
        refuse(InputError(message, place.file, place.line, place.column))
        raise Fault(message)
    return value


def refuse_both(
    count: Argument | None, each: Argument | None, address: str, refuse: Callable[[InputError], None]
) -> None:
    """
    Refuse a block that says twice how many of it there are. An override file may add one to the other: then ``count``
    counts.

    Args:
        count: the argument of that name; None where the block has none.
        each: ``for_each``, likewise.
        address: of the block.
        refuse: keeps what Terraform would refuse.

    Raises:
        Fault: nobody knows how many are meant.
        InputError: whoever reads it wants to be told at once.
    """
    if count is not None and each is not None and count.place.file == each.place.file:
        message, place = f"{address} has both count and for_each", each.place
        refuse(InputError(message, place.file, place.line, place.column))
        raise Fault(message)
