"""
What a stack passes to another one that CloudFormation does not take, so that it makes no such stack.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.conditions.conditions import texts_of
from trustproof.inputs.cloudformation.evaluation.declarations.circular_conditions import named_conditions
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment, macros_of
from trustproof.inputs.cloudformation.evaluation.declarations.refusals import refusal
from trustproof.inputs.cloudformation.evaluation.declarations.written_parameters import written_parameters
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.stacks.passed_values import names_behind, rests_on_default
from trustproof.inputs.cloudformation.evaluation.texts.leftovers import stands_for_something
from trustproof.inputs.cloudformation.parameters.parameters import read_parameters
from trustproof.inputs.cloudformation.parameters.rules import compared_names, read_rules, referred_names
from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM, names_in
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.grammar.values import scalar_text
from trustproof.inputs.reads_again import ADMITS
from trustproof.model.text import Text

#: A condition that holds in no deployment.
_NEVER = {"Fn::Equals": ["admitted", "refused"]}
#: What is written where a value is not made of parameters and mappings alone.
_OF_OTHERS = ("Fn::GetAtt", "Fn::ImportValue", "Fn::GetStackOutput", "Fn::Transform", "{{resolve:", "AWS::")


def taken_at_default(resolver: Resolver, passed: Mapping[str, object], given: Collection[str]) -> frozenset[str]:
    """
    The parameters of which a stack may be passed something else than it is judged with, as a default may be overridden.

    Args:
        resolver: of the template that passes something.
        passed: what it passes, by the name of the parameter.
        given: the parameters of that template of which the same is true.
    """
    environment = resolver.environment
    return frozenset(
        name
        for name, value in passed.items()
        if rests_on_default(resolver, value, None) or not names_behind(environment, value).isdisjoint(given)
    )


def refused_binding(content: Mapping[str, object], bindings: Mapping[str, Text], open_: Collection[str]) -> str:
    """
    Why CloudFormation makes no stack with what it is passed, as a clause; empty where it may.

    Args:
        content: the template of the stack.
        bindings: what it is passed, by the name of the parameter.
        open_: the parameters that may be passed something else.
    """
    declared = _declared(content) if bindings else {}
    for name, text in bindings.items():
        parameter = declared.get(name) if name not in open_ else None
        refusals = [] if parameter is None else [refusal(parameter, value) for value in texts_of(text)]
        if refusals and all(refusals):
            return f"what {name} is passed {refusals[0]}"
    return ""


def demands(
    environment: Environment,
    logical_id: str,
    content: Mapping[str, object],
    passed: Mapping[str, object] | None = None,
) -> Iterator[tuple[str, object]]:
    """
    What holds in each deployment of a template, since the stack that it has refuses other values: conditions, and what
    these are called. A stack that is not made fails the one around it.

    Args:
        environment: of the template.
        logical_id: the resource that makes the stack.
        content: the template of the stack.
        passed: what the stack is passed, by the name of the parameter; None for what is written.
    """
    resource = environment.resources[logical_id]
    own = resource.get("Condition")
    declared = _declared(content)
    passed = written_parameters(resource, {}) if passed is None else passed
    found = {
        name: _admits(environment, value, declared[name])
        for name, value in (passed or {}).items()
        if name in declared and _is_text(declared[name])
    }
    if passed is not None and declared:
        found |= _rules(environment, passed, declared, content.get("Rules"))
    for name, admitted in found.items():
        if admitted is not None:
            if isinstance(own, str):
                admitted = {"Fn::Or": [{"Fn::Not": [{"Condition": own}]}, admitted]}
            yield f"Nested/{logical_id}.{name}", admitted


def _rules(
    environment: Environment, passed: Mapping[str, object], declared: Mapping[str, Parameter], section: object
) -> dict[str, object]:
    """The rules of a nested template with what it is passed in the places of its parameters, where that is known."""
    given: dict[str, object] = {name: one.judged_default for name, one in declared.items() if name not in passed}
    for name, value in passed.items():
        is_known = scalar_text(value) is not None or _is_chosen_of_parameters(environment, value)
        given[name] = value if is_known else None
    found: dict[str, object] = {}
    for rule, body in read_rules(section, declared).items():
        names = {*referred_names(body)}
        is_plain = not any(sign in str(body) for sign in (*_OF_OTHERS, "Fn::Sub"))
        if is_plain and all(given.get(name) is not None and _is_text(declared[name]) for name in names):
            found[rule] = _put_in(body, given)
    return found


def _is_text(parameter: Parameter) -> bool:
    """Whether what a parameter is passed is its value, and one text."""
    return not parameter.is_list and not parameter.is_ssm


def _is_chosen_of_parameters(environment: Environment, value: object) -> bool:
    """Whether a value is made of parameters and mappings alone, and conditions that are declared choose it."""
    return _is_of_parameters(environment, value) and all(
        name in environment.conditions for name in named_conditions(value)
    )


def _put_in(body: object, given: Mapping[str, object]) -> object:
    """A rule with values in the places of references."""
    if isinstance(body, list):
        return [_put_in(item, given) for item in body]
    if not isinstance(body, Mapping):
        return body
    name = body.get("Ref")
    return given[name] if isinstance(name, str) else {key: _put_in(inner, given) for key, inner in body.items()}


def admitted_bindings(environment: Environment) -> dict[str, object]:
    """
    The conditions that a nested stack admits what it is passed and compares, or looks up, by names that no condition
    has.
    """
    found: dict[str, object] = {}
    compared = {*compared_names([*environment.conditions.values()])}
    # Which row it is that is looked up decides as a condition does.
    compared.update(names_in([argument for argument, _ in environment.functions.lookups]))
    for name, text in environment.bindings.items():
        parameter = environment.parameters.get(name)
        if parameter is None or parameter.is_list or parameter.is_ssm or isinstance(text, str) or name not in compared:
            continue
        if parameter.is_narrow and not any(map(stands_for_something, parameter.listed)):
            found[f"Admitted/{name}"] = condition_to_admit({"Ref": name}, parameter)
    return found


def _declared(content: Mapping[str, object]) -> dict[str, Parameter]:
    """The parameters of a template, as far as no macro may declare them otherwise."""
    section = content.get("Parameters")
    if not isinstance(section, Mapping) or TRANSFORM in section or macros_of(content.get("Transform")):
        return {}
    return read_parameters({name: body for name, body in section.items() if TRANSFORM not in str(body)})


def _admits(environment: Environment, value: object, parameter: Parameter) -> object | None:
    """The condition that a parameter admits a value; None where it always does, or that is not known."""
    if (text := scalar_text(value)) is not None:
        return None if refusal(parameter, text) is None else _NEVER
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    ((function, argument),) = value.items()
    if function == "Fn::If" and isinstance(argument, list) and len(argument) == 3:
        holds: object = {"Condition": argument[0]}
        ways = [_admits(environment, branch, parameter) for branch in argument[1:]]
        both = [
            {"Fn::Or": [otherwise, way]}
            for otherwise, way in zip(({"Fn::Not": [holds]}, holds), ways, strict=True)
            if way is not None
        ]
        return {"Fn::And": both} if both and argument[0] in environment.conditions else None
    if function == "Ref" and (given := environment.pinned.get(str(argument))) is not None:
        # It is that value wherever it is passed.
        return None if refusal(parameter, given) is None else _NEVER
    # What was taken from it since is taken by such a demand, which others have to know.
    own = environment.declared.get(str(argument)) if function == "Ref" else None
    if own is not None and own.name not in environment.bindings and not own.is_list and not own.is_ssm and own.listed:
        admitted = [text for text in own.listed if refusal(parameter, text) is None]
        return None if len(admitted) == len(own.listed) else _one_of(value, admitted)
    if not parameter.is_narrow or not _is_of_parameters(environment, value):
        return None
    return None if own is not None and _admits_all(parameter, own) else condition_to_admit(value, parameter)


def _admits_all(parameter: Parameter, own: Parameter) -> bool:
    """Whether a declaration admits whatever another one admits, as it says the same or less."""
    bounds = ("pattern", "min_length", "max_length", "min_value", "max_value")
    return (
        parameter.allowed is None
        and (parameter.type == own.type or parameter.type == "String")
        and all(getattr(parameter, name) in (None, getattr(own, name)) for name in bounds)
    )


def condition_to_admit(value: object, parameter: Parameter) -> object:
    """The condition that a parameter admits a value."""
    if not parameter.listed or parameter.type == "Number":
        # A number may be written in several ways.
        return {ADMITS: [value, parameter]}
    return _one_of(value, [text for text in parameter.listed if refusal(parameter, text) is None])


def _is_of_parameters(environment: Environment, value: object) -> bool:
    """Whether a value is made of nothing but parameters and mappings of the template that has it."""
    written = str(value)
    if any(sign in written for sign in _OF_OTHERS):
        return False
    return all(
        name in environment.parameters and name not in environment.bindings and not environment.parameters[name].is_ssm
        for name in names_in(value)
    )


def _one_of(value: object, texts: Sequence[str]) -> object:
    return {"Fn::Or": [{"Fn::Equals": [value, text]} for text in texts]} if texts else _NEVER
