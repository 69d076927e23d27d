"""
IAM Identity Center: permission sets, who is assigned to them in which accounts, and which attributes of people become
tags of their sessions.

https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from trustproof.live.account import LiveAccount
from trustproof.live.errors import CannotCheck
from trustproof.live.policy_comparison import DIFFERS, SAME, Comparison, cannot_compare, compare
from trustproof.live.references import text_in
from trustproof.live.settings import compare_settings
from trustproof.model.document import IDENTITY

_PERMISSION_SET, _ASSIGNMENT = "AWS::SSO::PermissionSet", "AWS::SSO::Assignment"
_ATTRIBUTES = "AWS::SSO::InstanceAccessControlAttributeConfiguration"
TYPES = (_PERMISSION_SET, _ASSIGNMENT, _ATTRIBUTES)
#: How what is compared of assignments is called.
ASSIGNMENTS = ": assignments"
_GONE = ("ResourceNotFoundException",)
_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", re.ASCII)
_NONE = "none"


class PermissionSet(NamedTuple):
    """
    A permission set that a template makes.
    """

    name: str
    #: To ask in.
    region: str
    #: The text of its inline policy; empty without one.
    inline: str
    #: ARNs of the managed policies of AWS.
    managed: frozenset[str]
    #: The rest: name to value, in words.
    settings: Mapping[str, str]


class Assignment(NamedTuple):
    """
    Somebody who has a permission set in an account.
    """

    account: str
    #: `USER` or `GROUP`.
    kind: str
    #: The id in the identity store.
    principal: str

    def __str__(self) -> str:
        return f"{self.kind} {self.principal} in {self.account}"


@dataclass
class IdentityCenter:
    """
    What the templates of one account say.

    Args:
        permission_sets: by the ARNs of the instance and the permission set.
        assignments: likewise to who is assigned, and the Region to ask in.
        attributes: the ARN of the instance and the Region to the attributes, in words.
        unclear: whether somebody is assigned of whom it is not known to what.
    """

    permission_sets: dict[tuple[str, str], PermissionSet] = field(default_factory=dict)
    assignments: dict[tuple[str, str], tuple[set[Assignment], str]] = field(default_factory=dict)
    attributes: dict[tuple[str, str], str] = field(default_factory=dict)
    unclear: bool = False

    def read(self, type_name: str, physical_id: str, properties: Mapping[str, Any], region: str) -> None:
        """
        Add what a resource of a template says.

        Raises:
            RefusedRequest: it is not known.
        """
        instance = str(properties["InstanceArn"])
        if type_name == _PERMISSION_SET:
            self.permission_sets[instance, _own_arn(physical_id)] = _permission_set(properties, region)
        elif type_name == _ASSIGNMENT:
            key = instance, _own_arn(str(properties["PermissionSetArn"]))
            names = ("TargetId", "PrincipalType", "PrincipalId")
            held, _ = self.assignments.setdefault(key, (set(), region))
            held.add(Assignment(*(str(properties[name]) for name in names)))
        else:
            given = properties.get("AccessControlAttributes")
            given = given or (properties.get("InstanceAccessControlAttributeConfiguration") or {}).get(
                "AccessControlAttributes"
            )
            self.attributes[instance, region] = _attributes(given)

    def compare(self, account: LiveAccount, partition: str) -> Iterator[tuple[str, Comparison]]:
        """Compare with what Identity Center has: what of it, and what came of that."""
        for (instance, arn), one in self.permission_sets.items():
            yield from _in_parts(f"permission set {one.name}", _compared(account, instance, arn, one, partition))
        for (instance, arn), (wanted, region) in self.assignments.items():
            made = self.permission_sets.get((instance, arn))
            subject = f"permission set {arn if made is None else made.name}{ASSIGNMENTS}"
            yield from _in_parts("", _assigned(account, instance, arn, wanted, region, subject))
        for (instance, region), attributes in self.attributes.items():
            subject = f"instance {instance}: attributes for access control"
            yield from _in_parts("", _told(account, instance, region, attributes, subject))


def _own_arn(physical_id: str) -> str:
    """The ARN of a permission set, of which CloudFormation also says the instance before it."""
    return physical_id.rpartition("|")[2]


def _in_parts(subject: str, parts: Iterator[tuple[str, Comparison]]) -> Iterator[tuple[str, Comparison]]:
    try:
        yield from ((f"{subject}: {what}" if subject else what, found) for what, found in parts)
    except CannotCheck as error:
        yield subject or "IAM Identity Center", cannot_compare(error)


def _permission_set(properties: Mapping[str, Any], region: str) -> PermissionSet:
    inline = properties.get("InlinePolicy")
    references = properties.get("CustomerManagedPolicyReferences") or ()
    return PermissionSet(
        str(properties["Name"]),
        region,
        text_in(inline) if inline else "",
        frozenset(map(str, properties.get("ManagedPolicies") or ())),
        _settings(references, properties.get("PermissionsBoundary"), properties.get("SessionDuration")),
    )


def _settings(references: Any, boundary: Any, duration: Any) -> dict[str, str]:
    held = boundary or {}
    named = held.get("CustomerManagedPolicyReference")
    return {
        "customer managed policies": ", ".join(sorted(map(_reference, references))) or _NONE,
        "permissions boundary": _reference(named) if named else str(held.get("ManagedPolicyArn") or _NONE),
        "session duration": _duration(str(duration or "PT1H")),
    }


def _reference(one: Mapping[str, Any]) -> str:
    return f"{one.get('Path') or '/'}{one['Name']}"


def _duration(text: str) -> str:
    match = _DURATION.fullmatch(text)
    if match is None:
        return text
    hours, minutes, seconds = (int(one or 0) for one in match.groups())
    return f"{hours * 3600 + minutes * 60 + seconds} s"


def _attributes(given: Any) -> str:
    found = [
        f"{one['Key']}: {', '.join(map(str, (one.get('Value') or {}).get('Source') or ()))}" for one in given or ()
    ]
    return "; ".join(sorted(found)) or _NONE


def _compared(
    account: LiveAccount, instance: str, arn: str, one: PermissionSet, partition: str
) -> Iterator[tuple[str, Comparison]]:
    given = {"InstanceArn": instance, "PermissionSetArn": arn}

    def ask(operation: str) -> Mapping[str, Any]:
        return account.call("sso-admin", operation, given, one.region, _GONE) or {}

    there = ask("DescribePermissionSet").get("PermissionSet")
    if there is None:
        yield "permissions", Comparison(DIFFERS, ("is not deployed",))
        return
    attached = ask("ListManagedPoliciesInPermissionSet").get("AttachedManagedPolicies") or ()
    managed = frozenset(str(policy["Arn"]) for policy in attached)
    inline = str(ask("GetInlinePolicyForPermissionSet").get("InlinePolicy") or "")
    if (inline, managed) == (one.inline, one.managed):
        yield "permissions", Comparison(SAME)
    else:
        texts = [
            [*filter(None, [text]), *map(account.policy_text, sorted(arns))]
            for text, arns in ((one.inline, one.managed), (inline, managed))
        ]
        yield "permissions", compare(*texts, kind=IDENTITY, account=account.id, partition=partition)
    listed = ask("ListCustomerManagedPolicyReferencesInPermissionSet").get("CustomerManagedPolicyReferences") or ()
    boundary = ask("GetPermissionsBoundaryForPermissionSet").get("PermissionsBoundary")
    yield "settings", compare_settings(one.settings, _settings(listed, boundary, there.get("SessionDuration")))


def _assigned(
    account: LiveAccount, instance: str, arn: str, wanted: set[Assignment], region: str, subject: str
) -> Iterator[tuple[str, Comparison]]:
    """Who is assigned in whichever account: no more than whom templates assign, since they assign somebody."""
    given = {"InstanceArn": instance, "PermissionSetArn": arn}
    provisioned = account.call("sso-admin", "ListAccountsForProvisionedPermissionSet", given, region, _GONE) or {}
    found: set[Assignment] = set()
    for there in sorted({*map(str, provisioned.get("AccountIds") or ()), *(one.account for one in wanted)}):
        answer = account.call("sso-admin", "ListAccountAssignments", {**given, "AccountId": there}, region, _GONE)
        for one in (answer or {}).get("AccountAssignments") or ():
            found.add(Assignment(there, str(one["PrincipalType"]), str(one["PrincipalId"])))
    lines = [f"template: {one}; deployed: not assigned" for one in sorted(wanted - found)]
    lines += [f"deployed: {one}; no template assigns it" for one in sorted(found - wanted)]
    yield subject, Comparison(DIFFERS, tuple(lines)) if lines else Comparison(SAME)


def _told(
    account: LiveAccount, instance: str, region: str, wanted: str, subject: str
) -> Iterator[tuple[str, Comparison]]:
    operation = "DescribeInstanceAccessControlAttributeConfiguration"
    answer = account.call("sso-admin", operation, {"InstanceArn": instance}, region, _GONE) or {}
    held = answer.get("InstanceAccessControlAttributeConfiguration") or {}
    yield (
        subject,
        compare_settings({"attributes": wanted}, {"attributes": _attributes(held.get("AccessControlAttributes"))}),
    )
