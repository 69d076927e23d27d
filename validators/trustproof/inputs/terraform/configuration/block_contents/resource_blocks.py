"""
The bodies of resources and data sources as values: arguments, nested blocks, and those that ``dynamic`` makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trustproof.inputs.terraform.configuration.block_contents.nested_contents import AnyNumber, contents
from trustproof.inputs.terraform.configuration.evaluation.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.syntax.blocks import Block, Body
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import cut, expression_text
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.types.nested_blocks import NestedBlock, NestedBlocks
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.untyped_scalar import without_type
from trustproof.inputs.terraform.values.values import Entry, Fields, Known, Maybe, Rest, Value

#: Arguments and blocks that say how Terraform goes about a resource, and not what it is.
META_ARGUMENTS = frozenset("count depends_on for_each provider providers".split())
META_BLOCKS = frozenset("connection lifecycle provisioner timeouts".split())


def argument_names(body: Body) -> list[str]:
    """What a body sets: the names of its arguments and nested blocks, in the order in which they first stand there."""
    found: dict[str, None] = {}
    for name in body.arguments:
        if name not in META_ARGUMENTS and name not in META_BLOCKS:
            found[name] = None
    for block in body.blocks():
        name = block.labels[0] if block.type == "dynamic" and block.labels else block.type
        if name not in META_BLOCKS:
            found[name] = None
    return list(found)


def values(evaluator: Evaluator, body: Body, variables: Variables) -> Fields:
    """A body as an object, as a plan writes it: nested blocks are lists."""
    entries = []
    for name in argument_names(body):
        found = value(evaluator, body, name, variables)
        if found is not None:
            argument = body.argument(name)
            entries.append(Entry(Known(name, argument.place if argument is not None else found.place), found))
    return Fields(tuple(entries))


def value(evaluator: Evaluator, body: Body, name: str, variables: Variables) -> Value | None:
    """What a body sets one argument or block type to; None for what it does not set."""
    argument = body.argument(name)
    if argument is not None:
        # An argument has a type of its own.
        return without_type(evaluator.value(argument.expression, variables))
    if name not in argument_names(body):
        return None
    items: list[Value] = []
    place: Place | None = None
    for content in contents(evaluator, body, name, variables):
        place = place or content.place
        made = values(evaluator, content.body, content.variables)
        made = NestedBlock(made.entries, content.place)
        if isinstance(content, AnyNumber):
            assert content.of is not None
            items.append(Several(made, content.condition, content.of, content.place))
        elif content.of is not None:
            is_there = content.condition
            rest = Rest(content.of, content.place)
            items.append(rest if is_there is None else Maybe(is_there, made, content.of, content.place))
        else:
            items.append(made)
    return NestedBlocks(tuple(items), False, place)


class LazyValues(Mapping[str, Value]):
    """
    What a resource sets, each evaluated when somebody asks for it.

    Args:
        names: of what is set.
        attribute: gives the value of one of them.
    """

    def __init__(self, names: list[str], attribute: Callable[[str], Value]) -> None:
        self._names = names
        self._attribute = attribute
        self._found: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._found:
            if name not in self._names:
                raise KeyError(name)
            self._found[name] = self._attribute(name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


def known(value: Value | None) -> object:
    """A value as Python has it; None where it is not known, or not there."""
    if value is None:
        return None
    try:
        return convert.plain(value)
    except Fault:
        return None


def how_many(block: Block) -> str:
    """What a block says of the number of its instances."""
    for name in ("count", "for_each"):
        if (argument := block.body.argument(name)) is not None:
            return f"{name} = {cut(expression_text(argument.expression))}"
    return "enabled = false"
