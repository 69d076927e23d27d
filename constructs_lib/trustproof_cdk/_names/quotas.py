"""
Measure policies at synthesis, when everything that was added to them is there.

The sizes are those of IAM, which does not count whitespace:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from trustproof_cdk._synthesis import role_properties, stacks
from trustproof_cdk._synthesis.stack_checks import check_later

#: Characters in a role trust policy, unless the account asked for more.
TRUST_POLICY = 2048
#: What AWS raises it to at most.
MAX_TRUST_POLICY = 8192
#: Managed policies attached to a role, unless the account asked for more.
MANAGED_POLICIES = 10
#: What AWS raises it to at most.
MAX_MANAGED_POLICIES = 25
#: Characters in a customer managed policy; fixed.
MANAGED_POLICY = 6144
#: Characters in all inline policies of a role together; fixed.
INLINE_POLICIES = 10_240
#: Characters in a session policy, managed policy ARNs included.
SESSION_POLICY = 2048
#: Characters in a service control policy and in a resource control policy.
SERVICE_CONTROL_POLICY = 10_240
RESOURCE_CONTROL_POLICY = 5120
#: Characters in the inline policy of a permission set:
#: https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PutInlinePolicyToPermissionSet.html
PERMISSION_SET_POLICY = 32_768

# The shortest texts that the pseudo parameters stand for, so that a size is never overstated.
_SHORTEST = {
    "AWS::AccountId": 12,
    "AWS::Partition": len("aws"),
    "AWS::Region": len("us-east-1"),
    "AWS::URLSuffix": len("amazonaws.com"),
    "AWS::NoValue": 0,
}
_INTRINSICS = ("Ref", "Condition")
#: What the CDK resolves documents under: of one without statements it leaves out the key.
_DOCUMENT = "document"


_OF_SHORTER_POLICIES = ": put statements into managed policies, or resources together by patterns"


class InStack(NamedTuple):
    """
    What the CDK has made of the roles of a stack.
    """

    #: By role, what it has granted to it.
    granted: Mapping[IConstruct, iam.PolicyDocument]
    #: By role, its resource, where that was seen.
    resources: Mapping[IConstruct, iam.CfnRole]

    def trust_of(self, role: iam.Role) -> iam.PolicyDocument | None:
        """The trust policy of a role."""
        resource = self.resources.get(role)
        # Asked of the resource it takes no call of its own.
        written = None if resource is None else role_properties.trust_of(resource)
        return written if isinstance(written, iam.PolicyDocument) else role.assume_role_policy


def _nothing(*_: object) -> str:
    return ""


def limit_trust_policy(
    role: iam.Role,
    policy: iam.PolicyDocument | None,
    maximum: int = TRUST_POLICY,
    wrong: Callable[[Any], str] = _nothing,
) -> None:
    """
    Fail the synthesis if the trust policy of the role is longer than IAM takes.

    Args:
        role: its trust policy is measured when the app is synthesized, with every statement that was added.
        policy: that trust policy; None to ask the role for it.
        maximum: characters without whitespace; more than 2,048 only where AWS raised the quota of the account.
        wrong: says what else is wrong with it, of the policy as it is in the end; empty where nothing is.
    """
    # Asked of the CDK only where there is something to say: each answer is a call into another process.
    instead = partial(_of_shorter_trust, role, maximum)
    _limit(role, "trust policy has", lambda there: [policy or there.trust_of(role)], maximum, instead, wrong=wrong)


def _of_shorter_trust(role: iam.Role, maximum: int) -> str:
    """Which role it is in which account, and what to do, to end a message."""
    stack = cdk.Stack.of(role)
    resource = role.node.default_child
    name = stack.resolve(resource.role_name) if isinstance(resource, iam.CfnRole) else None
    named = [f"role {name}"] if isinstance(name, str) else []
    named += [] if cdk.Token.is_unresolved(stack.account) else [f"account {stack.account}"]
    whose = f" ({', '.join(named)})" if named else ""
    do = "trust fewer, by patterns or claims that cover several, or divide them over several roles"
    if maximum < MAX_TRUST_POLICY:
        do += f"; or have AWS raise the quota of the account, and say max_trust_policy_size (up to {MAX_TRUST_POLICY})"
    return f"{whose}: {do}"


def limit_managed_policy(policy: iam.ManagedPolicy, instead: str = "") -> None:
    """
    Fail the synthesis if the managed policy is longer than IAM takes.

    Args:
        policy: it is measured when the app is synthesized.
        instead: what is shorter, to end the message.
    """
    _limit(policy, "managed policy has", lambda _: [policy.document], MANAGED_POLICY, lambda: instead)


def limit_inline_policies(
    role: iam.Role, policies: Mapping[str, iam.PolicyDocument], seen: Callable[[str, Any], None]
) -> None:
    """
    Fail the synthesis if the inline policies of the role are together longer than IAM takes, or one of them is empty.

    Args:
        role: what is granted to it stands in an inline policy too, and counts: the CDK moves some of that into managed
            policies where it is long, by a rule of its own that leaves too much at times.
        policies: what it was created with.
        seen: called with the name of each, and its document as it is in the end.
    """
    _inline_policies_of(role).extend(_Inline(name, document, seen) for name, document in policies.items())


def limit_granted(role: iam.IRole, document: object) -> None:
    """
    Count a policy that is made beside the role, or in another stack, to the inline policies of the role, which are
    measured together.

    Args:
        role: of this app.
        document: the policy with all that is known of it, a `PolicyDocument` or plain values.
    """
    if isinstance(role, iam.Role):
        _inline_policies_of(role).append(_Inline("", document, _nothing))


def _inline_policies_of(role: iam.Role) -> list[_Inline]:
    """What is measured of a role besides what is granted to it in its own stack."""
    if role in _INLINE:
        return _INLINE[role]
    known = _INLINE[role] = []

    def documents(there: InStack) -> list[object]:
        return [*(one.document for one in known), *([there.granted[role]] if role in there.granted else [])]

    def each(number: int, document: Any) -> str:
        if number >= len(known):
            return ""
        name, _, seen = known[number]
        if document is None:
            return _none_empty(name)
        seen(name, document)
        return ""

    _limit(
        role,
        "inline policies have together",
        documents,
        INLINE_POLICIES,
        lambda: _OF_SHORTER_POLICIES,
        each=each,
    )
    return known


def _none_empty(name: str) -> str:
    """Of a document that nothing was added to, which the CDK leaves out of a template that needs it."""
    if not name:
        return ""
    return (
        f"inline_policies[{name!r}] must have at least one statement, got an empty document, and IAM takes no policy "
        "without"
    )


def refuse_too_many(count: int, maximum: int) -> None:
    """
    Refuse more managed policies than IAM attaches to a role.

    Args:
        count: of those that are given.
        maximum: more than 10 only where AWS raised the quota of the account.
    """
    if count > maximum:
        raise ValueError(
            f"managed_policies must be at most {maximum}, got {count}: IAM attaches no more to a role; put "
            "statements together in one policy, or say max_managed_policies (up to 25) where AWS raised the quota"
        )


def limit_document(
    scope: Construct,
    what: str,
    document: object,
    maximum: int,
    service: str = "IAM",
    wrong: Callable[[Any], str] = _nothing,
) -> None:
    """
    Fail the synthesis if a document (a `PolicyDocument` or plain values) is longer than the quota of its kind.

    Args:
        scope: of the document.
        what: it is, in words.
        document: it is measured when the app is synthesized.
        maximum: characters without whitespace.
        service: whose quota it is.
        wrong: says what else is wrong with it as it is in the end; empty where nothing is.
    """
    _limit(scope, f"{what} has", lambda _: [document], maximum, service=service, wrong=wrong)


def policy_size(document: object) -> tuple[int, bool]:
    """
    Characters of a resolved document without whitespace, and whether that is exact.

    Values that only a deployment knows count with the fewest characters they can have.
    """
    return _size(document)


def _limit(
    scope: Construct,
    what: str,
    documents: Callable[[InStack], Sequence[object]],
    maximum: int,
    instead: Callable[[], str] = str,
    service: str = "IAM",
    wrong: Callable[[Any], str] = _nothing,
    each: Callable[[int, Any], str] = _nothing,
) -> None:
    stack = stacks.stack_of(scope)
    check_later(stack, _too_long)
    _LIMITED.setdefault(stack, []).append(_Limited(scope, what, documents, maximum, instead, service, wrong, each))


class _Inline(NamedTuple):
    """
    An inline policy of a role.
    """

    #: Empty where the CDK makes it.
    name: str
    document: object
    #: Called with the name, and the document as it is in the end.
    seen: Callable[[str, Any], object]


class _Limited(NamedTuple):
    """
    What may not be longer than a quota.
    """

    scope: Construct
    what: str
    #: Gives them as they are in the end.
    documents: Callable[[InStack], Sequence[object]]
    maximum: int
    instead: Callable[[], str]
    service: str
    #: Says what else is wrong with one of them.
    wrong: Callable[[Any], str]
    #: Says what is wrong with the one of a number, which is None where it has no statement.
    each: Callable[[int, Any], str]

    def said(self, documents: Sequence[Mapping[str, object]]) -> str:
        """What is wrong; empty where nothing is."""
        each = [self.each(number, one.get(_DOCUMENT)) for number, one in enumerate(documents)]
        if missing := next(filter(None, each), ""):
            return f"{self.scope.node.path}: {missing}"
        resolved = [one[_DOCUMENT] for one in documents if one]
        sizes = [policy_size(one) for one in resolved]
        size = sum(size for size, _ in sizes)
        if size <= self.maximum:
            return next(filter(None, map(self.wrong, resolved)), "")
        least = "" if all(exact for _, exact in sizes) else "at least "
        taken = f"and {self.service} takes at most {self.maximum}{self.instead()}"
        return f"{self.scope.node.path}: the {self.what} {least}{size} characters without whitespace, {taken}"


#: By role, the inline policies that are measured together.
_INLINE: WeakKeyDictionary[iam.Role, list[_Inline]] = WeakKeyDictionary()
#: By stack, what is to be measured.
_LIMITED: WeakKeyDictionary[cdk.Stack, list[_Limited]] = WeakKeyDictionary()


def _too_long(stack: cdk.Stack, there: Sequence[IConstruct]) -> list[str]:
    """What is wrong with all that is measured of a stack."""
    limited = _LIMITED[stack]
    made = InStack(_granted(there), _resources(there))
    try:
        if not _said(stack, limited, made):
            return []
    except RuntimeError:
        # One that is no part of the app any more spoils it for all.
        pass
    left = set(map(id, there))
    return _said(stack, [one for one in limited if id(one.scope) in left], made)


def _said(stack: cdk.Stack, limited: Sequence[_Limited], made: InStack) -> list[str]:
    resolved = stack.resolve([[{_DOCUMENT: document} for document in one.documents(made)] for one in limited])
    return [said for one, documents in zip(limited, resolved, strict=True) if (said := one.said(documents))]


def _granted(there: Sequence[IConstruct]) -> Mapping[IConstruct, iam.PolicyDocument]:
    """What the CDK has granted to the roles of a stack, in a policy beside each."""
    policies = [one for one in there if isinstance(one, iam.Policy)]
    nodes = [(stacks.node_of(one), one) for one in policies]
    return {node.scope: one.document for node, one in nodes if node.id == "DefaultPolicy" and node.scope is not None}


def _resources(there: Sequence[IConstruct]) -> Mapping[IConstruct, iam.CfnRole]:
    """The resources of roles: a construct is followed by what is in it, of which a role makes its resource first."""
    pairs = pairwise(there)
    return {role: one for role, one in pairs if isinstance(role, iam.Role) and isinstance(one, iam.CfnRole)}


def _size(value: Any) -> tuple[int, bool]:
    if isinstance(value, dict):
        if len(value) == 1:
            ((name, inner),) = value.items()
            if name in _INTRINSICS or name.startswith("Fn::"):
                return _intrinsic(name, inner)
        # A colon follows each key.
        keys = [(len(json.dumps(key)) + 1, True) for key in value]
        return _members([*keys, *map(_size, value.values())], len(value))
    if isinstance(value, list):
        return _members([_size(item) for item in value], len(value))
    text = json.dumps(value, ensure_ascii=False)
    return len("".join(text.split())), True


def _members(sizes: Sequence[tuple[int, bool]], count: int) -> tuple[int, bool]:
    """Brackets and commas around the members."""
    return 2 + max(count - 1, 0) + sum(size for size, _ in sizes), all(exact for _, exact in sizes)


def _intrinsic(name: str, inner: Any) -> tuple[int, bool]:
    """A text that a deployment puts together: at least its literal parts, in quotes."""
    if name == "Fn::Join" and isinstance(inner, list) and len(inner) == 2 and isinstance(inner[1], list):
        parts = [_size(part)[0] - 2 for part in inner[1]]
        return 2 + sum(parts) + len(str(inner[0])) * max(len(parts) - 1, 0), False
    if name == "Ref":
        return 2 + _SHORTEST.get(str(inner), 1), False
    return 2, False
