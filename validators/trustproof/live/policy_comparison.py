"""
Do two sets of policies mean the same? And if not: a request that tells them apart.

What AWS changes when it stores a policy is no difference: the order of lists, whitespace, a list of one as text, an
account id as the ARN of its root.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from trustproof.aws.resource_policies import INSIDE
from trustproof.engine.allowance import TEMPLATE_UNITS, limited_to
from trustproof.engine.caller_records import IDENTITY_CENTER_PATH, SEPARATOR
from trustproof.engine.domains import Values, text
from trustproof.errors import PolicySyntaxError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.inputs.grammar.key_policies import as_key_policy
from trustproof.live.canonical_users import may_be_shown_otherwise, stand_ins
from trustproof.live.errors import CannotCheck, NotThere
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.model.policy import ALLOW, DENY, Policy, Principal
from trustproof.model.request import (
    CREDENTIALS,
    IDENTITY_CENTER,
    ROLE_SESSION,
    SAML,
    SERVICE,
    USERS,
    WEB_IDENTITY,
    Request,
)
from trustproof.proving.first_excess import first_denied, first_excess
from trustproof.proving.own_account import IDENTITY_SIDE, LIMITS, OWN_IS_ENOUGH, questions, without_account
from trustproof.proving.published_actions import Question, in_published_actions
from trustproof.proving.sides import Scene, Side, only, same
from trustproof.results.result import BUDGET
from trustproof.sets.patterns import ANY_RUN, exact, join
from trustproof.sets.search import BudgetReached

#: Each of the questions about one policy may cost this part of what a template may.
_QUESTIONS = 4
_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{12,124}")
#: A policy variable but for its default: names of keys are the same in any case of their letters.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition.html
_VARIABLE = re.compile(r"\$\{\s*[\w.-]+:[^{},$]*")
_WITH_BRACES = "what is given to {} is not compared: it is in one of both only, and its name has a literal ${{"
#: What is said of a principal that was deleted.
_OF_NOBODY = (
    "  {} in the deployed policy is a user or role that was deleted: it is nobody, also where one of its name was made"
    " anew, until the policy is deployed again"
)

_SHOWN_OTHERWISE = "by whom S3 shows a canonical user of the template is not known ({}); if by none that is deployed:"

_ANYBODY, _ANY_AWS = Principal("*", "*"), Principal("AWS", "*")
#: Whom only one of the two wildcards is about.
_WITHOUT_ACCOUNT = (SERVICE, SAML, WEB_IDENTITY)
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous
#: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_iam.AnyPrincipal.html
_WILDCARDS = (
    '{"AWS": "*"} and "*": IAM calls both equivalent, of some services it is said that they are not; if they are'
)
_APART, _ALIKE = f"{_WILDCARDS} not, then", f"{_WILDCARDS}, then"

SAME = "same"
DIFFERS = "differs"
UNKNOWN = "unknown"

#: Which side lets a request in that the other does not.
ONLY_DEPLOYED = "deployed: allowed; template: not"
ONLY_TEMPLATE = "template: allowed; deployed: not"
#: Likewise what one side denies, whatever other policies allow.
DENIED_BY_TEMPLATE = "template: denied; deployed: not"
DENIED_BY_DEPLOYED = "deployed: denied; template: not"
#: Likewise what callers of the same account need beside the policy on one side only.
_WITHOUT = {
    IDENTITY_SIDE: "allowed, whatever the caller's identity policies say",
    LIMITS: "allowed, whatever the caller's permissions boundary and session policies say",
}
ONLY_DEPLOYED_WITHOUT = tuple(f"deployed: {said}; template: not" for said in _WITHOUT.values())


#: What is said of what is deployed and no template says.
SURPLUS = (ONLY_DEPLOYED, DENIED_BY_DEPLOYED, *ONLY_DEPLOYED_WITHOUT)


@dataclass(frozen=True)
class Comparison:
    """
    What became of comparing.

    Args:
        verdict: `SAME`, `DIFFERS` or `UNKNOWN`.
        lines: a request and who lets it in; or why it is not known.
    """

    verdict: str
    lines: tuple[str, ...] = ()


def cannot_compare(error: CannotCheck) -> Comparison:
    """What becomes of comparing where something cannot be read: it differs where AWS says that it does not exist."""
    if isinstance(error, NotThere):
        return Comparison(DIFFERS, ("is not deployed", str(error)))
    return Comparison(UNKNOWN, (str(error),))


def of_parts(own: Comparison, there: Comparison) -> Comparison:
    """
    What becomes of comparing what a template adds to somebody else's.

    Args:
        own: of what the template says with what is deployed as its own parts: they may not be more.
        there: whether all that it says is there, in whatever part.
    """
    if own.verdict == DIFFERS and own.lines[0] in SURPLUS:
        return own
    return own if own.verdict == UNKNOWN and there.verdict == SAME else there


def parse_policies(texts: Sequence[str], kind: str) -> list[Policy]:
    """
    Policies as values, in which the variables are written alike.

    Raises:
        PolicySyntaxError: one of them is none.
    """
    found = []
    for written in texts:
        policy = parse_policy(written, kind=kind)
        if policy.has_variables and (alike := _VARIABLE.sub(lambda one: one[0].lower(), written)) != written:
            policy = parse_policy(alike, kind=kind)
        found.append(policy)
    return found


def compare(
    expected: Sequence[str],
    deployed: Sequence[str],
    *,
    kind: str,
    account: str,
    partition: str,
    resource: str = "*",
    constraints: tuple[tuple[str, Values], ...] = (),
    grants: bool = True,
    callers: tuple[str, ...] | None = None,
) -> Comparison:
    """
    Compare what templates say with what is deployed.

    Args:
        expected: texts of policies that stand together.
        deployed: likewise.
        kind: `trust`, `resource` or `identity`.
        account: where they are.
        partition: of that.
        resource: the ARN that a request is shown with, where the policies say nothing of it; of a resource with a
            policy, it says where requests are sent, too.
        constraints: what the requests are about that the policies decide; see `about`.
        grants: whether they give access by themselves, and do not only limit what others give.
        callers: the kinds of caller that there may be; None for all of which such policies may be.
    """
    try:
        wanted, read = (Side(tuple(_parsed(texts, kind, resource))) for texts in (expected, deployed))
    except PolicySyntaxError as error:
        return Comparison(UNKNOWN, (str(error),))
    gone = _deleted(expected, read)
    found = _without(read, gone)
    if same(wanted, found):
        return Comparison(SAME)
    known = reached_in(resource) if kind == RESOURCE else ()
    scene = Scene(kind, account, partition, resource, callers, known, constraints)
    users = stand_ins(partition, wanted, found)
    compared = _in_both_readings(users.in_side(found), users.in_side(wanted), scene, grants=grants)
    compared = replace(compared, lines=tuple(map(users.in_words, compared.lines)))
    if compared.verdict == SAME and (names := _names_with_braces(wanted) ^ _names_with_braces(found)):
        return Comparison(UNKNOWN, tuple(map(_WITH_BRACES.format, sorted(names))))
    if compared.verdict == DIFFERS and (otherwise := may_be_shown_otherwise(wanted, found)):
        return Comparison(UNKNOWN, (_SHOWN_OTHERWISE.format(", ".join(otherwise)), *compared.lines))
    if compared.verdict == DIFFERS and gone:
        return replace(compared, lines=(*compared.lines, *map(_OF_NOBODY.format, gone)))
    return compared


def _names_with_braces(side: Side) -> set[str]:
    """The resources in whose names `${` stands, which is no policy variable: a proof takes no resource to have one."""
    return {
        str(one)
        for policy in side.policies
        for statement in policy.statements
        for one in (*(statement.resources or ()), *(statement.not_resources or ()))
        if ("${$}{" if policy.has_variables else "${") in str(one)
    }


def _in_both_readings(found: Side, wanted: Side, scene: Scene, *, grants: bool) -> Comparison:
    """
    What holds whether or not `{"AWS": "*"}` is about services and federated callers, as `"*"` is.

    Nobody reads an Allow of it so where it stands alone: beside one of `"*"` it may be the same.
    """
    allowed = (one for side in (found, wanted) for policy in side.policies for one in only(policy, ALLOW).statements)
    effects = (ALLOW, DENY) if any(_ANYBODY in (one.principals or ()) for one in allowed) else (DENY,)
    alike = _of_one_wildcard(found, effects), _of_one_wildcard(wanted, effects)
    if alike == (found, wanted):
        return _compared(found, wanted, scene, grants=grants)
    certain = tuple(kind for kind in scene.kinds if kind not in _WITHOUT_ACCOUNT)
    others = scene._replace(callers=tuple(kind for kind in scene.kinds if kind in _WITHOUT_ACCOUNT))
    compared = _compared(found, wanted, scene._replace(callers=certain), grants=grants)
    if compared.verdict == DIFFERS:
        return compared
    # They are in no account, so that nothing is asked about those of the own.
    apart, together = (_compared(*sides, others, grants=False) for sides in ((found, wanted), alike))
    if apart.verdict == together.verdict == DIFFERS:
        return apart
    lines = list(compared.lines)
    for one, said in ((apart, _APART), (together, _ALIKE)):
        lines += (said, *one.lines) if one.verdict == DIFFERS else one.lines
    return Comparison(UNKNOWN, tuple(dict.fromkeys(lines))) if lines else compared


def _compared(found: Side, wanted: Side, scene: Scene, *, grants: bool) -> Comparison:
    doubts: list[str] = []
    for said, answer in _answers(found, wanted, scene, grants=grants):
        if isinstance(answer, Request):
            return Comparison(DIFFERS, (said, *describe(answer)))
        doubts += answer
    return Comparison(UNKNOWN, tuple(dict.fromkeys(doubts))) if doubts else Comparison(SAME)


def _of_one_wildcard(side: Side, effects: Sequence[str]) -> Side:
    """The same policies with `"*"` for `{"AWS": "*"}` in statements of these effects."""

    def named(entries: tuple[Principal, ...] | None) -> tuple[Principal, ...] | None:
        return None if entries is None else tuple(_ANYBODY if one == _ANY_AWS else one for one in entries)

    policies = (
        policy._replace(
            statements=tuple(
                one._replace(principals=named(one.principals), not_principals=named(one.not_principals))
                if one.effect in effects
                else one
                for one in policy.statements
            )
        )
        for policy in side.policies
    )
    return side._replace(policies=tuple(policies))


def _parsed(texts: Sequence[str], kind: str, resource: str) -> Iterator[Policy]:
    is_key = kind == RESOURCE and resource.split(":")[2:3] == ["kms"]
    for policy in parse_policies(texts, kind):
        yield as_key_policy(policy) if is_key else policy


def reached_in(arn: str) -> tuple[tuple[str, str], ...]:
    """
    What is known of requests about a resource: they are sent to the Region that it is in. S3 finds its buckets from
    everywhere.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
    """
    fields = arn.split(":", 5)
    if len(fields) < 6 or fields[2] == "s3" or not fields[3] or set(fields[3]) & set("*?$"):
        return ()
    return (("aws:requestedregion", fields[3]),)


def _deleted(expected: Sequence[str], deployed: Side) -> list[str]:
    """
    The unique ids that stand in deployed policies for users and roles that were deleted, and in no template.

    AWS shows a principal by its ARN as long as it exists.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
    """
    named = {
        str(one.value)
        for policy in deployed.policies
        for statement in policy.statements
        for one in statement.principals or ()
        if one.kind == "AWS" and _UNIQUE_ID.fullmatch(str(one.value))
    }
    return sorted(one for one in named if not any(one in text for text in expected))


def _without(side: Side, gone: Sequence[str]) -> Side:
    """The same policies, whose statements name nobody who was deleted."""
    if not gone:
        return side
    policies = []
    for policy in side.policies:
        statements = []
        for statement in policy.statements:
            if statement.principals is not None:
                left = tuple(one for one in statement.principals if str(one.value) not in gone)
                if not left:
                    continue
                statement = statement._replace(principals=left)
            statements.append(statement)
        policies.append(policy._replace(statements=tuple(statements)))
    return side._replace(policies=tuple(policies))


def _answers(
    found: Side, wanted: Side, scene: Scene, *, grants: bool
) -> Iterator[tuple[str, Request | tuple[str, ...]]]:
    """What a difference is called, and a request that shows it; or why it is not known whether there is one."""
    of_found, of_wanted = found, wanted
    if grants and scene.kind == RESOURCE and scene.resource.split(":")[2:3] in [[one] for one in OWN_IS_ENOUGH]:
        # What those of the account get without a policy of their own is asked below.
        of_found, of_wanted = (without_account(side, scene.account) for side in (found, wanted))
    yield ONLY_DEPLOYED, within_budget(first_excess, of_found, wanted, scene)
    yield ONLY_TEMPLATE, within_budget(first_excess, of_wanted, found, scene)
    if scene.kind != TRUST:
        # Without a trust policy that allows it nobody assumes a role; elsewhere other policies allow, too.
        yield DENIED_BY_DEPLOYED, within_budget(first_denied, found, wanted, scene)
        yield DENIED_BY_TEMPLATE, within_budget(first_denied, wanted, found, scene)
    if not grants or scene.kind == IDENTITY:
        return
    for one in questions(found, wanted, scene, scene.account):
        said = _WITHOUT[one.without]
        yield f"deployed: {said}; template: not", within_budget(first_excess, one.first, one.others, one.scene)
        yield f"template: {said}; deployed: not", within_budget(first_excess, one.others, one.first, one.scene)


def within_budget(question: Question, first: Side, others: Side, scene: Scene) -> Request | tuple[str, ...]:
    """The answer to a question by an action that there is; why it is not known, where a budget is reached before."""
    with limited_to(TEMPLATE_UNITS // _QUESTIONS):
        try:
            return in_published_actions(question, first, others, scene)
        except BudgetReached as reached:
            return (f"{BUDGET}: {reached.name} ({reached.limit})",)


def about(arn: str, actions: str) -> tuple[tuple[str, Values], ...]:
    """
    What the requests are about that the policy of a resource decides: for any others its service does not look at it.

    Args:
        arn: of the resource; empty where it is not known, or where the policy is about others as well.
        actions: prefixes of the actions, apart by spaces; empty where they are open.
    """
    out: list[tuple[str, Values]] = []
    if actions:
        out.append(("action", text(*(join(f"{prefix}:", ANY_RUN) for prefix in actions.split()))))
    if arn:
        inside = INSIDE.get(arn.split(":")[2])
        out.append(("resource", text(exact(arn), *([join(arn + inside, ANY_RUN)] if inside else ()))))
    return tuple(out)


def held_by(kind: str, arn: str) -> tuple[tuple[str, ...], tuple[tuple[str, Values], ...]]:
    """
    Who calls with the policies of an identity: it, or the members of a group.

    Args:
        kind: `user`, `role` or `group`.
        arn: of the identity.

    Returns:
        the kinds of caller, and what is known of the caller in their requests.
    """
    if kind == "group":
        partition, account = arn.split(":")[1], arn.split(":")[4]
        return USERS, (("caller", text(join(f"arn:{partition}:iam::{account}:user/", ANY_RUN))),)
    of_identity_center = f":role/{IDENTITY_CENTER_PATH}" in arn
    sessions = (IDENTITY_CENTER,) if of_identity_center else (ROLE_SESSION,)
    return USERS if kind == "user" else sessions, (("caller", text(join(arn, SEPARATOR, ANY_RUN))),)


def same_statements(expected: Sequence[str], deployed: Sequence[str], kind: str) -> bool:
    """
    Whether two sets of policies consist of the same statements: then they mean the same beside whatever else.

    Raises:
        PolicySyntaxError: one of them is no policy.
    """
    return same(Side(tuple(parse_policies(expected, kind))), Side(tuple(parse_policies(deployed, kind))))


def describe(request: Request) -> list[str]:
    """A request, for people."""
    caller = request.caller
    who = caller.display_arn or "anonymous"
    shown = [f"{who} calls {request.action} on {request.resource} ({CREDENTIALS[caller.kind]})"]
    for name, value in sorted(request.context.items()):
        if name.startswith(("aws:principal", "aws:userid", "aws:username", "aws:currenttime", "aws:epochtime")):
            continue
        shown.append(f"  {name} = {value if isinstance(value, str) else ', '.join(value)}")
    return shown
