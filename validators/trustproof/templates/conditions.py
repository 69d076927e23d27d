"""
The ``Conditions`` section: whether a condition holds, and for which parameters several guards hold together.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof._typing import TYPE_CHECKING
from trustproof.errors import TrustproofError
from trustproof.model.policy import Guard
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.templates.parameters import Parameter, scalar_text
from trustproof.templates.samples import admits, candidates

if TYPE_CHECKING:
    from trustproof.templates.intrinsics import Resolver

#: Partial assignments that `realise` tries before it gives up.
MAX_STEPS = 4000
_PSEUDO_VALUES = {
    "AWS::Region": ("us-east-1", "eu-west-1", "ap-southeast-2", "sa-east-1"),
    "AWS::Partition": ("aws", "aws-cn", "aws-us-gov", "aws-iso"),
    "AWS::AccountId": ("111122223333", "444455556666", "777788889999", "123456789012"),
}


class Undetermined(TrustproofError):
    """Whether guards hold together could not be decided within `MAX_STEPS`, or not by the equalities in them."""


def decide_named(name: str, resolver: Resolver, _inside: tuple[str, ...] = ()) -> bool | None:
    """
    Whether a named condition holds; None where that depends on what `resolver` does not know.
    """
    if name in _inside or name not in resolver.environment.conditions:
        # CloudFormation refuses both.
        return None
    return decide(resolver.environment.conditions[name], resolver, (*_inside, name))


def decide(expression: object, resolver: Resolver, _inside: tuple[str, ...] = ()) -> bool | None:
    """
    Whether a condition expression holds; None where that depends on what `resolver` does not know.
    """
    if not isinstance(expression, dict) or len(expression) != 1:
        return None
    ((function, argument),) = expression.items()
    if function == "Condition" and isinstance(argument, str):
        return decide_named(argument, resolver, _inside)
    if not isinstance(argument, list):
        return None
    if function == "Fn::Equals" and len(argument) == 2:
        return _equal(*(_compared(side, resolver) for side in argument))
    parts = (decide(part, resolver, _inside) for part in argument)
    if function == "Fn::Not" and len(argument) == 1:
        inner = next(parts)
        return None if inner is None else not inner
    if function in ("Fn::And", "Fn::Or"):
        return _combined(parts, decisive=function == "Fn::Or")
    return None


def _combined(parts: Iterable[bool | None], *, decisive: bool) -> bool | None:
    result: bool | None = not decisive
    for part in parts:
        if part is decisive:
            return decisive
        if part is None:
            result = None
    return result


def _compared(side: object, resolver: Resolver) -> Text | None:
    from trustproof.templates.values import Unreadable

    try:
        text = resolver.text(side)
    except Unreadable:
        return None
    return text if isinstance(text, (str, Symbolic)) else None


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
    first, last = text.parts[0], text.parts[-1]
    if isinstance(first, str) and not value.startswith(first):
        return False
    if isinstance(last, str) and not value.endswith(last):
        return False
    return len(text.parts) != 1 or not isinstance(first, Symbol) or admits(first, value)


# -- which parameters make guards hold


def realise(resolver: Resolver, guards: tuple[Guard, ...]) -> dict[str, str] | None:
    """
    Parameter values under which all guards hold; None where no deployment has them.

    A parameter that may stay at its default is not listed.

    Args:
        resolver: one that knows what is pinned, and no defaults.
        guards: names of conditions with a bool, names of parameters with text.

    Raises:
        Undetermined: neither an assignment nor a proof that there is none was found.
    """
    fixed: dict[str, str] = {}
    wanted: list[tuple[str, bool]] = []
    for guard in guards:
        if isinstance(guard.value, bool):
            wanted.append((guard.name, guard.value))
        elif fixed.setdefault(guard.name, guard.value) != guard.value:
            return None
    return _Search(resolver, fixed, wanted).run()


class _Search:
    """
    Assigns one parameter after the other until every wanted condition is decided the wanted way.
    """

    def __init__(self, resolver: Resolver, fixed: dict[str, str], wanted: list[tuple[str, bool]]) -> None:
        self.resolver = resolver
        self.fixed = fixed
        self.wanted = wanted
        self.steps = 0
        #: Every text that something is compared with, in the order of the template.
        self.literals: dict[str, None] = dict.fromkeys(fixed.values())
        #: For each name, values that nothing is compared with.
        self.fresh: dict[str, list[str]] = {}
        #: What is demanded of parameters that are compared with something that is no literal.
        self.shapes: set[object] = set()
        #: The texts that one name is compared with.
        self.own: dict[str, dict[str, None]] = {}
        self.names: dict[str, None] = {}
        #: Whether every name is compared as a whole, so that literals and a few fresh values are all cases.
        self.exact = True
        seen: set[str] = set()
        for name, _ in wanted:
            self._collect_named(name, seen)

    def run(self) -> dict[str, str] | None:
        """The assignment, or None where there is none."""
        declared = self.resolver.environment.parameters
        for name in self.names:
            if name in declared and declared[name].allowed is None:
                self.fresh[name] = self._fresh(declared[name])
        found = self._assign(dict(self.fixed), [name for name in self.names if name not in self.fixed])
        if found is None and (not self.exact or len(self.shapes) > 1):
            raise Undetermined("the conditions compare parts of parameters")
        return found

    def _assign(self, values: dict[str, str], names: list[str]) -> dict[str, str] | None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Undetermined(f"the conditions need more than {MAX_STEPS} combinations of parameters")
        opened = self.resolver.opened(values)
        decided = [(decide_named(name, opened), holds) for name, holds in self.wanted]
        if any(state is not None and state is not holds for state, holds in decided):
            return None
        if all(state is holds for state, holds in decided):
            return {name: value for name, value in values.items() if value != self._default(name)}
        if not names:
            # A condition that no parameter decides: an import, a macro, a condition that is not declared.
            self.exact = False
            return None
        for value in self._domain(names[0]):
            found = self._assign({**values, names[0]: value}, names[1:])
            if found is not None:
                return found
        return None

    def _default(self, name: str) -> str | None:
        parameter = self.resolver.environment.parameters.get(name)
        return parameter.judged_default if parameter is not None else None

    def _domain(self, name: str) -> Iterator[str]:
        """The values of a parameter that make a difference: its default first."""
        parameter = self.resolver.environment.parameters.get(name)
        if parameter is None:
            fresh = _PSEUDO_VALUES.get(name) or tuple(candidates(Symbol(name, "pseudo-parameter"), ""))
            yield from dict.fromkeys((*fresh[:1], *self.own.get(name, ()), *fresh[1:], *self.literals))
            return
        values = dict.fromkeys([] if parameter.judged_default is None else [parameter.judged_default])
        if parameter.allowed is not None and not parameter.is_ssm:
            values.update(dict.fromkeys(parameter.allowed))
            yield from values
            return
        values.update(self.own.get(name, {}))
        values.update(dict.fromkeys(self.fresh.get(name, ())))
        values.update(self.literals)
        # Two parameters that must be equal need a fresh value in common.
        values.update((value, None) for fresh_values in self.fresh.values() for value in fresh_values)
        yield from (value for value in values if value == parameter.default or parameter.refusal(value) is None)

    def _fresh(self, parameter: Parameter) -> list[str]:
        """Values that a parameter admits and nothing is compared with, one for each name that may have to differ."""
        samples = (value for value in candidates(parameter.symbol, "") if value not in self.literals)
        admitted = [value for value in dict.fromkeys(samples) if parameter.refusal(value) is None]
        if len(admitted) < len(self.names):
            self.exact = False
        return admitted[: len(self.names)]

    def _shape(self, name: str) -> object:
        parameter = self.resolver.environment.parameters.get(name)
        if parameter is None or parameter.allowed is not None or name in self.resolver.values:
            return None
        return parameter._replace(name="", default=None)

    # -- which names and literals occur

    def _collect_named(self, name: str, seen: set[str]) -> None:
        if name not in seen:
            seen.add(name)
            self._collect(self.resolver.environment.conditions.get(name), seen)

    def _collect(self, expression: object, seen: set[str]) -> None:
        if not isinstance(expression, dict):
            return
        for function, argument in expression.items():
            if function == "Condition" and isinstance(argument, str):
                self._collect_named(argument, seen)
            elif function == "Fn::Equals" and isinstance(argument, list):
                self._equality(argument)
            elif isinstance(argument, list):
                for part in argument:
                    self._collect(part, seen)

    def _equality(self, sides: list[object]) -> None:
        for side, other in zip(sides, reversed(sides), strict=True):
            self._operand(side, whole=True)
            name = side.get("Ref") if isinstance(side, dict) else None
            if isinstance(name, str) and isinstance(other, dict):
                # Whether two parameters have a value in common is only tried for values that suit both.
                self.shapes.add(self._shape(name))
            literal = scalar_text(other)
            if isinstance(name, str) and literal is not None:
                self.own.setdefault(name, {})[literal] = None

    def _operand(self, side: object, *, whole: bool) -> None:
        """Note the parameters and literals in one side of a comparison."""
        if isinstance(side, (str, bool, int, float)):
            text = self.resolver.text(side)
            assert isinstance(text, (str, Symbolic))
            self.literals.update({text: None} if isinstance(text, str) else {})
        elif isinstance(side, list):
            for item in side:
                self._operand(item, whole=False)
        elif isinstance(side, dict):
            for function, argument in side.items():
                self._function(function, argument, whole=whole)

    def _function(self, function: str, argument: object, *, whole: bool) -> None:
        if function == "Ref" and isinstance(argument, str):
            self._name(argument, whole=whole)
        elif function == "Fn::FindInMap" and isinstance(argument, list) and isinstance(argument[0], str):
            table = self.resolver.environment.mappings.get(argument[0])
            self._keys(table)
            for key in argument[1:]:
                self._operand(key, whole=whole)
        elif function == "Fn::Sub":
            from trustproof.templates.values import variables_of

            for name in variables_of(argument):
                self._name(name, whole=False)
            given = argument[1] if isinstance(argument, list) and len(argument) == 2 else None
            for value in given.values() if isinstance(given, dict) else ():
                self._operand(value, whole=False)
        else:
            self._operand(argument, whole=False)

    def _keys(self, table: object) -> None:
        if isinstance(table, dict):
            for key, inner in table.items():
                self.literals[key] = None
                self._keys(inner)

    def _name(self, name: str, *, whole: bool) -> None:
        parameter = self.resolver.environment.parameters.get(name)
        if parameter is None and not name.startswith("AWS::"):
            return
        known = self.resolver.values.get(name, self.resolver.environment.deployment.bindings.get(name))
        if known is not None:
            self.literals.update({known: None} if isinstance(known, str) else {})
            return
        self.names[name] = None
        if parameter is None or parameter.allowed is None or parameter.is_ssm:
            self.exact = self.exact and whole
        if parameter is not None and not parameter.is_ssm:
            # Another parameter may be compared with this one.
            self.literals.update(dict.fromkeys((*(parameter.allowed or ()), parameter.default or "")))
