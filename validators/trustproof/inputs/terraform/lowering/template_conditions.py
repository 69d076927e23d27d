"""
What decides in Terraform as conditions of a template, and what validations never admit as rules of it.

https://developer.hashicorp.com/terraform/language/values/variables#custom-validation-rules
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import cast

from trustproof.inputs.cloudformation.values.parameter import DEPENDS_ON
from trustproof.inputs.terraform.values.conditions import (
    NULL,
    AllOf,
    AnyOf,
    Condition,
    Equal,
    Named,
    Not,
    Outcome,
    Undecided,
    WasThere,
)
from trustproof.inputs.terraform.values.instances import RootVariable

#: The type of a parameter that is compared with numbers: an example of it is one.
LIKE_A_NUMBER = "Trustproof::Number"
#: Validations are asked about so many texts with which conditions compare variables.
_MOST_TEXTS = 100


def lower_condition(condition: Condition, parameters: MutableMapping[str, object]) -> dict[str, object]:
    """
    A condition as an expression of a template.

    Args:
        parameters: of the template; those that the expression refers to are put there.
    """
    if isinstance(condition, Equal):
        declare_variable(condition.name, parameters)
        value = condition.value
        if isinstance(value, int) and not isinstance(value, bool):
            # It may be null, which no number of a template is.
            cast("dict[str, object]", parameters[condition.name]).update(Type=LIKE_A_NUMBER)
        if condition.part_of:
            _declare_part(condition, cast("dict[str, object]", parameters[condition.name]))
        text = ("true" if value else "false") if isinstance(value, bool) else NULL if value is None else str(value)
        return {"Fn::Equals": [{"Ref": condition.name}, text]}
    if isinstance(condition, Outcome):
        name = _name(condition)
        before = cast("dict[str, list[str]]", parameters.get(name, {})).get("AllowedValues", ())
        allowed = [*dict.fromkeys((*before, *condition.among))]
        parameters[name] = {"AllowedValues": allowed, DEPENDS_ON: [*condition.depends_on]}
        return {"Fn::Equals": [{"Ref": name}, condition.value]}
    if isinstance(condition, (WasThere, Undecided)):
        name = _name(condition)
        parameters[name] = {"AllowedValues": ["true", "false"], DEPENDS_ON: [*condition.depends_on]}
        return {"Fn::Equals": [{"Ref": name}, "true"]}
    if isinstance(condition, Named):
        return {"Condition": condition.name}
    if isinstance(condition, Not):
        return {"Fn::Not": [lower_condition(condition.of, parameters)]}
    assert isinstance(condition, (AllOf, AnyOf))
    parts = [lower_condition(one, parameters) for one in condition.of]
    if not parts:
        # All of nothing is so, and one of nothing is not.
        return {"Fn::Equals": ["true", "true" if isinstance(condition, AllOf) else "false"]}
    return {"Fn::And" if isinstance(condition, AllOf) else "Fn::Or": parts} if len(parts) > 1 else parts[0]


def declare_variable(name: str, parameters: MutableMapping[str, object]) -> None:
    """Have a variable of the root module that has no value among the parameters of a template."""
    parameters.setdefault(name, {"Type": "String"})


def _declare_part(condition: Equal, parameter: MutableMapping[str, object]) -> None:
    """Say of the parameter for a part of a variable what it may be, and what else decides about it."""
    parameter[DEPENDS_ON] = [condition.part_of]
    if condition.is_truth:
        is_null = condition.value is None or NULL in cast("list[str]", parameter.get("AllowedValues", []))
        parameter["AllowedValues"] = ["true", "false", *([NULL] if is_null else [])]


def validation_rules(
    never: Mapping[str, Sequence[Condition]], parameters: MutableMapping[str, object]
) -> dict[str, object]:
    """
    The rules of a template that say what validations never admit, as far as that has to do with its parameters.

    Args:
        never: what never holds, by what refuses it.
        parameters: of the template; those that the rules refer to are put there.
    """
    found: dict[str, object] = {}
    left = {
        (said, number): (condition, frozenset(_names(condition)))
        for said, conditions in never.items()
        for number, condition in enumerate(conditions)
    }
    while True:
        near = [key for key, (_, names) in left.items() if names & parameters.keys()]
        if not near:
            return found
        for said, number in near:
            condition, _ = left.pop((said, number))
            # One that narrows a parameter says what that is.
            asserted = condition.of if isinstance(condition, Not) else Not(condition)
            rule = said + (f" ({number + 1})" if number else "")
            found[rule] = {"Assertions": [{"Assert": lower_condition(asserted, parameters)}]}


def value_rules(never: Iterable[Condition], parameters: MutableMapping[str, object]) -> dict[str, object]:
    """
    The rules of a template that say where expressions have a value: nothing is applied where one has none.

    Args:
        never: where one has none.
        parameters: of the template.
    """
    return {
        f"no value where {one.shown}": {"Assertions": [{"Assert": {"Fn::Not": [lower_condition(one, parameters)]}}]}
        for one in never
        if parameters.keys() >= {*_names(one)}
    }


def texts_left(never: Iterable[Condition]) -> dict[str, list[str]]:
    """
    The texts of which a variable is one, by its name with ``var.``: an object has no other key, and is asked for it.

    Args:
        never: what never holds.
    """
    found: dict[str, list[str]] = {}
    for one in never:
        if not isinstance(one, AllOf) or not all(isinstance(part, Not) for part in one.of):
            continue
        compared = [part.of for part in one.of if isinstance(part, Not)]
        names = {part.name if isinstance(part, Equal) and not part.part_of else "" for part in compared}
        texts = sorted({part.value for part in compared if isinstance(part, Equal) and isinstance(part.value, str)})
        if len(names) == 1 and len(texts) == len(compared) and (name := names.pop()):
            found[name] = [text for text in texts if text in found.get(name, texts)]
    return found


def _names(condition: Condition) -> Iterator[str]:
    if isinstance(condition, Equal):
        yield condition.name
    elif isinstance(condition, Not):
        yield from _names(condition.of)
    elif isinstance(condition, (AllOf, AnyOf)):
        for one in condition.of:
            yield from _names(one)
    else:
        yield _name(condition)


def _name(condition: Condition) -> str:
    """What the parameter for a condition is called: an interpolation in an expression is none of a template's."""
    called = condition.name if isinstance(condition, Outcome) else condition.shown
    return called.replace("${", "{")


def texts_compared(
    parameters: Mapping[str, object], variables: Mapping[str, RootVariable], conditions: object
) -> list[tuple[str, str]]:
    """The variables that may be any text, each with the texts that conditions compare it with."""
    found: dict[tuple[str, str], None] = {}
    for sides in comparisons(conditions):
        for one, other in (sides, sides[::-1]) if isinstance(sides, list) and len(sides) == 2 else ():
            name = one.get("Ref") if isinstance(one, Mapping) else None
            declared = variables.get(str(name).removeprefix("var.")) if name in parameters else None
            if declared is not None and declared.type != "bool" and isinstance(other, str) and other != NULL:
                found[declared.name, other] = None
    return list(found)[:_MOST_TEXTS]


def comparisons(conditions: object) -> list[object]:
    """The operands of all comparisons in conditions."""
    if isinstance(conditions, list):
        return [found for one in conditions for found in comparisons(one)]
    if not isinstance(conditions, dict):
        return []
    if "Fn::Equals" in conditions:
        return [conditions["Fn::Equals"]]
    return [found for one in conditions.values() for found in comparisons(one)]
