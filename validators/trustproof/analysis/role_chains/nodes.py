"""
The roles of one template, as nodes of the graph of who may become whom.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import zip_longest

from trustproof.analysis.control_policies import around, attached_to
from trustproof.analysis.defaults import asked_at_most, deciding_defaults, other_contexts
from trustproof.analysis.holdings import Holding
from trustproof.analysis.identities import identity_checker
from trustproof.analysis.managed_policies import managed_policy
from trustproof.analysis.role_chains.guards import is_guarded
from trustproof.analysis.role_chains.open_names import (
    names_in_chains,
    samples_in_chains,
    told_by_names,
    unnamed_role,
)
from trustproof.analysis.role_chains.readings import ChainedTemplate, ChainReading, OtherReadings
from trustproof.analysis.role_chains.removed_policies import may_deny, without_removed
from trustproof.analysis.role_chains.roles import IF_THERE, WHETHER, AttachedPolicy, IdentityPolicy, Node, may_decide
from trustproof.analysis.role_chains.unique_ids import by_arn, ids_of
from trustproof.analysis.role_chains.unread_trust import unread_trust
from trustproof.analysis.role_chains.written_names import names_like
from trustproof.analysis.template_context import TemplateContext
from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.inputs.discovery.inputs import LINKING
from trustproof.inputs.input_deployments import InputDeployments
from trustproof.inputs.reader import Number
from trustproof.model.deployments import IS_THERE, Assignment, Told
from trustproof.model.document import IDENTITY, TRUST, Document
from trustproof.model.names import role_id
from trustproof.model.policy import Policy
from trustproof.model.principals import Foreign, RoleFacts
from trustproof.model.query import is_concrete
from trustproof.model.substitution import bind_document, bind_text
from trustproof.model.text import REGION
from trustproof.properties.question import Subject
from trustproof.properties.regions import may_allow
from trustproof.properties.remedies.placeholder_account import as_it_is
from trustproof.results.result import BUDGET
from trustproof.sets.search import BudgetReached


def chained_template(context: TemplateContext, number: Number) -> ChainedTemplate:
    """The roles of the template, at each assignment at which they have to be judged together."""
    template = context.template
    here = ChainReading(None, *_nodes(context, number))
    values = names_in_chains(context, number)
    programs = (one._replace(told=tuple(bind_text(arn, values) for arn in one.told)) for one in template.programs)
    found = ChainedTemplate(
        (here,),
        number=number,
        account=template.account,
        stack=template.stack,
        is_optional=template.is_optional,
        programs=tuple(programs),
        exported={name: bind_text(arn, values) for name, arn in LINKING.exported_roles(template).items()},
        name=template.name,
    )
    if not _has_roles(context):
        return _attaching(context, found, number) if here.attached else found
    classes, unnamed = _told_apart(context, number)
    if isinstance(classes, str):
        return found._replace(left_open=classes)
    readings = _readings(context, number, classes)
    return found._replace(
        readings=readings,
        left_open=unnamed,
        # A proof says at which defaults it is one.
        at_other_values=() if unnamed else tuple(_at_other_values(context, number, readings, classes)),
        decided=_decided(context, number) if template.is_optional or any(map(_has_guards, readings)) else (),
    )


def _attaching(context: TemplateContext, found: ChainedTemplate, number: Number) -> ChainedTemplate:
    """A template without roles, at each assignment at which those of others have something else of it."""
    found = found._replace(decided=_decided(context, number))
    classes = _classes(context)
    if isinstance(classes, str):
        return found._replace(left_open=classes)
    first, *others = _readings(context, number, classes)
    found = found._replace(at_other_values=tuple(_at_other_values(context, number, (first, *others), classes)))
    # Where they have the same everywhere, nothing is to be multiplied with the assignments of their templates.
    return found._replace(readings=(first, *others)) if any(_said(one) != _said(first) for one in others) else found


def first_reading(context: TemplateContext, number: Number) -> ChainReading:
    """The roles of the template as the first of the readings of `chained_template` has them, without the others."""
    classes = _told_apart(context, number)[0] if _has_roles(context) else ""
    if isinstance(classes, str):
        return ChainReading(None, *_nodes(context, number))
    return _readings(context, number, classes[:1])[0]


def _has_roles(context: TemplateContext) -> bool:
    return any(isinstance(role.trust, int) or unread_trust(context.template, role) for role in context.template.roles)


def _told_apart(context: TemplateContext, number: Number) -> tuple[tuple[Assignment, ...] | str, str]:
    """The assignments at which roles are judged, or why these are not known; and a role without a name, if any."""
    classes = _classes(context)
    if isinstance(classes, str):
        return classes, ""
    unnamed = unnamed_role([context.at(one) for one in classes] or [context], number)
    if unnamed and isinstance(more := _classes(context, apart=told_by_names(context)), tuple):
        # What is passed on to a stack, or is the Region, is told apart where names depend on it.
        classes = more
        if not any(name == REGION for one in classes for name, _ in one.values):
            # Of the Regions that no policy names, one is looked at for all.
            unnamed = unnamed_role([context.at(one) for one in classes] or [context], number)
    return classes, unnamed


def readings_in(context: TemplateContext, number: Number, account: str) -> tuple[ChainReading, ...]:
    """The roles where the template is in an account that it does not say; none where it is not known what they are."""
    there = context.in_account(account)
    classes = _classes(there)
    return _readings(there, number, classes) if isinstance(classes, tuple) else ()


def _has_guards(reading: ChainReading) -> bool:
    """Whether conditions decide what is said of roles."""
    return any(is_guarded(node) or node.trust.document.guards for node in reading.nodes)


def _decided(context: TemplateContext, number: Number) -> tuple[ChainReading, ...]:
    """
    The roles at each assignment that conditions tell apart, no roles where the stack is not there; nothing where these
    are too many, or nobody knows whether it is there, or which of them there are.
    """
    found: list[ChainReading] = []
    classes = _classes(context, apart={IS_THERE: ()})
    for one in classes if isinstance(classes, tuple) else ():
        is_there = context.at(one).deployments.is_there() if context.template.is_optional else True
        if is_there is None:
            return ()
        try:
            is_deployed = is_there and context.at(one).deployments.satisfy(()) is not None
        except BudgetReached:
            return ()
        if not is_there:
            found.append(ChainReading(one, (), (), is_decided=True))
        elif is_deployed:
            found.append(ChainReading(one, *_nodes(context.at(one), number, is_there=True), is_decided=True))
    return tuple(found)


def _readings(
    context: TemplateContext, number: Number, classes: tuple[Assignment, ...] | str
) -> tuple[ChainReading, ...]:
    several = classes if isinstance(classes, tuple) else ()
    found = tuple(ChainReading(one, *_nodes(context.at(one), number)) for one in several)
    return found or (ChainReading(context.assignment, *_nodes(context, number)),)


def _classes(context: TemplateContext, apart: Told = None) -> tuple[Assignment, ...] | str:
    """
    The assignments at which the roles are judged together; text for a reason why they are not known.

    Args:
        apart: see `Input.classes`.
    """
    if context.assignment is not None:
        return ()
    documents = [document for document in context.documents if document.kind == TRUST or may_decide(document)]
    holders = [holder.path for holder in context.template.holders if holder.kind == "role" and holder.path]
    return context.assignments.of([*(document.path for document in documents), *holders], apart=apart)


def _at_other_values(
    context: TemplateContext, number: Number, readings: Sequence[ChainReading], classes: tuple[Assignment, ...]
) -> Iterator[OtherReadings]:
    """The roles where parameters have other values than their defaults, for those that make a difference to them."""
    defaults = context.template.holder_defaults()
    before = [_said(reading) for reading in readings]

    def there(names: tuple[str, ...]) -> Iterator[ChainReading]:
        for other in other_contexts(context, {name: defaults[name] for name in names}, classes):
            yield from _readings(other, number, _classes(other))

    @cache
    def same(names: tuple[str, ...]) -> bool:
        # One that differs tells, and none of the others is read for it.
        return all(one == other for one, other in zip_longest(before, map(_said, there(names))))

    try:
        if not defaults or same(tuple(defaults)):
            return
        asked = asked_at_most(context, tuple(defaults))
        deciding = deciding_defaults(tuple(defaults), same, asked)
        # Which of them does it alone is only said where each is asked about.
        alone = [(name,) for name in deciding] if len(deciding) <= asked else []
        different = [names for names in dict.fromkeys((deciding, *alone)) if not same(names)]
        found = {names: readings for names in different if (readings := tuple(there(names)))}
    except BudgetReached as reached:
        yield OtherReadings(defaults, tuple(readings[:1]), f"{BUDGET}: {reached.name} ({reached.limit})")
    else:
        yield from (OtherReadings({name: defaults[name] for name in names}, others) for names, others in found.items())


def _said(reading: ChainReading) -> object:
    """What a reading says of the roles, without what is made anew for each reading."""
    nodes = [
        (one.arn, one.trust.document, one.trust.others, one.own, one.permissions_boundary, one.unknown, one.tags)
        for one in reading.nodes
    ]
    attached = [(one.role, one.arn, one.identity_policy.subject.document, one.open_name) for one in reading.attached]
    return nodes, attached


def _nodes(
    context: TemplateContext, number: Number, *, is_there: bool = False
) -> tuple[tuple[Node, ...], tuple[AttachedPolicy, ...]]:
    """
    The roles of the template, with names made up where CloudFormation generates them, and the policies that it
    attaches by name to roles of other templates.

    Args:
        is_there: whether it is known to be there, whatever decides that.
    """
    is_optional = context.template.is_optional and not is_there
    names = context.template.names_in_chains(number)
    values, samples = names_in_chains(context, number), samples_in_chains(context, number)
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
            names_like(role.arn, values, names),
            context.template.account is None,
            role_id(role.logical_id),
            is_optional=is_optional,
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


def _guarded(context: TemplateContext, trust: Document) -> Subject:
    """A trust policy, with what control policies deny of what it allows."""
    return context.subject(trust)._replace(others=around(context, trust))


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
        removed={
            str(bind_text(one.given.arn, values)): one.reason
            for one in holding.holder.removed
            if isinstance(one.given, Foreign)
        },
    )


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
