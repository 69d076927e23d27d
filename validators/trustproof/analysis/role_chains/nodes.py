"""
The roles of one template, as nodes of the graph of who may become whom.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.analysis.assignments.managed_policies import managed_policy
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.control_policies import around, attached_to
from trustproof.analysis.holders.denied_to_users import denied_to_users
from trustproof.analysis.holders.holdings import Holding
from trustproof.analysis.holders.identities import identity_checker
from trustproof.analysis.role_chains.open_names import (
    given_names,
    names_in_chains,
    samples_in_chains,
)
from trustproof.analysis.role_chains.removed_policies import may_deny, without_removed
from trustproof.analysis.role_chains.roles import IF_THERE, WHETHER, AttachedPolicy, IdentityPolicy, Node, may_decide
from trustproof.analysis.role_chains.shared_values import SharedValues, shared_values
from trustproof.analysis.role_chains.unique_ids import by_arn, ids_of
from trustproof.analysis.role_chains.unread_trust import unread_trust
from trustproof.analysis.role_chains.written_names import names_like
from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.inputs.input_deployments import InputDeployments
from trustproof.inputs.reader import Number
from trustproof.model.document import IDENTITY, TRUST, Document
from trustproof.model.names import role_id
from trustproof.model.policy import Policy
from trustproof.model.principals import Foreign, RoleFacts
from trustproof.model.query import is_concrete
from trustproof.model.substitution import bind_document, bind_text
from trustproof.model.text import Symbolic
from trustproof.properties.question import Subject
from trustproof.properties.remedies.placeholder_account import as_it_is
from trustproof.properties.shared.regions import may_allow


def nodes_of(
    context: TemplateContext, number: Number, *, is_there: bool = False, with_any_name: bool = False
) -> tuple[tuple[Node, ...], tuple[AttachedPolicy, ...]]:
    """
    The roles of the template, with names made up where CloudFormation generates them, and the policies that it
    attaches by name to roles of other templates.

    Args:
        is_there: whether it is known to be there, whatever decides that.
        with_any_name: whether a name that is given at deployment is asked about as all that it may be; else the one
            that stands for it is.
    """
    is_optional = context.template.is_optional and not is_there
    names = context.template.names_in_chains(number)
    values, samples = names_in_chains(context, number), samples_in_chains(context, number)
    given = given_names(context, number) if with_any_name else frozenset()
    # Only policies that may allow or deny the next step matter here.
    ids = ids_of(context.template, values)
    documents = tuple(
        bind_document(by_arn(document, ids), values) if document.kind == TRUST or may_decide(document) else document
        for document in context.documents
    )
    deployments = context.template.deployments(values)
    checker = identity_checker(context, documents, deployments, values)
    holdings: dict[str, list[tuple[Holding, tuple[Subject, ...]]]] = {}
    for holding, policies in checker.roles() if checker is not None else ():
        holdings.setdefault(holding.holder.logical_id, []).append((holding, policies))
    nodes: dict[str, list[Node]] = {}

    def node_of(role: RoleFacts, arn: str, document: Document) -> Node:
        name = arn.rsplit("/", 1)[-1]
        # What is to be done about a chain is said in words, which name no parameter; the template stays where it is.
        place = context.place(document)
        place = place._replace(written_as=as_it_is, assumed={**place.assumed, **samples})
        # Whoever follows the chains may have no template to read it in.
        place.written.content(document)
        return Node(
            arn,
            _guarded(context, document),
            (),
            attached_to(context),
            None,
            (),
            "",
            None if role.tags is None else tuple((k.lower(), bind_text(v, values)) for k, v in role.tags),
            place,
            deployments,
            document.path,
            number,
            role.logical_id if name in names.values() else name,
            names_like(role.arn, values, names, given),
            context.template.account is None,
            role_id(role.logical_id),
            is_optional=is_optional,
            values=_values(context, number, document),
            has_given_name=isinstance(role.arn, Symbolic) and any(one.name in given for one in role.arn.symbols),
        )

    for role in context.template.roles:
        arn = bind_text(role.arn, values)
        if not isinstance(arn, str) or role.logical_id in nodes:
            continue
        read = [] if role.trust is None else [documents[role.trust]]
        found = [node_of(role, arn, document) for document in (*read, *unread_trust(context.template, role))]
        if found:
            nodes[role.logical_id] = [
                variant
                for holding, policies in holdings.get(role.logical_id, ())
                for node in found
                for variant in _holding_nodes(context, node, holding, policies, values)
            ] or found
    # Of a policy that nobody can read it is not known whether it opens a chain.
    unread = {one.logical_id: one.unread for one in context.template.holders if one.kind == "role" and one.unread}
    everything = [_with_unread(node, unread.get(key, ())) for key, variants in nodes.items() for node in variants]
    attached = _attached(context, documents, values, deployments, number, is_optional=is_optional)
    is_anywhere = context.template.account is None
    return tuple(everything), tuple(one._replace(is_anywhere=is_anywhere) for one in attached)


def _values(context: TemplateContext, number: Number, trust: Document) -> SharedValues:
    """At which values of parameters a role was read; a default by which a condition decides need not be one."""
    template = context.template
    is_decided = bool(trust.guards) or any(one.guards for one in trust.policy.statements)
    # What stands in the resource, its name included.
    whole = trust._replace(path=trust.path[:-2])
    defaults = {} if is_decided or not template.is_as_written else template.defaults_of(whole)
    return shared_values(template.stack or f"{number}", context.assignment, defaults)


def _guarded(context: TemplateContext, trust: Document) -> Subject:
    """A trust policy, with what control policies deny of what it allows, and policies of the users whom it names."""
    return context.subject(trust)._replace(others=(*around(context, trust), *denied_to_users(context, trust)))


def _holding_nodes(
    context: TemplateContext, node: Node, holding: Holding, policies: tuple[Subject, ...], values: dict[str, str]
) -> Iterator[Node]:
    """A role with what it has in some deployments, and once more without what others may take away and stops it."""
    yield _holding_node(context, node, holding, policies, values)
    if (less := without_removed(holding, policies, attached_to(context))) is not None:
        without, left, doubts, unread = less
        other = _holding_node(context, node, without, left, values)._replace(doubts=doubts)
        names = tuple(f"{WHETHER}{one} allows it, which may be taken away" for one in unread)
        yield other._replace(unknown=(*other.unknown, *names))


def _holding_node(
    context: TemplateContext, node: Node, holding: Holding, policies: tuple[Subject, ...], values: dict[str, str]
) -> Node:
    """A role with what it has in some deployments."""
    document = node.trust.document
    # What holds it back is a part of what a chain is found next to, and is read here for the same reason.
    limits = () if holding.permissions_boundary is None else (holding.permissions_boundary,)
    for one in (*(policy.document for policy in policies), *limits):
        node.place.written.content(one)
    if holding.guards:
        # It is this role only there.
        document = document._replace(guards=tuple(dict.fromkeys((*document.guards, *holding.guards))))
        node = node._replace(trust=_guarded(context, document))
    return node._replace(
        policies=tuple(IdentityPolicy(one, node.deployments) for one in policies if may_allow(one.policy, ASSUME_ROLE)),
        own=(*(one.document for one in policies), *attached_to(context)),
        permissions_boundary=holding.permissions_boundary,
        unknown=tuple(dict.fromkeys(str(bind_text(policy.arn, values)) for policy in holding.unknown)),
        unknown_boundary=str(bind_text(holding.unknown_boundary, values)),
        removed=_removed(holding, node.arn, values),
    )


def _removed(holding: Holding, role: str, values: dict[str, str]) -> dict[str, str]:
    """
    By its ARN, why a policy of a role may not be there, that another template may declare: others take it away, or a
    condition of the role's template decides, which that of the policy knows nothing of.
    """
    arns = [(str(bind_text(one.arn, values)), one.guards) for one in holding.unknown]
    certain = {arn for arn, guards in arns if not guards}
    found = {arn: f"a condition decides whether {role} has {arn}" for arn, _ in arns if arn not in certain}
    return found | {
        str(bind_text(one.given.arn, values)): one.reason
        for one in holding.holder.removed
        if isinstance(one.given, Foreign)
    }


def _with_unread(node: Node, unread: Sequence[str]) -> Node:
    names = tuple(f"{WHETHER}the policy of {one} allows it, which could not be read" for one in unread)
    doubts = tuple(f"a policy of {one} could not be read, and may deny this" for one in unread)
    return node._replace(unknown=(*node.unknown, *names), doubts=(*node.doubts, *doubts)) if names else node


def _optional(document: Document) -> Document:
    """A policy of a template that is not always there, and denies nothing for certain."""
    statements = tuple(
        statement._replace(guards=(*statement.guards, IF_THERE)) for statement in document.policy.statements
    )
    return document._replace(policy=document.policy._replace(statements=statements))


def _attached(
    context: TemplateContext,
    documents: Sequence[Document],
    values: dict[str, str],
    deployments: InputDeployments,
    number: Number,
    *,
    is_optional: bool,
) -> Iterator[AttachedPolicy]:
    """The policies that the roles of other templates may have by name."""
    for holder in context.template.holders:
        if holder.kind != "role" or holder.logical_id or holder.is_poorer:
            continue
        name, removed = bind_text(holder.name, values), {one.given: one.reason for one in holder.removed}
        for index in holder.documents:
            document = _optional(documents[index]) if is_optional else documents[index]
            identity_policy = IdentityPolicy(context.subject(document), deployments)
            if isinstance(name, str):
                yield AttachedPolicy(context.account, name, "", identity_policy, number, removed=removed.get(index, ""))
            elif may_allow(documents[index].policy, ASSUME_ROLE):
                yield AttachedPolicy(context.account, "", "", identity_policy, number, name)
        for logical_id in holder.unread:
            nothing = IdentityPolicy(context.subject(Document(IDENTITY, Policy(()), logical_id, "", ())), deployments)
            yield AttachedPolicy(context.account, "", "", nothing, number, name)
        for one in holder.foreign:
            text = str(bind_text(one.arn, values))
            known = managed_policy(text)
            outside = Document(IDENTITY, known or Policy(()), text, "", ())
            if known is not None and not may_allow(known, ASSUME_ROLE) and not (may_deny(outside) and one.guards == ()):
                continue
            policy, why = IdentityPolicy(context.subject(outside), deployments), removed.get(one, "")
            if isinstance(name, str) and known is not None and is_concrete(known) and not one.guards:
                yield AttachedPolicy(context.account, name, "", policy, number, removed=why)
            else:
                # Others may have the text, which is that of the policy where no condition decides about it.
                of_others = "" if known is not None or one.guards else text
                yield AttachedPolicy(context.account, "", of_others, policy, number, name, why)
    for arn, indices in context.template.managed:
        bound = bind_text(arn, values)
        if isinstance(bound, str):
            for index in indices:
                yield AttachedPolicy(
                    context.account, "", bound, IdentityPolicy(context.subject(documents[index]), deployments), number
                )
