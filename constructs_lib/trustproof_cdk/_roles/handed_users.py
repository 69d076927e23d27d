"""
Whether a service gets into a role for a resource that is handed the role: by what it says of whom it calls for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from trustproof_cdk._arguments.service_principals import everywhere
from trustproof_cdk._policies.calls import Call, arn_pattern, may_allow, may_be_one, statements_of
from trustproof_cdk._policies.known_keys import KnownKey

#: A pod of Amazon EKS that has a role.
ASSOCIATION = "AWS::EKS::PodIdentityAssociation"
#: Begins what is only warned of: AWS does not say whether the rule for all of a field stays beside others.
UNSURE = "which may let no machine in"
_ASSUME, _BY_TOKEN = "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"
_POOL, _PROFILE = "AWS::Cognito::IdentityPool", "AWS::RolesAnywhere::Profile"
_COGNITO, _SUFFIX = "cognito-identity.amazonaws.com", ".amazonaws.com"
#: Begins the key of an attribute of a certificate.
_ATTRIBUTE = "aws:PrincipalTag/"
#: What makes roles for a service that needs more than a principal.
_CONSTRUCTS = {
    "pods.eks.amazonaws.com": "EksPodIdentityRole",
    "rolesanywhere.amazonaws.com": "RolesAnywhereRole",
}
#: By type, what a service says of whom it calls for: its ARN without the Region and the account, and the property that
#: it ends with.
_SOURCES = {
    "AWS::CodeBuild::Project": ("arn:*:codebuild:{}:project/", "Name", "*"),
    # Of the Region and account of the profile, and with nothing of its properties.
    "AWS::RolesAnywhere::Profile": ("arn:*:rolesanywhere:{}:trust-anchor/", "", "*"),
    "AWS::Pipes::Pipe": ("arn:*:pipes:{}:pipe/", "Name", "*"),
    "AWS::Scheduler::Schedule": ("arn:*:scheduler:{}:schedule-group/", "GroupName", "default"),
    "AWS::StepFunctions::StateMachine": ("arn:*:states:{}:stateMachine:", "StateMachineName", "*"),
}
#: By type, whose ARN it sends where that is not its own: the property that names it, and its type.
_NAMED = {
    "AWS::EKS::PodIdentityAssociation": ("ClusterName", "AWS::EKS::Cluster"),
    "AWS::Scheduler::Schedule": ("GroupName", "AWS::Scheduler::ScheduleGroup"),
}
#: What EKS says by session tags of a pod, unless an association leaves them out.
_POD_TAGS = (
    "eks-cluster-arn",
    "eks-cluster-name",
    "kubernetes-namespace",
    "kubernetes-service-account",
    "kubernetes-pod-name",
    "kubernetes-pod-uid",
)
_NO_TAGS = tuple(KnownKey(one, (None,)) for one in ("aws:TagKeys", *(f"aws:RequestTag/{tag}" for tag in _POD_TAGS)))
#: Operators that no value outside of their lists meets.
_NAMING = ("stringequals", "stringlike", "arnequals", "arnlike")


class User(NamedTuple):
    """
    A resource that is handed a role.
    """

    type_name: str
    properties: Mapping[str, Any]
    #: All of its template, by their logical ids.
    resources: Mapping[str, Any]
    template: Path
    logical_id: str
    #: Its Region and account, as ARNs have them.
    environment: str


def why_not(trust: Any, user: User, service: str, *, is_beside: bool) -> str:
    """
    Why a service does not get into a role for a resource, in words; empty where it may.

    Args:
        trust: the policy of the role.
        user: the resource.
        service: its principal.
        is_beside: whether the role is in the template of the resource.
    """
    statements = statements_of(trust)
    if statements is None:
        return ""
    own = [one for one in statements if _is_about(one, "Service", service)]
    if not may_allow({"Statement": own}, Call(_ASSUME)):
        makes = _CONSTRUCTS.get(service, "ServiceRole")
        return f"which does not let {service} in: give it a role that does, as {makes} makes one"
    if _leaves_tags_out(user):
        if may_allow({"Statement": own}, Call(_ASSUME, None, _NO_TAGS)):
            return ""
        return (
            "which demands session tags that the association does not send (DisableSessionTags): take that out, or "
            "give it a role that demands none"
        )
    if user.type_name == _PROFILE and str(user.properties.get("Enabled")).lower() == "false":
        return f"{UNSURE}: the profile is disabled (Enabled), and nobody gets a session by it until it is enabled"
    lost = [KnownKey(key, (None,)) for key in _attributes(own) if _leaves_out(user, key)]
    if not may_allow({"Statement": own}, Call(_ASSUME, None, tuple(lost))):
        asked = " and ".join(one.key.removeprefix(_ATTRIBUTE) for one in lost)
        return (
            f"{UNSURE}: it demands {asked} of the certificate, and the "
            "AttributeMappings of the profile have other rules for that field; add one for it there"
        )
    if not may_allow({"Statement": own}, Call(_ASSUME, None, _tags(user))):
        return (
            "which is for other pods: the namespace, the service account or the cluster of the association is none of "
            "those that it trusts"
        )
    for key, expected in _said_by_service(user):
        kept = [one for one in own if not _excludes(one, key, expected)]
        if not may_allow({"Statement": kept}, Call(_ASSUME)):
            return f"which lets {service} in for others only: the call has {expected} as {key}"
        if is_beside and (meant := _meant_by(user)):
            kept = [one for one in own if not _excludes_resource(one, key, meant, user.resources)]
            if not may_allow({"Statement": kept}, Call(_ASSUME)):
                return f"which lets {service} in for others only: the call has the ARN of {meant} as {key}"
    return ""


def why_not_by_token(trust: Any) -> str:
    """
    Why the pods of an add-on of Amazon EKS do not get into a role by the tokens of their cluster, in words; empty where
    they may. Which service accounts an add-on has, no template says.

    Args:
        trust: the policy of the role.
    """
    statements = statements_of(trust)
    own = [one for one in statements or () if not _is_for_others(one)]
    if statements is None or may_allow({"Statement": own}, Call(_BY_TOKEN)):
        return ""
    return (
        "which lets no pod in by a token of its cluster: give it a role that does, as EksServiceAccountRole makes one, "
        "or take PodIdentityAssociations"
    )


def _is_for_others(statement: Any) -> bool:
    """Whether a statement is for no identity provider."""
    principal = statement.get("Principal") if isinstance(statement, Mapping) else None
    return isinstance(principal, Mapping) and "Federated" not in principal


def _meant_by(user: User) -> str:
    """The logical id of the resource of the template whose ARN is sent; empty where it is none of it."""
    if user.type_name not in _NAMED:
        return user.logical_id
    name, kind = _NAMED[user.type_name]
    given = user.properties.get(name)
    found = given.get("Ref") if isinstance(given, Mapping) else None
    return found if isinstance(found, str) and user.resources.get(found, {}).get("Type") == kind else ""


def _excludes_resource(statement: Any, key: str, meant: str, resources: Mapping[str, Any]) -> bool:
    """Whether a statement demands the ARN of other resources of the template than one."""
    return any(all(_is_of_another(one, meant, resources) for one in values) for values in _demanded(statement, key))


def _is_of_another(value: Any, meant: str, resources: Mapping[str, Any]) -> bool:
    """Two resources of a template have two ARNs, unless a condition leaves one of them out."""
    named = value.get("Fn::GetAtt", [value.get("Ref")]) if isinstance(value, Mapping) else [None]
    other = named[0] if isinstance(named, list) else None
    if not isinstance(other, str) or other not in resources or other == meant:
        return False
    both = (resources[other], resources[meant])
    return both[0].get("Type") == both[1].get("Type") and not any("Condition" in one for one in both)


def _leaves_tags_out(user: User) -> bool:
    """Whether an association surely has EKS pass no session tags."""
    return user.type_name == ASSOCIATION and str(user.properties.get("DisableSessionTags")).lower() == "true"


def _attributes(statements: list[Any]) -> list[str]:
    """The keys for attributes of a certificate that some statements ask about."""
    conditions = [one.get("Condition") for one in statements if isinstance(one, Mapping)]
    blocks = [keys for one in conditions if isinstance(one, Mapping) for keys in one.values()]
    return [key for keys in blocks if isinstance(keys, Mapping) for key in keys if str(key).startswith(_ATTRIBUTE)]


def _leaves_out(user: User, key: str) -> bool:
    """
    Whether a profile of IAM Roles Anywhere has rules for the field of an attribute, and none for the attribute.

    https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html
    """
    field, _, attribute = key.removeprefix(_ATTRIBUTE).partition("/")
    mappings = _listed(user.properties.get("AttributeMappings")) if user.type_name == _PROFILE else []
    rules = [
        rule.get("Specifier") if isinstance(rule, Mapping) else None
        for one in mappings
        if isinstance(one, Mapping) and one.get("CertificateField") == field
        for rule in _listed(one.get("MappingRules"))
    ]
    is_known = all(isinstance(one, str) for one in rules)
    # ``Name/*`` is for all of a name, as in the rules that a profile has without any given.
    covered = (f"{one}/".replace("/*/", "/") for one in rules)
    return is_known and bool(rules) and not any(one == "*/" or f"{attribute}/".startswith(one) for one in covered)


def _tags(user: User) -> tuple[KnownKey, ...]:
    """What EKS says by session tags of a pod."""
    if user.type_name != ASSOCIATION:
        return ()
    tags = {
        "eks-cluster-name": "ClusterName",
        "kubernetes-namespace": "Namespace",
        "kubernetes-service-account": "ServiceAccount",
    }
    given = {tag: user.properties.get(name) for tag, name in tags.items()}
    return tuple(
        KnownKey(f"aws:RequestTag/{tag}", ((value,),)) for tag, value in given.items() if isinstance(value, str)
    )


def _said_by_service(user: User) -> Iterator[tuple[str, str]]:
    """Keys that a service sends, and a pattern of what each is."""
    if user.type_name == ASSOCIATION:
        name = arn_pattern(user.properties.get("ClusterName", "*"))
        yield "aws:RequestTag/eks-cluster-arn", f"arn:*:eks:{user.environment}:cluster/{name}"
    if user.type_name in _SOURCES:
        start, name, usual = _SOURCES[user.type_name]
        yield "aws:SourceArn", f"{start.format(user.environment)}{arn_pattern(user.properties.get(name, usual))}"


def _excludes(statement: Any, key: str, expected: str) -> bool:
    """Whether a statement demands another value of a key than a pattern has."""
    return any(
        not any(may_be_one(arn_pattern(one), expected) for one in values) for values in _demanded(statement, key)
    )


def _demanded(statement: Any, key: str) -> Iterator[list[Any]]:
    """The lists of which a key has to be one."""
    conditions = statement.get("Condition") if isinstance(statement, Mapping) else None
    for operator, keys in conditions.items() if isinstance(conditions, Mapping) else ():
        if str(operator).lower().removeprefix("foranyvalue:") in _NAMING and isinstance(keys, Mapping):
            yield from (_listed(values) for name, values in keys.items() if str(name).lower() == key.lower())


def why_not_of_pool(trust: Any, user: User, kind: str) -> str:
    """Why people of an identity pool do not get into a role, likewise."""
    statements = statements_of(trust)
    if statements is None:
        return ""
    own = [one for one in statements if _is_about(one, "Federated", _COGNITO)]
    if not may_allow({"Statement": own}, Call(_BY_TOKEN)):
        return f"which does not let {_COGNITO} in: give it a role that does, as CognitoIdentityPoolRole makes one"
    # Who has signed in has more methods than this one.
    other = {"authenticated": "unauthenticated", "unauthenticated": "authenticated"}[kind]
    of_kind = [one for one in own if [other] not in _demanded(one, f"{_COGNITO}:amr")]
    if not may_allow({"Statement": of_kind}, Call(_BY_TOKEN)):
        return f"which is for {other} users: hand it over as their role"
    pool = user.properties.get("IdentityPoolId")
    of_pool = [one for one in of_kind if not _is_of_other(one, pool, user.resources)]
    if not may_allow({"Statement": of_pool}, Call(_BY_TOKEN)):
        return "which is for another identity pool"
    return ""


def _is_of_other(statement: Any, pool: Any, resources: Mapping[str, Any]) -> bool:
    """Whether a statement demands tokens of other pools than one."""
    return any(
        all(_are_two(one, pool, resources) for one in values) for values in _demanded(statement, f"{_COGNITO}:aud")
    )


def _are_two(one: Any, other: Any, resources: Mapping[str, Any]) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one != other and not any(mark in one for mark in "*?$")
    # Of two pools that the template makes, each has its own id.
    both = [value.get("Ref") if isinstance(value, Mapping) else None for value in (one, other)]
    return both[0] != both[1] and all(
        isinstance(name, str) and resources.get(name, {}).get("Type") == _POOL for name in both
    )


def _is_about(statement: Any, kind: str, asked: str) -> bool:
    """Whether a statement of a trust policy may be about a service or provider; what cannot be read may."""
    principal = statement.get("Principal") if isinstance(statement, Mapping) else None
    if not isinstance(principal, Mapping):
        return True
    listed = _listed(principal.get(kind, []))
    # What is not written out may be any, as an account or an ARN of somebody may not.
    return any(not isinstance(one, str) or _may_be(one, asked) for one in listed)


def _may_be(written: str, asked: str) -> bool:
    """Whether a principal is a service or provider, in whichever partition: some have other domains."""
    name = everywhere(written)
    is_elsewhere = not name.endswith(_SUFFIX) and name.startswith(f"{asked.removesuffix(_SUFFIX)}.")
    return name in (asked, "*") or is_elsewhere


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
