"""
One template: every property asked of everything in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import partial
from typing import NamedTuple

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.control_policies import certain
from trustproof.analysis.holders.compositions import composed_at_defaults, composed_results
from trustproof.analysis.holders.held_policies import at_of
from trustproof.analysis.holders.tallies import At
from trustproof.analysis.processes.fork import ForkedTask
from trustproof.analysis.remedies.shared_statements import Stated, stated_in
from trustproof.analysis.role_chains.other_accounts import chained_template
from trustproof.analysis.role_chains.readings import ChainedTemplate
from trustproof.analysis.role_chains.roles import Node
from trustproof.analysis.templates.declared_access import undeclared_access
from trustproof.analysis.templates.policies import over_deployments, tasks
from trustproof.analysis.templates.policy_shares import share, shares, with_what_is_left
from trustproof.analysis.templates.principals_kept_out import KeptOut, kept_out, made_anew
from trustproof.analysis.templates.question_budget import MAX_QUESTIONS, not_asked, within_questions
from trustproof.analysis.templates.readings import read_again
from trustproof.analysis.templates.role_facts import facts_at_defaults, role_facts
from trustproof.config.model import Config
from trustproof.engine.allowance import limited_to, units_apart, units_besides, units_for_text, units_together
from trustproof.errors import CertificateError
from trustproof.inputs.discovery.inputs import LINKING
from trustproof.inputs.linking import Linkable
from trustproof.inputs.reader import Container, Doubt, ExternalTemplate, Input, Number
from trustproof.inputs.written_input import NamedTarget
from trustproof.model.document import CONTROL, IDENTITY, Document
from trustproof.model.outward_changes import OutwardChanges
from trustproof.model.policy import DENY, Path
from trustproof.model.presentation import Presentation
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.base import Property, RoleProperty, RunProperty
from trustproof.properties.given_elsewhere import given_elsewhere
from trustproof.properties.shared.key_statements import is_without_effect
from trustproof.proving.cache import Proofs
from trustproof.proving.hints import hints_of_policy, hints_of_text
from trustproof.results.fingerprint import fingerprint
from trustproof.results.result import BUDGET, NOT_ASKED, NOT_DECLARED, UNKNOWN, Result

#: What may be the name of a parameter, where a reason says that its value is not known.
_NAMED = re.compile(r"<([^<>]+)>")
#: How the reason begins why a policy is not known that is a value as a whole: of a parameter, of what is made later.
_VALUES = ("the policy is the value of ", "known after apply")
#: What is asked once more, at other values than defaults, may cost this part of what it cost to ask it.
AGAIN = 4


class TemplateCheck(NamedTuple):
    """
    What one template gave.
    """

    #: About policies one by one.
    results: tuple[Result, ...]
    #: About identity policies, composed.
    composed: tuple[Result, ...]
    #: About what else the template says.
    others: tuple[Result, ...]
    #: How many policies were asked about: one by one, and composed.
    policies: tuple[int, int]
    #: The roles, for what is asked of all templates together.
    chained: ChainedTemplate = ChainedTemplate(())
    #: Why nothing can be proved of the template, whatever its policies say; empty where nothing stands in the way.
    doubt: str = ""
    #: The same for parts of it.
    doubts: tuple[Doubt, ...] = ()
    #: What the template refers to and does not hold.
    external_templates: tuple[ExternalTemplate, ...] = ()
    #: By which names other templates may speak of what it declares, and how to read it again; None where no template
    #: can, and it speaks of nothing of theirs.
    names: Linkable | None = None
    #: What the template stands inside of; None for a file of its own.
    container: Container | None = None
    #: The logical ids of its control policies, and of these what is certain to be denied.
    control_policies: tuple[str, ...] = ()
    controls: tuple[Document, ...] = ()
    #: The logical ids of its identity policies that nobody has, as far as it says, and the constructs of these.
    unattached: tuple[tuple[str, str | None], ...] = ()
    #: Those of what may hold policies and is in no deployment.
    never: tuple[str, ...] = ()
    #: Each Deny that has no effect whatever it says, as a user may find it.
    without_effect: tuple[str, ...] = ()
    #: How the template is shown.
    presentation: Presentation = Presentation()
    #: Whether a part of the work came to the end of what it may cost: with more, what is open may be decided.
    is_unfinished: bool = False
    #: The units that the work on it has cost, as they count in what a run may cost.
    spent: int = 0
    #: Of invariants that were asked: the property, and a pattern that matches something of the template.
    matched: frozenset[tuple[str, str]] = frozenset()
    #: What of other accounts it has services come to.
    targets: tuple[NamedTarget, ...] = ()
    #: Whom its statements let in, for remedies of what several stacks, modules or resources have from one text.
    stated: tuple[Stated, ...] = ()
    #: The roles to which it gives something by their names.
    given: tuple[str, ...] = ()
    #: What it changes of what others say.
    changed: OutwardChanges = OutwardChanges()
    #: Whom it keeps out by an ARN.
    kept_out: tuple[KeptOut, ...] = ()
    #: The ARNs of users and roles that it may make.
    made_anew: tuple[Text, ...] = ()

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The roles of the template, as they are at each assignment of its parameters."""
        return tuple(node for reading in self.chained.readings for node in reading.nodes)


def check_template(
    template: Input,
    config: Config,
    properties: Sequence[Property],
    number: Number = (0, 0),
    *,
    certify: bool = False,
    proofs: Proofs | None = None,
    jobs: int = 1,
    controls: tuple[Document, ...] = (),
    accounts: frozenset[str] = frozenset(),
) -> TemplateCheck:
    """
    Ask each property about each policy of a template that it applies to.

    Args:
        number: of what was read in the run, and of the template therein; tells generated names of templates apart.
        certify: whether proofs are checked again, and results say what they consist of.
        proofs: those of the templates before this one, found with the same configuration.
        jobs: how many processes may share the work, where the template has many policies.
        controls: control policies, of whatever template, with what they are attached to.
        accounts: those that other templates say.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
    """
    try:
        context = TemplateContext(
            template, config, proofs or Proofs(), certify=certify, controls=controls, accounts=accounts
        )
        return _run(context, properties, number, jobs)
    except CertificateError as error:
        raise CertificateError(f"{template.name}: {error}") from None


def check_composed(
    template: Input,
    config: Config,
    properties: Sequence[Property],
    *,
    certify: bool = False,
    proofs: Proofs,
    controls: tuple[Document, ...] = (),
) -> tuple[list[Result], set[At]]:
    """
    Ask each property about everybody's identity policies, and nothing else.

    Args:
        controls: control policies, of whatever template, with what they are attached to.

    Returns:
        The results, and the documents that were asked about.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
    """
    try:
        context = TemplateContext(template, config, proofs, certify=certify, controls=controls)
        with limited_to(units_together(context.units)):
            results, about = composed_results(context, properties)
        with limited_to(context.units // AGAIN):
            return composed_at_defaults(context, properties, results), about
    except CertificateError as error:
        raise CertificateError(f"{template.name}: {error}") from None


def _run(context: TemplateContext, properties: Sequence[Property], number: Number, jobs: int) -> TemplateCheck:
    """Every property, then what is left over: what could not be read, and the roles for the chains."""
    asking = list(tasks(context, properties))
    most = units_for_text(MAX_QUESTIONS, len(context.template.text))
    within, left_out = within_questions(asking, most)
    # What is asked here may come to the end of a budget, and not because answers to others have used it up.
    linkable, external = LINKING.linkable(context.template), context.template.external_templates()
    unread = context.template.unread
    about = [context.documents[one.number] for one in asking]
    asked_about = {(document.logical_id, document.path) for document in about}
    own, others = shares(within, jobs)
    forked = [ForkedTask(partial(share, context, part)) for part in others]
    answers = share(context, own)
    # Of a whole account, these are what it has.
    with limited_to(units_together(context.units)) as for_composed:
        composed, composed_about = composed_results(context, properties)
    about_roles = [asked for asked in properties if isinstance(asked, RoleProperty)]
    with limited_to(units_besides(context.units)) as for_facts:
        judged = [(asked, role_facts(context, asked)) for asked in about_roles]
    with limited_to(context.units // AGAIN):
        composed = composed_at_defaults(context, properties, composed)
        facts = [one for asked, found in judged for one in facts_at_defaults(context, asked, found)]
    declared = context.template.parameter_names
    for path, reason in unread:
        # A large configuration may have a line for each of its parameters.
        named = [name for name in sorted({*_NAMED.findall(reason)}) if name in declared]
        given = [hint for name in named for hint in hints_of_text(Symbolic((Symbol(name, "parameter"),)))]
        reasons = (reason, *(given or hints_of_policy(reason, context.template.presentation.notes)))
        type_ = context.template.resource_type(_resource_at(path))
        concerned = (asked for asked in properties if asked.may_concern(type_, context.config))
        facts.extend(_unread(context.template, context.config, asked, path, reasons) for asked in concerned)
    # What is said of people rests on whom other templates send.
    across = any(isinstance(one, RunProperty) or getattr(one, "only_for_people", False) for one in properties)
    with limited_to(units_besides(context.units)) as for_chains:
        chained = chained_template(context, number) if across else ChainedTemplate(())
    asked_about.update(
        (node.trust.document.logical_id, node.path) for reading in chained.readings for node in reading.nodes
    )
    for other in forked:
        answers = answers.followed_by(other.result())
    # No process knows before what all of them have left.
    answers = with_what_is_left(context, within, answers)
    results = tuple(over_deployments(context, asking, {**answers.results, **not_asked(context, left_out, most)}))
    if context.certify:
        results, composed = tuple(read_again(context, results)), [*read_again(context, composed)]
    return TemplateCheck(
        results,
        tuple(composed),
        tuple(facts),
        (len(asked_about), len(composed_about)),
        chained,
        context.template.doubt,
        context.template.doubts,
        tuple(undeclared_access(external, context.config, context.template.account)),
        linkable,
        context.template.container,
        tuple(dict.fromkeys(one.logical_id for one in context.template.documents if one.kind == CONTROL)),
        certain(context),
        _unattached(context, composed_about),
        context.template.never,
        tuple(_without_effect(context)),
        # Of what is left out, only comparisons read the words.
        context.template.presentation._replace(left_out_words={}),
        answers.is_unfinished or any(part.is_spent for part in (for_composed, for_facts, for_chains)),
        answers.spent + units_apart(for_composed.limit - max(for_composed.left, 0)),
        frozenset(one for task in asking for one in task.matched),
        context.template.named_targets(),
        stated_in(context.documents),
        given_elsewhere(context.template.holders, context.documents),
        context.template.outward_changes,
        tuple(dict.fromkeys(kept_out(context.template))),
        tuple(dict.fromkeys(made_anew(context.template))),
    )


def _unattached(context: TemplateContext, asked_about: Set[At]) -> tuple[tuple[str, str | None], ...]:
    """
    The resources with policies that are attached to nobody, and bound nobody, and the constructs of these.

    Args:
        asked_about: the policies that somebody has at some values of the parameters.
    """
    holders = context.template.holders
    held = {number for holder in holders for number in (*holder.documents, *(n for _, n in holder.by_reference))}
    held |= {boundary.document for holder in holders for boundary in holder.boundaries if boundary.document is not None}
    documents = context.template.documents
    # What somebody has in some deployments only is a copy of the policy.
    places = {at_of(documents[number]) for number in held} | asked_about
    # Of what has a line because nobody read whom it is attached to, it is not said that it is nobody.
    lost = {_resource_at(path) for path, reason in context.template.unread if BUDGET in reason}
    found = (one for one in documents if at_of(one) not in places and one.logical_id not in lost)
    return tuple({one.logical_id: one.construct_path for one in found if one.kind == IDENTITY}.items())


def _without_effect(context: TemplateContext) -> Iterator[str]:
    """Each Deny of a key policy that KMS heeds not: on which key it stands, and where in its policy."""
    found: dict[str, None] = {}
    for document in context.template.documents:
        for statement in document.policy.statements:
            if statement.effect == DENY and is_without_effect(document, statement):
                which = statement.sid or ".".join(map(str, statement.path[len(document.path) :]))
                found[f"{document.logical_id} ({which})"] = None
    yield from found


def _unread(template: Input, config: Config, asked: Property, path: Path, reasons: tuple[str, ...]) -> Result:
    """
    The result for what could not be read.

    Args:
        reasons: why, and how it may be given.
    """
    reason, logical_id = reasons[0], _resource_at(path)
    return Result(
        asked.ident,
        UNKNOWN,
        asked.severity_of(config, UNKNOWN, (reason,)),
        template.name,
        logical_id,
        template.resource_type(logical_id),
        None,
        template.account,
        path,
        _what_is_open(reason, logical_id),
        reasons=reasons,
        fingerprint=fingerprint(asked.ident, logical_id, reason),
        reach=asked.reach,
        unread=True,
    )


def _what_is_open(reason: str, logical_id: str) -> str:
    if reason.endswith(NOT_ASKED):
        return f"not decided who gets into {logical_id}: its policy may decide nothing"
    # It is read, and it is a value that somebody else gives.
    if reason.startswith(_VALUES) and not reason.endswith(NOT_DECLARED):
        return f"a policy is not known before deployment: {logical_id}"
    return f"a part of the template could not be read: {logical_id}"


def _resource_at(path: Path) -> str:
    """The logical id that a path leads through, or the section that it leads to."""
    return str(path[1]) if len(path) > 1 else str(path[0])
