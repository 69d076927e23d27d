"""
What the names of a module stand for where it is called: variables, locals, outputs; and how many instances blocks have.
"""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any, Self

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.block_contents.block_instances import OpenBlocks, with_key
from trustproof.inputs.terraform.configuration.evaluation import null_operands, types, undecided_conditions
from trustproof.inputs.terraform.configuration.evaluation.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.evaluation.expansion import (
    ONE,
    Expansion,
    Made,
    count_expansion,
    enabled_expansion,
    for_each_of,
    unknown,
)
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.module_values import free_expressions
from trustproof.inputs.terraform.configuration.module_values.module_context import ModuleContext, Remembered
from trustproof.inputs.terraform.configuration.modules.lifecycle import argument_of, refuse_both, shown_keys
from trustproof.inputs.terraform.configuration.modules.modules import Module
from trustproof.inputs.terraform.configuration.modules.static_references import waits_for
from trustproof.inputs.terraform.configuration.modules.undeclared_names import not_declared
from trustproof.inputs.terraform.configuration.syntax.blocks import Argument, Block
from trustproof.inputs.terraform.configuration.syntax.expressions import Conditional, Expression, Step
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import is_shortened
from trustproof.inputs.terraform.configuration.values.refused_cases import LEFT_OUT, NEVER
from trustproof.inputs.terraform.configuration.values.sensitivity import as_declared
from trustproof.inputs.terraform.configuration.values.validated_lengths import least_of
from trustproof.inputs.terraform.configuration.values.value_sizes import SizedValue
from trustproof.inputs.terraform.configuration.values.work import Fault, Measure, NotKnown
from trustproof.inputs.terraform.values.conditions import Condition, Undecided
from trustproof.inputs.terraform.values.instances import Key, without_keys
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import UNSAID, Choice, Known, Symbol, Value

#: Names that a resource has in AWS: where one is not known, it is said by whose it is.
NAMES = frozenset("arn bucket function_name id name unique_id url".split())
#: How the name of a value begins that a loop, a list or a choice is written for.
_LOOPS = ("[", "{", "(")


class ModuleValues:
    """
    The variables, locals and outputs of a module where it is called, or of the root module.

    Args:
        shared: what all of them share.
        module: what stands in its directory.
        path: the names of the calls that lead there.
        address: with a dot behind it; empty for the root module.
        caller: the module instance that calls it, the call, and the names that hold there; None for the root module.
        condition: what must hold for it to exist.
        calls: the places of the calls that lead there.
    """

    def __init__(
        self,
        shared: ModuleContext,
        module: Module,
        path: tuple[str, ...] = (),
        address: str = "",
        caller: tuple[ModuleValues, Block, Variables] | None = None,
        condition: Condition | None = None,
        calls: tuple[Place, ...] = (),
    ) -> None:
        self.address = address
        self.module = module
        self.condition = condition
        self.shared = shared
        self._path = path
        self.caller = caller
        self._calls = calls
        self.evaluator: Evaluator = Evaluator(self, shared.functions, shared.work)
        self._values: dict[tuple[object, ...], SizedValue] = {}
        self._expansions: dict[object, Expansion] = {}
        self.open_blocks: OpenBlocks = OpenBlocks()
        self._under_way: set[object] = set()
        self._at_texts: dict[object, ModuleValues] = {}
        #: The same where a variable of the root module has no default, by its name, and whether validations are asked.
        self._without: dict[tuple[str, bool], Any] = {}
        #: Variables that are given a value that their type does not admit, each with why, and where it is written.
        self.refused: dict[str, tuple[str, Place | None]] = {}
        self.is_validating: bool = False

    def with_shared(self, shared: ModuleContext) -> Self:
        """The same where what all modules share is something else: the variables of the root module, as a rule."""
        caller = self.caller and (self.caller[0].with_shared(shared), *self.caller[1:])
        return type(self)(shared, self.module, self._path, self.address, caller, self.condition, self._calls)

    def variables_behind(self, expression: Expression) -> Collection[str]:
        """The variables of the root module that may decide what an expression of this module comes to."""
        return self.shared.variables_behind.of_expression(self._path, expression)

    def without_default(self, name: str) -> Self:
        """The same where a variable of the root module has no default; what is done there is work on this one."""
        # What is found while validations are looked at is another value.
        key = name, self.is_validating
        if key not in self._without:
            caller = self.caller and (self.caller[0].without_default(name), *self.caller[1:])
            own = self.module, self._path, self.address, caller, self.condition, self._calls
            self._without[key] = type(self)(self.shared.without_default(name), *own)
        found: Self = self._without[key]
        return found

    def forget_other_defaults(self) -> None:
        """Keep nothing of what was found where single variables have no default."""
        self._without.clear()
        if self.caller is None:
            self.shared.forget_other_defaults()

    # -- names

    def texts_of(self, variable: Variable) -> Sequence[str]:
        """All texts that a variable of the root module may be, as far as validations that were read say so."""
        return self.shared.texts_of(variable.name)

    @property
    def has_few_texts(self) -> bool:
        """Whether validations that were read say of any variable which texts it may be."""
        return bool(self.shared.never)

    def remember(self, name: str, expression: Expression, variables: Variables) -> None:
        """See `Names`."""
        if self.shared.facts is None:
            # An interpolation in a name is none of a template's.
            called = name.replace("${", "{")
            self.shared.remembered.setdefault(called, Remembered(called, self, expression, variables))

    def evaluate_where(self, expression: Expression, variables: Variables, trying: int) -> Value:
        """See `Names`."""
        if self.shared.known_places is not None or self.shared.facts is not None:
            raise NotKnown("where it is deployed to is known already")
        if "placed" not in self._at_texts:
            self._at_texts["placed"] = self.with_shared(self.shared.where_placed())
        return self._evaluated_there(self._at_texts["placed"].evaluator, expression, variables, trying)

    def decided_by(self, expression: Expression, variables: Variables) -> Sequence[str] | None:
        """See `Names`."""
        if self.shared.facts is not None:
            # Of what a plan does not know, nothing is remembered.
            return None
        known = self.shared.remembered
        return free_expressions.decided_by(self, expression, variables, lambda name: known.get(name.replace("${", "{")))

    def evaluate_at(self, texts: Mapping[str, str], expression: Expression, variables: Variables, trying: int) -> Value:
        """See `Names`."""
        key = tuple(sorted(texts.items()))
        if key not in self._at_texts:
            self._at_texts[key] = self.with_shared(self.shared.at_texts(texts))
        return self._evaluated_there(self._at_texts[key].evaluator, expression, variables, trying)

    def _evaluated_there(
        self, evaluator: Evaluator, expression: Expression, variables: Variables, trying: int
    ) -> Value:
        evaluator.trying, guesses = trying, evaluator.guesses
        found = evaluator.evaluate(expression, variables)
        if evaluator.guesses > guesses:
            raise NotKnown("whether it has a value is not known")
        return found

    def look_up(self, name: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        """See `Names`."""
        raise NotImplementedError

    def provider(self, local: str) -> str:
        """A provider configuration as the root module calls it."""
        raise NotImplementedError

    def _cached(self, key: tuple[object, ...], make: Callable[[], Value], *, is_certain: bool = True) -> Value:
        """
        A value that is made once; the parts of it count each time it is referred to.

        Args:
            is_certain: whether Terraform evaluates all of it wherever the module is there.
        """
        if (found := self._values.get(key)) is None:
            found = self._values[key] = SizedValue(*self._guarded(key, make, is_certain=is_certain))
        if self.shared.work.is_making:
            self.shared.work.refer(found.measure)
        return found.value

    def _guarded(self, key: object, make: Callable[[], Value], *, is_certain: bool = True) -> tuple[Value, Measure]:
        if key in self._under_way:
            self._refuse_cycle(key)
            raise NotKnown("it refers to itself")
        work = self.shared.work
        self._under_way.add(key)
        # Whoever waits for a fault waits for one of what is written there, and not of what it refers to.
        before, trying, guesses = work.begin(), self.evaluator.trying, self.evaluator.guesses
        self.evaluator.trying = 0
        never: list[Condition] | None = [] if is_certain and self._is_there else None
        token, outer = LEFT_OUT.set(None), NEVER.set(never)
        try:
            work.enter()
            try:
                value = make()
            finally:
                work.leave()
        finally:
            self._under_way.discard(key)
            LEFT_OUT.reset(token)
            NEVER.reset(outer)
            self.shared.never_valued.update((one.shown, one) for one in never or ())
            self.evaluator.trying = trying
            self.evaluator.guesses = guesses if trying else self.evaluator.guesses
            measure = work.end(before)
        return value, measure

    def _refuse_cycle(self, key: object) -> None:
        """
        Refuse a name whose value takes itself: as a value that nobody knows it would be given one.

        Raises:
            InputError: it is that of a local, a variable or an output, which Terraform makes nothing of; see `refuse`.
        """
        kind, name = key[:2] if isinstance(key, tuple) else ("", "")
        module = self.module
        tables: Mapping[object, Mapping[str, Argument | Block]] = {
            "local": module.locals,
            "var": module.variables,
            "output": module.outputs,
        }
        found = tables.get(kind, {}).get(str(name))
        if found is not None:
            place = found.place
            message = f"{self.address}{kind}.{name} refers to itself, by itself or by what it refers to"
            self.shared.refuse(InputError(message, place.file, place.line, place.column))

    @cached_property
    def _is_there(self) -> bool:
        """Whether it is there in any case."""
        return self.shared.facts is None and self.condition is None and "[*]" not in self.address

    def waits_for(self, block: Block) -> tuple[str, ...]:
        """The addresses without keys of what a block, or a call that leads there, has to wait for."""
        found = waits_for(block, without_keys(f"{self.address}x")[:-1])
        if self.caller is None:
            return found
        caller, call, _ = self.caller
        return (*caller.waits_for(call), *found)

    def path_of(self, name: str) -> Value:
        """What ``path`` has."""
        own = {"module": posixpath.relpath(self.module.directory, self.shared.root.directory), "root": "."}
        return Known(own[name]) if name in own else Symbol(f"path.{name}")

    # -- variables, locals, outputs

    def variable(self, name: str) -> Value:
        """The value of a variable; where its validations are looked at, without what they demand of it."""
        if not self.is_validating:
            return self._cached(("var", name), lambda: self._variable(name))
        return self._cached(("var", name, "given"), lambda: _of_any_length(self._variable(name)))

    @contextlib.contextmanager
    def validating(self) -> Iterator[None]:
        """While the validations of variables are looked at, which are not known to hold."""
        before, self.is_validating = self.is_validating, True
        try:
            yield
        finally:
            self.is_validating = before

    def _variable(self, name: str) -> Value:
        block = self.module.variables.get(name)
        ephemeral = block.body.argument("ephemeral") if block is not None else None
        if not self.shared.is_for_providers and getattr(ephemeral and ephemeral.expression, "value", None) is True:
            # https://developer.hashicorp.com/terraform/language/manage-sensitive-data/ephemeral
            called = f"{self.address}var.{name}"
            return Symbol(called, UNSAID, f"{called} is ephemeral, and Terraform refuses it in what it keeps")
        return self._given(name, block)

    def _given(self, name: str, block: Block | None) -> Value:
        if self.caller is None:
            found = self.shared.variable(name, block, self.evaluator)
            is_unsaid = block is None and isinstance(found, Variable)
            return not_declared(self.module, f"var.{name}") if is_unsaid else found
        caller, call, variables = self.caller
        argument = call.body.argument(name)
        if argument is not None:
            value = self._as_declared(name, block, caller.evaluator.value(argument.expression, variables))
            if not null_operands.is_never_null(block):
                return value
            if block is not None and block.body.argument("default") is None:
                null_operands.leave_out_null(value)
            return null_operands.or_else(value, lambda: self._default(name, block))
        return self._default(name, block)

    def _default(self, name: str, block: Block | None) -> Value:
        default = block.body.argument("default") if block is not None else None
        if default is not None:
            return self._as_declared(name, block, self.evaluator.value(default.expression, {}))
        # With null, and without a default, Terraform refuses the call.
        called = f"{self.address}var.{name}"
        return Symbol(called, UNSAID, f"the call of the module gives {called} no value, and Terraform refuses that")

    def _as_declared(self, name: str, block: Block | None, value: Value) -> Value:
        if block is None:
            return value
        try:
            kind = self.shared.type_of(block)
            value = (
                types.convert_to_type(value, kind, lambda default: self.evaluator.value(default, {})) if kind else value
            )
        except Fault as fault:
            if value.is_known and not isinstance(fault, NotKnown):
                self.refused[name] = fault.reason, value.place
            return Symbol(f"{self.address}var.{name}", reason=fault.reason, place=value.place)
        if isinstance(value, Variable) and any(block.body.blocks("validation")):
            value = value.validated(least_of(name, block))
        return as_declared(value, block, self.shared.functions.sensitive)

    def local(self, name: str) -> Value:
        """
        The value of a local.

        Raises:
            Fault: it refers to itself.
        """
        argument = self.module.locals.get(name)
        if argument is None:
            return not_declared(self.module, f"local.{name}")
        return self._cached(("local", name), lambda: self._named(name, self.evaluator.value(argument.expression, {})))

    def _named(self, name: str, value: Value) -> Value:
        """The value of a local; what nobody knows by the name of the local, where its own is a whole loop or longer."""
        if not isinstance(value, Symbol) or not (value.name.startswith(_LOOPS) or is_shortened(value.name)):
            return value
        if (known := self.shared.remembered.get(value.name.replace("${", "{"))) is not None:
            self.remember(f"{self.address}local.{name}", known.expression, known.variables)
        found = copy(value)
        found.name = f"{self.address}local.{name}"
        return found

    def output(self, name: str) -> Value:
        """
        The value of an output.

        Raises:
            Fault: it refers to itself.
        """
        block = self.module.outputs.get(name)
        argument = block.body.argument("value") if block is not None else None
        if argument is None:
            return not_declared(self.module, f"{self.address}{name}")
        sensitive = self.shared.functions.sensitive
        return self._cached(
            ("output", name), lambda: as_declared(self.evaluator.value(argument.expression, {}), block, sensitive)
        )

    # -- how many instances a block has

    def expansion(self, key: object, block: Block, address: str) -> Expansion:
        """The instances of a resource or module call."""
        if key not in self._expansions:
            try:
                self._guarded(("expansion", key), lambda: self._expanded(key, block, address))
            except Fault as fault:
                self._expansions[key] = unknown(fault.reason, Undecided(f"length({address}) > 0"))
            self.open_blocks.add(address, self._expansions[key])
        return self._expansions[key]

    def _switched(self, count: Conditional) -> Expansion | None:
        """
        What a count makes that is one of two numbers, by a condition of which nobody knows whether it holds; None for
        another one. What has the same condition is there together, and with it what refers to it.
        """
        of = self.evaluator
        then, otherwise = (of.value(one, {}) for one in (count.then, count.otherwise))
        condition = of.truth(of.evaluate(count.condition, {}))
        if condition.is_known or condition.sensitive or not (isinstance(then, Known) and isinstance(otherwise, Known)):
            return None
        decides = undecided_conditions.deciding(of, count.condition, condition, {})
        found = count_expansion(Choice(decides, then, otherwise))
        return None if found.unknown else found

    def _expanded(self, key: object, block: Block, address: str) -> Value:
        count, each = block.body.argument("count"), block.body.argument("for_each")
        planned = self.shared.facts.keys(address) if self.shared.facts is not None else None
        expansion = ONE
        value: Value = convert.NULL
        refuse_both(count, each, address, self.shared.refuse)
        if count is not None:
            value = self.evaluator.value(count.expression, {})
            expansion = count_expansion(value)
            if expansion.unknown and isinstance(count.expression, Conditional):
                expansion = self._switched(count.expression) or expansion
        elif each is not None:
            value = shown_keys(self.evaluator.value(each.expression, {}), each, address, self.shared.refuse)
            expansion = for_each_of(value, block)
        elif (argument := argument_of(block, "enabled")) is not None:
            expansion = enabled_expansion(self.evaluator.truth(self.evaluator.evaluate(argument.expression, {})))
        if planned is not None:
            values = {made.key: made.value for made in expansion.instances}
            made = tuple(Made(one, values.get(one) or _unknown_each(address, one)) for one in planned)
            expansion = Expansion(made, None if expansion is ONE else convert.NULL)
        self._expansions[key] = expansion
        return value


def _unknown_each(address: str, key: Key) -> Value | None:
    return Symbol(f"each.value of {with_key(address, key)}") if isinstance(key, str) else None


def _of_any_length(value: Value) -> Value:
    """A variable without what validations demand of its length."""
    return value.with_least(0) if isinstance(value, Variable) else value
