"""
One template: what it says about access, where it says it, and for which deployments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from trustproof.errors import InputError, PolicySyntaxError
from trustproof.inputs.cloudformation.deployments import TemplateDeployments
from trustproof.inputs.cloudformation.evaluation.assignments.assignment_classes import AssignmentClasses
from trustproof.inputs.cloudformation.evaluation.assignments.assignments import Assignments
from trustproof.inputs.cloudformation.evaluation.assignments.parameter_values import follow_rules, refused_value
from trustproof.inputs.cloudformation.evaluation.conditions.conditions import decide_named
from trustproof.inputs.cloudformation.evaluation.declarations.constant_parts import TemplateText
from trustproof.inputs.cloudformation.evaluation.declarations.defaults import Defaults
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.work import OverBudget
from trustproof.inputs.cloudformation.evaluation.functions.listed_values import at_listed_values
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.section.section import ResourceReader
from trustproof.inputs.cloudformation.evaluation.stacks.passed_parameters import passed_parameters
from trustproof.inputs.cloudformation.evaluation.texts.generated_names import names_in_chains
from trustproof.inputs.cloudformation.other_values import OtherValues
from trustproof.inputs.cloudformation.placement import PlacedTemplate
from trustproof.inputs.cloudformation.plain.second_reading import SecondReading
from trustproof.inputs.cloudformation.resources.collection.collector import Collector
from trustproof.inputs.cloudformation.resources.other_templates.composed_bodies import body_doubts
from trustproof.inputs.cloudformation.resources.other_templates.nested_templates import carried_templates
from trustproof.inputs.cloudformation.resources.other_templates.waivers import written_waivers
from trustproof.inputs.cloudformation.resources.unread.unread_resources import unread_resources
from trustproof.inputs.cloudformation.values.cache import RecentValues
from trustproof.inputs.cloudformation.values.catalogue import TEMPLATE_BODY
from trustproof.inputs.cloudformation.values.contents import Contents, HasContents, by_path
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.cloudformation.values.linked_values import LinkedValues
from trustproof.inputs.cloudformation.written_template import WrittenTemplate
from trustproof.inputs.grammar.malformed_policies import NONE_EMPTIED
from trustproof.inputs.reader import Container, Doubt, ExternalTemplate, Number
from trustproof.inputs.text.source import Maker, Source, read_again
from trustproof.model.deployments import Assignment, PassedParameter, Told
from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.model.presentation import Presentation

#: How many readings at values of parameters are kept: each holds as much as the template itself.
_KEPT = 16


class Origin(NamedTuple):
    """
    What it takes to read a template again, in this process or another one.
    """

    file: str
    deployment: Deployment
    stack: str
    construct_paths: Mapping[str, str]
    #: Of the template that it stands inside of, and where there.
    outer: Origin | None = None
    prefix: Path = ()
    #: What has templates that are read besides this one: nested stacks, to their paths in the assembly, and products.
    nested: Mapping[str, str] = {}
    #: The values at which it is read, where not at the defaults.
    assignment: Assignment | None = None
    #: What makes it again, where its content is not that of the file.
    maker: Maker | None = None

    @property
    def is_open(self) -> bool:
        """Whether the template has been read."""
        return False

    def relinked(self, linked: LinkedValues) -> Origin:
        """The same template next to stacks that give it something."""
        return self._replace(deployment=self.deployment.with_linked_values(linked))

    def made_by(self, maker: Maker) -> Origin:
        """The same where something else makes the content, of the outermost template around it."""
        return self._replace(maker=maker) if self.outer is None else self._replace(outer=self.outer.made_by(maker))

    def open(self) -> Template:
        """
        The template.

        Raises:
            InputError: it is no longer what it was.
        """
        if self.outer is not None:
            for inner in self.outer.open().embedded():
                if isinstance(inner, Template) and inner.origin.prefix == self.prefix:
                    return inner if self.assignment is None else inner.assigned(self.assignment)
            raise InputError("has changed while it was checked", self.file)
        source, data = read_again(self.file) if self.maker is None else self.maker.make()
        return Template(
            source,
            data,
            # A default may have said where it goes.
            self.deployment if source.goes_to is None else self.deployment.placed(*source.goes_to),
            stack=self.stack,
            construct_paths=self.construct_paths,
            nested=self.nested,
            assignment=self.assignment,
        )


class Template(SecondReading, HasContents, WrittenTemplate, PlacedTemplate, OtherValues):
    """
    A CloudFormation template, read for one deployment.

    Args:
        source: the file it was read from.
        data: its content.
        deployment: account, Region and parameters, as far as they are known.
        stack: path of the stack in its assembly (``Prod/Access``); empty elsewhere.
        construct_paths: of resources, by logical id, where an assembly gives them.
        values: bound symbols, see `at`.
        closed: whether conditions are decided at the defaults.
        outer: of a template inside another one, the other.
        prefix: where the content stands in the file, for a template inside another one.
        nested: what has templates that are read besides this one: nested stacks, to their paths in the assembly, and
            products of a catalogue, to nothing.
        assignment: the values at which it is read, where not at the defaults.
        written: the content as it is written, where it has been read before.

    Raises:
        InputError: a pinned parameter has a value that the template does not admit.
    """

    def __init__(
        self,
        source: Source,
        data: Mapping[str, object],
        deployment: Deployment,
        *,
        stack: str = "",
        construct_paths: Mapping[str, str] | None = None,
        values: Mapping[str, str] | None = None,
        closed: bool = False,
        outer: Origin | None = None,
        prefix: Path = (),
        nested: Mapping[str, str] | None = None,
        assignment: Assignment | None = None,
        written: TemplateText | None = None,
    ) -> None:
        self.origin: Origin = Origin(
            source.name, deployment, stack, construct_paths or {}, outer, prefix, nested or {}, assignment, source.maker
        )
        self.source: Source = source
        self.presentation: Presentation = source.presentation
        self._written = written or TemplateText(self.as_it_comes_to(data), source.text, prefix)
        self.data: Mapping[str, object] = self._written.data
        self.environment: Environment = Environment(self._written, deployment, assignment=assignment)
        self._refuse(refused_value(self.environment))
        linked = deployment.linked_values.pinned if deployment.linked_values is not None else {}
        assigned = {} if assignment is None else dict(assignment.values)
        self._values = {**linked, **self.environment.pinned, **assigned, **(values or {})}
        self.resolver: Resolver = Resolver(self.environment, self._values, closed=closed)
        if self.environment.rules and not closed:
            self._refuse(follow_rules(self.environment, self._values))
        self._resources = ResourceReader(self.resolver, prefix)
        self._refuse(self._resources.read(self._written))
        self.doubt: str = self._resources.doubt or self._written.reach.doubt
        self.doubts: tuple[Doubt, ...] = self._written.reach.doubts
        self.waivers: tuple[tuple[Path, object], ...] = (*written_waivers(self.resources, self._written.signs, prefix),)
        self._contents: Contents | None = None
        self._single: dict[str, dict[Path, tuple[Document, ...]]] = {}
        self._bound: RecentValues[tuple[tuple[str, str], ...], Template] = RecentValues(_KEPT)
        self._defaults: Defaults | None = None
        self._classes: AssignmentClasses | None = None
        self._assigned: dict[Assignment, Template] = {}
        self.assignments: Assignments = Assignments(self.resolver, source, assignment)
        self._steps_to_begin = self.environment.work.steps  # Each reading follows its rules.

    #: The names of the symbols that stand for its own account where that is not known.
    account_names: frozenset[str] = frozenset(("AWS::AccountId",))

    @cached_property
    def listed(self) -> Resolver:
        """Knows what its values are where a parameter may have each of its ``AllowedValues``."""
        return at_listed_values(self.resolver)

    @cached_property
    def assigned_only(self) -> Resolver | None:
        """Knows what its values are by those alone at which it is read; None where it is read at the defaults."""
        return None if self.origin.assignment is None else self.resolver.opened({})

    @cached_property
    def _at_any_value(self) -> Resolver:
        """Knows what its conditions are whatever the values of parameters that nobody has given."""
        return self.resolver.opened({})

    def is_impossible(self, condition: str, *, holds: bool) -> bool:
        """Whether a condition certainly never holds, or never fails to, whatever the values of parameters are."""
        try:
            return decide_named(condition, self._at_any_value) is (not holds)
        except OverBudget:
            return False

    @property
    def is_open(self) -> bool:
        """Whether it has been read."""
        return True

    def open(self) -> Template:
        """The template itself."""
        return self

    @property
    def is_as_written(self) -> bool:
        """Whether the file has what paths lead through: else the template was made of what it has."""
        return self.source.maker is None

    @property
    def container(self) -> Container | None:
        """The StackSet that it stands inside of, the outermost of several; None for a file of its own."""
        prefix = self.origin.prefix
        return Container(str(prefix[prefix.index(TEMPLATE_BODY) - 2]), prefix) if prefix else None

    @property
    def stack(self) -> str:
        """Path of the stack in its assembly; empty elsewhere."""
        return self.origin.stack

    @property
    def name(self) -> str:
        """The file as the user named it."""
        return self.source.name

    @property
    def text(self) -> str:
        """The text of the file."""
        return self.source.text

    @property
    def placed(self) -> Origin:
        """What it takes to read it again."""
        return self.origin

    @property
    def resources(self) -> dict[str, dict[str, object]]:
        """Its resources by logical id, as far as they are objects."""
        return self.environment.resources

    def deployed(self, deployment: Deployment) -> Template:
        """The same template, read for another deployment."""
        return self._again(deployment=deployment)

    @property
    def partition(self) -> str:
        """The partition of the Region; where that is not known, the one that the template is written for."""
        return self.environment.partition

    @property
    def partition_known(self) -> bool:
        """Whether the template is for one partition only."""
        return self.environment.partition_known

    @cached_property
    def parameter_names(self) -> frozenset[str]:
        """The names of the declared parameters."""
        linked = self.origin.deployment.linked_values
        return frozenset(self.environment.parameters) - (linked.parameters if linked is not None else {}).keys()

    def passed_parameters(self) -> Mapping[str, PassedParameter]:
        """The parameters of the stacks around it of which what it is passed is made, by their names."""
        return passed_parameters(self.environment)

    def external_templates(self) -> tuple[ExternalTemplate, ...]:
        """What nobody has looked into: resources whose templates are not at hand, or whose type is not known."""
        return tuple(unread_resources(self.resolver, self.data, self.origin.nested, self.origin.construct_paths))

    # -- what it says

    def relinked(self, linked: LinkedValues) -> Template:
        """The same template next to stacks that give it something."""
        _, deployment, stack, paths, _, _, nested, *_ = self.origin
        again = deployment.with_linked_values(linked)
        return Template(self.source, self.data, again, stack=stack, construct_paths=paths, nested=nested)

    def names_in_chains(self, number: Number) -> dict[str, str]:
        """What stands, in role chains, for the name of the stack, and for names that CloudFormation generates."""
        arns = [role.arn for role in self.roles]
        if self.data.get("Outputs"):
            # Others can have a policy without a name of its own only by an output.
            arns += [arn for arn, _ in self.managed]
        return names_in_chains(self.origin.deployment.stack_name, number, arns)

    def documents_at(self, logical_id: str, path: Path) -> tuple[Document, ...]:
        """What the document of a resource at a path may be; where nothing is read yet, reads no other resource."""
        if logical_id not in self._single:
            if logical_id not in self.environment.resources:
                return ()
            collector = self._collector()
            collector.resource(logical_id)
            self._single[logical_id] = by_path(self.with_patterns(collector.documents))
        return self._single[logical_id].get(path, ())

    def defaults_in(self, path: Path, *, deciding: bool = False, beside: object = None) -> dict[str, str]:
        """
        The parameters that what stands at a path was judged at the ``Default`` of, and the defaults.

        Args:
            deciding: whether only those are wanted by which a condition decides what stands there.
            beside: what else of the template decides what that means.
        """
        if self._defaults is None:
            self._defaults = Defaults(self._written.whole, self.environment, self._values)
        return self._defaults.deciding_at(path) if deciding else self._defaults.used_at(path, beside)

    def read_contents(self) -> Contents:
        """All that it says."""
        if self._contents is None:
            before = self.environment.work.steps
            found, wrong, left = self.read_as_deployable(self._resources.malformed)
            steps = self._steps_to_begin + self.environment.work.steps - before
            refused = tuple(error.path for error in wrong)
            errors = tuple(self._located(error.message, error.path) for error in wrong)
            unread = (*self._resources.unread, *self._written.reach.open_resources, *found.contents.unread, *left)
            self._contents = found.contents._replace(unread=unread, errors=errors, refused_at=refused, steps=steps)
            self._single.update({logical_id: by_path(those) for logical_id, those in found.by_resource.items()})
        return self._contents

    def _collector(self, emptied: Mapping[Path, str] = NONE_EMPTIED) -> Collector:
        paths, has_macros = self.origin.construct_paths, bool(self.environment.macros)
        return Collector(self.resolver, self.data, paths, has_macros=has_macros, emptied=emptied)

    def _refuse(self, problem: tuple[str, Path] | None) -> None:
        if problem is not None:
            raise InputError(*self.locate(problem[1]).said(problem[0], self.name))

    def _located(self, message: str, path: Path) -> PolicySyntaxError:
        is_named = not self.presentation.types or len(path) < 2 or str(path[1]) in message
        if not is_named and self.locate(path).in_file:
            # A file may be that of many resources.
            message = f"{path[1]}: {message}"
        return PolicySyntaxError(*self.locate(path).said(message, self.name))

    def embedded(self) -> Iterator[Template | InputError]:
        """The templates inside this one, and inside those: of StackSets that carry theirs as text, and of stacks."""
        for carried in carried_templates(self.resolver, self.name, is_known=not self.doubt):
            if isinstance(carried.content, str):
                yield self._located(carried.content, carried.place)
                continue
            place, at = carried.place, carried.deployment(self.origin.deployment)
            inner = Template(self.source, carried.content, at, stack=self.stack, outer=self.origin, prefix=place)
            doubts = (*inner.doubts, *self.doubts, *body_doubts(self, place))
            inner.doubt, inner.doubts = inner.doubt or self.doubt, doubts
            yield inner
            yield from inner.embedded()

    # -- where it says it

    def locate(self, path: Path) -> Position:
        """Where the key (of a list: the item) at a path stands, or the nearest thing around it that is written."""
        return self.source.map.key(path)

    def source_line(self, number: int, file: str = "") -> str:
        """A line, from 1, of the file or of another one, as it is shown; empty beyond its end."""
        return self.presentation.excerpt(self.source.map.line(number, file))

    # -- for which deployments

    def deployments(self, values: Mapping[str, str]) -> TemplateDeployments:
        """Its deployments, in all of which symbols have these values."""
        return TemplateDeployments(self.origin, values, self)

    def at(self, values: Mapping[str, str]) -> Template:
        """
        The template as deployed with some values; every condition is decided, at defaults where nothing else is given.

        Args:
            values: by the names of parameters, pseudo-parameters and other symbols.
        """
        given = tuple(sorted(values.items()))
        return self._bound.get(given, lambda: self._again({**self._values, **values}, closed=True))

    def written_content(self) -> tuple[Mapping[str, object], Path]:
        """The content as it is written, of a file of its own read again, and where it stands in its file."""
        content = self.source.load() if self.source.__class__ is Source and not self.origin.prefix else None
        if not isinstance(content, Mapping):
            return self.data, self.origin.prefix
        return self.as_it_comes_to(content), self.origin.prefix

    def passed(self) -> Mapping[str, str | None]:
        """The values that its parameters are given; None for one that is not known."""
        given = {name: v if isinstance(v, str) else None for name, v in self.origin.deployment.bindings.items()}
        return given | self.environment.pinned | ({"AWS::Region": self.region} if self.region else {})

    def classes(self, paths: Sequence[Path], *, named: bool = False, apart: Told = None) -> tuple[Assignment, ...]:
        """
        The assignments at which what stands at some paths has to be judged together: see `AssignmentClasses.of`.

        Raises:
            BudgetReached: there are too many.
        """
        if self._classes is None:
            given = (self.environment, self._values, self.assignments, self.origin.prefix)
            self._classes = AssignmentClasses(self._written.whole, *given)
        return self._classes.of(paths, named=named, apart=apart)

    def assigned(self, assignment: Assignment, *, once: bool = False) -> Template:
        """The same template, read at an assignment; it is kept for who asks again, unless nobody does."""
        found = self._assigned.get(assignment) or self._again(assignment=assignment)
        if found._contents is None and self.environment.is_read_at(assignment):
            found._contents, found._single = self.read_contents(), self._single
        if not once:
            self._assigned[assignment] = found
        return found

    def _again(
        self,
        values: Mapping[str, str] | None = None,
        *,
        closed: bool = False,
        assignment: Assignment | None = None,
        deployment: Deployment | None = None,
    ) -> Template:
        """The same template, read with other values."""
        _, given, stack, paths, outer, prefix, nested, before, _ = self.origin
        found = type(self)(
            self.source,
            self.data,
            deployment or given,
            stack=stack,
            construct_paths=paths,
            values=values,
            closed=closed,
            outer=outer,
            prefix=prefix,
            nested=nested,
            assignment=assignment or before,
            written=self._written,
        )
        found.environment.rules = self.environment.rules if closed else found.environment.rules
        return found
