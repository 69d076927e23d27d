"""
Changes in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.aws.action_resources import is_published
from trustproof.aws.condition_keys import STS_ACTIONS
from trustproof.comparison.gains import StatementGain
from trustproof.comparison.same_words import NO_LONGER
from trustproof.comparison.subjects.policy_resources import resource_name
from trustproof.comparison.subjects.sides import ComparisonSide, NamedTemplate
from trustproof.comparison.subjects.subjects import Subject
from trustproof.config.unknown_names import why_no_action
from trustproof.escaping.text import first_of
from trustproof.inputs.reader import Input
from trustproof.model.document import IDENTITY, TRUST, Document
from trustproof.model.policy import ALLOW, Path
from trustproof.model.position import Position
from trustproof.model.request import WEB_IDENTITY, Request
from trustproof.properties.sentences import who_from_elsewhere
from trustproof.proving.counterexamples import counterexample
from trustproof.results.difference import DENIED, LOST, AccessChange, Direction, FurtherAccess, Stop, Where
from trustproof.results.result import Counterexample
from trustproof.sets.patterns import like, matches

#: How many holders a message names, and how many patterns of actions of a managed policy.
_NAMED, _PATTERNS = 3, 6
#: Whoever a statement lets in that names everybody.
ANYONE = "anyone with an AWS account"


def where(side: ComparisonSide, subject: Subject, path: Path) -> Where:
    """The place of something that a subject says."""
    template, home = subject.at_home(path)
    return Where(
        side.shown(template.name),
        subject.logical_id,
        template.presentation.types.get(subject.logical_id, subject.resource_type),
        subject.construct_path,
        template.account,
        position(side, template, home),
    )


def where_control(side: ComparisonSide, named: NamedTemplate, document: Document) -> Where:
    """The place of a control policy."""
    template = named.template
    at = position(side, template, document.path)
    return Where(side.shown(template.name), document.logical_id, document.resource_type, None, template.account, at)


def position(side: ComparisonSide, template: Input, path: Path) -> Position | None:
    """Where a path stands, in a file as the user calls it; None for what stands nowhere."""
    return side.position(template.locate(path), template.name) if path else None


def access_change(
    side: ComparisonSide,
    given: StatementGain,
    others: Sequence[Subject] = (),
    *,
    is_elsewhere: bool = False,
    stopped_by: tuple[Stop, ...] = (),
) -> AccessChange:
    """
    What a statement gives, as a report says it.

    Args:
        side: that gives it.
        others: further holders to whom the same statement gives it.
        is_elsewhere: whether the other side has a resource called so in another account.
        stopped_by: what keeps the request out on the other side.
    """
    given = given.of_calls_with_its_keys
    subject = given.subject
    needed = (f"the other side lets in only whom {given.without} lets call this besides",) if given.without else ()
    notes = (
        *given.notes,
        *needed,
        *_by_managed_policy(given),
        *_unpublished(given),
        *(f"unless something else stops it: {doubt}" for doubt in subject.doubts),
    )
    account = subject.home.account
    there = f" in account {account}" if is_elsewhere and account is not None else ""
    # A StackSet of one side only has the role in all of its accounts.
    if accounts := given.accounts or subject.home.targets.words:
        there = f" in {accounts}"
    return AccessChange(
        given.direction,
        subject.kind,
        where(side, subject, given.found.statement.path),
        f"{_message(given, others)}{there}{_stopped(given.direction, stopped_by)}",
        _shown(given),
        given.also,
        notes,
        tuple(_further(given.of_part(part), others) for part in given.found.further.parts),
        given.found.further.not_asked,
        stopped_by,
    )


def _by_managed_policy(given: StatementGain) -> Iterator[str]:
    """Which managed policy of AWS allows it, with what that allows: of all this, a request shows one action."""
    documents, number = given.subject.documents, given.found.policy
    if number >= len(documents) or not documents[number].is_foreign or not documents[number].name:
        return
    allows = [one for one in documents[number].policy.statements if one.effect == ALLOW]
    named = dict.fromkeys(str(action) for one in allows for action in one.actions or ())
    excepted = dict.fromkeys(str(action) for one in allows for action in one.not_actions or ())
    allowed = [f"everything but {first_of(excepted, _PATTERNS)}"] if excepted else []
    # Those with wildcards say most.
    allowed += [first_of(sorted(named, key=lambda one: "*" not in one), _PATTERNS)] if named else []
    if allowed:
        yield f"{documents[number].name} allows it, as it allows {', and '.join(allowed)}"


def _unpublished(given: StatementGain) -> Iterator[str]:
    """What is to be said of an action that AWS does not have, as far as is known: it gives somebody nothing today."""
    for pattern, why in _patterns_of_nothing(given):
        yield f"{pattern} {why}"


def _patterns_of_nothing(given: StatementGain) -> Iterator[tuple[str, str]]:
    """The patterns that let in a request by an action that AWS does not have, each with what is said of it."""
    action = given.request.action.lower()
    if is_published(action):
        return
    for pattern in given.found.statement.actions or ():
        if isinstance(pattern, str) and matches(like(pattern.lower()), action) and (why := why_no_action(pattern)):
            yield pattern, why


def _stopped(direction: Direction, stopped_by: Sequence[Stop]) -> str:
    """What became of what keeps the request out: it is gone or says less, or is new or says more."""
    if not stopped_by:
        return ""
    is_denied = stopped_by[0].kind == DENIED
    if direction == LOST:
        return ", which is denied" if is_denied else ", which the permissions boundary does not allow"
    return ", which was denied" if is_denied else ", which the permissions boundary did not allow"


def _further(given: StatementGain, others: Sequence[Subject]) -> FurtherAccess:
    return FurtherAccess(_message(given, others), _shown(given))


def _shown(given: StatementGain) -> Counterexample:
    policies = (*given.deciding, *given.asked_for)
    shown = counterexample(given.request, policies, given.parameters, asks_for_mfa=given.subject.kind == TRUST)
    made_up = next((pattern for pattern, _ in _patterns_of_nothing(given)), None)
    return shown if made_up is None else shown._replace(action=made_up)


def _message(given: StatementGain, others: Sequence[Subject]) -> str:
    subject, request = given.subject, given.request
    may = NO_LONGER if given.direction == LOST else "may"
    # An action that nobody has published is called as the policy has it: a person would look for it in vain.
    action = next((pattern for pattern, _ in _patterns_of_nothing(given)), None)
    action = action or STS_ACTIONS.get(request.action.lower(), request.action)
    if subject.kind == IDENTITY:
        held = list(dict.fromkeys(one.called for one in (subject, *others)))
        # A default that stands for nothing (``none``) is no word of the sentence.
        is_plain = request.resource.startswith(("arn:", "*", "<"))
        on = request.resource if is_plain else f'"{request.resource}"'
        return f"{first_of(held, _NAMED)} {may} call {action} on {on}"
    whoever = ANYONE if given.is_anybody else _by_token(request) or who_from_elsewhere(request, subject.context.account)
    alone = f" without {given.without}" if given.without else ""
    if subject.kind == TRUST and action.lower().startswith("sts:assumerole"):
        return f"{whoever} {may} assume {subject.called}{alone}"
    on = subject.called if subject.kind == TRUST else _resource(given)
    return f"{whoever} {may} call {action} on {on}{alone}"


def _by_token(request: Request) -> str:
    """Somebody who comes with a token, by what issuers say of whom it is for; empty for whoever comes without."""
    caller = request.caller
    said = next((value for key, value in request.context.items() if key.endswith(":sub")), None)
    if caller.kind != WEB_IDENTITY or not isinstance(said, str):
        return ""
    return f"a token of {caller.arn.rpartition('oidc-provider/')[2]} for {said}"


def _resource(given: StatementGain) -> str:
    """What a request is for: where only some resource can be shown, the one that the policy stands on."""
    subject, asked = given.subject, given.request.resource
    named = resource_name(subject)
    is_name = isinstance(subject.arn, str) and not subject.arn.startswith("arn:")
    own = subject.documents[given.found.policy].resource_arn
    is_made_up = own != subject.arn and asked == own
    if asked == "*" or is_made_up or (is_name and set(given.found.statement.resources or ()) <= {"*"}):
        return f"{named} by {subject.called}" if named and named != subject.called else subject.called
    return asked if not named or named in asked or named == subject.called else f"{asked} (of {named})"
