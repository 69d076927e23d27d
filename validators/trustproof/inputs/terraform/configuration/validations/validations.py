"""
What a configuration demands, where it is known whether it gets it: of the values of variables, before outputs and
resources, and in checks, which only warn.

https://developer.hashicorp.com/terraform/language/expressions/custom-conditions
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.evaluation.expansion import Made, cases, together
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.module_values.module_values import ModuleValues
from trustproof.inputs.terraform.configuration.modules.modules import ResourceName
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.validations import required_instances
from trustproof.inputs.terraform.configuration.values.expression_names import names_in
from trustproof.inputs.terraform.configuration.values.validated_patterns import pattern_of
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.conditions import Condition
from trustproof.inputs.terraform.values.instances import Note
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.references_in_text import references
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import UNSAID, Known, Symbol, Value, unknowns

#: What a resource or data source demands. What is known of a postcondition is known to a plan, too, which refuses it.
_DEMANDS = ("precondition", "postcondition")
#: Arguments of a call that are none of the module's.
_OF_CALLS = frozenset("source version count for_each providers depends_on".split())


def check_variables(module: ModuleValues) -> None:
    """
    See that the variables of a module have values that they admit, as far as those are known.

    Raises:
        InputError: one has another value, which Terraform would refuse, and it is not kept (`refuse`); where it may
            have at other values than defaults it is a note.
    """
    for name, block in module.module.variables.items():
        value = _variable(module, name)
        if name in module.refused:
            reason, place = module.refused[name]
            place = place or block.place
            message = f"the value of the variable {module.address}{name} is not one that it admits: {reason}"
            module.shared.refuse(InputError(message, place.file, place.line, place.column), name)
        for validation in block.body.blocks("validation"):
            condition = validation.body.argument("condition")
            found = module.evaluator.value(condition.expression, {}) if condition is not None else None
            if isinstance(found, Known) and found.value is False:
                _refuse(module, name, block, validation, value)


def find_refused_values(module: ModuleValues) -> None:
    """Keep what the validations of a module never admit, where variables without a value decide about that."""
    undecided: dict[str, Block] = {}
    for name, block in module.module.variables.items():
        for validation, found in _validated(module, block):
            if not _keep(module, f"the validation of {module.address}var.{name}", found, module.condition):
                undecided[name] = block
            _open_defaults(module, f"{module.address}var.{name}", validation, found, {})
    for name, block in undecided.items() if module.has_few_texts else ():
        # What one of them says of which texts there are decides others.
        for _, found in _validated(module, block):
            _keep(module, f"the validation of {module.address}var.{name}", found, module.condition)
    for name, block in module.module.outputs.items():
        for precondition, found in _preconditions(module, block, {}):
            _keep(module, f"a precondition of {module.address}output.{name}", found, module.condition)
            _open_defaults(module, f"{module.address}output.{name}", precondition, found, {})


def find_refused_cases(
    module: ModuleValues, block: Block, address: str, variables: Variables, condition: Condition | None
) -> None:
    """
    Keep what the conditions of an instance never admit, where variables without a value decide about that.

    Args:
        variables: the names that hold in its block, ``self`` among them.
        condition: what must hold for it to be there, where its module is; None where it is there in any case.
    """
    there = together(module.condition, condition)
    for lifecycle in block.body.blocks("lifecycle"):
        for kind in _DEMANDS:
            for demand, found in _preconditions(module, lifecycle, variables, kind):
                _keep(module, f"a {kind} of {address}", found, there)
                _open_defaults(module, address, demand, found, variables)
    if module.module.says_how_many:
        evaluate = partial(module.evaluator.value, variables=variables)
        refused = required_instances.never(block.body, there, partial(_instances, module), evaluate)
        module.shared.never_valued.update((one.shown, one) for one in refused)


def _instances(module: ModuleValues, name: ResourceName) -> Sequence[Made]:
    """The instances of a resource of a module; none where there is no such resource."""
    block = module.module.resources.get(name)
    return () if block is None else module.expansion(name, block, f"{module.address}{name}").instances


def _keep(module: ModuleValues, what: str, found: Value, condition: Condition | None) -> bool:
    """Keep where a truth value is false; whether it is known where that is."""
    is_known = True
    for conditions, outcome in cases(found):
        never = together(condition, *conditions)
        is_known = is_known and isinstance(outcome, Known)
        if never is not None and isinstance(outcome, Known) and outcome.value is False:
            module.shared.keep_never(what, never)
    return is_known


def _preconditions(
    module: ModuleValues, block: Block, variables: Variables, kind: str = "precondition"
) -> Iterator[tuple[Block, Value]]:
    """The conditions of a kind in a block about which variables without a value decide, and what each comes to."""
    for precondition in block.body.blocks(kind):
        found = _truth(module, precondition, variables)
        if found is not None and not isinstance(found, Known):
            yield precondition, found


def _truth(module: ModuleValues, demand: Block, variables: Variables) -> Value | None:
    condition = demand.body.argument("condition")
    if condition is not None:
        with contextlib.suppress(Fault):
            return module.evaluator.truth(module.evaluator.value(condition.expression, variables))
    return None


def _open_defaults(module: ModuleValues, what: str, demand: Block, found: Value, variables: Variables) -> None:
    """
    Read no default that decides where a condition does not hold: whoever wants such a case gives another value.

    With ``condition = !var.on || var.name != ""`` and the default "", nobody could switch it on, though a name is all
    that it takes.
    """
    shared = module.shared
    never = _never_true(found)
    if isinstance(found, Known) or not never or shared.facts is not None:
        return
    names = []
    for name in _deciding(module, demand):
        other = module.without_default(name)
        with other.validating() if module.is_validating else contextlib.nullcontext():
            without = _truth(other, demand, variables)
        if without is not None and _never_true(without) != never:
            names.append(name)
    if names:
        _note(module, what, f"a {demand.type} does not hold in every case", names, demand.place)


def _deciding(module: ModuleValues, demand: Block) -> Sequence[str]:
    """The variables of the root module at their defaults that may decide about a condition."""
    condition = demand.body.argument("condition")
    return module.shared.at_defaults(module.variables_behind(condition.expression) if condition is not None else ())


def _never_true(found: Value) -> frozenset[str]:
    """Under which conditions a truth value is false."""
    outcomes = ((together(*conditions), outcome) for conditions, outcome in cases(found))
    return frozenset(
        "" if condition is None else condition.shown
        for condition, outcome in outcomes
        if isinstance(outcome, Known) and outcome.value is False
    )


def undecided_references(module: ModuleValues) -> frozenset[str]:
    """What decides about the validations of a module of which it is not known whether they hold: references."""
    found: set[str] = set()
    for block in module.module.variables.values():
        if not all(isinstance(one, Known) for _, one in _validated(module, block)):
            for name in module.module.variables:
                found.update(name for one in unknowns(_variable(module, name)) for name in references(one.shown))
            break
    return frozenset(found)


def passed_patterns(module: ModuleValues) -> Iterator[tuple[str, str]]:
    """
    What the validations of a module demand of variables of the root module that it is passed as they are: the names of
    those, and regular expressions.
    """
    for name, block in module.module.variables.items():
        pattern = pattern_of(name, block)
        value = _variable(module, name) if pattern is not None else None
        if pattern is not None and isinstance(value, Variable):
            yield value.name.removeprefix("var."), pattern


def is_refused(module: ModuleValues, names: Iterable[str]) -> bool:
    """Whether one of some variables of a module has a value that one of its validations is known not to admit."""
    found = (one for name in names for _, one in _validated(module, module.module.variables[name]))
    return any(isinstance(one, Known) and one.value is False for one in found)


def variables_validated_by(variables: Mapping[str, Block]) -> Mapping[str, Sequence[str]]:
    """
    The variables of the root module whose validations name each of them; by the empty string those whose validations
    name something else, too: that may be made of any variable.
    """
    found: dict[str, dict[str, None]] = {}
    for name, block in variables.items():
        for validation in block.body.blocks("validation"):
            condition = validation.body.argument("condition")
            for first, steps in names_in(condition.expression) if condition is not None else ():
                named = steps[0].name if first == "var" and steps else ""
                found.setdefault(named, {})[name] = None
    return {named: [*those] for named, those in found.items()}


def _variable(module: ModuleValues, name: str) -> Value:
    """The value of a variable; a symbol where it is over a budget."""
    try:
        return module.variable(name)
    except Fault as fault:
        return Symbol(f"{module.address}var.{name}", UNSAID, fault.reason)


def _validated(module: ModuleValues, block: Block) -> Iterator[tuple[Block, Value]]:
    """The validations of a variable, and what each comes to."""
    for validation in block.body.blocks("validation"):
        with module.validating():
            found = _truth(module, validation, {})
            if found is not None:
                yield validation, found


def check_call(module: ModuleValues) -> None:
    """
    See that a module is called with arguments that it has, and with those that it needs.

    Raises:
        InputError: it is not, which Terraform would refuse, and it is not kept (`refuse`).
    """
    if module.caller is None:
        return
    _, call, _ = module.caller
    given = call.body.arguments
    name = module.address.removesuffix(".")
    for argument, written in given.items():
        if argument not in _OF_CALLS and argument not in module.module.variables and module.module.is_whole:
            place = written.place
            message = f"{name}: the module has no variable {argument}"
            module.shared.refuse(InputError(message, place.file, place.line, place.column), argument)
    for variable, block in module.module.variables.items():
        if variable not in given and block.body.argument("default") is None:
            message = f"{name}: the argument {variable} is missing, which the module needs"
            module.shared.refuse(InputError(message, call.place.file, call.place.line, call.place.column), variable)


def check_outputs(module: ModuleValues) -> None:
    """
    See that the preconditions of outputs hold, as far as that is known.

    Raises:
        InputError: one does not, which Terraform would refuse, and it is not kept (`refuse`); where it may at other
            values than defaults it is a note.
    """
    for name, block in module.module.outputs.items():
        for precondition in block.body.blocks("precondition"):
            if (said := _failure(module, precondition, {})) is not None:
                _fail(module, f"{module.address}output.{name}", precondition, said, {})


def check_resource(module: ModuleValues, block: Block, address: str, variables: Variables) -> None:
    """
    See that the conditions of one instance of a resource or data source hold, as far as that is known.

    Args:
        variables: the names that hold in its block, ``self`` among them.

    Raises:
        InputError: one does not, which Terraform would refuse, and it is not kept (`refuse`); where it may at other
            values than defaults it is a note.
    """
    for lifecycle in block.body.blocks("lifecycle"):
        for demand in (one for kind in _DEMANDS for one in lifecycle.body.blocks(kind)):
            if (said := _failure(module, demand, variables)) is not None:
                _fail(module, address, demand, said, variables)


def failed_checks(module: ModuleValues) -> Iterator[Note]:
    """The assertions of checks that do not hold: Terraform warns of them, and goes on."""
    for block in module.module.checks:
        for assertion in block.body.blocks("assert"):
            if (said := _failure(module, assertion, {})) is not None:
                why = f": {said}" if said else ""
                name = f"{module.address}check.{'.'.join(block.labels)}"
                yield Note(name, f"an assertion does not hold{why}", assertion.place)


def _failure(module: ModuleValues, block: Block, variables: Variables) -> str | None:
    """What a condition says that is known not to hold; None where it holds, or nobody knows."""
    argument = block.body.argument("condition")
    found = module.evaluator.value(argument.expression, variables) if argument is not None else None
    if not isinstance(found, Known) or found.value is not False:
        return None
    return "" if found.sensitive else _message(module, block, variables)


def _fail(module: ModuleValues, what: str, block: Block, said: str, variables: Variables) -> None:
    place = block.place
    message = f"a {block.type} does not hold{f': {said}' if said else ''}"
    found = _values_that_may_hold(module, block, variables)
    if found is not None:
        _note(module, what, message, found, place)
        return
    module.shared.refuse(InputError(f"{what}: {message}", place.file, place.line, place.column))


def _note(module: ModuleValues, what: str, message: str, unread: Iterable[str], place: Place) -> None:
    """
    Note what does not hold: whoever applies it gives variables other values than their defaults.

    Args:
        unread: the variables whose defaults are not read.
    """
    names = [f"var.{name}" for name in unread]
    note = Note(what, message + (f"; no default is read of {', '.join(names)}" if names else ""), place)
    module.shared.note(note)
    module.shared.refused_defaults.update({name.removeprefix("var."): note for name in names})


def _is_for_callers(module: ModuleValues, name: str, validation: Block, said: str) -> bool:
    """Whether a validation refuses defaults only, so that whoever applies it has to give others; then it is noted."""
    found = _values_that_may_hold(module, validation, {})
    if found:
        _note(module, f"{module.address}var.{name}", f"a validation does not hold{said}", found, validation.place)
    return bool(found)


def _values_that_may_hold(module: ModuleValues, block: Block, variables: Variables) -> list[str] | None:
    """
    The variables of the root module that have a default, and with another value each may make a condition hold. None
    where nothing does.
    """
    shared = module.shared

    def may_hold(other: ModuleValues) -> bool:
        return _failure(other, block, variables) is None

    if shared.facts is not None or not may_hold(module.with_shared(shared.without_defaults(shared.root.variables))):
        return [] if module.caller is None and module.module.variables else None
    return [name for name in _deciding(module, block) if may_hold(module.without_default(name))]


def _message(module: ModuleValues, block: Block, variables: Variables) -> str:
    """The ``error_message`` of a condition; empty where it is not known, or never shown."""
    argument = block.body.argument("error_message")
    message = module.evaluator.value(argument.expression, variables) if argument is not None else None
    said = message.value if isinstance(message, Known) and not message.sensitive else None
    return said.rstrip(".") if isinstance(said, str) else ""


def _refuse(module: ModuleValues, name: str, block: Block, validation: Block, value: Value) -> None:
    said = _message(module, validation, {})
    why = f": {said}" if said and not value.sensitive else ""
    if _is_for_callers(module, name, validation, why):
        return
    place = value.place or block.place
    called = f"{module.address}{name}"
    message_ = f"the value of the variable {called} is not one that it admits{why}"
    module.shared.refuse(InputError(message_, place.file, place.line, place.column), name)
