"""
The policies of a template, as what is asked of all of them for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.model.identity_memory import IdentityMemory
from trustproof.model.policy import ALLOW, Path, Policy, Statement
from trustproof.model.principals import Holder, Program, Sender
from trustproof.model.text import Text
from trustproof.properties.given_elsewhere import given_elsewhere, may_be_among
from trustproof.properties.powers import powers_of
from trustproof.properties.stated_ids import stated_ids


def operands_of(statements: Iterable[Statement], keys: tuple[str, ...]) -> frozenset[Text]:
    """What conditions of statements compare keys with, which are given lower-cased."""
    return frozenset(
        operand
        for statement in statements
        for condition in statement.conditions
        if condition.key.lower() in keys
        for operand in condition.operands
    )


def _unknown(_arn: str) -> None:
    """Of no policy it is known what AWS has in it; a function that goes to other processes has a name."""


#: Who holds something is the same object wherever a template is read for another account.
_ROLES = IdentityMemory[Mapping[str, Sequence[Holder]]](2)


def _roles_of(holders: Iterable[Holder]) -> Mapping[str, Sequence[Holder]]:
    found: dict[str, list[Holder]] = {}
    for one in holders:
        if one.kind == "role":
            found.setdefault(one.logical_id, []).append(one)
    return found


class Neighbours:
    """
    The policies of a template: what is asked of all of them for each of them is looked for once.

    Args:
        documents: gives them; most policies are judged without their neighbours, which then are not read.
        holders: gives who holds them.
        programs: gives the programs that have roles.
        trusts: gives the trust policies of the roles that have an identity policy, by its place.
        senders: gives whom the template sends to its roles, by the logical id and path of a trust policy.
        users_of_programs: gives the users that are taken for programs'.
        is_settled: whether what somebody may do is the same wherever the template is deployed.
        managed: gives a policy that AWS manages, by its ARN; None for any other one.
    """

    def __init__(
        self,
        documents: Callable[[], tuple[Document, ...]] = tuple,
        holders: Callable[[], tuple[Holder, ...]] = tuple,
        programs: Callable[[], tuple[Program, ...]] = tuple,
        trusts: Callable[[], Mapping[Path, tuple[Document, ...]]] = dict,
        senders: Callable[[], Mapping[tuple[str, Path], tuple[Sender, ...]]] = dict,
        users_of_programs: Callable[[], tuple[Holder, ...]] = tuple,
        is_settled: Callable[[], bool] = lambda: True,
        managed: Callable[[str], Policy | None] = _unknown,
    ) -> None:
        self._given = (documents, holders, programs, trusts, senders, users_of_programs, is_settled)
        self._managed = managed
        self._powers: dict[str, tuple[str, ...]] = {}
        self._operands: dict[tuple[str, ...], frozenset[Text]] = {}

    def __reduce__(self) -> tuple[object, ...]:
        # To another process goes what is there, since who would look for it goes to none.
        return _neighbours_at_hand, (*(given() for given in self._given), self._managed)

    @cached_property
    def _documents(self) -> tuple[Document, ...]:
        return self._given[0]()

    @cached_property
    def _holders(self) -> tuple[Holder, ...]:
        return self._given[1]()

    @cached_property
    def _programs(self) -> tuple[Program, ...]:
        return self._given[2]()

    @cached_property
    def _trusts(self) -> Mapping[Path, tuple[Document, ...]]:
        return self._given[3]()

    @cached_property
    def _senders(self) -> Mapping[tuple[str, Path], tuple[Sender, ...]]:
        return self._given[4]()

    @cached_property
    def users_of_programs(self) -> tuple[Holder, ...]:
        """The users of the template that are taken for programs'."""
        return self._given[5]()

    @cached_property
    def _is_settled(self) -> bool:
        return self._given[6]()

    def senders_to(self, document: Document) -> tuple[Sender, ...]:
        """Whom the template itself sends to the role of a trust policy."""
        return self._senders.get((document.logical_id, document.path), ())

    @property
    def documents(self) -> tuple[Document, ...]:
        """The policies themselves."""
        return self._documents

    @cached_property
    def stated_ids(self) -> frozenset[str]:
        """The ids of accounts and organizations that they say."""
        return stated_ids(self._documents)

    @property
    def _statements(self) -> Iterator[Statement]:
        return (statement for document in self._documents for statement in document.policy.statements)

    def operands(self, keys: tuple[str, ...]) -> frozenset[Text]:
        """What their conditions compare keys with, which are given lower-cased."""
        if keys not in self._operands:
            self._operands[keys] = operands_of(self._statements, keys)
        return self._operands[keys]

    def operands_on(self, resource: Text, logical_id: str, keys: tuple[str, ...]) -> frozenset[Text]:
        """
        The same of the policies of one resource only.

        Args:
            resource: its ARN, as far as that is known.
            logical_id: of the resource that makes it and has a policy in its own properties.
        """
        return operands_of(self.statements_on(resource, logical_id), keys)

    def statements_on(self, resource: Text, logical_id: str) -> list[Statement]:
        """The statements of the policies of one resource, of which the arguments are said as there."""
        by_arn, by_id = self._places
        on = by_arn.get(resource, []) if resource != "*" else []
        on = [*on, *(by_id.get(logical_id, ()) if logical_id else ())]
        return [statement for document in on for statement in document.policy.statements]

    @cached_property
    def _places(self) -> tuple[dict[Text, list[Document]], dict[str, list[Document]]]:
        """The documents by the ARN of their resource, and by the resource that makes it."""
        by_arn: dict[Text, list[Document]] = {}
        by_id: dict[str, list[Document]] = {}
        for document in self._documents:
            by_arn.setdefault(document.resource_arn, []).append(document)
            by_id.setdefault(document.logical_id, []).append(document)
        return by_arn, by_id

    def all_actions_of(self, logical_id: str) -> frozenset[str]:
        """
        The actions, lower-cased, that a role of the template is allowed; empty where not all of them are known, or
        where a policy of another resource may let it do more, or a deployment with other parameters.
        """
        found = self._roles.get(logical_id, ())
        if not self._is_settled:
            return frozenset()
        if any(one.foreign or one.doubts or one.by_name or one.by_reference or one.unread for one in found):
            return frozenset()
        if any(may_be_among(one.arn, self._given_by_name) for one in found):
            return frozenset()
        policies = [self._documents[index].policy for one in found for index in one.documents]
        allowed = [s for policy in policies for s in policy.statements if s.effect == ALLOW or s.effect_is_given]
        if any(s.actions is None or s.unreadable for s in allowed):
            return frozenset()
        return frozenset(str(action).lower() for s in allowed for action in s.actions or ())

    def powers_of(self, logical_id: str) -> tuple[str, ...]:
        """How much a role of the template gives, coarsely, by the policies of the template and those of AWS."""
        if logical_id not in self._powers:
            found = self._roles.get(logical_id, ())
            managed = (self._managed(str(policy.arn)) for one in found for policy in one.foreign)
            own = (self._documents[index].policy for one in found for index in one.documents)
            self._powers[logical_id] = powers_of((*own, *filter(None, managed)))
        return self._powers[logical_id]

    @cached_property
    def _roles(self) -> Mapping[str, Sequence[Holder]]:
        """The roles of each logical id: one that others may take something from is there a second time."""
        return _ROLES.get(lambda: _roles_of(self._holders), self._holders)

    @cached_property
    def _given_by_name(self) -> tuple[str, ...]:
        return given_elsewhere(self._holders, self._documents)

    def trusts_of_roles_with(self, document: Document) -> Sequence[Document]:
        """The trust policies of the roles of the template that have an identity policy."""
        return self._trusts.get(document.path, ())

    def members_of(self, group: Holder) -> Sequence[Holder]:
        """The users that the template puts into a group."""
        called = {group.logical_id, str(group.name)} - {""}
        found = {number: one for name in called for number, one in self._members.get(name, ())}
        return [found[number] for number in sorted(found)]

    @cached_property
    def _members(self) -> Mapping[str, Sequence[tuple[int, Holder]]]:
        """Who is in each group, with their places among all."""
        found: dict[str, list[tuple[int, Holder]]] = {}
        for number, one in enumerate(self._holders):
            for group in {member.group for member in one.groups}:
                found.setdefault(group, []).append((number, one))
        return found

    def has_password(self, name: str) -> bool:
        """Whether the template gives a password to a user of that name, or logical id where it has no other."""
        return name in self._with_password

    @cached_property
    def _with_password(self) -> frozenset[str]:
        having = [one for one in self._holders if one.has_password]
        return frozenset(name for one in having for name in (str(one.name), one.logical_id))

    @cached_property
    def tells_roles_elsewhere(self) -> bool:
        """Whether a program of the template is told a role that the template does not make."""
        own = {str(one.arn) for one in self._holders if one.kind == "role" and one.logical_id}
        return any(str(arn) not in own for one in self._programs for arn in one.told)

    def allowing(self, service: str) -> Sequence[Statement]:
        """The Allow statements that name a service among their principals."""
        return self._by_service.get(service, ())

    @cached_property
    def role_arns(self) -> tuple[str, ...]:
        """The ARNs of roles that the template makes in each of its deployments, where they are known."""
        trusting = (one for one in self._documents if one.kind == TRUST and not one.guards)
        return tuple(dict.fromkeys(one.resource_arn for one in trusting if isinstance(one.resource_arn, str)))

    @cached_property
    def roles_let_in(self) -> Mapping[str, str]:
        """The roles that resource policies let in by a known ARN, each with the logical id of one such policy."""
        return {
            entry.value: document.logical_id
            for document in self._documents
            if document.kind == RESOURCE
            for statement in document.policy.statements
            for entry in (statement.principals or () if statement.effect == ALLOW else ())
            if isinstance(entry.value, str) and ":role/" in entry.value and "*" not in entry.value
        }

    @cached_property
    def _by_service(self) -> Mapping[str, Sequence[Statement]]:
        found: dict[str, list[Statement]] = {}
        for statement in self._statements:
            entries = (statement.principals or ()) if statement.effect == ALLOW else ()
            for service in dict.fromkeys(str(entry.value) for entry in entries if entry.kind == "Service"):
                found.setdefault(service, []).append(statement)
        return found


def _neighbours_at_hand(*found: Any) -> Neighbours:
    *given, managed = found
    return Neighbours(*(*(partial(_at_hand, one) for one in given), managed))


def _at_hand(found: Any) -> Any:
    return found
