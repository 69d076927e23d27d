"""
Blocks and their arguments, as they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression
from trustproof.inputs.terraform.values.place import Place

#: Of two blocks of this type an override file changes single arguments.
_MERGED = "lifecycle"
#: The blocks that may stand at the top of a file, to how many labels they have.
LABELS = {
    "action": 2,
    "check": 1,
    "data": 2,
    "ephemeral": 2,
    "import": 0,
    "locals": 0,
    "module": 1,
    "moved": 0,
    "output": 1,
    "provider": 1,
    "removed": 0,
    "resource": 2,
    "terraform": 0,
    "variable": 1,
}


class Argument:
    """
    ``name = expression``.

    Args:
        name: of the argument.
        place: of its name, or what gives it when somebody asks for it.
        expression: what is written behind the sign, or what gives it when somebody asks for it.
    """

    __slots__ = ("_expression", "_place", "name")

    def __init__(
        self, name: str, place: Place | Callable[[], Place], expression: Expression | Callable[[], Expression]
    ) -> None:
        self.name: str = name
        self._place = place
        self._expression = expression

    @property
    def place(self) -> Place:
        """Of its name."""
        if not isinstance(self._place, Place):
            self._place = self._place()
        return self._place

    @property
    def expression(self) -> Expression:
        """What is written behind the sign."""
        if not isinstance(self._expression, Expression):
            self._expression = self._expression()
        return self._expression


class Body:
    """
    What stands between the braces of a block, or in a file.

    Args:
        arguments: by name.
        blocks: in order.
        either: of JSON, what may be an argument or blocks of that name, by name.
    """

    __slots__ = ("_blocks", "arguments", "either")

    def __init__(
        self,
        arguments: Mapping[str, Argument],
        blocks: Sequence[Block],
        either: Mapping[str, Callable[[], Sequence[Block] | None]] | None = None,
    ) -> None:
        self.arguments: dict[str, Argument] = dict(arguments)
        self._blocks = list(blocks)
        self.either: dict[str, Callable[[], Sequence[Block] | None]] = dict(either or {})

    def blocks(self, *types: str) -> Iterator[Block]:
        """The blocks of some types, in order; all that are known to be blocks where no type is named."""
        for block in self._blocks:
            if not types or block.type in types:
                yield block
        for name in types:
            if name in self.either:
                yield from self.either[name]() or ()

    def argument(self, name: str) -> Argument | None:
        """The argument of a name; None where there is none."""
        return self.arguments.get(name)

    def overridden(self, other: Body) -> Body:
        """
        The body as an override file changes it: argument by argument, and blocks of one type all together.

        https://developer.hashicorp.com/terraform/language/files/override
        """
        replaced = {_shown_type(block) for block in other.blocks()} | other.either.keys()
        kept = [block for block in self._blocks if _shown_type(block) not in replaced]
        added = [block for block in other.blocks() if block.type != _MERGED]
        merged = [*self.blocks(_MERGED), *other.blocks(_MERGED)]
        if _MERGED in replaced and merged:
            added.append(reduce(Block.overridden, merged))
        either = {name: make for name, make in self.either.items() if name not in replaced}
        arguments = {
            name: found for name, found in self.arguments.items() if name not in replaced or name in other.arguments
        }
        either |= {name: make for name, make in other.either.items() if name != _MERGED}
        return Body({**arguments, **other.arguments}, [*kept, *added], either)


def refuse_unknown(file: Body) -> None:
    """
    Refuse what no file has at its top, as Terraform does: nobody would look at what is in it.

    https://developer.hashicorp.com/terraform/language/syntax/configuration

    Raises:
        InputError: with its place.
    """
    for argument in file.arguments.values():
        raise _unexpected(f"an argument {argument.name} outside of a block", argument.place)
    for block in file.blocks():
        labels = LABELS.get(block.type)
        if labels is None:
            raise _unexpected(f"a block {block.type}, expected one of {', '.join(LABELS)}", block.place)
        if len(block.labels) != labels:
            raise _unexpected(f"a block {block.type} with {len(block.labels)} labels, expected {labels}", block.place)


def _unexpected(what: str, place: Place) -> InputError:
    return InputError(f"not a configuration of Terraform: {what}", place.file, place.line, place.column)


def _shown_type(block: Block) -> str:
    """The type of a block, or of those that a dynamic block makes."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type


class Block:
    """
    ``type "label" { … }``.

    Args:
        type: of the block.
        labels: behind it.
        place: of its first line; start and end are those of the whole block.
        body: what stands between the braces, or what gives it when somebody asks for it.
    """

    __slots__ = ("_body", "labels", "place", "type")

    def __init__(self, type: str, labels: tuple[str, ...], place: Place, body: Body | Callable[[], Body]) -> None:  # noqa: A002
        self.type: str = type
        self.labels: tuple[str, ...] = labels
        self.place: Place = place
        self._body = body

    @property
    def body(self) -> Body:
        """What stands between the braces."""
        if not isinstance(self._body, Body):
            self._body = self._body()
        return self._body

    def overridden(self, other: Block) -> Block:
        """The block as one of an override file changes it."""
        return Block(self.type, self.labels, self.place, lambda: self.body.overridden(other.body))
