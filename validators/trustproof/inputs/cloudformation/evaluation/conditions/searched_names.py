"""
Which names and literals occur in conditions for which values are searched.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.inputs.cloudformation.evaluation.conditions.comparison_sides import keys_in
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import is_admission
from trustproof.inputs.cloudformation.evaluation.conditions.list_values import suggest_items, texts_of_list
from trustproof.inputs.cloudformation.evaluation.declarations.other_stacks import follow_expressions
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.values.intrinsics import variables_of
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.grammar.values import scalar_text
from trustproof.inputs.reads_again import ADMITS
from trustproof.model.text import Symbolic

#: What it costs to look at a comparison, in conditions that are looked up by name.
_LOOKED_AT = 4


class SearchedNames:
    """
    Names and literals of conditions, with all that these depend on.

    Args:
        scope: the one that is searched.
        wanted: the names of the conditions.
        literals: texts that names have in any case.
    """

    def __init__(self, scope: Scope, wanted: Iterable[str], literals: Iterable[str]) -> None:
        self.scope = scope
        #: Every text that something is compared with, in the order of the template.
        self.literals: dict[str, None] = dict.fromkeys(literals)
        #: What is demanded of parameters that are compared with something that is no literal.
        self.shapes: dict[object, list[str]] = {}
        #: The declarations that are to admit a name as it is.
        self.admitting: dict[str, list[Parameter]] = {}
        #: The texts that one name is compared with.
        self.own: dict[str, dict[str, None]] = {}
        self.names: dict[str, None] = {}
        #: The names of which not all cases are tried: of one that is compared as a whole, literals and a few fresh
        #: values are all.
        self.partial: set[str] = set()
        #: The names that are compared with one another.
        self.compared: list[tuple[str, str]] = []
        #: The mappings whose keys have been noted.
        self._tables: set[str] = set()
        #: The conditions that have been looked into.
        self.seen: set[str] = set()
        for name in wanted:
            self._collect_named(name)

    def spread(self) -> None:
        """Let what must be equal to a name of which not all cases are tried be tried in part as well."""
        reached, equals = [*self.partial], dict[str, list[str]]()
        for one, other in self.compared:
            equals.setdefault(one, []).append(other)
        while reached:
            for other in equals.pop(reached.pop(), ()):
                if other in self.names and other not in self.partial:
                    self.in_part(other)
                    reached.append(other)

    def _collect_named(self, name: str) -> None:
        if name not in self.seen:
            self.seen.add(name)
            self._collect(self.scope.environment.conditions.get(name))

    def _collect(self, expression: object) -> None:
        if not isinstance(expression, dict):
            return
        for function, argument in expression.items():
            if function == "Condition" and isinstance(argument, str):
                self._collect_named(argument)
            elif function == "Fn::Equals" and isinstance(argument, list):
                self._equality(argument)
            elif function == ADMITS and is_admission(argument):
                self._admission(*argument)
            elif isinstance(argument, list):
                for part in argument:
                    self._collect(part)

    def _equality(self, written: list[object]) -> None:
        self.scope.environment.work.name(_LOOKED_AT)
        sides = [follow_expressions(self.scope, side) for side in written]
        for side, other in zip(sides, reversed(sides), strict=True):
            # What is one of several values is compared as a whole with a text alone.
            self._operand(side, whole=scalar_text(other) is not None or "Fn::If" not in str(side))
            name = side.get("Ref") if isinstance(side, dict) else None
            if isinstance(name, str) and isinstance(other, dict):
                self._shape(name)
                if isinstance(compared := other.get("Ref"), str):
                    self.compared.append((name, compared))
                if "Ref" not in other and name in self.names:
                    # It may have to be equal to what no literal is.
                    self.in_part(name)
            literal = scalar_text(other)
            if isinstance(name, str) and literal is not None:
                self.own.setdefault(name, {})[literal] = None
            self._items(side, other)

    def _admission(self, written: object, parameter: Parameter) -> None:
        """Note what a declaration is to admit."""
        value = follow_expressions(self.scope, written)
        name = value.get("Ref") if isinstance(value, dict) else None
        self._operand(value, whole="Fn::If" not in str(value))
        if isinstance(name, str) and parameter not in (asked := self.admitting.setdefault(name, [])):
            asked.append(parameter)
        self.literals.update(dict.fromkeys(parameter.allowed or ()))

    def _items(self, side: object, other: object) -> None:
        """Note the values of a parameter with items that one side of a comparison looks at."""
        found = suggest_items(side, other)
        parameter = None if found is None else self.scope.environment.parameters.get(found[0])
        if found is not None and parameter is not None and parameter.is_list <= (found[1] == ","):
            for items in found[2]:
                self.own.setdefault(found[0], {}).update(dict.fromkeys(texts_of_list(items, found[1], parameter)))

    def _shape(self, name: str) -> None:
        parameter = self.scope.environment.parameters.get(name)
        open_ = parameter is not None and not parameter.listed and name not in self.scope.values
        self.shapes.setdefault(parameter._replace(name="", default=None) if parameter and open_ else None, []).append(
            name
        )

    def _operand(self, side: object, *, whole: bool) -> None:
        """Note the parameters and literals in one side of a comparison."""
        if isinstance(side, (str, bool, int, float)):
            text = self.scope.text(side)
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
        elif function == "Fn::FindInMap" and isinstance(argument, list) and argument:
            if isinstance(argument[0], str) and argument[0] not in self._tables:
                self._tables.add(argument[0])
                self.literals.update(dict.fromkeys(keys_in(self.scope.environment.mappings.get(argument[0]))))
            for key in argument[1:]:
                self._operand(key, whole=whole)
        elif function == "Fn::Sub":
            for name in variables_of(argument):
                self._name(name, whole=False)
            given = argument[1] if isinstance(argument, list) and len(argument) == 2 else None
            for value in given.values() if isinstance(given, dict) else ():
                self._operand(value, whole=False)
        elif function == "Fn::If" and isinstance(argument, list) and argument and isinstance(argument[0], str):
            # An expression of another stack is the one or the other.
            self._collect_named(argument[0])
            for branch in argument[1:]:
                self._operand(branch, whole=whole)
        else:
            self._operand(argument, whole=False)

    def in_part(self, name: str) -> None:
        if name == "AWS::Region" and "AWS::Partition" in self.scope.values:
            # All Regions of a partition are tried.
            return
        parameter = self.scope.environment.parameters.get(name)
        if parameter is None or not parameter.listed or parameter.is_ssm or parameter.is_list:
            self.partial.add(name)

    def _name(self, name: str, *, whole: bool) -> None:
        parameter = self.scope.environment.parameters.get(name)
        if parameter is None and not name.startswith("AWS::"):
            return
        known = self.scope.values.get(name, self.scope.environment.bindings.get(name))
        if known is None:
            known = self.scope.environment.deployment.pseudo_parameters.get(name)
        if known is not None:
            self.literals.update({known: None} if isinstance(known, str) else {})
            return
        if not whole or (parameter is not None and parameter.is_list):
            self.in_part(name)
        if name in self.names:
            return
        self.names[name] = None
        if parameter is not None and not parameter.is_ssm:
            # Another parameter may be compared with this one.
            self.literals.update(dict.fromkeys((*parameter.listed, parameter.default or "")))
