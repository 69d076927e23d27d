"""
The roles of all templates, with what is known of each: who may enter it, and what its sessions may do.

A template may attach a policy to a role that another one declares, by the names of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof._answers import Place
from trustproof._bindings import Deployments, is_concrete
from trustproof._typing import TYPE_CHECKING, NamedTuple
from trustproof.model.document import Document
from trustproof.model.keys import ASSUME_ROLE
from trustproof.model.policy import ALLOW, Path
from trustproof.model.text import Symbolic, Text
from trustproof.properties._base import Subject, may_allow

if TYPE_CHECKING:
    from trustproof.templates.template import Template

STACK_NAME = "AWS::StackName"
#: What a stack is called where nobody says.
_STACK = "example-stack"
#: The characters of the text that ends a generated name.
_RANDOM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: No name of a role is longer.
_MAX_NAME = 64
#: What is left of the names of stack and resource where the whole would be too long (assumed).
_SHORTENED = 24

#: The number of what was read in a run, and of the template therein.
Number = tuple[int, int]


class Held(NamedTuple):
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
    policies: tuple[Held, ...]
    #: All identity policies that its template attaches.
    own: tuple[Document, ...]
    #: The permissions boundary.
    limit: Document | None
    #: Managed policies whose content is not known, by ARN.
    unknown: tuple[str, ...]
    #: A boundary that is in no template.
    unknown_limit: str
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
    #: Identity policies that other templates attach.
    attached: tuple[Document, ...] = ()

    @property
    def documents(self) -> tuple[Document, ...]:
        """All identity policies."""
        return (*self.own, *self.attached)

    @property
    def account(self) -> str:
        """The role's account."""
        return self.arn.split(":")[4]

    @property
    def name(self) -> str:
        """The role's name."""
        return self.arn.rsplit("/", 1)[-1]


class Attached(NamedTuple):
    """
    An identity policy that a template attaches, or lets others attach, by name.
    """

    account: str
    #: Name of the role that it is attached to; empty for a managed policy.
    role: str
    #: ARN of a managed policy, by which a role may name it; empty for others.
    arn: str
    held: Held
    number: Number


def stack_name(known: str | None, number: Number) -> str:
    """
    The name of a stack; a made-up one is different for each template of a run.
    """
    if known is not None:
        return known
    return _STACK + ("".join(f"-{part}" for part in number) if any(number) else "")


def generated_names(stack: str, number: Number, arns: Iterable[Text]) -> dict[str, str]:
    """
    Logical ids to names as CloudFormation generates them: the names of stack and resource, and a random text. No two
    of a run get the same.

    Args:
        arns: of roles and managed policies; those that have a name of their own need none.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
    """
    out: dict[str, str] = {}
    for arn in arns:
        for logical_id in _generated(arn):
            unique = "".join(_digits(part) for part in (*number, len(out)))
            name = f"{stack}-{logical_id}-EXAMPLE{unique}"
            if len(name) > _MAX_NAME:
                name = f"{stack[:_SHORTENED]}-{logical_id[:_SHORTENED]}-EXAMPLE{unique}"
            out.setdefault(logical_id, name)
    return out


def _generated(arn: Text) -> Iterator[str]:
    """The logical id whose name stands in an ARN; none where there is a name that the template gives."""
    for symbol in arn.symbols if isinstance(arn, Symbolic) else ():
        if symbol.kind == "attribute" and "/" not in symbol.name:
            yield symbol.name


def names_in_chains(template: Template, number: Number) -> dict[str, str]:
    """What stands, in role chains, for the name of a template's stack, and for names that CloudFormation generates."""
    stack = stack_name(template.origin.deployment.stack_name, number)
    arns = [role.arn for role in template.roles]
    if template.data.get("Outputs"):
        # Others can have a policy without a name of its own only by an output.
        arns += [arn for arn, _ in template.managed]
    return {STACK_NAME: stack, **generated_names(stack, number, arns)}


def _digits(number: int) -> str:
    """A number in letters and digits, two of them at least."""
    more, last = divmod(number, len(_RANDOM))
    return (_digits(more) if more >= len(_RANDOM) else _RANDOM[more]) + _RANDOM[last]


def may_decide(document: Document) -> bool:
    """Whether an identity policy may allow to assume a role, or deny anything."""
    denies = any(statement.effect != ALLOW for statement in document.policy.statements)
    return denies or may_allow(document.policy, ASSUME_ROLE)


def with_attached(nodes: Sequence[Node], attached: Sequence[Attached]) -> list[Node]:
    """The roles, with the policies that other templates attach to them."""
    by_role: dict[tuple[str, str], list[Attached]] = {}
    by_arn: dict[str, list[Attached]] = {}
    for one in attached:
        if one.role:
            by_role.setdefault((one.account, one.role), []).append(one)
        else:
            by_arn.setdefault(one.arn, []).append(one)
    policies = {arn: found for arn, several in by_arn.items() if (found := _one_policy(several))}
    return [_attach(node, by_role.get((node.account, node.name), []), policies) for node in nodes]


def _one_policy(attached: Sequence[Attached]) -> list[Held]:
    """The documents of a managed policy; none where several templates declare it, and not the same."""
    declared: dict[Number, list[Held]] = {}
    for one in attached:
        declared.setdefault(one.number, []).append(one.held)
    first, *others = declared.values()
    said = [held.subject.policy for held in first]
    return first if all([held.subject.policy for held in other] == said for other in others) else []


def _attach(node: Node, named: Sequence[Attached], by_arn: dict[str, list[Held]]) -> Node:
    node = _bounded(node, by_arn)
    found = [one.held for one in named if one.number != node.number]
    found += [held for arn in node.unknown for held in by_arn.get(arn, ())]
    if not found:
        return node
    attached = tuple(held.subject.document for held in found)
    documents = (*node.own, *attached)
    policies = tuple(
        held._replace(subject=held.subject._replace(others=_others(held, documents), limit=node.limit))
        for held in (*node.policies, *(held for held in found if may_allow(held.subject.policy, ASSUME_ROLE)))
    )
    unknown = tuple(arn for arn in node.unknown if arn not in by_arn)
    return node._replace(policies=policies, attached=attached, unknown=unknown)


def _bounded(node: Node, by_arn: dict[str, list[Held]]) -> Node:
    """A role with a permissions boundary that another template declares, and that no condition decides."""
    held = by_arn.get(node.unknown_limit, ())
    if len(held) != 1:
        return node
    limit = held[0].subject.document
    if limit.guards or not is_concrete(limit.policy):
        return node
    policies = tuple(one._replace(subject=one.subject._replace(limit=limit)) for one in node.policies)
    return node._replace(policies=policies, limit=limit, unknown_limit="")


def _others(held: Held, documents: Sequence[Document]) -> tuple[Document, ...]:
    """
    The other policies of the same role. What a condition decides in another template, that template decides alone, so
    it need not deny anything.
    """
    known = (held.subject.document, *held.subject.others)
    return (*held.subject.others, *(_certain(document) for document in documents if document not in known))


def _certain(document: Document) -> Document:
    """A policy without the Denies that may not be there."""
    statements = tuple(s for s in document.policy.statements if s.effect == ALLOW or not s.guards)
    return document._replace(guards=(), policy=document.policy._replace(statements=statements))


def deployed(node: Node, values: Mapping[str, str]) -> Node | None:
    """A role as it is deployed with some parameters of its template; None where it then does not exist."""

    def again(document: Document) -> Document | None:
        return document if is_concrete(document.policy) else node.deployments.document(document, values)

    def all_again(documents: Iterable[Document]) -> tuple[Document, ...]:
        return tuple(found for found in map(again, documents) if found is not None)

    trust = again(node.trust.document)
    if trust is None:
        return None
    policies: list[Held] = []
    for held in node.policies:
        # What another template attaches is deployed with that one.
        if held.deployments is not node.deployments:
            policies.append(held)
        elif (document := again(held.subject.document)) is not None:
            subject = held.subject._replace(document=document, others=all_again(held.subject.others))
            policies.append(held._replace(subject=subject))
    return node._replace(trust=node.trust._replace(document=trust), policies=tuple(policies), own=all_again(node.own))
