"""
What a configuration says without being evaluated: its blocks, the constants in them, and the names that they refer to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.modules.files import InstalledModules
from trustproof.inputs.terraform.configuration.modules.installed_modules import why_another
from trustproof.inputs.terraform.configuration.modules.modules import LOCAL, Loader, Module, directory_of, source_of
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.syntax.expressions import (
    Call,
    Conditional,
    Expression,
    For,
    ListOf,
    Literal,
    Name,
    Negation,
    NotRead,
    ObjectOf,
    Operation,
    Step,
    Template,
    TemplateFor,
    TemplateIf,
    Traversal,
)
from trustproof.results.result import BUDGET

#: How many modules may call each other in a row.
_MAX_CALLS = 20
#: How many are followed in all: twenty that each call the next one twice would be a million.
_MAX_CALLED = 10_000


def blocks(loader: Loader, root: Module) -> tuple[dict[str, Block], dict[str, Block], tuple[str, ...]]:
    """
    The blocks of all resources and data sources by address without keys; of module calls, outputs and variables
    (``module.a``, ``module.a.output.b``, ``var.c``) likewise; and the beginnings of the addresses of those whose
    modules are not at hand.

    Raises:
        InputError: so many modules are called that nobody waits for them, as where one calls itself twice.
    """
    found: dict[str, Block] = {}
    others: dict[str, Block] = {}
    absent: list[str] = []
    installed = loader.files.installed(root.directory)
    waiting: list[tuple[Module, tuple[str, ...], str]] = [(root, (), "")]
    called = 0
    while waiting:
        module, path, prefix = waiting.pop()
        found.update((f"{prefix}{name}", block) for name, block in module.resources.items())
        others.update((f"{prefix}output.{name}", block) for name, block in module.outputs.items())
        others.update((f"{prefix}var.{name}", block) for name, block in module.variables.items())
        others.update((f"{prefix}module.{name}", block) for name, block in module.calls.items())
        for call, block in module.calls.items():
            inner = (*path, call)
            directory = directory_called(installed, module, inner, block)
            child = loader.load(directory) if directory is not None and len(inner) <= _MAX_CALLS else None
            if child is None:
                absent.append(f"{prefix}module.{call}.")
            else:
                called += 1
                if called > _MAX_CALLED:
                    message = f"{BUDGET}: modules that are called, as often as they are ({_MAX_CALLED})"
                    raise InputError(message, block.place.file, block.place.line, block.place.column)
                waiting.append((child, inner, f"{prefix}module.{call}."))
    return found, others, tuple(absent)


def directory_called(installed: InstalledModules, caller: Module, path: Sequence[str], call: Block) -> str | None:
    """
    The directory of a module that is called; None where it is not at hand, or nobody knows which it is.

    Args:
        installed: see `Files.installed`.
        caller: the module that calls.
        path: the names of the calls that lead there, outermost first.
        call: the block.
    """
    source = source_of(call)
    is_at_hand = source is not None and not _is_another(installed, path, call, source)
    return directory_of(installed, caller.directory, path, source) if source and is_at_hand else None


def _is_another(installed: InstalledModules, path: Sequence[str], call: Block, source: str) -> bool:
    """Whether what is installed for a call is surely not what it asks for, so that nobody looks into it."""
    record = installed.records.get(".".join(path))
    version = getattr(call.body.arguments.get("version") and call.body.arguments["version"].expression, "value", "")
    return record is not None and not source.startswith(LOCAL) and bool(why_another(record, source, str(version or "")))


class References(NamedTuple):
    """
    What an expression refers to.
    """

    #: Without keys and attributes: ``var.x``, ``data.d.e``, ``aws_x.y``.
    names: frozenset[str]
    #: With the attribute behind them, where one is written: ``aws_x.y.arn``.
    attributes: frozenset[str]
    #: What is spelled out.
    texts: frozenset[str] = frozenset()


def reference_of(expression: Expression) -> References | None:
    """What an expression refers to; None where a part of it was not read."""
    found: set[str] = set()
    attributes: set[str] = set()
    texts: set[str] = set()
    waiting: list[tuple[Expression, frozenset[str]]] = [(expression, frozenset())]
    while waiting:
        one, own = waiting.pop()
        if isinstance(one, NotRead):
            return None
        if isinstance(one, Literal) and isinstance(one.value, str):
            texts.add(one.value)
        if isinstance(one, Traversal) and isinstance(one.of, Name):
            if one.of.name not in own:
                base = _base(one.of.name, one.steps)
                found.add(base)
                if attribute := _attribute(one.of.name, one.steps):
                    attributes.add(f"{base}.{attribute}")
            waiting += ((inner, own) for inner in _keys(one.steps))
            continue
        if isinstance(one, For):
            inside = own | {one.value, *filter(None, (one.key,))}
            waiting.append((one.over, own))
            waiting += ((part, inside) for part in (one.result_key, one.result, one.condition) if part is not None)
            continue
        if isinstance(one, TemplateFor):
            waiting += ((one.over, own), (one.body, own | {one.value, *filter(None, (one.key,))}))
            continue
        waiting += ((part, own) for part in _parts(one))
    return References(frozenset(found), frozenset(attributes), frozenset(texts))


def waits_for(block: Block, prefix: str) -> tuple[str, ...]:
    """
    The addresses without keys of the resources and modules that the ``depends_on`` of a block names.

    Args:
        prefix: of addresses in its module: empty, or with a dot behind it.
    """
    argument = block.body.argument("depends_on")
    found = names(argument.expression) if argument is not None else None
    return tuple(f"{prefix}{name}" for name in sorted(found or ()))


def names(expression: Expression) -> frozenset[str] | None:
    """What an expression refers to, without keys and attributes; None where a part of it was not read."""
    found = reference_of(expression)
    return None if found is None else found.names


def _base(name: str, steps: tuple[Step, ...]) -> str:
    """The name of the block, variable or other thing that a traversal begins with."""
    count = 2 if name == "data" else 1
    return ".".join((name, *(step.name for step in steps[:count] if step.name)))


def _attribute(name: str, steps: tuple[Step, ...]) -> str:
    """The attribute behind what a traversal begins with; empty where none is written as a name."""
    rest = steps[2 if name == "data" else 1 :]
    if rest and isinstance(rest[0].key, Literal):
        rest = rest[1:]
    return rest[0].name if rest and rest[0].key is None and rest[0].each is None else ""


def _keys(steps: tuple[Step, ...]) -> Iterator[Expression]:
    for step in steps:
        if step.key is not None:
            yield step.key
        if step.each is not None:
            yield from _keys(step.each)


def _parts(expression: Expression) -> tuple[Expression, ...]:
    """The expressions that one is made of."""
    if isinstance(expression, Template):
        return expression.parts
    if isinstance(expression, (Conditional, TemplateIf)):
        return expression.condition, expression.then, expression.otherwise
    if isinstance(expression, Operation):
        return expression.left, expression.right
    if isinstance(expression, Negation):
        return (expression.of,)
    if isinstance(expression, Call):
        return expression.arguments
    if isinstance(expression, ListOf):
        return expression.items
    if isinstance(expression, ObjectOf):
        return tuple(part for entry in expression.entries for part in entry)
    if isinstance(expression, Traversal):
        return (expression.of, *_keys(expression.steps))
    return ()
