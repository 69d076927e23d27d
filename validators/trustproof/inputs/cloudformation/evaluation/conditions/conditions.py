"""
The ``Conditions`` section: whether a condition holds, and what is wrong with one that CloudFormation refuses.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TypeGuard

from trustproof.inputs.cloudformation.evaluation.declarations.condition_outcomes import (
    Equality,
    Excluded,
    Key,
    Outcome,
    excluded_by_name,
)
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.refusals import refusal
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.evaluation.texts.leftovers import stands_for_something
from trustproof.inputs.cloudformation.parameters.samples import admits, is_never_empty
from trustproof.inputs.cloudformation.values.fault import Fault
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.grammar.malformed_policies import quote_value
from trustproof.inputs.grammar.values import Unreadable
from trustproof.inputs.reads_again import ADMITS
from trustproof.model.deployments import equality_key, is_chosen
from trustproof.model.made_names import OF_NOBODY
from trustproof.model.text import Symbol, Symbolic, Text

#: The functions of conditions, to how many arguments each takes, where that is fixed.
_FUNCTIONS = {"Fn::And": None, "Fn::Equals": 2, "Fn::Not": 1, "Fn::Or": None}
#: So many comparisons that are met again cost as much as a condition that is looked up.
_PUT = 4


class ConditionReader:
    """
    Decides conditions by what a scope knows, and keeps the comparisons that it cannot decide.

    A scope for one deployment decides them all: what is not given is nothing that anything is compared with.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        #: The named conditions that were decided: many may name the same.
        self._known: dict[str, bool | None] = {}
        #: Of those that are kept, the comparisons that were met.
        self._met: dict[str, Mapping[str, Equality]] = {}
        self._keeps: bool | None = None
        self._excluded: Excluded | None = None
        self.open: dict[str, Equality] = {}

    def named(self, name: str) -> bool | None:
        """Whether a named condition holds; None where that depends on what is not known."""
        if name in self._known:
            # A condition that is kept is kept with all that it meets.
            self._put(self._met.get(name, {}))
            return self._known[name]
        environment = self._scope.environment
        environment.work.name()
        key = self.key(name)
        outcome = environment.outcomes.get(key) if key is not None else None
        if outcome is None:
            outcome = self._decided(name, key)
        if key is not None:
            self._met[name] = outcome.open
            self._put(outcome.open)
        self._known[name] = outcome.state
        return outcome.state

    def key(self, name: str) -> Key | None:
        """What the outcome of a condition is kept by; None where more matters than what parameters are."""
        scope, environment = self._scope, self._scope.environment
        if self._keeps is None:
            self._excluded = excluded_by_name(scope.values, environment.parameters) if scope.is_for_conditions else None
            self._keeps = self._excluded is not None
        if self._excluded is None:
            return None
        return environment.outcomes.key(name, scope.values, self._excluded, closed=scope.closed)

    def _put(self, met: Mapping[str, Equality]) -> None:
        self._scope.environment.work.name(len(met) // _PUT)
        for key, equality in met.items():
            self.open.setdefault(key, equality)

    def _decided(self, name: str, key: Key | None) -> Outcome:
        """How a condition comes out; with what is met, where that is kept."""
        environment, before = self._scope.environment, self.open
        hits = environment.work.hits
        if key is not None:
            self.open = {}
        environment.work.enter()
        try:
            found = Outcome(self._named(name), self.open if key is not None else {})
        finally:
            environment.work.leave()
            self.open = before
        # Where a budget was reached on the way, it may not be elsewhere.
        if key is not None and environment.work.hits == hits:
            environment.outcomes.keep(key, found)
        return found

    def _named(self, name: str) -> bool | None:
        environment = self._scope.environment
        if not is_chosen(name) and name not in environment.conditions:
            # No template has it: it stands for what only a deployment tells.
            return self._undecided(Equality(name, (None, None), None, None))
        problem = fault(environment, name)
        if problem is None:
            return self.expression(environment.conditions[name])
        if not environment.is_unfinished:
            environment.faults_met[name] = problem
        return self._undecided(_opaque(name if environment.is_unfinished else f"{name}{OF_NOBODY}"))

    def expression(self, expression: object) -> bool | None:
        """Whether a condition expression of the right shape holds; None where that depends on what is not known."""
        assert isinstance(expression, dict)
        ((function, argument),) = expression.items()
        if function == "Condition" and isinstance(argument, str):
            return self.named(argument)
        if function == "Fn::Equals" and isinstance(argument, list):
            return self._equality(argument[0], argument[1])
        if function == "Fn::Not" and isinstance(argument, list):
            inner = self.expression(argument[0])
            return None if inner is None else not inner
        if function in ("Fn::And", "Fn::Or") and isinstance(argument, list):
            return _combined(map(self.expression, argument), decisive=function == "Fn::Or")
        if function == ADMITS and is_admission(argument):
            return self._admission(*argument)
        return self._undecided(_opaque(json.dumps(expression, sort_keys=True, default=str)))

    def _admission(self, value: object, parameter: Parameter) -> bool | None:
        """Whether CloudFormation makes a stack that is passed a value as a parameter of it."""
        self._scope.environment.work.step()
        text = self._text(value)
        texts = texts_of(text)
        decided = {False if refusal(parameter, one) else parameter.refusal(one) is None or None for one in texts}
        # What is not refused for certain is not admitted for certain.
        if len(decided) == 1 and not any(map(stands_for_something, texts)) and (found := decided.pop()) is not None:
            return found
        shown = json.dumps(value, sort_keys=True, default=str) if text is None else str(text)
        key = f"{ADMITS} [{shown}, {parameter._replace(name='', default=None)}]"
        return self._undecided(Equality(key, (value, None), text, None, parameter))

    def _equality(self, left: object, right: object) -> bool | None:
        self._scope.environment.work.step()
        compared = Equality("", (left, right), self._text(left), self._text(right))
        found = _equal(compared.left, compared.right)
        if found is not None:
            return found
        # Two functions that give the same text are the same side.
        sides = sorted(
            json.dumps(written, sort_keys=True, default=str) if text is None else str(text)
            for written, text in ((left, compared.left), (right, compared.right))
        )
        return self._undecided(compared._replace(key=f"Fn::Equals [{', '.join(sides)}]"))

    def _text(self, side: object) -> Text | None:
        if _is_made_as_json(side):
            # Blanks, the order of keys, and how numbers and escapes are written, the manual does not say.
            return None
        try:
            text = self._scope.text(side)
        except Unreadable:
            return None
        return text if isinstance(text, (str, Symbolic)) else None

    def _undecided(self, equality: Equality) -> bool | None:
        given = self._scope.values.get(equality.key)
        if given is not None:
            return given == "true"
        if self._scope.closed:
            return False
        self.open.setdefault(equality.key, equality)
        return None


def is_never(scope: Scope, name: str, value: str) -> bool:
    """Whether a name has any value but this one, by its declaration or by what was decided of a comparison."""
    if scope.values.get(equality_key(name, value)) == "false":
        return True
    return name not in scope.values and scope.environment.refuses(name, value)


def is_admission(argument: object) -> TypeGuard[tuple[object, Parameter]]:
    """Whether arguments are those of the condition that a parameter admits a value, which no template can write."""
    return isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], Parameter)


def texts_of(text: Text | None) -> tuple[str, ...]:
    """All that a text may be; empty where that is not known."""
    if isinstance(text, str):
        return (text,)
    part = text.parts[0] if text is not None and len(text.parts) == 1 else ""
    return (part.allowed or ()) if isinstance(part, Symbol) and part.kind == "parameter" and not part.doubt else ()


def is_free(scope: Scope, name: str) -> bool:
    """Whether nothing but a deployment decides a condition, and a scope does not say how it came out."""
    return not (is_chosen(name) or name in scope.environment.conditions or name in scope.values or scope.closed)


def _opaque(name: str) -> Equality:
    """A condition of which nothing is known but what it is called."""
    return Equality(f"Condition {name}", (None, None), None, None)


def decide_named(name: str, scope: Scope) -> bool | None:
    """
    Whether a named condition holds; None where that depends on what `scope` does not know.
    """
    return ConditionReader(scope).named(name)


def _combined(parts: Iterable[bool | None], *, decisive: bool) -> bool | None:
    result: bool | None = not decisive
    for part in parts:
        if part is decisive:
            return decisive
        if part is None:
            result = None
    return result


def _equal(left: Text | None, right: Text | None) -> bool | None:
    """Whether two texts are the same whatever their symbols are; None where it depends."""
    if left is None or right is None:
        return None
    if left == right:
        return True
    if isinstance(left, str) and isinstance(right, str):
        return False
    for known, open_ in ((left, right), (right, left)):
        if isinstance(known, str) and isinstance(open_, Symbolic) and not _may_be(open_, known):
            return False
    return None


def _may_be(text: Symbolic, value: str) -> bool:
    """Whether what is known of a text is in a value, in order."""
    if value == "" and any(map(is_never_empty, text.symbols)):
        return False
    first, *middle, last = text.parts if len(text.parts) > 1 else (*text.parts, "")
    if isinstance(first, Symbol) and not middle and last == "":
        return admits(first, value)
    start = len(first) if isinstance(first, str) else 0
    end = len(value) - (len(last) if isinstance(last, str) else 0)
    if end < start or not value.startswith(first if isinstance(first, str) else "", 0):
        return False
    if isinstance(last, str) and not value.endswith(last):
        return False
    for part in middle:
        if isinstance(part, str):
            at = value.find(part, start, end)
            if at < 0:
                return False
            start = at + len(part)
    return True


# -- what CloudFormation refuses


def fault(environment: Environment, name: str) -> Fault | None:
    """
    What is wrong with a condition itself, whatever those are that it depends on; None where nothing is.
    """
    if name not in environment.faults:
        environment.faults[name] = _fault(environment, name)
    return environment.faults[name]


def _fault(environment: Environment, name: str) -> Fault | None:
    conditions = environment.conditions
    if name not in conditions:
        return Fault(f"the condition {name} is not declared", ())
    problem = _shape(conditions[name])
    if problem:
        return Fault(f"the condition {name}: {problem}", ("Conditions", name))
    if name in environment.circular_conditions():
        return Fault(f"the condition {name} depends on itself", ("Conditions", name))
    return None


def _shape(expression: object) -> str:
    """What is wrong with a condition expression: a clause; empty where nothing is."""
    expected = f"expected one of Condition, {', '.join(_FUNCTIONS)}"
    if not isinstance(expression, dict) or len(expression) != 1:
        return f"it is {quote_value(expression)}, {expected}"
    ((function, argument),) = expression.items()
    if function == "Condition":
        return (
            "" if isinstance(argument, str) else f"Condition takes the name of a condition, not {quote_value(argument)}"
        )
    if function == "Fn::Transform" or (function == ADMITS and is_admission(argument)):
        return ""
    if function not in _FUNCTIONS:
        return f"it is {function}, {expected}"
    count = _FUNCTIONS[function]
    if not isinstance(argument, list) or not argument or count not in (None, len(argument)):
        wanted = "a list of conditions" if count is None else "a list of one condition" if count == 1 else "two values"
        return f"{function} takes {wanted}"
    return "" if count == 2 else next(filter(None, map(_shape, argument)), "")


def _is_made_as_json(side: object) -> bool:
    """Whether a value has JSON in it that CloudFormation writes."""
    left = [side]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if "Fn::ToJsonString" in one:
                return True
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return False
