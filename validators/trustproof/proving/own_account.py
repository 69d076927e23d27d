"""
What a trust policy or a resource policy gives by itself to callers of its own account.

Whom such a policy names as an account needs a policy of its own as well, whom it names as a role is held to its
permissions boundary and to the policies of its session, and whoever is named as a user or a session, or is anybody,
needs nothing else. So two policies that let the same requests in may still give different access.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from trustproof.engine.domains import Values, text
from trustproof.model.policy import ALLOW, Policy, Principal, Statement
from trustproof.model.request import FEDERATED_USER, IDENTITY_CENTER, ROLE_SESSION, USERS
from trustproof.model.text import Symbolic
from trustproof.proving.sides import Scene, Side, same
from trustproof.sets.patterns import ANY_RUN, Wildcard, join

#: What a caller of the same account does not need beside the policy.
IDENTITY_SIDE = "an identity policy"
LIMITS = "a permissions boundary and session policies that allow it"

#: Prefixes of the actions for which a policy of the caller is enough in the account of the resource. A key and a
#: private API have to let the caller in themselves.
OWN_IS_ENOUGH = ("codeartifact", "dynamodb", "ecr", "events", "kinesis", "s3", "secretsmanager", "sns", "sqs")

_ACCOUNT = re.compile(r"\d{12}|arn:[^:]+:iam::\d{12}:root")
#: By its ARN, or by the unique id that IAM shows where the role is no more.
_ROLE = re.compile(r"arn:[^:]+:iam::\d{12}:role/.*|AROA[A-Z0-9]+", re.DOTALL)
#: Root users need no policy, and services and federated callers have none.
_CALLERS = {
    IDENTITY_SIDE: (*USERS, ROLE_SESSION, IDENTITY_CENTER, FEDERATED_USER),
    LIMITS: (ROLE_SESSION, IDENTITY_CENTER),
}
_NEED_MORE = {IDENTITY_SIDE: (_ACCOUNT,), LIMITS: (_ACCOUNT, _ROLE)}
#: Where a name that is known in part is none of a role.
_OTHERS = re.compile(":user/|:assumed-role/|:federated-user/")
_FIELD = Wildcard(":", True, True)


class Question(NamedTuple):
    """
    Two policies as far as they give something without what a caller has otherwise to have.
    """

    #: `IDENTITY_SIDE` or `LIMITS`: what is not needed.
    without: str
    first: Side
    others: Side
    #: With the callers of the account, and no others.
    scene: Scene


def questions(first: Side, others: Side, scene: Scene, account: str) -> Iterator[Question]:
    """
    What is to be asked of two sides beside which requests they let in; nothing where that says it all.

    Args:
        first: trust policies or resource policies. A principal that is known in part is an account where it ends like
            the ARN of one, else a role, unless it says that it is something else.
        others: likewise.
        scene: where they stand.
        account: that of the role or the resource.
    """
    inside = callers_of(account)
    for without, callers in _CALLERS.items():
        mine, theirs = narrow_side(first, without), narrow_side(others, without)
        # Where nobody is named in these ways, it is what is asked of all callers.
        if (mine, theirs) != (first, others) and not same(mine, theirs):
            constraints = (*scene.constraints, inside)
            known = scene._replace(account=account, callers=callers, constraints=constraints, by_caller=())
            yield Question(without, mine, theirs, known)


def callers_of(account: str) -> tuple[str, Values]:
    """What restricts the callers of requests to those of one account: a constraint of a scene."""
    head, end = join("arn:", _FIELD, ":"), join(f"::{account}:", ANY_RUN)
    return "caller", text(join(head, "iam", end), join(head, "sts", end))


def narrow_side(side: Side, without: str) -> Side:
    """A side whose Allow statements name nobody who needs this besides."""
    return side._replace(policies=tuple(_policy(policy, without) for policy in side.policies))


def without_account(side: Side, account: str) -> Side:
    """
    A side whose Allow statements do not name an account as a whole.

    In the account of a resource for which a policy of the caller is enough (`OWN_IS_ENOUGH`), naming that account gives
    nobody anything: whoever is named so needs that policy, and gets in by it alone.
    """

    def is_account(one: Principal) -> bool:
        named = isinstance(one.value, str) and _ACCOUNT.fullmatch(one.value) is not None
        return one.kind == "AWS" and named and account in str(one.value).split(":")

    return side._replace(policies=tuple(_without(policy, is_account) for policy in side.policies))


def _policy(policy: Policy, without: str) -> Policy:
    return _without(policy, lambda one: _needs_more(one, without))


def _without(policy: Policy, is_left_out: Callable[[Principal], bool]) -> Policy:
    found: list[Statement] = []
    for statement in policy.statements:
        named = statement.principals
        if statement.effect == ALLOW and named is not None:
            left = tuple(one for one in named if not is_left_out(one))
            if not left:
                continue
            statement = statement._replace(principals=left)
        found.append(statement)
    return policy._replace(statements=tuple(found))


def _needs_more(principal: Principal, without: str) -> bool:
    kind, value = principal
    if kind != "AWS":
        return False
    if isinstance(value, Symbolic):
        return _may_need_more(value, without)
    return any(shape.fullmatch(value) for shape in _NEED_MORE[without])


def _may_need_more(value: Symbolic, without: str) -> bool:
    """The same of a principal that is known in part: whole accounts end alike, and most other names are of roles."""
    *_, last = value.parts
    if isinstance(last, str) and last.endswith(":root"):
        return True
    return without == LIMITS and not any(isinstance(part, str) and _OTHERS.search(part) for part in value.parts)
