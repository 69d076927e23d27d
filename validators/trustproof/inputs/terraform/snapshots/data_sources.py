"""
Data sources that make nothing, and say where a provider deploys to or what something is called.
"""

from __future__ import annotations

from collections.abc import Callable

from trustproof.aws.accounts import (
    BILLING_ACCOUNT,
    CLOUDTRAIL_ACCOUNTS,
    LOAD_BALANCING_ACCOUNTS,
    REDSHIFT_ACCOUNTS,
    REDSHIFT_USER,
)
from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.values.intrinsics import OWN_ORGANIZATION, OWN_ROOT, UNCLEAR
from trustproof.inputs.terraform.types.table import SHAPES, access_identity
from trustproof.inputs.terraform.values.instances import steps
from trustproof.inputs.terraform.values.values import Attribute, Value
from trustproof.model.text import ORGANIZATION_ID

#: Data sources that say where a provider deploys to, to their attributes and what these are in a template.
WHERE = {
    "aws_caller_identity": {"account_id": "AWS::AccountId", "id": "AWS::AccountId"},
    "aws_region": {"name": "AWS::Region", "id": "AWS::Region", "region": "AWS::Region"},
    "aws_partition": {"partition": "AWS::Partition", "id": "AWS::Partition", "dns_suffix": "AWS::URLSuffix"},
}
#: Data sources that are only a name, to the type of resource.
BY_NAME = {
    "aws_iam_role": ("AWS::IAM::Role", "name"),
    "aws_iam_user": ("AWS::IAM::User", "user_name"),
    "aws_iam_group": ("AWS::IAM::Group", "group_name"),
    "aws_iam_policy": ("AWS::IAM::ManagedPolicy", "name"),
    "aws_s3_bucket": ("AWS::S3::Bucket", "bucket"),
    "aws_sns_topic": ("AWS::SNS::Topic", "name"),
    "aws_sqs_queue": ("AWS::SQS::Queue", "name"),
    "aws_lambda_function": ("AWS::Lambda::Function", "function_name"),
}
#: Data sources of what has a policy in the account of the provider, to the argument that its ARN ends with; empty where
#: that is an id which the argument may not be.
_LOOKED_UP = {
    "aws_api_gateway_rest_api": "",
    "aws_backup_vault": "name",
    "aws_cloudwatch_event_bus": "name",
    "aws_dynamodb_table": "name",
    "aws_efs_file_system": "file_system_id",
    "aws_elasticsearch_domain": "domain_name",
    "aws_kinesis_stream": "name",
    "aws_kms_key": "",
    "aws_opensearch_domain": "domain_name",
}
#: What is looked up by a text that is often the ARN of what is in another account.
_BY_ARN = {"aws_kms_key": "key_id"}
#: Data sources that give the ARN of something else, by the attribute that names it.
_ARN_OF_OTHERS = {("aws_kms_alias", "target_key_id"): "target_key_arn"}
#: Data sources that say which account of AWS delivers logs or reports, to that account or, where there is one in each
#: Region (their argument, or that of the provider), to the accounts by Region, and to the end of the ARN that they say:
#: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/elb_service_account
ACCOUNTS_OF_AWS: dict[str, tuple[str | dict[str, str], str]] = {
    "aws_billing_service_account": (BILLING_ACCOUNT, ":root"),
    "aws_cloudtrail_service_account": (CLOUDTRAIL_ACCOUNTS, ":root"),
    "aws_elb_service_account": (LOAD_BALANCING_ACCOUNTS, ":root"),
    "aws_redshift_service_account": (REDSHIFT_ACCOUNTS, REDSHIFT_USER),
}

#: The data source of the roles of an account, and the attributes with their ARNs and names: sets.
_ROLES, _THEIR_ARNS, _THEIR_NAMES = "aws_iam_roles", "arns", "names"

#: How the ARN begins of whoever applies a configuration.
_OF_APPLYING = ["arn:", {"Ref": "AWS::Partition"}, ":iam::"]


def own_value(type_: str, attribute: Attribute, account: object, *, is_here: bool) -> object | None:
    """
    What a data source says of the credentials of a provider: who they are of, in which organization that is, and which
    roles their account has; None for anything else.

    Args:
        account: of the provider, as an expression.
        is_here: whether it is the account of the template.
    """
    if type_ == "aws_caller_identity" and attribute.name == "arn":
        # A user, or a session of a role, which a policy that names it lets in by that name only.
        return {"Fn::Join": ["", [*_OF_APPLYING, account, ":", {"Ref": attribute.shown}]]}
    if type_ == _ROLES and attribute.name.partition("[")[0] == _THEIR_ARNS:
        # Of the ARNs, what is left is the names.
        names = f"{attribute.address}.{attribute.name.replace(_THEIR_ARNS, _THEIR_NAMES, 1)}"
        return {"Fn::Join": ["", [*_OF_APPLYING, account, ":role/", {"Ref": names}]]}
    if type_ == "aws_organizations_organization" and attribute.name == "id":
        # Of the credentials of another provider nobody knows whether their account is in the same organization.
        said = f"{attribute.shown} is the organization of another account"
        return {OWN_ORGANIZATION: ORGANIZATION_ID} if is_here else {UNCLEAR: [attribute.shown, said]}
    if type_ == "aws_organizations_organization" and attribute.name == "roots[0].id" and is_here:
        # An organization has one.
        return {OWN_ROOT: attribute.shown}
    return None


def is_of_roles(value: Value) -> bool:
    """
    Whether a list of which nothing is known is of the ARNs of the roles of an account. One of them stands for any: a
    caller is one role at most, and what lets it in, or does not deny it, says so of its name.
    """
    return isinstance(value, Attribute) and value.name == _THEIR_ARNS and _ROLES in steps(value.address)[-2:-1]


def arn_of_looked_up(
    type_: str, attribute: Attribute, argument: Callable[[str], object], place: tuple[object, object]
) -> object | None:
    """
    The ARN of what a data source looks up in the account of its provider; None where it may be of another account, and
    for any other attribute.

    Args:
        argument: gives an argument, as an expression.
        place: the account of the provider, and the Region that it is looked up in, as expressions.
    """
    if (identity := access_identity(type_, attribute)) is not None:
        return identity
    if (type_, attribute.name) == ("aws_iam_session_context", "issuer_arn"):
        return _issuer(attribute, argument("arn"))
    shape = SHAPES.get(type_)
    form = shape.attributes.get(attribute.name, "") if shape is not None else ""
    if shape is None or type_ not in _LOOKED_UP or not attribute.name.endswith("arn") or not form:
        return None
    name = argument(_LOOKED_UP[type_] or _BY_ARN.get(type_, ""))
    if _begins_like_arn(name) or (type_ in _BY_ARN and not isinstance(name, str)):
        return None
    address = attribute.address if type_ in _BY_ARN else f"{attribute.address}.id"
    called = name if _LOOKED_UP[type_] and isinstance(name, (str, dict)) else {"Ref": address}
    if ":" not in form:
        return arns.elsewhere(shape.type, called, "/", *place)
    service, _, prefix = form.partition(":")
    account, region = place
    head = ["arn:", {"Ref": "AWS::Partition"}, f":{service}:", region, ":", account, f":{prefix}"]
    return {"Fn::Join": ["", [*head, called]]}


def _issuer(attribute: Attribute, session: object) -> object | None:
    """
    The role that a session is of, or the user: of the account of its ARN, which is that of whoever applies.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_session_context
    """
    parts = session["Fn::Join"][1] if isinstance(session, dict) and "Fn::Join" in session else []
    if len(parts) < len(_OF_APPLYING) + 2 or parts[: len(_OF_APPLYING)] != _OF_APPLYING:
        return None
    return {"Fn::Join": ["", [*parts[: len(_OF_APPLYING) + 1], ":", {"Ref": attribute.shown}]]}


def _begins_like_arn(name: object) -> bool:
    """Whether a name that is given is an ARN, which may be of another account."""
    first = name["Fn::Join"][1][0] if isinstance(name, dict) and "Fn::Join" in name else name
    return isinstance(first, str) and first.startswith("arn:")


def arn_attribute(type_: str, attribute: Attribute) -> Attribute | None:
    """The ARN of what an attribute of a data source names; None where it gives none."""
    if (type_, attribute.name) in _ARN_OF_OTHERS:
        return Attribute(attribute.address, _ARN_OF_OTHERS[type_, attribute.name])
    is_one = type_ in SHAPES and "arn" in SHAPES[type_].attributes
    return Attribute(attribute.address, "arn") if is_one and not attribute.name.endswith("arn") else None
