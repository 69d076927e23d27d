"""
`trustproof verify --probe`: somebody's own credentials at every role of the app, with MFA and without.

What is expected follows from the trust policy of the template and the evaluator. Whom a trust policy keeps out must be
kept out. Whom it lets in may still be kept out by policies of the own, which the template of the role does not know:
that is told, and no difference, unless AWS says that the trust policy does it. Nothing is created; the credentials of a
role are thrown away.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from trustproof.aws.condition_keys import lookup
from trustproof.aws.single_values import has_one
from trustproof.errors import PolicySyntaxError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.live.account import LiveAccount, session
from trustproof.live.check import Finding
from trustproof.live.errors import CannotCheck, cannot
from trustproof.live.policy_comparison import DIFFERS, SAME, UNKNOWN, Comparison
from trustproof.live.profile_values import session_names
from trustproof.live.undeployed_roles import roles_of
from trustproof.live.verify import StackOfApp, Verification
from trustproof.model.document import TRUST
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Condition, Policy
from trustproof.model.request import USER_KEY, USER_SESSION, USER_SESSION_MFA, Caller, ContextValue, Request
from trustproof.spec.callers import principal_keys
from trustproof.spec.conditions import evaluate
from trustproof.spec.decision import may_get_credentials
from trustproof.spec.operators import comparison_of
from trustproof.spec.variables import substitute

#: Seconds: the shortest that AWS gives.
_SHORTEST = 900
#: An external id that no role asks for.
_WRONG_EXTERNAL_ID = "trustproof-probe"

#: What a call without parameters of its own surely does not carry.
_ABSENT = frozenset(
    """
    aws:multifactorauthage aws:multifactorauthpresent aws:sourceaccount aws:sourcearn aws:sourceidentity aws:tagkeys
    aws:tokenissuetime sts:externalid sts:sourceidentity sts:transitivetagkeys
    """.split()
)
_VARIABLE = re.compile(r"\$\{([^},]+)")
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
_WHY = re.compile(
    r"because (?:no|the) [a-z -]+ allows|with an explicit deny in (?:an?|the) [a-z -]+(?:policy|boundary)"
)
#: Of these, what AWS says where a trust policy denies: it is not the caller's own, and no control policy.
_BY_TRUST = re.compile(r"(?:resource-based|role trust) policy")

#: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
_CODE = re.compile(r"[0-9]{6}")
#: What AWS says of a code to what it means.
_WRONG_DEVICE = {
    "invalid MFA one time pass code": "the code of {SerialNumber} is wrong, of another time, or was used before",
    "unable to validate MFA code": "{SerialNumber} is no MFA device of this user",
}

_WORDS = {
    USER_KEY: "the access key",
    USER_SESSION: "a session without MFA",
    USER_SESSION_MFA: "a session with MFA",
}


#: Families of keys that a call without parameters of its own does not carry, and those of the tags of a role and of the
#: caller.
_OF_REQUEST, _OF_ROLE, _OF_CALLER = "aws:requesttag/", ("aws:resourcetag/", "iam:resourcetag/"), ("aws:principaltag/",)


class _Person(NamedTuple):
    """The user: the ARN, the unique id, and the tags; None where these are not known."""

    arn: str
    id: str
    tags: Mapping[str, str] | None


@dataclass(frozen=True)
class _Way:
    """One kind of credentials of the person."""

    kind: str
    sts: Any


class _Role(NamedTuple):
    """A role that is tried: its ARN, the trust policy and the tags of the template; None where these are not known."""

    arn: str
    trust: Policy
    tags: Mapping[str, str] | None = None


class _Call(NamedTuple):
    """What is known of a call: the request, and the families of keys of which those are absent that it has not."""

    request: Request
    complete: tuple[str, ...]


def probe(
    profile: str,
    stacks: Sequence[StackOfApp],
    verified: Verification,
    *,
    serial: str | None = None,
    ask_code: Callable[[], str] | None = None,
) -> tuple[list[Finding], list[str]]:
    """
    Try every role of an app with the credentials of one person.

    Args:
        profile: with the access key of an IAM user.
        stacks: of the app.
        verified: what became of verifying it: the roles of the accounts that were read are known from there.
        serial: of the user's MFA device; None to try without MFA only.
        ask_code: asks for a code of the device; a code is spent on one session.

    Returns:
        a finding for each role and way, expected and observed, with the denial where there is one; and what could not
        be tried.
    """
    failures: list[str] = []
    if not verified.accounts:
        # The first call said that another account was meant.
        return [], ["no role was tried, since no credentials of an account of the app were given"]
    account = LiveAccount(profile)
    try:
        identity = account.caller
        if ":user/" not in str(identity["Arn"]):
            raise CannotCheck(f"profile {profile} is not that of an IAM user, whose access key is tried")
    except CannotCheck as error:
        return [], [str(error)]
    ways = list(_ways(account, serial, ask_code, failures))
    arn = str(identity["Arn"])
    # A session has the tags of the user; https://docs.aws.amazon.com/IAM/latest/UserGuide/access_iam-tags.html
    person = _Person(arn, str(identity["UserId"]), verified.users.get(arn))
    partition = arn.split(":")[1]
    findings = []
    for role in _roles(stacks, verified, partition, failures):
        names = [None, *session_names(role.trust, arn.rpartition("/")[2])]
        tried = product(ways, _external_ids(role.trust), names)
        findings += [_tried(way, person, role, one, name) for way, one, name in tried]
    return findings, failures


def _roles(
    stacks: Sequence[StackOfApp], verified: Verification, partition: str, failures: list[str]
) -> Iterator[_Role]:
    """Every role: as deployed where that was read, else as the template names it."""
    found: dict[str, tuple[Any, Mapping[str, str] | None]] = dict(verified.roles)
    for stack in stacks:
        if stack.account is None or stack.account in verified.accounts or stack.template is None:
            # What may go to any account was read in those of which there are credentials.
            continue
        roles = list(roles_of(stack, partition, stacks))
        named = [(arn, role.properties) for role in roles if (arn := role.arn(partition, stack.account)) is not None]
        for arn, properties in named:
            assert not isinstance(properties, str)
            # The tags of its stack, which the role has as well, only the account tells.
            found.setdefault(arn, (properties["AssumeRolePolicyDocument"], None))
        if len(named) < len(roles):
            said = (
                f"{len(roles) - len(named)} of {len(roles)} roles are not tried, of which only credentials of account"
            )
            failures.append(f"stack {stack.name}: {said} {stack.account} tell the name and the trust policy")
    for arn, (text, tags) in found.items():
        try:
            yield _Role(arn, parse_policy(text, kind=TRUST), tags)
        except PolicySyntaxError as error:
            failures.append(f"{arn}: not tried: {error}")


def _ways(
    account: LiveAccount, serial: str | None, ask_code: Callable[[], str] | None, failures: list[str]
) -> Iterator[_Way]:
    """The credentials that the person has; those that cannot be had keep nobody from trying the others."""
    sts = account.client("sts")
    yield _Way(USER_KEY, sts)
    try:
        yield _Way(USER_SESSION, _session(sts))
    except CannotCheck as error:
        failures.append(str(error))
    if serial is None or ask_code is None:
        return
    try:
        code = ask_code()
        if not _CODE.fullmatch(code):
            raise CannotCheck(f"the code of {serial} has six digits, and what was given has not")
        yield _Way(USER_SESSION_MFA, _session(sts, SerialNumber=serial, TokenCode=code))
    except CannotCheck as error:
        failures.append(str(error))


def _session(sts: Any, **device: str) -> Any:
    try:
        found = sts.get_session_token(DurationSeconds=_SHORTEST, **device)["Credentials"]
    except (ClientError, BotoCoreError) as error:
        said = error.response["Error"].get("Message", "") if isinstance(error, ClientError) else ""
        why = next((why for words, why in _WRONG_DEVICE.items() if words in said), None)
        if why is not None:
            # AWS calls it AccessDenied, as if the user needed a permission.
            raise CannotCheck(f"cannot get a session with MFA: {why.format(**device)}") from None
        if isinstance(error, ClientError) and error.response["Error"].get("Code") == "AccessDenied":
            # No policy of the user is asked for it: ReadOnlyAccess, which is what reading needs, would not help.
            raise CannotCheck("cannot get a session: AWS gives none to these credentials (AccessDenied)") from None
        raise cannot(error, "get a session") from None
    keys = {
        "aws_access_key_id": found["AccessKeyId"],
        "aws_secret_access_key": found["SecretAccessKey"],
        "aws_session_token": found["SessionToken"],
    }
    return session(**keys).client("sts", region_name=sts.meta.region_name)


def _external_ids(trust: Policy) -> list[str | None]:
    """None, and where a trust policy looks at external ids a wrong one, and those that it asks for by their text."""
    looked_at = [
        condition
        for statement in trust.statements
        for condition in statement.conditions
        if condition.key.lower() == "sts:externalid"
    ]
    if not looked_at:
        return [None]
    asked = [
        str(one)
        for condition in looked_at
        if condition.operator.lower() == "stringequals"
        for one in condition.operands
    ]
    return list(dict.fromkeys([None, _WRONG_EXTERNAL_ID, *asked]))


def _tried(way: _Way, person: _Person, role: _Role, external_id: str | None, name: str | None = None) -> Finding:
    arn, trust = role.arn, role.trust
    session_name = name or f"trustproof-probe-{secrets.token_hex(4)}"
    with_id = {None: "", _WRONG_EXTERNAL_ID: ", with a wrong external id"}.get(external_id, ", with the external id")
    named = "" if name is None else f", as session {name}"
    subject = f"probe {arn}: {_WORDS[way.kind]}{with_id}{named}"
    call = _call(way.kind, person, role, session_name, external_id)
    account = arn.split(":")[4]
    asked = {"RoleArn": arn, "RoleSessionName": session_name, "DurationSeconds": _SHORTEST}
    if external_id is not None:
        asked["ExternalId"] = external_id
    try:
        way.sts.assume_role(**asked)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code != "AccessDenied":
            return Finding(account, subject, Comparison(UNKNOWN, (str(cannot(error, "try it")),)))
        return Finding(account, subject, _judged(trust, call, why=denial(error)))
    except BotoCoreError as error:
        return Finding(account, subject, Comparison(UNKNOWN, (str(cannot(error, "try it")),)))
    return Finding(account, subject, _judged(trust, call))


def _judged(trust: Policy, call: _Call, *, why: str | None = None) -> Comparison:
    """
    What was observed beside what is expected.

    Args:
        why: of a denial, what AWS says; None where the call got in.
    """
    observed = "gets in" if why is None else "kept out"
    unknown = _unknown_keys(trust, call)
    # With what is not known against the caller, and for the caller.
    least, most = (may_get_credentials(_with(trust, call, lets_in), call.request) for lets_in in (False, True))
    if least != most:
        said = f"whether it is to get in depends on {', '.join(sorted(unknown))}, not known here; observed: {observed}"
        return Comparison(UNKNOWN, (said,))
    if why is None:
        expected = "gets in" if most else "kept out"
        return Comparison(SAME if most else DIFFERS, (f"expected: {expected}; observed: {observed}",))
    if not most:
        return Comparison(SAME, (f"expected: kept out; observed: {observed}{why}",))
    if _BY_TRUST.search(why):
        return Comparison(DIFFERS, (f"expected: gets in; observed: {observed}{why}",))
    said = f"expected: the trust policy lets in; observed: {observed}, by the caller's own or by control policies"
    return Comparison("denied", (f"{said}{why}",))


def denial(error: ClientError) -> str:
    """Why AWS denies something, in its words, which name a kind of policy and nothing else; empty where it does not."""
    found = _WHY.search(str(error.response["Error"].get("Message", "")))
    return "" if found is None else f": {found[0]}"


def _unknown_keys(trust: Policy, call: _Call) -> set[str]:
    """The condition keys on which a trust policy hangs, and of which nobody here knows what AWS will find."""
    found: set[str] = set()
    for statement in trust.statements:
        for condition in statement.conditions:
            if _is_open(condition, trust, call):
                found |= _unknown(condition, call)
    return found


def _unknown(condition: Condition, call: _Call) -> set[str]:
    keys = [condition.key, *(name for one in condition.operands for name in _VARIABLE.findall(str(one)))]
    asked = {key.lower() for key in keys} - call.request.context.keys()
    return {key for key in asked if key not in _ABSENT and not key.startswith(call.complete)}


def _is_open(condition: Condition, trust: Policy, call: _Call) -> bool:
    """
    Whether it takes unknown keys to say if a condition holds.

    It takes none where each operand has a variable that is surely absent, so that no value is equal to any, and none
    where the key itself is surely absent.
    """
    unknown = _unknown(condition, call)
    operator = parse_operator(condition.operator)
    if not unknown or operator is None:
        return bool(unknown)
    several: dict[str, ContextValue] = {key: ("x", "y") if _may_be_several(key) else "x" for key in unknown}
    trials = [{**call.request.context, **dict.fromkeys(unknown, "x")}, {**call.request.context, **several}]
    variables = trust.has_variables and comparison_of(operator.base).variables
    without_value = variables and all(substitute(str(one), trials[0], wild=False) is None for one in condition.operands)
    key = condition.key.lower()
    if not without_value and (key in unknown or key in call.request.context):
        return True
    outcomes = {
        evaluate(condition, context, variables=trust.has_variables).matched
        for context in (call.request.context, *trials)
    }
    return len(outcomes) > 1


def _may_be_several(key: str) -> bool:
    """Whether a condition key may have several values, which match no operator without a quantifier."""
    return not has_one(lookup(key))


def _with(trust: Policy, call: _Call, lets_in: bool) -> Policy:
    """A trust policy in which the conditions on unknown keys hold, or not, as is better or worse for the caller."""
    statements = []
    for statement in trust.statements:
        known = tuple(one for one in statement.conditions if not _is_open(one, trust, call))
        holds = lets_in == (statement.effect == ALLOW)
        if holds or len(known) == len(statement.conditions):
            statements.append(statement._replace(conditions=known))
    return trust._replace(statements=tuple(statements))


def _call(kind: str, person: _Person, role: _Role, session_name: str, external_id: str | None) -> _Call:
    caller = Caller(kind, person.arn, "", person.id)
    now = int(time.time())
    context: dict[str, ContextValue] = {
        **principal_keys(caller),
        "aws:currenttime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        "aws:epochtime": str(now),
        "aws:securetransport": "true",
        "aws:viaawsservice": "false",
        "sts:rolesessionname": session_name,
    }
    if kind != USER_KEY:
        context["aws:tokenissuetime"] = context["aws:currenttime"]
    if kind == USER_SESSION_MFA:
        context["aws:multifactorauthage"] = "1"
    if external_id is not None:
        context["sts:externalid"] = external_id
    complete: tuple[str, ...] = (_OF_REQUEST,)
    for families, tags in ((_OF_ROLE, role.tags), (_OF_CALLER, person.tags)):
        if tags is not None:
            complete += families
            context |= {family + name.lower(): value for family in families for name, value in tags.items()}
    return _Call(Request(caller, "sts:AssumeRole", role.arn, context), complete)
