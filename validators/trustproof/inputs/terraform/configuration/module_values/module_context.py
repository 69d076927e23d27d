"""
What all module instances of one configuration share.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import NamedTuple, Protocol, Self

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.evaluation import types
from trustproof.inputs.terraform.configuration.evaluation.calls import FunctionCaller
from trustproof.inputs.terraform.configuration.evaluation.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.evaluation.names import Names, Variables
from trustproof.inputs.terraform.configuration.modules.files import InstalledModules
from trustproof.inputs.terraform.configuration.modules.modules import Loader, Module
from trustproof.inputs.terraform.configuration.modules.provider_versions import called_modules, drops_booleans
from trustproof.inputs.terraform.configuration.modules.variables_behind import VariablesBehind
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression
from trustproof.inputs.terraform.configuration.values.finite_keys import texts_but_for
from trustproof.inputs.terraform.configuration.values.work import Work
from trustproof.inputs.terraform.values.conditions import Condition
from trustproof.inputs.terraform.values.instances import Facts, Note
from trustproof.inputs.terraform.values.values import UNSAID, Symbol, Value


class RootVariables(Protocol):
    """
    The values of the variables of the root module.
    """

    def value(self, name: str, block: Block | None, evaluator: Evaluator) -> Value:
        """The value of one; unknown where nobody has given one."""

    def as_declared(self, name: str, block: Block | None, given: Value, evaluator: Evaluator) -> Value:
        """What one is where it is given a value: one of its type."""

    def without_defaults(self, names: frozenset[str]) -> RootVariables:
        """The same where the defaults of some are not read."""

    def with_text(self, name: str, text: str) -> RootVariables:
        """The same where one has another value, as it is given on a command line."""

    def is_at_default(self, name: str, block: Block) -> bool:
        """Whether one has the value of its default."""


class ModuleWithNames(Names, Protocol):
    """
    An instance of a module, which can be one where variables of the root module have other values.
    """

    @property
    def evaluator(self) -> Evaluator:
        """Of its expressions."""

    def with_shared(self, shared: ModuleContext) -> Self:
        """The same where what all modules share is something else."""


class Remembered(NamedTuple):
    """
    An expression whose value nobody knows.
    """

    #: As a template calls it.
    name: str
    #: Where it stands.
    module: ModuleWithNames
    expression: Expression
    #: What the names stand for that hold only there.
    variables: Variables


class ModuleContext:
    """
    Args:
        loader: of modules.
        root: the root module.
        variables: of the root module.
        facts: what a plan knows; None without one.
        roots: how many root modules the run has.
    """

    def __init__(
        self, loader: Loader, root: Module, variables: RootVariables, facts: Facts | None, roots: int = 1
    ) -> None:
        self.loader = loader
        self.root = root
        self.facts = facts
        self.work: Work = Work(roots)
        self.functions: FunctionCaller = FunctionCaller(loader.files, root.directory)
        self.installed: InstalledModules = loader.files.installed(root.directory)
        #: Who follows what is written in blocks to the variables of the root module.
        self.variables_behind: VariablesBehind = VariablesBehind(loader, root)
        self._variables = variables
        #: Whether provider configurations are asked for: these may be made of what is ephemeral.
        self.is_for_providers: bool = False
        #: Gives what is known of where a provider configuration deploys to; the second where that is looked at.
        self.places: Callable[[str], Mapping[str, str]] = lambda _: {}
        self.known_places: Callable[[str], Mapping[str, str]] | None = None
        self._types: dict[int, types.Type | None] = {}
        self._notes: dict[tuple[str, str], Note] = {}
        #: What Terraform would refuse, by its place; None where that is an error at once.
        self._errors: dict[object, InputError] | None = {} if loader.goes_on else None
        #: The blocks that make no instance, by address: the type of the resource, empty for a module, and why.
        self.absent: dict[str, tuple[str, str]] = {}
        #: What never holds, since a validation refuses it, by what refuses it.
        self.never: dict[str, list[Condition]] = {}
        #: All texts that variables of the root module may be, as far as what never holds says so.
        self._texts: dict[str, tuple[str, ...]] = {}
        #: What cannot be, since an expression that is evaluated has no value there, as it is written.
        self.never_valued: dict[str, Condition] = {}
        #: The variables of the root module at whose defaults a precondition does not hold, and what is said of that.
        self.refused_defaults: dict[str, Note] = {}
        self._at_texts: dict[object, ModuleContext] = {}
        #: The same where one variable of the root module has no default.
        self._without: dict[str, ModuleContext] = {}
        #: The expressions whose values nobody knows, by what a template calls them.
        self.remembered: dict[str, Remembered] = {}

    def for_providers(self) -> ModuleContext:
        """The same for provider configurations."""
        found = copy(self)
        found.is_for_providers = True
        found._without = {}
        return found

    def with_variables(self, variables: RootVariables) -> ModuleContext:
        """The same where the variables of the root module have other values."""
        found = copy(self)
        found._variables = variables
        # What is met there is not what is.
        found.work = Work()
        found._notes, found.absent, found.never, found.refused_defaults = {}, {}, {}, {}
        found.never_valued, found._at_texts, found._without, found._texts = {}, {}, {}, {}
        found.remembered, found._errors = {}, None
        return found

    def at_texts(self, texts: Mapping[str, str]) -> ModuleContext:
        """
        The same where some variables of the root module are certain texts; what is done there is work on this one.

        Args:
            texts: by name with ``var.``.
        """
        key = tuple(sorted(texts.items()))
        if key not in self._at_texts:
            variables = self._variables
            for name, text in texts.items():
                variables = variables.with_text(name.removeprefix("var."), text)
            self._at_texts[key] = self.with_variables(variables)
            self._at_texts[key].work, self._at_texts[key]._errors = self.work, self._errors
        return self._at_texts[key]

    def where_placed(self) -> ModuleContext:
        """The same where data sources say where their providers deploy to; what is done there is work on this one."""
        found = self.with_variables(self._variables)
        found.work, found.known_places, found._errors = self.work, self.places, self._errors
        return found

    def without_defaults(self, names: Iterable[str]) -> ModuleContext:
        """The same where some variables of the root module have no defaults; what is done there is work on this one."""
        found = self.with_variables(self._variables.without_defaults(frozenset(names)))
        found.work, found._errors = self.work, self._errors
        return found

    def without_default(self, name: str) -> ModuleContext:
        """The same for one, which each of many validations asks for."""
        if name not in self._without:
            self._without[name] = self.without_defaults((name,))
        return self._without[name]

    def forget_other_defaults(self) -> None:
        """Keep nothing of what was found where single variables have no default."""
        self._without.clear()

    def at_defaults(self, among: Collection[str] | None = None) -> Sequence[str]:
        """
        The variables of the root module that have the values of their defaults.

        Args:
            among: the names of those that are asked about; None for all.
        """
        all_ = self.root.variables
        named = all_ if among is None else sorted(all_.keys() & among, key=self._places_of_variables.__getitem__)
        return [name for name in named if self._variables.is_at_default(name, all_[name])]

    @cached_property
    def _places_of_variables(self) -> Mapping[str, int]:
        """The order in which the variables of the root module are written."""
        return {name: place for place, name in enumerate(self.root.variables)}

    def variable(self, name: str, block: Block | None, evaluator: Evaluator) -> Value:
        """The value of a variable of the root module; nobody knows it where it is not one that it admits."""
        if self.facts is not None:
            planned = self.facts.variable(name)
            if planned is not None:
                # A plan has it as it was given: https://developer.hashicorp.com/terraform/internals/json-format
                return self._variables.as_declared(name, block, planned, evaluator)
        try:
            return self._variables.value(name, block, evaluator)
        except InputError as error:
            self.refuse(error)
            sensitive = block.body.argument("sensitive") if block is not None else None
            is_sensitive = sensitive is not None and getattr(sensitive.expression, "value", None) is True
            said = f"var.{name} is given a value that it does not admit"
            return Symbol(f"var.{name}", UNSAID, said, block.place if block is not None else None, is_sensitive)

    def drops_booleans(self) -> bool:
        """Whether its provider of AWS leaves out unquoted truth values: see `provider_versions.drops_booleans`."""
        called = called_modules(self.root, self.installed, self.loader)
        modules = {one.directory: one for one in (self.root, *called, *self.loader.loaded)}
        return drops_booleans(self.root.directory, modules.values(), self.loader.files)

    def type_of(self, block: Block) -> types.Type | None:
        """The type that a variable is declared with; None where there is none."""
        key = id(block)
        if key not in self._types:
            argument = block.body.argument("type")
            self._types[key] = types.type_of(argument.expression) if argument is not None else None
        return self._types[key]

    def texts_of(self, variable: str) -> tuple[str, ...]:
        """
        All texts that a variable of the root module may be, as far as validations that were read say so; none where it
        may be others.

        Args:
            variable: with ``var.``.
        """
        return self._texts.get(variable, ())

    def keep_never(self, what: str, never: Condition) -> None:
        """
        Keep what never holds; once is enough.

        Args:
            what: refuses it.
        """
        kept = self.never.setdefault(what, [])
        if any(one.shown == never.shown for one in kept):
            return
        kept.append(never)
        # Each of many validations asks which texts there are.
        if (found := texts_but_for(never)) is not None:
            name, texts = found
            self._texts.setdefault(name, texts)

    def refuse(self, error: InputError, name: str = "") -> None:
        """
        Keep what Terraform would refuse for whoever asks, and read the rest all the same.

        Args:
            name: what of its place it is about: what is wrong with many instances is said once.

        Raises:
            InputError: whoever reads it wants to be told at once, or nobody could say where it is.
        """
        if self._errors is None or not error.file:
            raise error
        self._errors.setdefault((error.file, error.line, error.column, name), error)

    @property
    def errors(self) -> list[InputError]:
        """What Terraform would refuse of it, in the order in which it was met."""
        return list((self._errors or {}).values())

    def note(self, note: Note) -> None:
        """Say that something was not looked into; once is enough."""
        self._notes.setdefault((note.what, note.reason), note)

    @property
    def notes(self) -> list[Note]:
        """What was not looked into, in the order in which it was met."""
        return list(self._notes.values())
