"""
The roles of all templates, with what is known of each: who may enter it, and what its sessions may do.

A template may attach a policy to a role that another one declares, by the names of both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.analysis.role_chains.removed_policies import allowing, left_open, may_deny
from trustproof.analysis.role_chains.shared_values import SharedValues
from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.inputs.reader import Number
from trustproof.model.deployments import Deployments
from trustproof.model.document import RESOURCE, Document
from trustproof.model.policy import ALLOW, Guard, Path
from trustproof.model.query import is_concrete
from trustproof.model.text import Text
from trustproof.properties.question import Subject
from trustproof.properties.shared.regions import may_allow
from trustproof.proving.outcomes import Place

#: How a clause begins that says what is not known of the policies of a role.
WHETHER = "whether "
#: What only a deployment tells, of a template that others make in some deployments.
IF_THERE = Guard("the stack of the template is there", True)


class IdentityPolicy(NamedTuple):
    """
    An identity policy, and who knows the deployments of the template that has it.
    """

    subject: Subject
    deployments: Deployments


class Node(NamedTuple):
    """
    A role: who may enter it, and what its sessions may do.
    """

    #: The role's ARN; a name that CloudFormation generates is made up.
    arn: str
    trust: Subject
    #: The identity policies that may allow to assume a role.
    policies: tuple[IdentityPolicy, ...]
    #: All identity policies that its template attaches, and what service control policies deny it.
    own: tuple[Document, ...]
    #: The permissions boundary.
    permissions_boundary: Document | None
    #: Managed policies whose content is not known, by ARN; and which policies it may have besides, as a clause.
    unknown: tuple[str, ...]
    #: A boundary that is in no template.
    unknown_boundary: str
    #: Lower-cased keys and values of the role's tags; None where they cannot be read.
    tags: tuple[tuple[str, Text], ...] | None
    place: Place
    deployments: Deployments
    #: Where the trust policy stands.
    path: Path
    #: Which template the role is of.
    number: Number
    #: What messages call it.
    called: str
    #: A regular expression of the names that it may have, where one is made up for it; empty where its name is known.
    names_like: str = ""
    #: Whether it is not known in which account it is: the one in its ARN is made up, or taken.
    is_anywhere: bool = False
    #: What stands for its unique id where its own template speaks of it.
    ident: str = ""
    #: Identity policies that other templates attach.
    attached: tuple[Document, ...] = ()
    #: The templates that attach it something by a condition of theirs.
    attaching: frozenset[Number] = frozenset()
    #: Whether something that its template stands inside of decides whether it is there.
    is_optional: bool = False
    #: Why what its policies allow may be stopped all the same, each as a sentence without its full stop.
    doubts: tuple[str, ...] = ()
    #: Of the managed policies whose content is not known: why other inputs may take them away, by ARN.
    removed: Mapping[str, str] = {}
    #: Whether its name is given at deployment, and one name stands here for all that it may be.
    has_given_name: bool = False
    #: At which values of parameters it was read.
    values: SharedValues = SharedValues()

    @property
    def stopped_by(self) -> tuple[str, ...]:
        """Why what its policies allow may be stopped all the same, with what is attached and nobody knows."""
        unknown = [one for one in self.unknown if not one.startswith(WHETHER)]
        named = [f"the managed policy {', '.join(unknown)} is in no template, and may deny this"] if unknown else []
        return (*self.doubts, *named)

    @property
    def documents(self) -> tuple[Document, ...]:
        """All identity policies."""
        return (*self.own, *self.attached)

    @property
    def has_optional(self) -> bool:
        """Whether others attach it something in some deployments only."""
        return any(IF_THERE in statement.guards for one in self.attached for statement in one.policy.statements)

    @property
    def controls(self) -> tuple[Document, ...]:
        """The control policies that deny something to its sessions, or to those who would enter it."""
        return (*self.trust.others, *(document for document in self.own if document.is_foreign))

    @property
    def account(self) -> str:
        """The role's account."""
        return self.arn.split(":")[4]

    @property
    def name(self) -> str:
        """The role's name."""
        return self.arn.rsplit("/", 1)[-1]


class AttachedPolicy(NamedTuple):
    """
    An identity policy that a template attaches, or lets others attach, by name.
    """

    account: str
    #: Name of the role that it is attached to; empty for a managed policy.
    role: str
    #: ARN of a managed policy, by which a role may name it; empty for others.
    arn: str
    identity_policy: IdentityPolicy
    number: Number
    #: What the role is called that it may be attached to, where that or the policy is not known; else None.
    open_name: Text | None = None
    #: Why other inputs may take it away; empty where none does.
    removed: str = ""
    #: Whether it is not known in which account that is.
    is_anywhere: bool = False

    @property
    def is_guarded(self) -> bool:
        """Whether a condition of its template decides about a part of it."""
        document = self.identity_policy.subject.document
        return bool(document.guards) or any(statement.guards for statement in document.policy.statements)


def may_decide(document: Document) -> bool:
    """Whether a policy may allow a role to assume another one, or deny it anything: what stands on others does not."""
    if document.kind == RESOURCE:
        return False
    denies = any(statement.effect != ALLOW for statement in document.policy.statements)
    return denies or may_allow(document.policy, ASSUME_ROLE)


def with_attached(nodes: Sequence[Node], attached: Sequence[AttachedPolicy]) -> list[Node]:
    """The roles, with the policies that other templates attach to them."""
    by_role: dict[tuple[str, str], list[AttachedPolicy]] = {}
    by_arn: dict[str, list[AttachedPolicy]] = {}
    opened = [one for one in attached if one.open_name is not None]
    for one in attached:
        if one.open_name is not None:
            continue
        if one.role:
            by_role.setdefault((one.account, one.role), []).append(one)
        else:
            by_arn.setdefault(one.arn, []).append(one)
    policies = {arn: found for arn, several in by_arn.items() if (found := _one_policy(several))}
    for one in [one for one in opened if isinstance(one.open_name, str) and one.arn in policies]:
        opened.remove(one)
        by_role.setdefault((one.account, str(one.open_name)), []).extend(
            one._replace(role=str(one.open_name), identity_policy=said, open_name=None) for said in policies[one.arn]
        )
    joined = [one for node in nodes for one in _variants(node, by_role.get((node.account, node.name), []), policies)]
    # Whoever attaches a policy to a role whose name is generated writes that name; and of one who does not say the
    # account, it may be the role of this name in any.
    opened += [one._replace(open_name=one.role) for several in by_role.values() for one in several]
    return [_with_open(node, opened) if opened else node for node in joined]


def may_be_for(attached: AttachedPolicy, node: Node) -> bool:
    """Whether a policy that a template attaches, or lets others attach, may be one of a role, or its boundary."""
    if not attached.role and attached.open_name is None:
        return attached.arn in (*node.unknown, node.unknown_boundary)
    if attached.open_name is None and (attached.account, attached.role) == (node.account, node.name):
        return True
    name = attached.role if attached.open_name is None else attached.open_name
    return (attached.account == node.account or attached.is_anywhere) and _may_be(
        attached._replace(open_name=name), node
    )


def _with_open(node: Node, opened: Sequence[AttachedPolicy]) -> Node:
    """A role with the policies that may be its own, since nobody knows what the role is called that they name."""
    documents = [
        one.identity_policy.subject.document
        for one in opened
        if one.open_name is not None and (one.account == node.account or one.is_anywhere) and _may_be(one, node)
    ]
    if not documents:
        return node
    names = [f"{WHETHER}{one.logical_id} is attached to it" for one in documents]
    stopping = [one.logical_id for one in documents if may_deny(one) or not one.policy.statements]
    doubts = [f"it is not known {WHETHER}{one} is attached to {node.arn}, and it may deny this" for one in stopping]
    return node._replace(
        unknown=tuple(dict.fromkeys((*node.unknown, *names))), doubts=tuple(dict.fromkeys((*node.doubts, *doubts)))
    )


def _may_be(attached: AttachedPolicy, node: Node) -> bool:
    """Whether a policy may be attached to a role, where that is not known."""
    name = attached.open_name
    if isinstance(name, str):
        if name == node.name:
            # By its name it is attached already in its own account.
            return not attached.role or attached.account != node.account
        return re.fullmatch(node.names_like, name) is not None
    parts = () if name is None else name.parts
    pattern = "".join(re.escape(part) if isinstance(part, str) else ".*" for part in parts)
    return re.fullmatch(pattern, node.name) is not None


def in_no_template(unknown: Sequence[str]) -> str:
    """What decides about a role and nobody knows, as a clause to follow ``depends on``."""
    clauses = [one for one in unknown if one.startswith(WHETHER)]
    named = [one for one in unknown if not one.startswith(WHETHER)]
    return ", and on ".join((*clauses, *([f"{', '.join(named)}, which is in no template"] if named else ())))


def _one_policy(attached: Sequence[AttachedPolicy]) -> list[IdentityPolicy]:
    """The documents of a managed policy; none where several templates declare it, and not the same."""
    declared: dict[Number, list[IdentityPolicy]] = {}
    for one in attached:
        declared.setdefault(one.number, []).append(one.identity_policy)
    first, *others = declared.values()
    said = [identity_policy.subject.policy for identity_policy in first]
    return (
        first if all([identity_policy.subject.policy for identity_policy in other] == said for other in others) else []
    )


def _variants(node: Node, named: Sequence[AttachedPolicy], by_arn: dict[str, list[IdentityPolicy]]) -> Iterator[Node]:
    """A role with what others attach, and once more without what they may take away again of what stops it."""
    node = _bounded(node, by_arn)
    deciding = frozenset(one.number for one in named if one.number != node.number and one.is_guarded)
    # What stays as it is stays one object, by which it is known what has been asked of it.
    node = node if deciding == node.attaching else node._replace(attaching=deciding)
    given = [(one.identity_policy, one.removed) for one in named if one.number != node.number]
    given += [(one, node.removed.get(arn, "")) for arn in node.unknown for one in by_arn.get(arn, ())]
    unknown = tuple(arn for arn in node.unknown if arn not in by_arn)
    yield _attach(node if unknown == node.unknown else node._replace(unknown=unknown), [one for one, _ in given])
    gone = {why: None for one, why in given if why and may_deny(one.subject.document)}
    if not gone:
        return
    kept: list[IdentityPolicy] = []
    for one, why in given:
        document = one.subject.document
        if not (why and may_deny(document)):
            kept.append(one)
        elif (left := allowing(document)) is not None:
            kept.append(one._replace(subject=one.subject._replace(document=left)))
        elif left_open(document):
            unknown = (*unknown, f"{WHETHER}{document.logical_id} is attached to it")
    yield _attach(node._replace(unknown=unknown, doubts=(*node.doubts, *gone)), kept)


def _attach(node: Node, found: Sequence[IdentityPolicy]) -> Node:
    if not found:
        return node
    attached = tuple(identity_policy.subject.document for identity_policy in found)
    documents = (*node.own, *attached)
    policies = tuple(
        identity_policy._replace(
            subject=identity_policy.subject._replace(
                others=_others(identity_policy, documents), permissions_boundary=node.permissions_boundary
            )
        )
        for identity_policy in (
            *node.policies,
            *(identity_policy for identity_policy in found if may_allow(identity_policy.subject.policy, ASSUME_ROLE)),
        )
    )
    return node._replace(policies=policies, attached=attached)


def _bounded(node: Node, by_arn: dict[str, list[IdentityPolicy]]) -> Node:
    """A role with a permissions boundary that another template declares, and that no condition decides."""
    named = by_arn.get(node.unknown_boundary, ())
    if len(named) != 1:
        return node
    permissions_boundary = named[0].subject.document
    if permissions_boundary.guards or not is_concrete(permissions_boundary.policy):
        return node
    policies = tuple(
        one._replace(subject=one.subject._replace(permissions_boundary=permissions_boundary)) for one in node.policies
    )
    return node._replace(policies=policies, permissions_boundary=permissions_boundary, unknown_boundary="")


def _others(identity_policy: IdentityPolicy, documents: Sequence[Document]) -> tuple[Document, ...]:
    """
    The other policies of the same role. What a condition decides in another template, that template decides alone, so
    it need not deny anything.
    """
    known = (identity_policy.subject.document, *identity_policy.subject.others)
    return (*identity_policy.subject.others, *(_certain(document) for document in documents if document not in known))


def _certain(document: Document) -> Document:
    """A policy without the Denies that may not be there."""
    statements = tuple(s for s in document.policy.statements if s.effect == ALLOW or not s.guards)
    return document._replace(guards=(), policy=document.policy._replace(statements=statements))


def deployed_role(node: Node, values: Mapping[str, str]) -> Node | None:
    """A role as it is deployed with some parameters of its template; None where it then does not exist."""

    def again(document: Document) -> Document | None:
        return document if is_concrete(document.policy) else node.deployments.document(document, values)

    def all_again(documents: Iterable[Document]) -> tuple[Document, ...]:
        return tuple(found for found in map(again, documents) if found is not None)

    trust = again(node.trust.document)
    if trust is None:
        return None
    policies: list[IdentityPolicy] = []
    for identity_policy in node.policies:
        # What another template attaches is deployed with that one.
        if identity_policy.deployments is not node.deployments:
            policies.append(identity_policy)
        elif (document := again(identity_policy.subject.document)) is not None:
            subject = identity_policy.subject._replace(
                document=document, others=all_again(identity_policy.subject.others)
            )
            policies.append(identity_policy._replace(subject=subject))
    return node._replace(trust=node.trust._replace(document=trust), policies=tuple(policies), own=all_again(node.own))
