"""
One instance of a module: who answers for names there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial

from trustproof.inputs.terraform.accounts import issuers
from trustproof.inputs.terraform.configuration.block_contents import resource_blocks
from trustproof.inputs.terraform.configuration.block_contents.argument_types import read_back
from trustproof.inputs.terraform.configuration.block_contents.block_instances import (
    address_of,
    is_whole,
    module_at_key,
    open_value,
    placed,
    spread,
    variables_of,
    with_key,
)
from trustproof.inputs.terraform.configuration.evaluation.access import Whole
from trustproof.inputs.terraform.configuration.evaluation.expansion import Made, together
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.evaluation.open_instances import at_key
from trustproof.inputs.terraform.configuration.module_values import provider_values
from trustproof.inputs.terraform.configuration.module_values.arns_where_placed import where_placed
from trustproof.inputs.terraform.configuration.module_values.circular_calls import refuse_circle
from trustproof.inputs.terraform.configuration.module_values.module_sources import directory_of_call, why_not_at_hand
from trustproof.inputs.terraform.configuration.module_values.module_values import NAMES, ModuleValues
from trustproof.inputs.terraform.configuration.module_values.providers import passed_by, reference, resolve_provider
from trustproof.inputs.terraform.configuration.modules.lifecycle import NOTHING, IgnoredArguments, ignored_changes
from trustproof.inputs.terraform.configuration.modules.modules import (
    Module,
    ResourceName,
    is_taken_over,
    other_installation,
)
from trustproof.inputs.terraform.configuration.modules.passed_providers import why_refused
from trustproof.inputs.terraform.configuration.modules.undeclared_names import not_declared
from trustproof.inputs.terraform.configuration.policy_documents import policy_document
from trustproof.inputs.terraform.configuration.policy_documents.source_documents import Provider
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.syntax.expressions import Step
from trustproof.inputs.terraform.configuration.validations import validations
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.types.nested_blocks import or_computed
from trustproof.inputs.terraform.types.table import may_grant
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.instances import Instance, Key, Note
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.unset_variable import STRING, WORKSPACE, Variable
from trustproof.inputs.terraform.values.values import (
    ATTRIBUTE,
    EXPRESSION,
    MODULE,
    UNSAID,
    Attribute,
    Entry,
    Fields,
    Known,
    Symbol,
    Value,
)
from trustproof.inputs.text.json import TOO_DEEP
from trustproof.results.result import BUDGET

#: What gives its ``input``: https://developer.hashicorp.com/terraform/language/resources/terraform-data
_STORED = ("terraform_data", "output")


class ModuleInstance(ModuleValues):
    """
    A module where it is called, or the root module.
    """

    @cached_property
    def _children(self) -> dict[tuple[str, Key], ModuleInstance | None]:
        return {}

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
            return self.path_of(first), 1
        if name == "data" and first and len(steps) > 1 and steps[1].name:
            return self._whole_resource(ResourceName(True, first, steps[1].name)), 2
        if name == "terraform" and first == "workspace":
            return Variable(WORKSPACE, kind=STRING, is_nullable=False), 1
        if name == "ephemeral" and first and len(steps) > 1 and not self.shared.is_for_providers:
            # https://developer.hashicorp.com/terraform/language/manage-sensitive-data/ephemeral
            called = f"ephemeral.{first}.{steps[1].name}"
            return Symbol(called, UNSAID, f"{called} is ephemeral, and Terraform refuses it in what it keeps"), 2
        if name in ("terraform", "self", "ephemeral"):
            return Symbol(f"{name}.{first}"), 1
        if not first or name in ("var", "local", "module", "path", "data", "each", "count"):
            return None
        return self._whole_resource(ResourceName(False, name, first)), 1

    # -- resources

    def _whole_resource(self, name: ResourceName) -> Value:
        block = self.module.resources.get(name)
        if block is None:
            return not_declared(self.module, f"{self.address}{name}")
        address = f"{self.address}{name}"
        expansion = self.expansion(name, block, address)

        def of(made: Made) -> Whole:
            return Whole(address_of(address, made), lambda attribute: self.attribute(name, block, made, attribute))

        def any_of(key: Value) -> Value:
            called, one = f"{address}[{value_text(key)}]", of(expansion.instances[0])
            if self.open_blocks.is_own_key(key, expansion):
                return one
            each = open_value(f"each.value of {called}", expansion.instances[0])

            def at(attribute: str) -> Value:
                found = self._attribute_at(name, block, (key, each), called, attribute)
                if attribute not in NAMES or name.is_data or expansion.instances[0].is_constant:
                    return found
                return at_key(address, key, lambda: one.attribute(attribute), found)

            return Whole(called, at)

        return spread(expansion, address, of, any_of, is_module=False, is_own_key=self.open_blocks.is_own_key)

    def _attribute_at(
        self, name: ResourceName, block: Block, each: tuple[Value, Value], called: str, attribute: str
    ) -> Value:
        """An attribute of the instance of a key, where nobody knows which keys there are."""

        def make() -> Value:
            entries = (Entry(Known("key"), each[0]), Entry(Known("value"), each[1]))
            variables = {"each": Fields(entries), "count": Fields((Entry(Known("index"), each[0]),))}
            found = self._set(name, block, variables, called, attribute)
            found = found or Symbol(f"{called}.{attribute}", ATTRIBUTE, place=block.place)
            return read_back(found, name.type, block.body, attribute, f"{called}.{attribute}")

        return self._cached(("at", called, attribute), make, is_certain=False)

    def attribute(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        """An attribute of one instance."""
        return self._cached((name, made.key, attribute), lambda: self._attribute(name, block, made, attribute))

    def _attribute(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        address = address_of(f"{self.address}{name}", made)
        found = or_computed(self.own(name, block, made, attribute), Attribute(address, attribute, block.place))
        if attribute in NAMES and not name.is_data and not found.is_known:
            return where_placed(Attribute(address, attribute, found.place), self, name, block, made)
        found = issuers.without_scheme(found) if attribute == "url" and name.type == issuers.PROVIDER else found
        return read_back(found, name.type, block.body, attribute, f"{address}.{attribute}")

    def _own_in_a_plan(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        if attribute in ("output", "result"):
            # It is made when it is applied, and a condition that fails then leaves what is there.
            return Attribute(with_key(f"{self.address}{name}", made.key), attribute, block.place)
        return self._attribute(name, block, made, attribute)

    def own(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        """What an instance itself says of an attribute."""
        make = partial(self._own, name, block, made, attribute)
        return self._cached(("own", name, made.key, attribute), make, is_certain=is_whole(block, made))

    def _own(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        address = with_key(f"{self.address}{name}", made.key)
        facts = self.shared.facts
        planned = facts.attribute(address, attribute) if facts is not None else None
        if planned is not None and planned.is_known:
            argument = block.body.argument(attribute)
            return placed(planned, argument.expression.place if argument is not None else block.place)
        variables = variables_of(block, made, f"{self.address}{name}")
        found = self._set(name, block, variables, address, attribute)
        ignored = self._ignored(name, block)
        if found is not None:
            return ignored.kept(address, attribute, found) if ignored.leaves(attribute) else found
        provider = partial(self.provider_of, name, block, made)
        told = planned or provider_values.place(name, block.body, attribute, provider, self.shared.known_places)
        if told is not None:
            return told
        if made.is_open:
            return Symbol(f"{address}[*].{attribute}", ATTRIBUTE, place=block.place)
        return Attribute(address, attribute, block.place)

    def _set(
        self, name: ResourceName, block: Block, variables: Variables, address: str, attribute: str
    ) -> Value | None:
        """What the configuration says of an attribute; None where it says nothing."""
        if name.is_data and name.type == policy_document.TYPE and attribute in ("json", "minified_json"):
            provider = Provider(partial(self._note_left_out, address), self.shared.drops_booleans)
            return policy_document.text(self.evaluator, block, variables, f"{address}.{attribute}", provider)
        if name.is_data and (read := provider_values.READ.get((name.type, attribute))) is not None:
            said = read(self.evaluator, block, variables, self.shared.functions)
            if said is None and read is provider_values.rendered:
                why_not = provider_values.why_not_rendered(self.evaluator, block, variables)
                return Symbol(f"{address}.{attribute}", ATTRIBUTE, why_not, block.place) if why_not else None
            return said
        if not name.is_data:
            random = provider_values.random_result(self.evaluator, name.type, block.body, variables, address, attribute)
            if random is not None:
                return random
        if not name.is_data and (name.type, attribute) == _STORED:
            # What is stored is what is given, once it is applied.
            found, stays = self._set(name, block, variables, address, "input"), ignored_changes(block)
            if not stays.leaves("input"):
                return found
            return stays.kept(address, "input", found) if self.shared.facts is None else None
        return resource_blocks.value(self.evaluator, block.body, attribute, variables)

    def instances(self) -> Iterator[Instance]:
        """
        Its resources and data sources, and those of the modules that it calls.

        Raises:
            InputError: a variable has a value that it does not admit.
        """
        # Of what is there in some cases only, a value that it does not admit may be in none of them.
        is_there = self.shared.facts is None and self.condition is None and not self.address.endswith("[*].")
        if is_there:
            validations.check_variables(self)
            validations.check_outputs(self)
            for failed in validations.failed_checks(self):
                self.shared.note(failed)
        asks = self.shared.facts is None and not self.address.endswith("[*].")
        if asks:
            validations.find_refused_values(self)
        for name, block in self.module.resources.items():
            address = f"{self.address}{name}"
            expansion = self.expansion(name, block, address)
            has_access = _has_access(name, block)
            if expansion.unknown and has_access:
                self.shared.note(Note(address, expansion.unknown, block.place))
            if not expansion.instances and not name.is_data:
                self.shared.absent[address] = (name.type, resource_blocks.how_many(block))
            for made in expansion.instances:
                self.shared.work.instance(block.place, self._calls, has_access=has_access)
                if asks and not made.is_open:
                    named = with_key(address, made.key)
                    own = Whole(named, partial(self._own_in_a_plan, name, block, made))
                    inside = {**variables_of(block, made, address), "self": own}
                    if is_there and made.condition is None:
                        validations.check_resource(self, block, named, inside)
                    validations.find_refused_cases(self, block, named, inside, made.condition)
                found = self.instance(name, block, made)
                if name.is_data and policy_document.has_others(block.body):
                    # What of them is left out is said, whoever asks for the document.
                    found.values.get("json")
                yield found
        for call in self.module.calls:
            for child in self.children(call):
                if child.shared.facts is None:
                    validations.check_call(child)
                yield from child.instances()
        self.forget_other_defaults()

    def instance(self, name: ResourceName, block: Block, made: Made) -> Instance:
        """One resource or data source."""
        address = address_of(f"{self.address}{name}", made)
        names = resource_blocks.argument_names(block.body)
        if name.is_data and name.type == policy_document.TYPE:
            names.append("json")
        names += (one for one in self._ignored(name, block).unset(name.type) if one not in names)
        values = resource_blocks.LazyValues(names, partial(self.handed_on, name, block, made))
        return Instance(
            address,
            name.type,
            self.provider_of(name, block, made),
            values,
            key=made.key,
            condition=together(self.condition, made.condition),
            place=block.place,
            calls=self._calls,
            existed=self._was_there(address),
            waits_for=self.waits_for(block),
        )

    def _note_left_out(self, address: str, what: str, place: Place | None) -> None:
        self.shared.note(Note(address, f"is made of other documents as the provider reads them, without {what}", place))

    def _was_there(self, address: str) -> bool:
        """Whether a resource was there before, by what its module says or one that calls it."""
        at: ModuleValues | None = self
        while at is not None:
            if is_taken_over(address, at.module, at.address):
                return True
            at = at.caller[0] if at.caller is not None else None
        return False

    def handed_on(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        """
        An attribute of one instance as it is handed on: what the configuration says of it, whatever a plan knows. One
        that takes too much work is unknown.
        """
        try:
            make = partial(self._said, name, block, made, attribute)
            return self._cached(("said", name, made.key, attribute), make, is_certain=is_whole(block, made))
        except (Fault, RecursionError) as fault:
            reason = fault.reason if isinstance(fault, Fault) else f"{BUDGET}: {TOO_DEEP}"
            address = with_key(f"{self.address}{name}", made.key)
            kind = UNSAID if BUDGET in reason else EXPRESSION
            return Symbol(f"{address}.{attribute}", kind, reason, block.place)

    def _said(self, name: ResourceName, block: Block, made: Made, attribute: str) -> Value:
        address = with_key(f"{self.address}{name}", made.key)
        found = self._set(name, block, variables_of(block, made, f"{self.address}{name}"), address, attribute)
        ignored = self._ignored(name, block)
        if ignored.leaves(attribute):
            return ignored.kept(address, attribute, found)
        return self.own(name, block, made, attribute) if found is None else found

    def _ignored(self, name: ResourceName, block: Block) -> IgnoredArguments:
        """What of a resource stays as it is, and is not in the configuration: a plan says what it is."""
        return NOTHING if name.is_data or self.shared.facts is not None else ignored_changes(block)

    def provider_of(self, name: ResourceName, block: Block, made: Made) -> str:
        """The provider configuration of a resource, as the root module calls it."""
        argument = block.body.argument("provider")
        variables = variables_of(block, made, f"{self.address}{name}")
        local = reference(argument.expression, self.evaluator, variables) if argument is not None else ""
        return self.provider(self.module.provider_named(local or name.type.partition("_")[0]))

    def provider(self, local: str) -> str:
        """A provider configuration as the root module calls it."""
        if self.caller is None:
            return local
        return resolve_provider(local, self.passed, self.module, self.address, self.caller[0].provider)

    @cached_property
    def passed(self) -> Mapping[str, str]:
        """The provider configurations that it is passed."""
        if self.caller is None:
            return {}
        caller, call, variables = self.caller
        passed = passed_by(call, caller.evaluator, variables)
        return {self.module.provider_named(own): caller.module.provider_named(name) for own, name in passed.items()}

    # -- modules

    def children(self, call: str) -> list[ModuleInstance]:
        """The instances of a module that is called."""
        block = self.module.calls[call]
        address = f"{self.address}module.{call}"
        expansion = self.expansion(("module", call), block, address)
        if expansion.unknown:
            self.shared.note(Note(address, expansion.unknown, block.place))
        if not expansion.instances:
            self.shared.absent[address] = ("", resource_blocks.how_many(block))
        return [child for one in expansion.instances if (child := self._child(call, block, one)) is not None]

    def _child(self, call: str, block: Block, made: Made) -> ModuleInstance | None:
        if (call, made.key) not in self._children:
            self._children[call, made.key] = self._called(call, block, made)
        return self._children[call, made.key]

    def _called(self, call: str, block: Block, made: Made) -> ModuleInstance | None:
        plain = f"{self.address}module.{call}"
        address = address_of(plain, made)
        path = (*self._path, call)
        directory = self.directory_of_call(call)
        module = self.shared.loader.load(directory) if directory is not None else None
        if module is None or module.is_empty:
            why = why_not_at_hand(block, self.evaluator, self.shared.installed, path)
            if module is not None and module.errors:
                why = f"of whose files none can be read: {module.directory}"
            self.shared.note(Note(plain, why, block.place, is_left_out=True))
            return None
        refuse_circle(self, plain, block, module)
        self._note_redirection(plain, path, module, block)
        self.shared.work.instance(block.place, self._calls)
        variables = variables_of(block, made, plain)
        condition = together(self.condition, made.condition)
        called = ModuleInstance(
            self.shared, module, path, f"{address}.", (self, block, variables), condition, (*self._calls, block.place)
        )
        # A plan is one of what Terraform does not refuse.
        if self.shared.facts is None and (refused := why_refused(module, called.passed)):
            self.shared.note(Note(plain, refused, block.place, is_left_out=True))
            return None
        return called

    def _note_redirection(self, address: str, path: Sequence[str], module: Module, block: Block) -> None:
        recorded = other_installation(self.shared.installed, path, module.directory)
        if recorded is not None:
            reason = f"is read from its source, {module.directory}: {self.shared.installed.file} says {recorded}"
            self.shared.note(Note(address, reason, block.place))

    def directory_of_call(self, call: str) -> str | None:
        """The directory of a module that is called; None where it is not at hand, or nobody knows which it is."""
        block, path = self.module.calls[call], (*self._path, call)
        return directory_of_call(block, self.evaluator, self.shared.installed, self.module.directory, path)

    def _whole_call(self, call: str) -> Value:
        block = self.module.calls.get(call)
        if block is None:
            return not_declared(self.module, f"{self.address}module.{call}")
        address = f"{self.address}module.{call}"
        expansion = self.expansion(("module", call), block, address)

        def of(made: Made) -> Value:
            child = self._child(call, block, made)
            name = address_of(address, made)
            if child is None:
                return Symbol(name, MODULE, "the module is not at hand", block.place)
            return Whole(name, child.output, is_module=True)

        def any_of(key: Value) -> Value:
            found = Symbol(f"{address}[{value_text(key)}]", MODULE, expansion.unknown, block.place)
            made = expansion.instances[0]
            is_own = self.open_blocks.is_own_key(key, expansion)
            return found if made.is_constant else module_at_key(address, key, of(made), found, is_own=is_own)

        return spread(expansion, address, of, any_of, is_module=True, is_own_key=self.open_blocks.is_own_key)


def _has_access(name: ResourceName, block: Block) -> bool:
    """Whether how many there are of something may matter for access: of what has no policy it does not."""
    if name.is_data:
        return name.type == policy_document.TYPE
    given = (*block.body.arguments, *(one.type for one in block.body.blocks()), *block.body.either)
    return name.type.startswith(OF_AWS) and may_grant(name.type, given)
