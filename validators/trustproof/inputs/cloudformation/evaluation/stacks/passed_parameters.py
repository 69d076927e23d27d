"""
The parameters of the stacks around a nested one that it is passed something of, and which of their values it tells
apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.declarations.circular_conditions import named_conditions
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.cloudformation.values.plain_references import PlainReferences
from trustproof.inputs.grammar.values import scalar_text
from trustproof.model.deployments import PassedParameter
from trustproof.model.text import Symbolic

#: Through so many stacks a value is followed.
_MOST_PASSED = 60


class _Part(NamedTuple):
    """
    A parameter that a value is made of.
    """

    name: str
    default: str | None
    is_at_default: bool
    #: Whether the value is that of the parameter.
    is_same: bool
    told: tuple[str, ...] = ()
    is_listed: bool = False


def passed_parameters(environment: Environment) -> Mapping[str, PassedParameter]:
    """
    Those of which what a nested stack is passed is made, by their names.

    Args:
        environment: of the nested stack.
    """
    found: dict[str, PassedParameter] = {}
    taking: dict[str, list[Parameter]] = {}
    rows = [str(key) for one in environment.mappings.values() if isinstance(one, Mapping) for key in one]
    for own in environment.deployment.bindings:
        parameter = environment.parameters.get(own)
        if parameter is None or parameter.is_list:
            continue
        for part in _parts(environment, own, 0):
            one = found.get(part.name, PassedParameter(part.default))
            told, compared = dict.fromkeys((*one.told, *part.told)), dict.fromkeys(one.compared)
            if part.is_same:
                taking.setdefault(part.name, []).append(parameter)
                told.update(dict.fromkeys(parameter.listed))
                compared.update(dict.fromkeys((*_compared(environment.conditions, own), *rows)))
            found[part.name] = one._replace(
                own=(*one.own, own),
                same=(*one.same, own) if part.is_same else one.same,
                told=tuple(told),
                compared=tuple(compared),
                is_at_default=one.is_at_default or part.is_at_default,
                is_listed=one.is_listed or part.is_listed or (part.is_same and bool(parameter.listed)),
                admits=partial(_admitted, taking.get(part.name, ())),
            )
    return found


def _parts(environment: Environment, own: str, depth: int) -> Iterator[_Part]:
    """The parameters of stacks around one that a parameter of it, or of one around it, is made of."""
    passed, bound = environment.at_default.get(own), environment.bindings.get(own)
    if passed is not None and isinstance(passed.opened, Symbolic):
        for symbol in passed.opened.symbols:
            if symbol.name in passed.defaults or symbol.name in passed.behind:
                default = passed.defaults.get(symbol.name, passed.behind.get(symbol.name))
                is_same, told = len(passed.opened.parts) == 1, symbol.allowed or ()
                yield _Part(symbol.name, default, symbol.name in passed.defaults, is_same, told, bool(told))
    linked = environment.deployment.linked_values
    if linked is None or depth > _MOST_PASSED:
        return
    for symbol in bound.symbols if isinstance(bound, Symbolic) else ():
        if symbol.name in linked.values:
            yield from _parts_of_expression(environment, linked.values[symbol.name], depth)


def _parts_of_expression(environment: Environment, expression: object, depth: int) -> Iterator[_Part]:
    """The same of an expression that is passed."""
    conditions = [environment.conditions.get(one) for one in named_conditions(expression)]
    for name in dict.fromkeys(names_in([expression, *conditions])):
        if name not in environment.parameters:
            continue
        is_same = PlainReferences((name,)).written(expression) == {"Ref": name}
        if name in environment.bindings:
            for part in _parts(environment, name, depth + 1):
                yield part._replace(is_same=part.is_same and is_same)
            continue
        parameter = environment.parameters[name]
        keys = _keys(expression, name, environment.mappings)
        told = dict.fromkeys((*parameter.listed, *keys, *_compared(conditions, name)))
        yield _Part(name, parameter.judged_default, True, is_same, tuple(told), bool(parameter.listed))


def _admitted(taking: Iterable[Parameter], value: str) -> bool:
    """Whether all parameters that are passed a value take it."""
    return all(one.refusal(value) is None for one in taking)


def _compared(value: object, name: str) -> Iterator[str]:
    """The texts that a parameter is compared with, wherever that stands."""
    for function, argument in _functions(value):
        if function == "Fn::Equals" and {"Ref": name} in argument:
            yield from (text for text in map(scalar_text, argument) if text is not None)


def _keys(value: object, name: str, mappings: Mapping[str, object]) -> Iterator[str]:
    """The rows of mappings that a parameter chooses from, wherever that stands."""
    for function, argument in _functions(value):
        if function == "Fn::FindInMap" and len(argument) > 2 and argument[1] == {"Ref": name}:
            rows = mappings.get(argument[0]) if isinstance(argument[0], str) else None
            yield from map(str, rows if isinstance(rows, Mapping) else ())


def _functions(value: object) -> Iterator[tuple[str, list[object]]]:
    """All functions in a value that have several arguments."""
    if isinstance(value, list):
        for one in value:
            yield from _functions(one)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if isinstance(one, list):
                yield str(key), one
            yield from _functions(one)
