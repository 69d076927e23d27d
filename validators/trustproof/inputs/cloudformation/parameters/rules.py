"""
The ``Rules`` section: what CloudFormation asserts of the parameters before it creates or updates anything.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html

A rule becomes a condition that holds in every deployment. What a function of rules gives that is looked up in the
account (``Fn::RefAll``, ``Fn::ValueOf``) is not known, and then an assertion excludes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from math import prod

from trustproof.inputs.cloudformation.values.deployment import PLACES
from trustproof.inputs.cloudformation.values.intrinsics import variables_of
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.grammar.values import scalar_text
from trustproof.inputs.reads_again import ADMITS
from trustproof.model.policy import Guard
from trustproof.model.text import Symbolic, Text

_Expression = dict[str, object]
#: A condition of which nothing is known: a function of its own that Conditions have too.
_OPEN = "Fn::Transform"
#: How many comparisons all rules may make: each search for values of parameters looks at all of them.
MAX_COMPARISONS = 2000


#: The functions that compare each item of one list, or of two.
_COMPARING = ("Fn::Equals", "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn")


def read_rules(section: object, parameters: Mapping[str, Parameter]) -> dict[str, object]:
    """
    The rules that say something of the values of parameters, or of where a stack is, as conditions, by names that no
    condition has.
    """
    found: dict[str, object] = {}
    for name, body in section.items() if isinstance(section, Mapping) else ():
        listed = body.get("Assertions") if isinstance(body, Mapping) else None
        entries = (
            [entry.get("Assert") for entry in listed if isinstance(entry, Mapping)] if listed.__class__ is list else []
        )
        # Where its assertions never hold, a rule asserts that its condition does not.
        about = [*referred_names(entries)] or ([*referred_names(body["RuleCondition"])] if _has_condition(body) else [])
        if not entries or not any(n in PLACES or (n in parameters and not parameters[n].is_ssm) for n in about):
            # What stands at an SSM parameter, as the version of a bootstrap stack, is looked up.
            continue
        asserted: _Expression = {"Fn::And": [_condition(entry) for entry in entries]}
        if _has_condition(body):
            asserted = {"Fn::Or": [{"Fn::Not": [_condition(body["RuleCondition"])]}, asserted]}
        found[f"Rules/{name}"] = asserted
    return found


def _has_condition(body: object) -> bool:
    return isinstance(body, Mapping) and "RuleCondition" in body


def has_too_many(section: object) -> bool:
    """Whether the rules of a section make more comparisons than they may, before any of these is written out."""
    waiting, found = [section], 0
    while waiting and found <= MAX_COMPARISONS:
        part = waiting.pop()
        if isinstance(part, Mapping):
            for function, argument in part.items():
                waiting.append(argument)
                if function in _COMPARING:
                    sides = argument if isinstance(argument, list) else []
                    found += prod(len(side) for side in sides if isinstance(side, list))
        elif isinstance(part, list):
            waiting += part
    return found > MAX_COMPARISONS


def narrow_parameters(parameters: dict[str, Parameter], rules: Mapping[str, object], given: Iterable[str]) -> None:
    """Take from parameters that are not given the values that a rule never admits, and such a default."""
    for rule in rules.values():
        for name, values in (*_listed(rule, parameters), *_members(rule, parameters)):
            parameter = parameters.get(name)
            if parameter is None or parameter.is_ssm or name in given:
                continue
            allowed = tuple(dict.fromkeys(value for value in values if parameter.refusal(value) is None))
            if allowed:
                fitting = parameter._replace(allowed=allowed)
                keeps = parameter.default is not None and fitting.refusal(parameter.default) is None
                parameters[name] = fitting._replace(default=parameter.default if keeps else None)


def without_defaults(parameters: dict[str, Parameter], rule: object, given: Collection[str]) -> bool:
    """
    Let parameters be anything of which a rule does not admit the defaults; whether there are such parameters.

    Args:
        rule: as a condition.
        given: the parameters that have a value, so that their default plays no part.
    """
    names = [
        name
        for name in dict.fromkeys(referred_names(rule))
        if name in parameters and name not in given and parameters[name].judged_default is not None
    ]
    for name in names:
        parameters[name] = parameters[name]._replace(default=None)
    return bool(names)


def rules_about(
    rules: Iterable[str],
    conditions: Mapping[str, object],
    guards: Iterable[Guard],
    bindings: Mapping[str, Text],
    values: Mapping[str, object],
) -> tuple[str, ...]:
    """
    The rules that have to do with guards, by the parameters that they have in common, or others between them.

    Args:
        rules: names of conditions that hold in every deployment.
        conditions: these and all others.
        bindings: what parameters are passed by another stack, whose parameters then are what guards speak of.
        values: what symbols of that stand for, as expressions.
    """
    return RulesByName(rules, conditions, bindings, values).about(guards)


def rules_together(
    rules: Iterable[str], conditions: Mapping[str, object], bindings: Mapping[str, Text]
) -> Iterator[tuple[str, ...]]:
    """Rules in groups: those of different groups have no parameters in common. See `rules_about`."""
    about = RulesByName(rules, conditions, bindings, {})
    taken: set[str] = set()
    for rule, names in about.names.items():
        if rule not in taken:
            group = {rule, *about.named(names)}
            taken |= group
            yield tuple(sorted(group, key=about.order.__getitem__))


class RulesByName:
    """Rules by the names that they refer to, of which many searches ask. For the arguments see `rules_about`."""

    def __init__(
        self,
        rules: Iterable[str],
        conditions: Mapping[str, object],
        bindings: Mapping[str, Text],
        values: Mapping[str, object],
    ) -> None:
        self._conditions, self._bindings, self._values = conditions, bindings, values
        #: The names of conditions: each search asks for those of the same ones.
        self._of_conditions: dict[str, set[str]] = {}
        self.names: dict[str, set[str]] = {rule: names_of_condition(conditions, rule) for rule in rules}
        if bindings:
            self.names = {rule: _with_passed(one, conditions, bindings, values) for rule, one in self.names.items()}
        self.order: dict[str, int] = {rule: number for number, rule in enumerate(self.names)}
        self._rules: dict[str, list[str]] = {}
        for rule, names in self.names.items():
            for name in names:
                self._rules.setdefault(name, []).append(rule)

    def about(self, guards: Iterable[Guard]) -> tuple[str, ...]:
        """The rules that have to do with guards."""
        names: set[str] = set()
        for guard in guards:
            names |= self._names_of(guard.name) if isinstance(guard.value, bool) else {guard.name}
        return self.named(names)

    def _names_of(self, condition: str) -> set[str]:
        """The names that a condition refers to, also by what is passed."""
        if condition not in self._of_conditions:
            names = names_of_condition(self._conditions, condition)
            self._of_conditions[condition] = _with_passed(names, self._conditions, self._bindings, self._values)
        return self._of_conditions[condition]

    def named(self, names: set[str]) -> tuple[str, ...]:
        """The rules about names, or about those of such rules; the nearer ones first."""
        found: dict[str, None] = {}
        followed: set[str] = set()
        # Each name is followed once, also where many rules are a chain of which each has a name of the next.
        while names:
            followed |= names
            new = {rule for name in names for rule in self._rules.get(name, ()) if rule not in found}
            found.update(dict.fromkeys(sorted(new, key=self.order.__getitem__)))
            names = {name for rule in new for name in self.names[rule]} - followed
        return tuple(found)


def names_of_condition(conditions: Mapping[str, object], condition: str) -> set[str]:
    """The names that a condition refers to, and those that it names."""
    names: set[str] = set()
    waiting, seen = [condition], {condition}
    while waiting:
        body = conditions.get(waiting.pop())
        names.update(referred_names(body))
        for other in _depends(body):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return names


def _with_passed(
    names: set[str], conditions: Mapping[str, object], bindings: Mapping[str, Text], values: Mapping[str, object]
) -> set[str]:
    """Names with those that are behind what is passed for them."""
    found = {*names}
    waiting = [*names]
    while waiting:
        name = waiting.pop()
        text = bindings.get(name)
        new = {one.name for one in text.symbols} if isinstance(text, Symbolic) else set[str]()
        if name in values:
            new |= names_of_condition({**conditions, name: {"Fn::Not": [values[name]]}}, name)
        waiting += new - found
        found |= new
    return found


def _condition(assertion: object) -> _Expression:
    """A function of rules, written with those of conditions."""
    if isinstance(assertion, dict) and len(assertion) == 1:
        ((function, argument),) = assertion.items()
        parts = argument if isinstance(argument, list) else []
        if function in ("Fn::And", "Fn::Or", "Fn::Not") and parts:
            return {function: [_condition(part) for part in parts]}
        if function == "Fn::Equals" and len(parts) == 2:
            return {function: parts}
        if len(parts) == 2 and isinstance(parts[0], list) and parts[0]:
            first, second = parts
            if function == "Fn::Contains":
                return {"Fn::Or": [{"Fn::Equals": [item, second]} for item in first]}
            if function == "Fn::EachMemberEquals":
                return {"Fn::And": [{"Fn::Equals": [item, second]} for item in first]}
            if function == "Fn::EachMemberIn" and isinstance(second, list) and second:
                return {"Fn::And": [{"Fn::Or": [{"Fn::Equals": [item, one]} for one in second]} for item in first]}
        elif function in ("Fn::EachMemberIn", "Fn::EachMemberEquals") and len(parts) == 2 and _is_reference(parts[0]):
            items = parts[1] if isinstance(parts[1], list) and function == "Fn::EachMemberIn" else [parts[1]]
            texts = tuple(text for item in items if (text := scalar_text(item)) is not None)
            if texts and len(texts) == len(items):
                return {ADMITS: [parts[0], Parameter("", "CommaDelimitedList", allowed=texts)]}
    return {_OPEN: assertion}


def _is_of_items(admission: object) -> bool:
    """Whether an admission is what a rule asserts of each item of a list."""
    return isinstance(admission, list) and admission[1].name == "" and admission[1].is_list


def _is_reference(value: object) -> bool:
    return isinstance(value, dict) and len(value) == 1 and isinstance(value.get("Ref"), str)


def _members(expression: object, parameters: Mapping[str, Parameter]) -> Iterator[tuple[str, list[str]]]:
    """The lists that an assertion holds for only where each item is one of a few texts, and these texts."""
    ((function, argument),) = expression.items() if isinstance(expression, dict) else ((None, None),)
    if function == "Fn::And" and isinstance(argument, list):
        for part in argument:
            yield from _members(part, parameters)
    if function == ADMITS and isinstance(argument, list) and _is_of_items(argument):
        name, admitting = argument[0]["Ref"], argument[1]
        if name in parameters and parameters[name].is_list:
            yield name, [*admitting.listed]


def _listed(expression: object, parameters: Mapping[str, Parameter]) -> Iterator[tuple[str, list[str]]]:
    """The parameters of one value that an expression holds for a few values of only, and these values."""
    if not isinstance(expression, dict):
        return
    ((function, argument),) = expression.items()
    if function == "Fn::And":
        for part in argument:
            yield from _listed(part, parameters)
    elif function in ("Fn::Equals", "Fn::Or"):
        found = [_compared(part) for part in (argument if function == "Fn::Or" else [expression])]
        names = {one[0] for one in found if one is not None}
        is_single = len(names) == 1 and not any(name in parameters and parameters[name].is_list for name in names)
        if is_single and all(one is not None for one in found):
            yield names.pop(), [one[1] for one in found if one is not None]


def _compared(expression: object) -> tuple[str, str] | None:
    """The parameter and the text of a comparison of the two."""
    sides = expression.get("Fn::Equals") if isinstance(expression, dict) else None
    if not isinstance(sides, list) or len(sides) != 2:
        return None
    for one, other in (sides, sides[::-1]):
        name, value = one.get("Ref") if isinstance(one, dict) and len(one) == 1 else None, scalar_text(other)
        # What is written may stand for another value.
        if isinstance(name, str) and value is not None and "{{" not in value and "${" not in value:
            return name, value
    return None


def compared_names(value: object) -> Iterator[str]:
    """The names that comparisons in an expression refer to; of lists, not those of which it looks at each item."""
    if isinstance(value, list):
        for item in value:
            yield from compared_names(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != ADMITS or not _is_of_items(inner):
                yield from referred_names(inner) if key in ("Fn::Equals", ADMITS) else compared_names(inner)


def referred_names(value: object) -> Iterator[str]:
    """The names that an expression refers to."""
    if isinstance(value, list):
        for item in value:
            yield from referred_names(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref" and isinstance(inner, str):
                yield inner
            elif key == "Fn::Sub":
                yield from variables_of(inner)
            yield from referred_names(inner)


def _depends(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _depends(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            chosen = inner[0] if key == "Fn::If" and isinstance(inner, list) and inner else inner
            if key in ("Condition", "Fn::If") and isinstance(chosen, str):
                yield chosen
            yield from _depends(inner)
