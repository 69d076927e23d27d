"""
What the rest of Trustproof asks of whatever is read: a template, a plan.

A new kind of input is one `Reader`, named in `inputs.discovery.inputs.READERS`; its policies are of `trustproof.model`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from trustproof.errors import InputError, PolicySyntaxError
from trustproof.inputs.input_deployments import DeployedInput, InputDeployments
from trustproof.inputs.settings import Settings
from trustproof.inputs.text.source import Source
from trustproof.inputs.written_input import WrittenInput
from trustproof.model.deployments import Assignment, PassedParameter, Told
from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.model.principals import (
    AccountAssignment,
    ArnReference,
    Holder,
    OpenAssignment,
    Program,
    RoleFacts,
    SessionFacts,
)
from trustproof.model.stack_sets import Targets
from trustproof.model.text import Text

#: The number of what was read in a run, and of the input therein.
Number: TypeAlias = "tuple[int, int]"
#: By which names an input and others may speak of each other's things, and what others give to an input: values that
#: only the `Linking` looks into that has made them.
Symbols: TypeAlias = Any
LinkedValues: TypeAlias = Any


class ExternalTemplate(NamedTuple):
    """Something that is not looked into: as a rule something with a template of its own that is not at hand."""

    #: What it is and what it is called, in a few words.
    what: str
    #: Where its template is, as far as that is written; empty where it is not.
    location: str = ""
    #: What it is where it has no template, to follow ``which``; empty where it has one.
    which: str = ""
    #: Who gets in by it, where nobody has to look once all are declared: a list of `model.declarations`, and an entry.
    declarable: tuple[tuple[str, str], ...] = ()
    #: The resource that it is a part of, where somebody gets in by what that says; empty where it is anything else.
    logical_id: str = ""
    #: The resource that it is of, where it is anything else.
    resource: str = ""
    #: The construct that the resource was made by; None where nothing says it.
    construct_path: str | None = None


class ImpliedAccess(NamedTuple):
    """Access that comes of something which is no policy, and which nobody reads."""

    logical_id: str
    path: Path
    #: What is given, to begin a sentence.
    said: str
    #: Equal where it comes to the same.
    value: str
    #: Whether it only limits access, so that one more or less of it gives nothing.
    is_limit: bool = False


#: Where a doubt stands about what a file declares that is not read: nowhere. It is passed over itself, or an error.
IN_UNREAD_FILES: Path = ("what is not read",)
#: How it begins why something is left out that goes out of a configuration, and stays in AWS.
REMOVED = "a block removed "


class Doubt(NamedTuple):
    """Why nothing can be proved of a part of an input."""

    #: Of the part.
    path: Path
    reason: str
    #: Whether what users, groups and roles may do together depends on it too.
    about_holders: bool

    def reaches(self, path: Path) -> bool:
        """Whether what stands at a path is in the part."""
        return path[: len(self.path)] == self.path


class Container(NamedTuple):
    """What an input stands inside of, where it is a part of another one."""

    #: What it is called there.
    name: str
    #: Where it stands in the file.
    path: Path


class Readable(Protocol):
    """
    An input, or what it takes to read it again in this process or another one.
    """

    @property
    def is_open(self) -> bool:
        """Whether it has been read, and cannot be sent to another process."""

    def open(self) -> Input:
        """
        The input.

        Raises:
            InputError: it is no longer what it was.
        """

    def relinked(self, linked: LinkedValues) -> Readable:
        """The same, next to inputs that give it something."""
        ...


class Input(Readable, DeployedInput, WrittenInput, Protocol):
    """
    What was read, for one deployment as far as that is known.
    """

    @property
    def origin(self) -> Readable:
        """What it takes to read it again."""
        ...

    @property
    def name(self) -> str:
        """The file as the user named it."""
        ...

    @property
    def text(self) -> str:
        """The text of the file, or of all files that it was made of."""
        ...

    @property
    def account(self) -> str | None:
        """The account it is deployed to; None where that is not known."""
        ...

    @property
    def organization(self) -> str | None:
        """The id of the organization that the account is in; None where that is not known."""
        ...

    @property
    def partition(self) -> str:
        """The partition it is deployed to, or else is written for."""
        ...

    @property
    def partition_known(self) -> bool:
        """Whether it is for one partition only."""
        ...

    @property
    def account_names(self) -> frozenset[str]:
        """The names of the symbols that stand for its own account where that is not known."""
        ...

    @property
    def parameter_names(self) -> frozenset[str]:
        """The names of what its deployer chooses."""
        ...

    @property
    def doubt(self) -> str:
        """Why nothing can be proved of what it holds; empty where nothing stands in the way."""
        ...

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """The same for parts of it."""
        ...

    @property
    def container(self) -> Container | None:
        """What it stands inside of; None for a file of its own."""
        ...

    @property
    def targets(self) -> Targets:
        """The accounts that a StackSet deploys it to; no groups where there is none, or nobody knows which."""
        ...

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every policy document, in the order of the input."""

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Users, groups and roles with what is attached to them; they name documents by their index."""
        ...

    @property
    def roles(self) -> tuple[RoleFacts, ...]:
        """What is said of each role besides its policies; one entry per value of what a condition decides."""
        ...

    @property
    def further_roles(self) -> str:
        """
        Why it may have roles that are not among these, or policies by which a role may assume another one: a clause;
        empty where it has none.
        """
        ...

    @property
    def sessions(self) -> tuple[SessionFacts, ...]:
        """How long the sessions last that no role gives."""
        ...

    @property
    def managed(self) -> tuple[tuple[Text, tuple[int, ...]], ...]:
        """The ARN of each managed policy, and the indices of its documents."""
        ...

    @property
    def unread(self) -> tuple[tuple[Path, str], ...]:
        """Places that may hold a policy and could not be read, each with the reason."""
        ...

    @property
    def never(self) -> tuple[str, ...]:
        """The logical ids of what may hold policies and is in no deployment."""
        ...

    @property
    def assignments_elsewhere(self) -> tuple[tuple[str, AccountAssignment], ...]:
        """Who has permission sets of other stacks: the stack and the logical id, and who has it in which account."""
        ...

    @property
    def open_assignments(self) -> tuple[OpenAssignment, ...]:
        """Who has permission sets that no template of the run is known to declare."""
        ...

    @property
    def programs(self) -> tuple[Program, ...]:
        """The programs that are told the ARNs of roles."""

    @property
    def errors(self) -> tuple[PolicySyntaxError, ...]:
        """The policies that AWS would refuse; the other documents are read all the same."""
        ...

    @property
    def refused_at(self) -> tuple[Path, ...]:
        """Where these stand, in the same order."""
        ...

    def external_templates(self) -> tuple[ExternalTemplate, ...]:
        """What it refers to and does not hold."""
        ...

    @property
    def implied_access(self) -> tuple[ImpliedAccess, ...]:
        """What others make access of that is no policy, and that is not read."""
        ...

    def resource_type(self, logical_id: str) -> str:
        """The type of a resource; empty where there is no such resource."""

    def reference_to_arn(self, logical_id: str, within: str) -> ArnReference:
        """How it would write the ARN of a resource of its own in another one, `within`."""

    def in_groups(self, numbers: tuple[int, ...]) -> Input:
        """The same input in those groups of its targets, one at least, that are passed the same values."""

    def in_each_group(self) -> Sequence[Input]:
        """The same input once for each group of accounts that is passed other values; itself where all are alike."""

    def in_each_region(self) -> Sequence[Input]:
        """The same input once for each Region of its targets; itself where these are not known, or it says its own."""

    def embedded(self) -> Iterable[Input | InputError]:
        """The inputs inside this one, which go to other accounts."""

    def deployments(self, values: Mapping[str, str]) -> InputDeployments:
        """
        Its deployments.

        Args:
            values: of symbols, in all of them.
        """
        ...

    def reading_steps(self) -> int:
        """How much work it is to read all that it says once more, in steps of what counts it."""
        ...

    def classes(self, paths: Sequence[Path], *, named: bool = False, apart: Told = None) -> tuple[Assignment, ...]:
        """
        The assignments at which what stands at some paths has to be judged together; empty where this reading is all.

        Args:
            named: whether that of this reading is given too, for who names what is proved.
            apart: names with texts that the classes tell apart, besides those that conditions compare them with; None
                where what a condition decides may be left open. With `IS_THERE`, those are given too at which it is not
                there.

        Raises:
            BudgetReached: there are too many.
        """
        ...

    def assigned(self, assignment: Assignment, *, once: bool = False) -> Input:
        """
        The same input, read at an assignment.

        Args:
            once: whether it is not kept for who asks for the same again.
        """

    def defaults_of(self, document: Document) -> Mapping[str, str]:
        """The parameters at whose defaults a document was read, and the defaults: each may make no difference."""

    def parameter_defaults(self) -> Mapping[str, str]:
        """The parameters that have a default, which they were read at, and the defaults."""

    def given_values(self) -> Mapping[str, Text]:
        """What its parameters are given from outside, by the user or by what it stands inside of."""
        ...

    def passed_parameters(self) -> Mapping[str, PassedParameter]:
        """The parameters of what it stands inside of that it is passed something of, by their names."""
        ...

    def by_itself(self) -> tuple[Mapping[str, Text], Input]:
        """The same values, and the same input where nobody gives them."""
        ...

    def holder_defaults(self) -> Mapping[str, str]:
        """The same for all that is said of users, groups, roles and sessions."""
        ...

    def at_other_values(self, names: tuple[str, ...]) -> Input | None:
        """
        The same input, made again where some names may have any value but the default; None where an assignment of
        parameters says the same.
        """
        ...

    def is_lost_at(self, names: Collection[str]) -> bool:
        """Whether nobody can tell what it is where some names have other values than their defaults."""
        ...

    def readings_kept(self) -> int:
        """How many of the readings at other values are kept at a time: each has all that it says once more."""
        ...

    def instances_made_again(self) -> int:
        """How many instances of resources and modules are made to read it at other values; none where none are."""
        ...

    def numbers_of(self, document: Document) -> tuple[int, ...]:
        """Which of its documents stand where one of another reading does; empty where something there is not read."""
        ...

    def documents_at(self, logical_id: str, path: Path) -> tuple[Document, ...]:
        """What the document of a resource at a path may be in different deployments."""
        ...

    def documents_anywhere(self, logical_id: str, path: Path) -> tuple[Document, ...]:
        """The same before anybody said to which account and Region it goes."""
        ...

    def names_in_chains(self, number: Number) -> dict[str, str]:
        """What stands, in role chains, for names that AWS will generate."""
        ...

    def linked_names(self) -> Mapping[str, str]:
        """The same for names that others give to this input."""
        ...

    def linked_role_ids(self) -> Mapping[str, Text]:
        """What stands for the unique ids of roles of others that give something to this input, to their ARNs."""
        ...


class Reader(Protocol):
    """Reads files of one kind."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the names of such files end, in a directory."""
        ...

    def reads(self, content: object) -> bool:
        """Whether the content of a file is of this kind."""
        ...

    def resembles(self, text: str) -> bool:
        """Whether a text that cannot be parsed looks as if it were to be of this kind."""
        ...

    def refusal(self, content: object) -> str:
        """What there is instead, and what was expected: a clause for an error."""
        ...

    def read(self, source: Source, content: Mapping[str, object], settings: Settings) -> Sequence[Input]:
        """
        The inputs: one for each account that the file is for, one at least.

        Raises:
            InputError: a pinned parameter has a value that the input does not admit.
        """
        ...
