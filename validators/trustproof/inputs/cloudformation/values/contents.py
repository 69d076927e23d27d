"""
What is read from a template at once, and by which names others may speak of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from trustproof.errors import PolicySyntaxError
from trustproof.inputs.cloudformation.values.as_written import AsWritten
from trustproof.inputs.cloudformation.values.mentions import Mention
from trustproof.inputs.reader import ImpliedAccess
from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.model.principals import AccountAssignment, Holder, OpenAssignment, Program, RoleFacts, SessionFacts
from trustproof.model.text import Text

#: Where a value stands of which only the budget is known that it reached.
_SOMEWHERE = ("Resources",)


class Contents(NamedTuple):
    """Everything that is read from a template at once."""

    documents: tuple[Document, ...]
    holders: tuple[Holder, ...]
    roles: tuple[RoleFacts, ...]
    unread: tuple[tuple[Path, str], ...]
    errors: tuple[PolicySyntaxError, ...]
    managed: tuple[tuple[Text, tuple[int, ...]], ...]
    sessions: tuple[SessionFacts, ...]
    declared: tuple[tuple[str, Text], ...]
    named: tuple[Mention, ...]
    never: tuple[str, ...]
    implied_access: tuple[ImpliedAccess, ...]
    assignments_elsewhere: tuple[tuple[str, AccountAssignment], ...] = ()
    programs: tuple[Program, ...] = ()
    open_assignments: tuple[OpenAssignment, ...] = ()
    #: Where the policies stand that AWS would refuse.
    refused_at: tuple[Path, ...] = ()
    further_roles: str = ""
    #: The functions, comparisons and branches that there were in reading it.
    steps: int = 0


class _Work(Protocol):
    @property
    def reached(self) -> Collection[str]: ...


class _Environment(Protocol):
    @property
    def work(self) -> _Work: ...


class HasContents(AsWritten):
    """
    Something that gives its contents one by one.
    """

    #: What says which budgets were reached in reading it.
    environment: _Environment
    #: Of the budgets that were reached, those that no document says: each role asks for what is unread.
    _hidden: Mapping[tuple[str, ...], tuple[str, ...]] = MappingProxyType({})

    def read_contents(self) -> Contents:
        """All contents."""
        raise NotImplementedError

    def reading_steps(self) -> int:
        """How much work it is to read all of it once more, in steps."""
        return self.read_contents().steps

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every policy document, in the order of the template."""
        return self.read_contents().documents

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Users, groups and roles with what is attached to them."""
        return self.read_contents().holders

    @property
    def roles(self) -> tuple[RoleFacts, ...]:
        """What is said of each role besides its policies; one entry per value of what a condition decides."""
        return self.read_contents().roles

    @property
    def further_roles(self) -> str:
        """
        Why it may have roles that are not among these, or policies by which a role may assume another one: a clause;
        empty where it has none.
        """
        return self.read_contents().further_roles

    @property
    def sessions(self) -> tuple[SessionFacts, ...]:
        """How long the sessions last that no role gives; one entry per value of what a condition decides."""
        return self.read_contents().sessions

    @property
    def managed(self) -> tuple[tuple[Text, tuple[int, ...]], ...]:
        """The ARN of each managed policy, and the indices of its documents."""
        return self.read_contents().managed

    @property
    def declared(self) -> tuple[tuple[str, Text], ...]:
        """Kind and name of each user, group and role that is declared, and of each managed policy by path and name."""
        return self.read_contents().declared

    @property
    def named(self) -> tuple[Mention, ...]:
        """What is named and not declared."""
        return self.read_contents().named

    @property
    def unread(self) -> tuple[tuple[Path, str], ...]:
        """Places that may hold a policy and could not be read, each with the reason."""
        contents = self.read_contents()
        if not (reached := tuple(self.environment.work.reached)):
            return contents.unread
        if reached not in self._hidden:
            # A value that takes too much may be one that nobody misses, as a name by which something else is found.
            said = repr((contents.unread, contents.documents, contents.holders))
            self._hidden = {reached: tuple(one for one in reached if one not in said)}
        hidden = ((_SOMEWHERE, f"a value of the template is not read: {one}") for one in self._hidden[reached])
        return (*contents.unread, *hidden)

    @property
    def never(self) -> tuple[str, ...]:
        """The logical ids of what may hold policies and is in no deployment."""
        return self.read_contents().never

    @property
    def implied_access(self) -> tuple[ImpliedAccess, ...]:
        """What SAM makes access of that is no policy."""
        return self.read_contents().implied_access

    @property
    def assignments_elsewhere(self) -> tuple[tuple[str, AccountAssignment], ...]:
        """Who has permission sets of other stacks: the stack and the logical id, and who has it in which account."""
        return self.read_contents().assignments_elsewhere

    @property
    def open_assignments(self) -> tuple[OpenAssignment, ...]:
        """Who has permission sets that no template of the run is known to declare."""
        return self.read_contents().open_assignments

    @property
    def errors(self) -> tuple[PolicySyntaxError, ...]:
        """The policies that AWS would refuse; the other documents are read all the same."""
        return self.read_contents().errors

    @property
    def refused_at(self) -> tuple[Path, ...]:
        """Where these stand, in the same order."""
        return self.read_contents().refused_at

    @property
    def programs(self) -> tuple[Program, ...]:
        """The programs that are told the ARNs of roles."""
        return self.read_contents().programs


def by_path(documents: Iterable[Document]) -> dict[Path, tuple[Document, ...]]:
    """Documents by where they stand: one place may have several, of which conditions decide."""
    found: dict[Path, tuple[Document, ...]] = {}
    for document in documents:
        found[document.path] = (*found.get(document.path, ()), document)
    return found
