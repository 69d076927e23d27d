"""
The collections of loops: what is in them in some deployment, and in which.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from trustproof.inputs.cloudformation.evaluation.declarations import foreach
from trustproof.inputs.cloudformation.evaluation.declarations.work import OverBudget
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.parameters.rules import referred_names
from trustproof.inputs.cloudformation.values.intrinsics import render
from trustproof.inputs.cloudformation.values.presence import NOT_KNOWN
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.text import Symbolic
from trustproof.results.result import BUDGET

#: At so many combinations of the values of parameters the collection of a loop is read.
MAX_COLLECTIONS = 256


def when_made(resolver: Resolver, logical_id: str) -> list[object]:
    """
    When the loops around a resource make it, as expressions of which one has to hold; empty where they always do, or
    none is around it.
    """
    collections = LoopCollections(resolver)
    ways: list[object] = []
    for turn in resolver.environment.turns.get(logical_id, ()):
        try:
            found = [one for source, item in turn if (one := collections.when(source, item)) is not None]
        except foreach.NotExpanded:
            found = [{"Condition": f"{NOT_KNOWN}a loop makes {logical_id}"}]
        if not found:
            return []
        ways.append(found[0] if len(found) == 1 else {"Fn::And": found})
    return ways


class LoopCollections:
    """
    Reads the collections of the loops of one template.

    Args:
        resolver: of the template.
    """

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    def items(self, value: object) -> list[str] | None:
        """
        The items of a collection, where all of them are known: those that it may have in any deployment.

        Raises:
            NotExpanded: there are too many values of parameters, or it takes too much work.
        """
        if self._is_passed_one_of_several(value):
            raise foreach.NotExpanded(f"{foreach.NOT_KNOWN}: what is passed for {_shown(value)} may be several lists")
        found: dict[str, None] = {}
        for _, items in self._readings(value):
            if items is None:
                self._refuse(value)
                return None
            found.update(dict.fromkeys(items))
        return [*found]

    def _is_passed_one_of_several(self, value: object) -> bool:
        """
        Whether a collection is made of what the template around passes, and that may be one of several values, none of
        which has been chosen: written out for one of them, what the loop makes of the others would be passed over.
        """
        environment = self._resolver.environment
        passed = [environment.bindings.get(name) for name in referred_names(value)]
        if not any(one.allowed for text in passed if isinstance(text, Symbolic) for one in text.symbols):
            return False
        try:
            items = Resolver(environment, self._resolver.values, defaults=False).items(value)
        except (OverBudget, Unreadable):
            return True
        return not all(isinstance(item, str) for item in items)

    def _refuse(self, value: object) -> None:
        """Say which parameters make a collection known, where there are any."""
        declared = self._resolver.environment.parameters
        names = [one for one in dict.fromkeys(referred_names(value)) if one in declared and not declared[one].is_ssm]
        if names:
            given = " ".join(f"--parameter {name}=VALUE" for name in names)
            raise foreach.NotExpanded(f"{foreach.NOT_KNOWN}: give {given}")

    def when(self, value: object, item: str) -> object | None:
        """
        The condition under which an item is in a collection, as an expression; None where it always is.
        """
        declared = self._resolver.environment.parameters
        readings = [(chosen, item in (items or ())) for chosen, items in self._readings(value)]
        if all(there for _, there in readings):
            return None
        if any(declared[name].is_list for chosen, _ in readings for name in chosen):
            # A list has any choice of its values: by none of these is it told whether an item is in it.
            return {"Condition": f"{NOT_KNOWN}{item} is in {_shown(value)}"}
        return {"Fn::Or": [_equalities(chosen) for chosen, there in readings if there]}

    def _readings(self, value: object) -> Iterator[tuple[Mapping[str, str], list[str] | None]]:
        """Values of the parameters that a collection is made of, and its items there; None where they are not known."""
        options = [] if self._resolver.closed else [*self._options(value)]
        if prod(len(values) for _, values in options) > MAX_COLLECTIONS:
            raise foreach.NotExpanded(f"{BUDGET}: values of its collection ({MAX_COLLECTIONS})")
        for chosen in product(*(values for _, values in options)):
            named = {name: text for (name, _), text in zip(options, chosen, strict=True)}
            values = {name: text for name, (text, is_default) in named.items() if not is_default}
            try:
                items = (self._at(values) if values else self._resolver).items(value)
            except OverBudget as error:
                raise foreach.NotExpanded(str(error)) from None
            except Unreadable:
                items = None
            known = None if items is None else [item for item in items if isinstance(item, str)]
            if known is not None and items is not None and len(known) < len(items):
                known = None
            yield {name: text for name, (text, _) in named.items()}, known

    def _at(self, values: dict[str, str]) -> Resolver:
        """A resolver that knows more values, and all else as that of the template does."""
        return Resolver(
            self._resolver.environment, {**self._resolver.values, **values}, defaults=self._resolver.defaults
        )

    def _options(self, value: object) -> Iterator[tuple[str, list[tuple[str, bool]]]]:
        """The parameters that a collection is made of, of a few values each, and which of these is the default."""
        for name in dict.fromkeys(referred_names(value)):
            parameter = self._resolver.environment.parameters.get(name)
            is_given = name in self._resolver.values or name in self._resolver.environment.bindings
            if parameter is not None and not parameter.is_ssm and not is_given and parameter.listed:
                default = parameter.judged_default
                listed = [(text, False) for text in parameter.listed if text != default]
                yield name, listed if default is None else [(default, True), *listed]


def _shown(collection: object) -> str:
    """What a collection is called: a parameter by its name."""
    name = collection.get("Ref") if isinstance(collection, Mapping) else None
    return name if isinstance(name, str) else render(collection)


def _equalities(chosen: Mapping[str, str]) -> object:
    """That parameters have some values."""
    found: list[object] = [{"Fn::Equals": [{"Ref": name}, text]} for name, text in chosen.items()]
    return found[0] if len(found) == 1 else {"Fn::And": found}
