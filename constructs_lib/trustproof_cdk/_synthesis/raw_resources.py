"""
Resources that are made by their type and the names of CloudFormation (`cdk.CfnResource`), seen as the classes that the
CDK has for these types: whoever looks for users, topics or policies in an app finds them too.

https://docs.aws.amazon.com/cdk/v2/guide/cfn-layer.html#develop-customize-raw-access
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_organizations as organizations
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_sso as sso
from constructs import IConstruct

from trustproof_cdk._synthesis import stacks

#: By type, the class of the CDK; to ask the classes for their types takes a call into the CDK each.
TYPES: Mapping[str, type[cdk.CfnResource]] = {
    "AWS::Cognito::IdentityPool": cognito.CfnIdentityPool,
    "AWS::EC2::VPCEndpoint": ec2.CfnVPCEndpoint,
    "AWS::IAM::Group": iam.CfnGroup,
    "AWS::IAM::GroupPolicy": iam.CfnPolicy,
    "AWS::IAM::InstanceProfile": iam.CfnInstanceProfile,
    "AWS::IAM::ManagedPolicy": iam.CfnManagedPolicy,
    "AWS::IAM::OIDCProvider": iam.CfnOIDCProvider,
    "AWS::IAM::Policy": iam.CfnPolicy,
    "AWS::IAM::Role": iam.CfnRole,
    "AWS::IAM::RolePolicy": iam.CfnPolicy,
    "AWS::IAM::SAMLProvider": iam.CfnSAMLProvider,
    "AWS::IAM::User": iam.CfnUser,
    "AWS::IAM::UserPolicy": iam.CfnPolicy,
    "AWS::IAM::UserToGroupAddition": iam.CfnUserToGroupAddition,
    "AWS::KMS::Alias": kms.CfnAlias,
    "AWS::KMS::Key": kms.CfnKey,
    "AWS::Lambda::Function": functions.CfnFunction,
    "AWS::Lambda::Permission": functions.CfnPermission,
    "AWS::Organizations::Policy": organizations.CfnPolicy,
    "AWS::S3::Bucket": s3.CfnBucket,
    "AWS::SNS::Subscription": sns.CfnSubscription,
    "AWS::SNS::Topic": sns.CfnTopic,
    "AWS::SNS::TopicInlinePolicy": sns.CfnTopicInlinePolicy,
    "AWS::SNS::TopicPolicy": sns.CfnTopicPolicy,
    "AWS::SQS::Queue": sqs.CfnQueue,
    "AWS::SQS::QueueInlinePolicy": sqs.CfnQueueInlinePolicy,
    "AWS::SQS::QueuePolicy": sqs.CfnQueuePolicy,
    "AWS::SSO::Assignment": sso.CfnAssignment,
    "AWS::SSO::PermissionSet": sso.CfnPermissionSet,
}
#: Inline policies of one holder, which are those of a list of one.
_OF_ONE = (iam.CfnGroupPolicy, iam.CfnRolePolicy, iam.CfnUserPolicy)
_LISTED = {"groupname": "groups", "rolename": "roles", "username": "users"}
#: Where the classes of the CDK for single types are.
_TYPED = "aws_cdk.aws_"
_ATTRIBUTE = "attr_"
_BOOLEANS = {"true": True, "false": False}
_LIST_OF_TEXTS = re.compile(r"List\[(builtins\.)?str\]")


def typed(construct: IConstruct) -> IConstruct:
    """
    A construct, as an object of the class that the CDK has for its type where it is a raw resource of one; an inline
    policy of one holder as one that may have several.

    Returns:
        The construct itself where it has its class already, or its type is none that is looked for.
    """
    if not isinstance(construct, cdk.CfnResource) or _has_its_class(type(construct)):
        return construct
    found = TYPES.get(construct.cfn_resource_type)
    return construct if found is None else _Typed(construct, found)


@cache
def _has_its_class(kind: type[cdk.CfnResource]) -> bool:
    """Whether a class is one of the CDK for a single type, or is derived from one."""
    return not issubclass(kind, _OF_ONE) and any(one.__module__.startswith(_TYPED) for one in kind.__mro__)


def all_in(scope: IConstruct) -> list[IConstruct]:
    """A construct and all that is in it, likewise."""
    return [typed(one) for one in stacks.node_of(scope).find_all()]


class _Typed:
    """
    Is to Python an object of another class, and to the CDK the resource.
    """

    def __init__(self, resource: cdk.CfnResource, seen_as: type[cdk.CfnResource]) -> None:
        self._resource, self._seen_as = resource, seen_as

    @property  # type: ignore[misc]
    def __class__(self) -> type[Any]:
        # `isinstance` asks for it where the type of an object is another one.
        return self._seen_as

    def __eq__(self, other: object) -> bool:
        return type(other) is _Typed and other._resource is self._resource

    def __hash__(self) -> int:
        return hash(self._resource)

    def __getattr__(self, name: str) -> Any:
        if hasattr(cdk.CfnResource, name) or name not in _names_of(self._seen_as):
            return getattr(self._resource, name)
        if name.startswith(_ATTRIBUTE):
            attribute = "".join(part.capitalize() for part in name.removeprefix(_ATTRIBUTE).split("_"))
            return self._resource.get_att(attribute).to_string()
        if name == "tags":
            return _Tags(self._given.get("tags"))
        return _of_kind(self._given.get(name.replace("_", "")), _kind_of(self._seen_as, name))

    @cached_property
    def _given(self) -> Mapping[str, Any]:
        """The properties, by their names in small letters."""
        given = {name.lower(): value for name, value in (self._resource._cfn_properties or {}).items()}
        if self._seen_as is iam.CfnPolicy:
            given.update({several: [given[one]] for one, several in _LISTED.items() if one in given})
        return given


class _Tags:
    """
    Tags as they are given, asked as those of the CDK are.
    """

    def __init__(self, given: Any) -> None:
        self._given = given

    def render_tags(self) -> Any:
        """The tags, as the CDK writes those of users."""
        given = self._given if isinstance(self._given, list) else []
        return [{key.lower(): value for key, value in one.items()} for one in given if isinstance(one, Mapping)]


def _names_of(seen_as: type[cdk.CfnResource]) -> Iterable[str]:
    return vars(seen_as)


@cache
def _kind_of(seen_as: type[cdk.CfnResource], name: str) -> str:
    """What a property of a class of the CDK is declared to be."""
    return str(vars(seen_as)[name].fget.__annotations__.get("return"))


def _of_kind(value: Any, kind: str) -> Any:
    """
    A value as the class has it, of which nobody has looked at the kind: what is none of a text or a list where one is
    declared counts as not given. Of what a deployment fills in the CDK makes a text or list; documents stay.
    """
    is_needed = "Optional" not in kind and "Union[NoneType" not in kind
    if "List[" in kind:
        listed = cdk.Token.as_list(value) if _is_filled_in(value) else value
        if not isinstance(listed, list):
            return [] if is_needed else None
        texts = [cdk.Token.as_string(one) if _is_filled_in(one) else one for one in listed]
        return [one for one in texts if isinstance(one, str)] if _LIST_OF_TEXTS.search(kind) else texts
    if "builtins.bool" in kind and isinstance(value, str) and value in _BOOLEANS:
        return _BOOLEANS[value]
    if "builtins.str" not in kind:
        return value
    text = cdk.Token.as_string(value) if _is_filled_in(value) else value
    return text if isinstance(text, str) else "" if is_needed else None


def _is_filled_in(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))
