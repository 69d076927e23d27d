"""
One instance of a module: who answers for names there.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence

from trustproof.inputs.terraform.conditions import Condition
from trustproof.inputs.terraform.configuration import convert, policy_document, resource_blocks, types
from trustproof.inputs.terraform.configuration.access import Absent, Whole
from trustproof.inputs.terraform.configuration.blocks import Block
from trustproof.inputs.terraform.configuration.evaluate import Evaluator, Variables
from trustproof.inputs.terraform.configuration.expansion import ONE, OPEN, Expansion, Made, counted, for_each, together
from trustproof.inputs.terraform.configuration.expressions import Step
from trustproof.inputs.terraform.configuration.modules import Module, ResourceName, directory_of, source_of
from trustproof.inputs.terraform.configuration.providers import resolved
from trustproof.inputs.terraform.configuration.shared import Shared
from trustproof.inputs.terraform.configuration.work import Fault, Measure, NotKnown
from trustproof.inputs.terraform.instances import Instance, Key, Note
from trustproof.inputs.terraform.values import (
    ATTRIBUTE,
    MODULE,
    Attribute,
    Choice,
    Entry,
    Fields,
    Items,
    Known,
    Place,
    Symbol,
    Value,
    Variable,
)

#: Names that a resource has in AWS: where one is not known, it is said by whose it is.
_NAMES = frozenset("arn bucket function_name id name unique_id url".split())
#: How many modules may call each other in a row.
_MAX_CALLS = 20


def with_key(address: str, key: Key) -> str:
    """An address with the key of an instance."""
    if key is None:
        return address
    return f"{address}[{key}]" if isinstance(key, int) else f"{address}[{convert.dumped(key)}]"


class ModuleInstance:
    """
    A module where it is called, or the root module.

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
        shared: Shared,
        module: Module,
        path: tuple[str, ...] = (),
        address: str = "",
        caller: tuple[ModuleInstance, Block, Variables] | None = None,
        condition: Condition | None = None,
        calls: tuple[Place, ...] = (),
    ) -> None:
        self.address = address
        self.module = module
        self.condition = condition
        self._shared = shared
        self._path = path
        self._caller = caller
        self._calls = calls
        self.evaluator = Evaluator(self, shared.functions, shared.work)
        self._values: dict[tuple[object, ...], tuple[Value, Measure]] = {}
        self._expansions: dict[object, Expansion] = {}
        self._children: dict[tuple[str, Key], ModuleInstance | None] = {}
        self._under_way: set[object] = set()

    # -- names

    def is_truth_value(self, variable: Variable) -> bool:
        """Whether a variable of the root module is declared to be true or false."""
        return self._shared.is_truth_value(variable.name.removeprefix("var."))

    def look_up(self, name: str, steps: Sequence[Step]) -> tuple[Value, int] | None:
        """What a name and the first steps behind it stand for, and how many steps those are."""
        first = steps[0].name if steps else ""
        if name == "var" and first:
            return self.variable(first), 1
        if name == "local" and first:
            return self.local(first), 1
        if name == "module" and first:
            return self._whole_call(first), 1
        if name == "path" and first:
            return self._path_of(first), 1
        if name == "data" and first and len(steps) > 1 and steps[1].name:
            return self._whole_resource(ResourceName(True, first, steps[1].name)), 2
        if name in ("terraform", "self", "ephemeral"):
            return Symbol(f"{name}.{first}"), 1
        if not first or name in ("var", "local", "module", "path", "data", "each", "count"):
            return None
        return self._whole_resource(ResourceName(False, name, first)), 1

    def _path_of(self, name: str) -> Value:
        if name == "module":
            return Known(posixpath.relpath(self.module.directory, self._shared.root.directory))
        return Known(".") if name == "root" else Symbol(f"path.{name}")

    def _cached(self, key: tuple[object, ...], make: Callable[[], Value], place: Place | None = None) -> Value:
        """A value that is made once; the parts of it count each time it is referred to."""
        if key not in self._values:
            value, measure = self._guarded(key, make)
            self._values[key] = value, measure
        value, measure = self._values[key]
        self._shared.work.refer(measure)
        return value

    def _guarded(self, key: object, make: Callable[[], Value]) -> tuple[Value, Measure]:
        if key in self._under_way:
            raise NotKnown("it refers to itself")
        work = self._shared.work
        self._under_way.add(key)
        # Whoever waits for a fault waits for one of what is written there, and not of what it refers to.
        before, trying, self.evaluator.trying = work.begin(), self.evaluator.trying, 0
        measure = Measure(1, 1)
        try:
            work.enter()
            try:
                value = make()
            finally:
                work.leave()
        finally:
            self._under_way.discard(key)
            self.evaluator.trying = trying
            measure = work.end(before)
        return value, measure

    # -- variables, locals, outputs

    def variable(self, name: str) -> Value:
        """The value of a variable."""
        return self._cached(("var", name), lambda: self._variable(name))

    def _variable(self, name: str) -> Value:
        block = self.module.variables.get(name)
        if self._caller is None:
            return self._shared.variable(name, block, self.evaluator)
        caller, call, variables = self._caller
        argument = call.body.argument(name)
        if argument is not None:
            value = caller.evaluator.value(argument.expression, variables)
            if not (isinstance(value, Known) and value.value is None and self._is_not_nullable(block)):
                return self._as_declared(name, block, value)
        default = block.body.argument("default") if block is not None else None
        if default is not None:
            return self._as_declared(name, block, self.evaluator.value(default.expression, {}))
        return Symbol(f"{self.address}var.{name}", reason="the call gives it no value")

    def _is_not_nullable(self, block: Block | None) -> bool:
        argument = block.body.argument("nullable") if block is not None else None
        return argument is not None and getattr(argument.expression, "value", None) is False

    def _as_declared(self, name: str, block: Block | None, value: Value) -> Value:
        if block is None:
            return value
        sensitive = block.body.argument("sensitive")
        try:
            kind = self._shared.type_of(block)
            value = types.converted(value, kind, lambda default: self.evaluator.value(default, {})) if kind else value
        except Fault as fault:
            return Symbol(f"{self.address}var.{name}", reason=fault.reason, place=value.place)
        if sensitive is not None and getattr(sensitive.expression, "value", None) is True:
            return convert.marked(value)
        return value

    def local(self, name: str) -> Value:
        """
        The value of a local.

        Raises:
            Fault: it is not declared, or refers to itself.
        """
        argument = self.module.locals.get(name)
        if argument is None:
            raise NotKnown(f"local.{name} is not declared")
        return self._cached(("local", name), lambda: self.evaluator.value(argument.expression, {}))

    def output(self, name: str) -> Value:
        """
        The value of an output.

        Raises:
            Fault: it is not declared, or refers to itself.
        """
        block = self.module.outputs.get(name)
        argument = block.body.argument("value") if block is not None else None
        if argument is None:
            raise NotKnown(f"{self.address}{name} is not declared")
        return self._cached(("output", name), lambda: self.evaluator.value(argument.expression, {}))

    # -- how many instances a block has

    def expansion(self, key: object, block: Block, address: str) -> Expansion:
        """The instances of a resource or module call."""
        if key not in self._expansions:
            try:
                self._guarded(("expansion", key), lambda: self._expanded(key, block, address))
            except Fault as fault:
                self._expansions[key] = Expansion((), None, fault.reason)
        return self._expansions[key]

    def _expanded(self, key: object, block: Block, address: str) -> Value:
        count, each = block.body.argument("count"), block.body.argument("for_each")
        planned = self._shared.facts.keys(address) if self._shared.facts is not None else None
        expansion = ONE
        value: Value = convert.NULL
        if count is not None:
            value = self.evaluator.value(count.expression, {})
            expansion = counted(value)
        elif each is not None:
            value = self.evaluator.value(each.expression, {})
            expansion = for_each(value)
        if planned is not None:
            values = {made.key: made.value for made in expansion.instances}
            made = tuple(Made(one, values.get(one) or _unknown_each(address, one)) for one in planned)
            expansion = Expansion(made, None if expansion is ONE else convert.NULL)
        self._expansions[key] = expansion
        return value

    def variables_of(self, block: Block, made: Made, address: str) -> Variables:
        """The names that hold in the block of one instance."""
        if block.body.argument("count") is not None:
            index: Value = Symbol(f"count.index of {address}") if made.is_open else Known(made.key)
            return {"count": Fields((Entry(Known("index"), index),))}
        if block.body.argument("for_each") is not None:
            key: Value = Symbol(f"each.key of {address}") if made.is_open else Known(made.key)
            value = made.value if made.value is not None else Symbol(f"each.value of {address}")
            return {"each": Fields((Entry(Known("key"), key), Entry(Known("value"), value)))}
        return {}

    def _spread(self, expansion: Expansion, address: str, of: Callable[[Made], Value], *, is_module: bool) -> Value:
        """All instances of a block as one value."""
        if expansion.unknown:
            return Absent(address, is_module=is_module)
        if expansion.by is None:
            return of(expansion.instances[0]) if expansion.instances else convert.NULL
        made = {one.key: one for one in expansion.instances}
        return self._spread_by(expansion.by, made, of)

    def _spread_by(self, by: Value, made: dict[Key, Made], of: Callable[[Made], Value]) -> Value:
        if isinstance(by, Choice):
            then, otherwise = (self._spread_by(side, made, of) for side in (by.then, by.otherwise))
            return Choice(by.condition, then, otherwise)
        if by is convert.NULL:
            keys: Sequence[Key] = list(made)
        elif isinstance(by, Fields):
            keys = sorted(by.by_key)
        elif isinstance(by, Items):
            keys = [str(item.value) for item in by.items if isinstance(item, Known)]
        else:
            count = getattr(convert.numeric(by), "value", 0)
            keys = range(int(count))
        if any(isinstance(key, str) for key in keys) or isinstance(by, (Fields, Items)):
            return Fields(tuple(Entry(Known(key), of(made[key])) for key in keys))
        return Items(tuple(of(made[key]) for key in keys))

    # -- resources

    def _whole_resource(self, name: ResourceName) -> Value:
        block = self.module.resources.get(name)
        if block is None:
            raise NotKnown(f"{self.address}{name} is not declared")
        address = f"{self.address}{name}"
        expansion = self.expansion(name, block, address)

        def of(made: Made) -> Value:
            return Whole(
                with_key(address, made.key), lambda attribute: self.attribute(name, block, made, attribute)
            )

        return self._spread(expansion, address, of, is_module=False)

    def attribute(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        """An attribute of one instance."""
        return self._cached((name, made.key, attribute), lambda: self._attribute(name, block, made, attribute))

    def _attribute(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        found = self.own(name, block, made, attribute)
        if attribute in _NAMES and not name.is_data and not made.is_open and not found.is_known:
            return Attribute(with_key(f"{self.address}{name}", made.key), attribute, found.place)
        return found

    def own(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        """What an instance itself says of an attribute."""
        return self._cached(("own", name, made.key, attribute), lambda: self._own(name, block, made, attribute))

    def _own(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        address = with_key(f"{self.address}{name}", made.key)
        facts = self._shared.facts
        planned = facts.attribute(address, attribute) if facts is not None else None
        if planned is not None and planned.is_known:
            argument = block.body.argument(attribute)
            return _placed(planned, argument.expression.place if argument is not None else block.place)
        found = self._set(name, block, made, attribute)
        if found is not None:
            return found
        if planned is not None:
            return planned
        if made.is_open:
            return Symbol(f"{address}[*].{attribute}", ATTRIBUTE, place=block.place)
        return Attribute(address, attribute, block.place)

    def _set(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value | None:
        """What the configuration says of an attribute; None where it says nothing."""
        variables = self.variables_of(block, made, f"{self.address}{name}")
        if name.is_data and name.type == policy_document.TYPE and attribute in ("json", "minified_json"):
            try:
                return policy_document.document(self.evaluator, block.body, variables, block.place)
            except Fault as fault:
                address = with_key(f"{self.address}{name}", made.key)
                return Symbol(f"{address}.{attribute}", ATTRIBUTE, fault.reason, block.place)
        if name.is_data and name.type == "template_file" and attribute == "rendered":
            return self._rendered(block, variables)
        return resource_blocks.value(self.evaluator, block.body, attribute, variables)

    def _rendered(self, block: Block, variables: Variables) -> Value | None:
        """The text of a ``template_file``, which is known where its template and variables are."""
        template = resource_blocks.value(self.evaluator, block.body, "template", variables)
        filled = resource_blocks.value(self.evaluator, block.body, "vars", variables) or Fields(())
        if not isinstance(template, Known) or not isinstance(filled, Fields):
            return None
        try:
            place = template.place or block.place
            return self._shared.functions.filled(str(template.value), filled, place, self._shared.work)
        except Fault:
            return None

    def instances(self) -> Iterator[Instance]:
        """Its resources and data sources, and those of the modules that it calls."""
        for name, block in self.module.resources.items():
            address = f"{self.address}{name}"
            expansion = self.expansion(name, block, address)
            if expansion.unknown:
                self._shared.note(Note(address, expansion.unknown, block.place))
            for made in expansion.instances if not expansion.unknown else (OPEN,):
                yield self.instance(name, block, made)
        for call in self.module.calls:
            for child in self.children(call):
                yield from child.instances()

    def instance(self, name: ResourceName, block: Block, made: Made) -> Instance:
        """One resource or data source."""
        address = f"{self.address}{name}[*]" if made.is_open else with_key(f"{self.address}{name}", made.key)
        names = resource_blocks.argument_names(block.body)
        if name.is_data and name.type == policy_document.TYPE:
            names.append("json")
        values = resource_blocks.LazyValues(names, lambda attribute: self.shown(name, block, made, attribute))
        condition = together(self.condition, made.condition)
        return Instance(
            address,
            name.type,
            self.provider_of(name, block),
            values,
            key=made.key,
            condition=condition,
            place=block.place,
            calls=self._calls,
        )

    def shown(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        """An attribute of one instance as it is handed on; one that takes too much work is unknown."""
        try:
            found = self.own(name, block, made, attribute)
        except (Fault, RecursionError) as fault:
            reason = fault.reason if isinstance(fault, Fault) else "it is nested too deep"
            address = with_key(f"{self.address}{name}", made.key)
            return Symbol(f"{address}.{attribute}", reason=reason, place=block.place)
        return found

    def provider_of(self, name: ResourceName, block: Block) -> str:
        """The provider configuration of a resource, as the root module calls it."""
        argument = block.body.argument("provider")
        local = resource_blocks.reference(argument.expression) if argument is not None else name.type.partition("_")[0]
        return self.provider(local or name.type.partition("_")[0])

    def provider(self, local: str) -> str:
        """A provider configuration as the root module calls it."""
        if self._caller is None:
            return local
        caller, call, _ = self._caller
        return resolved(local, call, self.module, self.address, caller.provider)

    # -- modules

    def children(self, call: str) -> list[ModuleInstance]:
        """The instances of a module that is called."""
        block = self.module.calls[call]
        address = f"{self.address}module.{call}"
        expansion = self.expansion(("module", call), block, address)
        if expansion.unknown:
            self._shared.note(Note(address, expansion.unknown, block.place))
        made = expansion.instances if not expansion.unknown else (OPEN,)
        return [child for one in made if (child := self._child(call, block, one)) is not None]

    def _child(self, call: str, block: Block, made: Made) -> ModuleInstance | None:
        if (call, made.key) not in self._children:
            self._children[call, made.key] = self._called(call, block, made)
        return self._children[call, made.key]

    def _called(self, call: str, block: Block, made: Made) -> ModuleInstance | None:
        plain = f"{self.address}module.{call}"
        address = f"{plain}[*]" if made.is_open else with_key(plain, made.key)
        path = (*self._path, call)
        source = source_of(block)
        directory = None
        if source is not None:
            directory = directory_of(self._shared.installed, self.module.directory, path, source)
        module = self._shared.loader.load(directory) if directory is not None else None
        if module is None or module.is_empty:
            where = f"its source {source} is not at hand" if source else "its source is not known"
            self._shared.note(Note(plain, f"{where}: nobody has looked into it", block.place))
            return None
        if len(path) > _MAX_CALLS or self._is_inside(module):
            self._shared.note(Note(plain, "the module calls itself: nobody has looked into it", block.place))
            return None
        variables = self.variables_of(block, made, plain)
        condition = together(self.condition, made.condition)
        return ModuleInstance(
            self._shared, module, path, f"{address}.", (self, block, variables), condition, (*self._calls, block.place)
        )

    def _is_inside(self, module: Module) -> bool:
        at: ModuleInstance | None = self
        while at is not None:
            if at.module is module:
                return True
            at = at._caller[0] if at._caller is not None else None
        return False

    def _whole_call(self, call: str) -> Value:
        block = self.module.calls.get(call)
        if block is None:
            raise NotKnown(f"module.{call} is not declared")
        address = f"{self.address}module.{call}"
        expansion = self.expansion(("module", call), block, address)

        def of(made: Made) -> Value:
            child = self._child(call, block, made)
            name = with_key(address, made.key)
            if child is None:
                return Symbol(name, MODULE, "the module is not at hand", block.place)
            return Whole(name, child.output, is_module=True)

        return self._spread(expansion, address, of, is_module=True)


def _unknown_each(address: str, key: Key) -> Value | None:
    return Symbol(f"each.value of {with_key(address, key)}") if isinstance(key, str) else None


def _placed(value: Value, place: Place) -> Value:
    """A value of a plan, with the place where the configuration has it."""
    if value.place is None:
        value.place = place
    return value
