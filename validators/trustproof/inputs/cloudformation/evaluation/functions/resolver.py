"""
Intrinsic functions: from what a template says to text, known or symbolic.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from trustproof.aws.partitions import partition_of, url_suffix
from trustproof.inputs.cloudformation.evaluation.conditions import solver
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import decide_named, is_never
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.other_stacks import admitted_value, composed, passed_value
from trustproof.inputs.cloudformation.evaluation.declarations.scope import EXPANDED_KEYS
from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.evaluation.functions.branches import branches, items
from trustproof.inputs.cloudformation.evaluation.functions.functions import HANDLERS, join_texts
from trustproof.inputs.cloudformation.evaluation.texts import leftovers
from trustproof.inputs.cloudformation.parameters.parameters import EXPANDED_VALUES
from trustproof.inputs.cloudformation.values.fault import UndeterminedGuards
from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM, intrinsic_name, render
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.grammar import policy_text
from trustproof.inputs.grammar.expressions import Branch, Choices
from trustproof.inputs.grammar.values import NO_VALUE, NoValue, OpenKey, Partial, Unreadable, scalar_text
from trustproof.model.policy import Guard, Path
from trustproof.model.text import Symbol, Symbolic, Text


class Resolver:
    """
    Resolves intrinsic functions in one template.

    Args:
        environment: the template's declarations.
        values: of parameters and other symbols, by name; they win over everything.
        defaults: whether a parameter without a value has its ``Default``; else it is unknown.
        closed: whether conditions are decided at the defaults too.
        choices: those of the reading; None for one that leaves open whatever there is to choose.
    """

    def __init__(
        self,
        environment: Environment,
        values: Mapping[str, str],
        *,
        defaults: bool = True,
        closed: bool = False,
        choices: Choices | None = None,
    ) -> None:
        self.environment = environment
        self.values = values
        self.defaults = defaults
        self.closed = closed
        self.choices = choices
        #: Whether what is one of a few values is read at each of them.
        self._expands = True
        self._decided: dict[str, bool | None] = {}
        self._assignments: dict[tuple[Guard, ...], dict[str, str] | None] = {}
        self._forced: dict[tuple[tuple[Guard, ...], str], bool] = {}
        self._entities: dict[tuple[str, str], Text] = {}
        self._pseudos: dict[str, object] = {}
        self._open = False
        self._visiting: set[object] = set()

    def under(self, choices: Choices | None, *, expands: bool = True) -> Resolver:
        """
        The same resolver for one reading; both remember together.

        Args:
            choices: of the reading, which it adds to; None for one that leaves open whatever there is to choose.
            expands: whether what is one of a few values is read at each of them.
        """
        reading = Resolver.__new__(Resolver)
        vars(reading).update(vars(self))
        reading.choices = choices
        reading._expands = expands
        return reading

    @property
    def dynamic(self) -> bool:
        """Whether a text of the template may stand for something else."""
        return self.environment.dynamic

    # -- how values are written

    def function(self, value: object) -> str | None:
        """The name of the intrinsic function that a value is; None for a value of any other kind."""
        return intrinsic_name(value)

    def is_open(self, key: str) -> bool:
        """Whether a key stands for what is not known: a function among other keys, or text with a symbol."""
        return key.startswith("Fn::") or isinstance(key, OpenKey) or (self.dynamic and leftovers.is_left_over(key))

    def quoted(self, value: object, path: Path) -> tuple[object, Path] | None:
        """The value that ``Fn::ToJsonString`` gives as text, and where it is written; None for any other value."""
        name = intrinsic_name(value)
        return (value[name], (*path, name)) if name == "Fn::ToJsonString" and isinstance(value, dict) else None

    def branches(self, value: object, path: Path, guards: tuple[Guard, ...]) -> Iterator[Branch]:
        """What stands at a place, for each outcome of the ``Fn::If`` there."""
        return branches(self, value, path, guards)

    def branched_items(self, value: object, path: Path, guards: tuple[Guard, ...]) -> Iterator[Branch]:
        """The items of a list, or the one value that stands for it, for each outcome of the ``Fn::If`` around them."""
        return items(self, value, path, guards)

    # -- reading values

    def resolve(self, value: object) -> object:
        """
        A value without an intrinsic function at its top.

        Mappings and lists are returned as they are: what stands inside them is not resolved yet.
        """
        while value.__class__ is dict and len(value) == 1:
            ((name, argument),) = value.items()
            handler = HANDLERS.get(name)
            if handler is not None:
                work = self.environment.work
                work.step()
                work.enter()
                try:
                    value = handler(self, argument)
                finally:
                    work.leave()
            elif name.startswith("Fn::"):
                return self.unresolved(name, argument)
            else:
                return value
        return value

    def text(self, value: object) -> Text | NoValue:
        """
        One text; a list is joined with commas.

        Raises:
            Unreadable: the value is a mapping, or nothing.
        """
        if value.__class__ is str:
            return self.literal(value) if self.environment.dynamic else value
        if isinstance(value, dict):
            value = self.resolve(value)
        if isinstance(value, str):
            return self.literal(value)
        if isinstance(value, (Symbolic, NoValue)):
            return value
        if isinstance(value, list):
            return join_texts(self, ",", self.items(value))
        if isinstance(value, Partial):
            return self.unresolved("Fn::Split", value.source)
        scalar = scalar_text(value)
        if scalar is None:
            raise Unreadable("text was expected and a mapping found" if value is not None else "a null value")
        return scalar

    def open_text(self, value: object, *, elsewhere: bool = False) -> Text | NoValue:
        """
        One text, in which the partition is not taken to be the usual one if the template may be for several.

        Args:
            elsewhere: whether another stack of the same place reads it, which may be for several.
        """
        known = self.environment.deployment.partition is not None if elsewhere else self.environment.partition_known
        if known:
            return self.text(value)
        self._open = True
        try:
            return self.text(value)
        finally:
            self._open = False

    def items(self, value: object) -> list[Text]:
        """The texts of a list; lists inside it are spliced, and an unknown list is one unknown item."""
        value = self.resolve(value)
        self.environment.work.step()
        found: list[Text] = []
        for item in value if isinstance(value, list) else [value]:
            inner = self.resolve(item) if isinstance(item, dict) else item
            if isinstance(inner, list):
                found.extend(self.items(inner))
            elif inner is not NO_VALUE:
                text = self.text(inner)
                assert not isinstance(text, NoValue)
                found.append(text)
        return found

    def literal(self, text: str) -> Text:
        """A text of the template, with symbols for what stands for something else in it."""
        return leftovers.read(text, self.symbol) if self.environment.dynamic else text

    def symbol(self, symbol: Symbol) -> Text:
        """A symbol, or the value it is bound to."""
        value = self.values.get(symbol.name)
        return Symbolic((symbol,)) if value is None else value

    def unresolved(self, name: str, argument: object, doubt: str = "") -> Text:
        """What an intrinsic function gives that is not known before deployment; `doubt` says why nobody can say it."""
        shown = render(argument)
        self.environment.work.write(len(shown))
        if name == TRANSFORM:
            doubt = f"what the macro {shown} gives is not known here"
        return self.symbol(composed(self, Symbol(f"{name} {shown}", "intrinsic", doubt=doubt), argument))

    # -- conditions

    def decide(self, name: str) -> bool | None:
        """Whether a condition holds in this reading; None where nothing has been chosen and it is open."""
        taken = self.choices.taken if self.choices is not None else {}
        if name in taken:
            return bool(taken[name])
        chosen = {key: value for key, value in taken.items() if isinstance(value, str)}
        if not chosen:
            if name not in self._decided:
                self._decided[name] = self._decide(name, chosen)
            return self._decided[name]
        return self._decide(name, chosen)

    def _decide(self, name: str, chosen: dict[str, str]) -> bool | None:
        # One that is opened remembers what an ``Fn::If`` of other conditions has asked for.
        return decide_named(name, self if self.is_for_conditions and not chosen else self.opened(chosen))

    @property
    def is_for_conditions(self) -> bool:
        """Whether a condition comes out the same in each scope for conditions that has the same values."""
        return not (self.choices is not None or self.defaults != self.closed or self._open or self._visiting)

    def opened(self, values: Mapping[str, str]) -> Resolver:
        """A resolver for conditions: what is pinned and `values` are known, and defaults only if this one is closed."""
        return Resolver(self.environment, {**self.values, **values}, defaults=self.closed, closed=self.closed)

    def possible(self) -> bool:
        """Whether some deployment has everything that was chosen in this reading."""
        return self._assignment() is not None

    def _assignment(self) -> dict[str, str] | None:
        """Parameter values under which everything chosen in this reading holds; empty where that is not known."""
        if self.choices is None or not self.choices.taken:
            return {}
        guards = self.choices.guards
        if guards not in self._assignments:
            try:
                self._assignments[guards] = solver.satisfy(self, guards)
            except UndeterminedGuards:
                self._assignments[guards] = {}
        return self._assignments[guards]

    def _is_forced(self, name: str, value: str) -> bool:
        """Whether a name has no other value under what was chosen in this reading."""
        assert self.choices is not None
        if self.choices.taken.get(name) == value:
            return True
        key = (self.choices.guards, name)
        if key not in self._forced:
            try:
                other = solver.satisfy(self, key[0], other_than=[(name, value)])
            except UndeterminedGuards:
                other = {}
            self._forced[key] = other is None
        return self._forced[key]

    # -- names

    def reference(self, name: str) -> object:
        """What ``Ref`` gives for a name."""
        environment = self.environment
        declared = (
            name in environment.resources or name in environment.linked_resources or name in environment.generated_roles
        )
        if name in self.values and not declared and name not in environment.parameters:
            return self.values[name]
        if name.startswith("AWS::"):
            return self.pseudo(name)
        if name in environment.parameters:
            return self._parameter(environment.parameters[name])
        if declared:
            # The name that CloudFormation makes up may be bound; where Ref gives an ARN, the name is a part of it.
            return self._entity(name, "")
        return self.symbol(Symbol(name, "intrinsic"))

    def attribute(self, logical_id: str, name: str) -> Text:
        """What ``Fn::GetAtt`` gives."""
        return self._entity(logical_id, name)

    def made_json(self, logical_id: str) -> object | None:
        """The object that CDK's ``CfnJson`` makes of a text; None for another resource, and for what is no JSON yet."""
        key = (logical_id, "Value")
        resource = self.environment.resources.get(logical_id)
        if resource is None or resource.get("Type") != "Custom::AWSCDKCfnJson" or key in self._visiting:
            return None
        self._visiting.add(key)
        try:
            text = self.text(self.environment.properties(logical_id).get("Value"))
            return None if isinstance(text, NoValue) else policy_text.parse(text)
        except (policy_text.NotJson, Unreadable):
            return None
        finally:
            self._visiting.discard(key)

    def _entity(self, logical_id: str, attribute: str) -> Text:
        key = (logical_id, attribute)
        if (found := self._entities.get(key)) is not None:
            return found
        if key in self._visiting:
            # CloudFormation refuses circular references.
            return self.symbol(Symbol(".".join(part for part in key if part), "attribute"))
        self._visiting.add(key)
        try:
            found = arns.value(self, logical_id, attribute)
        finally:
            self._visiting.discard(key)
        if self.choices is None or not self.choices.taken:
            self._entities[key] = found
        return found

    def pseudo(self, name: str) -> object:
        """A pseudo-parameter; one that is not known is a symbol."""
        if self._open or (self.choices is not None and self.choices.taken):
            return self._pseudo(name)
        # Most of them stand in the ARNs of every policy.
        return self._pseudos[name] if name in self._pseudos else self._pseudos.setdefault(name, self._pseudo(name))

    def _pseudo(self, name: str) -> object:
        deployment = self.environment.deployment
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.values:
            return self.values[name]
        known = {
            "AWS::AccountId": deployment.account,
            "AWS::Region": deployment.region,
            "AWS::StackName": deployment.stack_name,
        }.get(name)
        if known is not None:
            return known
        under = self._assignment() or {}
        if name in under and (name == "AWS::Partition" or self._is_forced(name, under[name])):
            return under[name]
        judged = (self.defaults or self.environment.partition_known) and not self._open
        if name in ("AWS::Partition", "AWS::URLSuffix") and judged:
            partition = self.values.get("AWS::Partition") or under.get("AWS::Partition") or self._partition(under)
            return partition if name == "AWS::Partition" else url_suffix(partition)
        return Symbolic((Symbol(name, "pseudo-parameter"),))

    def _partition(self, under: Mapping[str, str]) -> str:
        region = self.values.get("AWS::Region") or under.get("AWS::Region")
        return self.environment.partition if region is None else partition_of(region)

    def pseudo_text(self, name: str) -> Text:
        """A pseudo-parameter that is text."""
        value = self.pseudo(name)
        assert isinstance(value, (str, Symbolic))
        return value

    def _judged(self, parameter: Parameter) -> str | None:
        """The value at which a parameter is judged that is not given; None where it may be any."""
        if self.choices is not None and self.choices.taken:
            under = (self._assignment() or {}).get(parameter.name)
            if under is not None:
                # The default is out of the question here: then it is each of the other values, or any.
                if not self._is_forced(parameter.name, under):
                    return self._chosen(parameter)
                return under
        if self.defaults and parameter.judged_default is not None:
            return parameter.judged_default
        if parameter.judged_default is not None:
            return None
        return self._chosen(parameter)

    def _chosen(self, parameter: Parameter) -> str | None:
        # A list may be several of its values.
        is_one = not parameter.is_ssm and not parameter.is_list
        return self.one_of(parameter.name, parameter.listed, EXPANDED_VALUES) if is_one else None

    def one_of(self, name: str, options: Sequence[str], limit: int = EXPANDED_KEYS) -> str | None:
        """The value of a name in this reading, where it is one of a few; None where there is none, or too many."""
        if not self.closed and (self.choices is None or not self._expands):
            return None
        if self.values:
            # Of very many, no more are looked at than tell that they are too many.
            options = [*islice((option for option in options if not is_never(self, name, option)), limit + 1)]
        if not options or len(options) > limit:
            return None
        return options[0] if self.closed or self.choices is None else str(self.choices.choose(name, tuple(options)))

    def _parameter(self, parameter: Parameter) -> object:
        name = parameter.name
        value: Text | None = self.values.get(name)
        if value is None:
            value = self.environment.bindings.get(name)
            if isinstance(value, Symbolic):
                value = passed_value(self, value)
                # What is refused is no other value than it is: conditions say that there is no such stack.
                value = value if self.is_for_conditions and not self.closed else admitted_value(parameter, value)
        if value is None:
            value = self._judged(parameter)
        if value is None:
            return Symbolic((parameter.symbol,))
        if parameter.is_list and isinstance(value, str):
            return [item.strip() for item in value.split(",")]
        return value
