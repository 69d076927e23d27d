"""
What a stack passes to the stacks that it makes, and what it may be.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.conditions.refusing_conditions import defaults_among, may_refuse
from trustproof.inputs.cloudformation.evaluation.declarations.circular_conditions import named_conditions
from trustproof.inputs.cloudformation.evaluation.declarations.defaults import given_in
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.reference_values import names_through_resources
from trustproof.inputs.cloudformation.evaluation.declarations.refusals import refusal
from trustproof.inputs.cloudformation.evaluation.declarations.work import OverBudget
from trustproof.inputs.cloudformation.evaluation.declarations.written_parameters import DEFAULT, UNKNOWN, Several
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.stacks.names_for_others import open_name
from trustproof.inputs.cloudformation.parameters.parameters import read_parameters
from trustproof.inputs.cloudformation.parameters.rules import names_of_condition
from trustproof.inputs.cloudformation.values.catalogue import TEMPLATE_BODY
from trustproof.inputs.cloudformation.values.intrinsics import names_in, referred_name
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.cloudformation.values.passed_defaults import PassedDefaults
from trustproof.inputs.grammar.values import NoValue, Unreadable, scalar_text
from trustproof.inputs.grammar.variants import MAX_VARIANTS, TooManyVariants, variants
from trustproof.model.names import in_stack, seen_by_others
from trustproof.model.policy import Guard
from trustproof.model.text import ACCOUNT_ID, REGION, Symbol, Symbolic, Text, concat

#: What is another one for the nested stack.
_OF_STACK = ("AWS::StackName", "AWS::StackId", "AWS::NotificationARNs")
#: What is another one besides for the stacks of a StackSet, which are in accounts and Regions of their own.
OF_PLACE = (ACCOUNT_ID, REGION)
#: The same for a stack in another Region of the account.
OF_REGION = (REGION,)
#: Why a value is not known, of a parameter.
_NOT_KNOWN = "what is passed to a nested stack as {} depends on what is not known here"


class DeploymentValue(NamedTuple):
    """
    What a value of a template is in some of its deployments.
    """

    resolver: Resolver
    #: What holds in these deployments.
    guards: tuple[Guard, ...]
    text: Text | NoValue


def bindings(
    reading: DeploymentValue,
    passed: Mapping[str, object],
    place: str,
    content: Mapping[str, object],
    compared: Collection[str] = (),
    deciding_presence: Collection[str] | None = None,
    under: str = "",
) -> dict[str, Text]:
    """
    The values of the parameters of a nested stack; those that it leaves to their default are not among them, nor those
    whose value stands in the Parameter Store: what is passed for these is its name there.

    Args:
        reading: of the template that passes them, where it has the nested stack.
        passed: by the name of the parameter.
        place: what the values are called that are not known.
        content: the template of the nested stack. What is passed at a default alone to a parameter that its conditions
            compare would decide these the one way only.
        compared: the parameters that it passes on to others whose conditions compare them.
        deciding_presence: the parameters of the parent that decide whether there is the nested stack, which need not
            be what they are by default where there is one; None where `reading` is at what decides that.
        under: the condition without which nothing is passed, where nobody else holds it against what is; else empty.
    """
    found: dict[str, Text] = {}
    in_conditions = compared_parameters(content).union(compared)
    # What the parent cannot be deployed with, it does not pass.
    refused = {n for n, v in passed.items() if may_refuse(reading.resolver, _names(reading.resolver, v))}
    in_conditions |= refused
    among = {n: _names(reading.resolver, v) for n, v in passed.items() if deciding_presence and not _is_row(v)}
    in_conditions |= {n for n, names in among.items() if not names.isdisjoint(deciding_presence or ())}
    declared = read_parameters(content.get("Parameters"))
    deciding = _deciding(reading.resolver, passed, content, in_conditions)
    for name, value in passed.items():
        if name in declared and declared[name].is_ssm:
            continue
        symbol, is_narrowed = Symbol(f"{place}.{name}", "parameter"), False
        try:
            values = _alternatives(value)
            is_open = any(
                one is UNKNOWN or rests_on_default(reading.resolver, one, None if name in in_conditions else deciding)
                for one in values
            )
            made = (
                []
                if is_open
                else [o for v in values for o in readings(reading.resolver, v, reading.guards, deciding_presence)]
            )
            options = [one.text for one in made if not under or one.resolver.decide(under) is not False]
            is_narrowed = len(options) < len(made)
        except (OverBudget, TooManyVariants) as error:
            found[name] = Symbolic((symbol._replace(doubt=str(error)),))
            continue
        except Unreadable:
            options = []
        texts = [*dict.fromkeys(options)]
        if len(texts) > 1:
            # What is nothing leaves the parameter at its default; without one, there is no such stack.
            default = scalar_text(_mapping(_mapping(_mapping(content).get("Parameters")).get(name)).get("Default"))
            known = [default if isinstance(text, NoValue) else text for text in texts]
            texts = [*dict.fromkeys(text for text in known if text is not None)]
            texts = _admitted(declared.get(name), texts) or texts
        # What nothing compares is judged at a default, as in the parent.
        is_free = name not in in_conditions and rests_on_default(reading.resolver, value, None)
        tied = None if is_free or name in refused else _tied(reading.resolver, value, declared.get(name))
        if tied is not None and len(texts) != 1 and not is_narrowed:
            found[name] = tied
        elif len(texts) == 1:
            (text,) = texts
            if not isinstance(text, NoValue):
                found[name] = text
            elif (default := _default(declared.get(name))) is not None:
                # Nobody can give it another value.
                found[name] = default
        elif texts and all(isinstance(text, str) for text in texts):
            found[name] = Symbolic((symbol._replace(allowed=tuple(map(str, texts))),))
        else:
            found[name] = Symbolic((symbol._replace(doubt=_NOT_KNOWN.format(name)),))
    return found


def _default(parameter: Parameter | None) -> str | None:
    """What a parameter is that is passed nothing; None where that is not known."""
    return None if parameter is None else parameter.judged_default


def _tied(resolver: Resolver, value: object, parameter: Parameter | None) -> Symbolic | None:
    """
    What is passed as the value of a parameter that is passed as it is, so that both are the same; None for what is
    another value, or one that the nested stack may not admit.

    Args:
        parameter: that is given the value.
    """
    name = referred_name(value)
    own = resolver.environment.parameters.get(name) if isinstance(name, str) else None
    if own is None or parameter is None or own.is_list or own.is_ssm or own.name in resolver.values:
        return None
    bound = resolver.environment.bindings.get(own.name)
    if bound is None and _is_in_rules(resolver.environment, own.name):
        # Its symbol says nothing of what these admit.
        return None
    if bound is None:
        symbol = own.symbol if own.listed else own.symbol._replace(doubt=_NOT_KNOWN.format(parameter.name))
    elif isinstance(bound, Symbolic) and len(bound.parts) == 1 and isinstance(bound.parts[0], Symbol):
        symbol = bound.parts[0]
    else:
        return None
    return None if any(map(parameter.refusal, symbol.allowed or ())) else Symbolic((symbol,))


def _is_in_rules(environment: Environment, name: str) -> bool:
    """Whether what holds in every deployment speaks of a parameter."""
    return any(name in names_of_condition(environment.conditions, rule) for rule in environment.rules)


def _admitted(parameter: Parameter | None, texts: list[Text | NoValue]) -> list[Text | NoValue]:
    """Those of several values that a parameter admits: CloudFormation makes no stack with another one."""
    return [text for text in texts if not isinstance(text, str) or parameter is None or not refusal(parameter, text)]


def _alternatives(value: object) -> tuple[object, ...]:
    """What is passed to the one stack or the other."""
    if not isinstance(value, Several):
        return (value,)
    return tuple(value.default if one is DEFAULT else one for one in value.values)


def _names(resolver: Resolver, value: object) -> set[str]:
    """What something that is passed names, and what that is made of."""
    return names_through_resources(resolver.environment, [*_alternatives(value)])


def _deciding(
    resolver: Resolver, passed: Mapping[str, object], content: Mapping[str, object], in_conditions: Collection[str]
) -> frozenset[str] | None:
    """
    The names of what decides about a parameter of the parent besides a value that is made of it; None where anything
    may: a value that the nested stack gives back may meet all that the parent says.
    """
    if content.get("Outputs"):
        return None
    found = [one for name, value in passed.items() if name in in_conditions for one in _alternatives(value)]
    choosing = resolver.environment.conditions if "Fn::If" in str(passed) else {}
    own = names_through_resources(resolver.environment, found)
    return frozenset((*own, *names_in([*choosing.values()])))


def rests_on_default(resolver: Resolver, value: object, deciding: Collection[str] | None) -> bool:
    """
    Whether a value is made of a parameter that may be anything, and has a default.

    Args:
        deciding: what decides whether such a parameter is another value than its default; None where anything may.
    """
    among = defaults_among(resolver, _names(resolver, value))
    return any(deciding is None or name in deciding for name in among)


def readings(
    resolver: Resolver, value: object, guards: tuple[Guard, ...] = (), undecided: Collection[str] | None = None
) -> list[DeploymentValue]:
    """
    What a value may be, at every value that a parameter may have which lists them.

    Args:
        guards: what holds where it is read.
        undecided: the parameters that need not be what they are by default; None for all.

    Raises:
        TooManyVariants: there are too many.
        Unreadable: it is no text.
    """
    environment = resolver.environment
    written = names_behind(environment, value)
    listed = [
        (name, values)
        for name, parameter in environment.parameters.items()
        if name not in resolver.values
        and name not in environment.bindings
        and name in written
        and (values := parameter.listed or _keys_for(resolver, name, value, undecided))
    ]
    if prod(len(values) for _, values in listed) > MAX_VARIANTS:
        raise TooManyVariants
    found: list[DeploymentValue] = []
    for chosen in product(*(values for _, values in listed)):
        given = dict(zip((name for name, _ in listed), chosen, strict=True))
        reading = Resolver(environment, {**resolver.values, **given})
        found += [
            DeploymentValue(reading, *one)
            for one in variants(reading, guards, lambda one: one.open_text(value, elsewhere=True))
        ]
    return found


def parameter_store_names(
    reading: DeploymentValue, passed: Mapping[str, object], content: Mapping[str, object]
) -> dict[str, str]:
    """
    What is passed to those parameters of a nested stack whose value stands in the Parameter Store: its name there, what
    is not known of it in angle brackets.
    """
    declared = read_parameters(content.get("Parameters"))
    kept = (name for name in passed if name in declared and declared[name].is_ssm)
    return {name: open_name(reading.resolver, passed[name]) for name in kept}


def names_behind(environment: Environment, value: object) -> set[str]:
    """What a value names, and what the conditions name that choose it."""
    found = names_through_resources(environment, value)
    conditions = [*named_conditions(value)]
    for name in conditions:
        found.update(names_in(body := environment.conditions.get(name)))
        conditions += [inner for inner in named_conditions(body) if inner not in conditions]
    return found


def _is_row(value: object) -> bool:
    """Whether a value is looked up in a mapping."""
    return isinstance(value, Mapping) and "Fn::FindInMap" in value


def _keys_for(resolver: Resolver, name: str, value: object, undecided: Collection[str] | None) -> tuple[str, ...]:
    """What a parameter may be that chooses the row of a mapping: one of the keys. Nothing where it is its default."""
    argument = value.get("Fn::FindInMap") if isinstance(value, Mapping) else None
    if not isinstance(argument, list) or len(argument) not in (2, 3) or referred_name(argument[1]) != name:
        # With a fourth argument there is a value for any other key.
        return ()
    mappings, parameter = resolver.environment.mappings, resolver.environment.parameters[name]
    rows = [*map(str, _mapping(mappings.get(argument[0]) if isinstance(argument[0], str) else None))]
    if undecided is not None and parameter.judged_default in rows and name not in undecided:
        return ()
    return tuple(key for key in rows if parameter.refusal(key) is None)


def passed_at_defaults(
    resolver: Resolver, passed: Mapping[str, object], bound: Mapping[str, Text], stack: str, over: Sequence[object] = ()
) -> dict[str, PassedDefaults]:
    """
    What a stack passes that is made of defaults, in whose place there may be anything, by the parameter.

    Args:
        resolver: of the template that passes something.
        passed: what it passes, by the name of the parameter.
        bound: what that was found to be; what is open rests on no default.
        stack: what the stack is called that passes it.
        over: the collections of the loops that make what it is passed to, of whose items it may be made.
    """
    found: dict[str, PassedDefaults] = {}
    in_loops = names_through_resources(resolver.environment, [*over])
    around = resolver.environment.at_default
    for name, value in passed.items():
        text = bound.get(name)
        # What is listed may have a default among it.
        is_open = isinstance(text, Symbolic) and any(s.kind == "parameter" and not s.allowed for s in text.symbols)
        if text is None or is_open:
            if behind := _behind(resolver, value, text, stack):
                found[name] = PassedDefaults({}, text or "", behind)
            continue
        written = _names(resolver, value) | in_loops
        defaults = {f"{stack}/{one}": default for one, default in defaults_among(resolver, written).items()}
        # What another nested stack gives back is made of what that is passed.
        read = written.union(names_in(given_in(resolver.environment, value)))
        passed_on = [around[one] for one in sorted(read) if one in around]
        opened: Text = Symbolic((Symbol(f"{stack}/{name}", "parameter", doubt=_NOT_KNOWN.format(name)),))
        if not passed_on and not over:
            opened = _opened(resolver, value, stack) or opened
        elif isinstance(referred := referred_name(value), str) and referred in around:
            opened = around[referred].opened
        if every := {**defaults, **{of: default for one in passed_on for of, default in one.defaults.items()}}:
            found[name] = PassedDefaults(every, opened)
    return found


def _behind(resolver: Resolver, value: object, text: Text | None, stack: str) -> dict[str, str | None]:
    """The parameters of a stack that an open value is made of, and of those around it, each with its default."""
    environment, symbols = resolver.environment, text.symbols if isinstance(text, Symbolic) else ()
    open_ = {symbol.name for symbol in symbols if symbol.kind == "parameter"}
    found: dict[str, str | None] = {}
    for name in sorted(_names(resolver, value)):
        parameter = environment.parameters.get(name)
        if name in environment.at_default:
            found.update(environment.at_default[name].behind)
        elif parameter is not None and name not in environment.bindings and name not in resolver.values:
            found[f"{stack}/{name}"] = parameter.judged_default
    return {name: default for name, default in found.items() if name in open_}


def _opened(resolver: Resolver, value: object, stack: str) -> Text | None:
    """What a value is that a stack passes, whatever its parameters are; None where that is not one text."""
    opened = Resolver(resolver.environment, resolver.values, defaults=False)
    try:
        text = opened.open_text(value, elsewhere=True)
    except (OverBudget, TooManyVariants, Unreadable):
        return None
    return None if isinstance(text, NoValue) else rename_symbols(text, stack)


def left_to_default(content: Mapping[str, object], passed: Collection[str]) -> dict[str, Text]:
    """
    The parameters that a stack is passed nothing for, which then are what they declare.

    Args:
        content: the template of the stack.
        passed: those that are passed something.
    """
    declared = read_parameters(content.get("Parameters"))
    return {
        name: parameter.default
        for name, parameter in declared.items()
        if name not in passed and parameter.default is not None and not parameter.is_ssm
    }


def rename_symbols(text: Text, stack: str, others: Collection[str] = ()) -> Text:
    """
    A text of a stack with its symbols and ids named after the stack: the nested stack has names of its own.

    Args:
        others: what is another one besides for the stack that reads it, which is elsewhere.
    """
    if isinstance(text, str):
        return seen_by_others(text, stack)
    return concat(_renamed(part, stack, (*_OF_STACK, *others)) for part in text.parts)


def _renamed(part: str | Symbol, stack: str, others: Collection[str]) -> str | Symbol:
    if isinstance(part, str):
        return seen_by_others(part, stack)
    if part.name in others:
        return part._replace(name=f"{stack}/{part.name}", kind="intrinsic")
    return part._replace(name=f"{stack}/{part.name}") if _is_own(part) else part


def _is_own(symbol: Symbol) -> bool:
    """Whether the name of a symbol is one of a stack itself: not one that the stack was passed, and passes on."""
    label, name = in_stack(symbol.name)
    if label and name in (*_OF_STACK, *OF_PLACE):
        return False
    return symbol.kind == "intrinsic" or (symbol.kind in ("attribute", "parameter") and not label)


def compared_parameters(content: Mapping[str, object]) -> frozenset[str]:
    """The parameters of a template of which its conditions or rules speak, or which templates inside it may compare."""
    found = [content.get("Conditions"), content.get("Rules")]
    for resource in _mapping(content.get("Resources")).values():
        properties = _mapping(_mapping(resource).get("Properties"))
        if any(section in str(properties.get(TEMPLATE_BODY)) for section in ("Conditions", "Rules")):
            found.append(properties)
    written = json.dumps(found, default=str)
    return frozenset(name for name in map(str, _mapping(content.get("Parameters"))) if name in written)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
