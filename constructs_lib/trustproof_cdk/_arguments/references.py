"""
References to resources of the app, in the place of a text: what a deployment will put there is not known, and of what
kind it is, is.

The name of a cluster where its ARN belongs, or the endpoint of another service, would be deployed, and let in nobody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias, TypeGuard
from weakref import WeakValueDictionary

import aws_cdk as cdk
from constructs import IConstruct

from trustproof_cdk._synthesis import raw_resources

#: By type of resource, the attributes that have the value (`REF` for what Ref gives); by `ANY`, how attributes of
#: resources of any type end that have it.
Givers: TypeAlias = Mapping[str, Sequence[str]]

ANY = "*"
REF = "Ref"

#: By type, names, ids and URLs that stand for a resource beside its ARN; of other types Ref is the ARN often enough.
_NO_ARNS: Givers = {
    "AWS::DynamoDB::Table": (REF,),
    "AWS::ECR::Repository": (REF, "RepositoryUri"),
    "AWS::IAM::Group": (REF,),
    "AWS::IAM::Role": (REF, "RoleId"),
    "AWS::IAM::User": (REF,),
    "AWS::KMS::Alias": (REF,),
    "AWS::KMS::Key": (REF, "KeyId"),
    "AWS::Lambda::Function": (REF,),
    "AWS::S3::Bucket": (REF, "DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL"),
    "AWS::SNS::Topic": ("TopicName",),
    "AWS::SQS::Queue": (REF, "QueueName", "QueueUrl"),
}

#: Resources that are in the account of their stack; the second are the CDK's own.
_MADE = ("AWS::", "Custom::AWSCDK")
#: Of these, those that give values of anywhere: what a program or a nested stack says, or somebody has put there.
_GIVING = ("AWS::CloudFormation::", "AWS::SSM::")
#: Likewise, of any kind: a secret, and what a product of AWS Service Catalog (Account Factory, say) says of itself.
_GIVING_ANYTHING = (*_GIVING, "AWS::SecretsManager::", "AWS::ServiceCatalog::", "AWS::Serverless::")
_OUTPUTS = "Outputs."
#: What the CDK calls parameters of a deployment is no reference to a resource.
_WHOLE = re.compile(r"\$\{Token\[(?!AWS\.)[^]]+\]\}")
#: By token, which the CDK gives a number of its own: to ask it takes long, and one goes to many roles.
_REFERRED_TO: WeakValueDictionary[str, IConstruct] = WeakValueDictionary()


class Attribute(NamedTuple):
    """
    What a reference is to.
    """

    resource: cdk.CfnResource
    #: `REF` for what Ref gives.
    name: str


def referred_to(value: str) -> IConstruct | None:
    """What a text refers to in the app, where it is a reference as a whole."""
    found = _REFERRED_TO.get(value)
    if found is None and (reference := _reference(value)) is not None:
        found = _REFERRED_TO[value] = reference.target
    return None if found is None else raw_resources.typed(found)


def referred_to_by_texts(values: object) -> list[IConstruct] | None:
    """
    What a text, or the texts of a list, refer to.

    Returns:
        None where that is not to be seen without resolving them: where one is more than a reference, or no text.
    """
    found: list[IConstruct] = []
    for one in [values] if isinstance(values, str) else values if isinstance(values, list) else [values]:
        if not isinstance(one, str):
            return None
        # One without a token is what it is.
        if "Token[" in one:
            made = referred_to(one) if _WHOLE.fullmatch(one) else None
            if made is None:
                return None
            found.append(made)
    return found


def is_in_its_account(made: IConstruct | None) -> TypeGuard[cdk.CfnResource]:
    """Whether it is a resource that is in the account of its stack; a parameter is one of anywhere."""
    if not isinstance(made, cdk.CfnResource):
        return False
    kind = made.cfn_resource_type
    return kind.startswith(_MADE) and not kind.startswith(_GIVING)


def attribute_of(value: object) -> Attribute | None:
    """
    The attribute of a resource of AWS that a text refers to; None where it is no reference as a whole, or one to what
    may give anything: a parameter, a custom resource, an output of a nested stack, a secret.
    """
    if not isinstance(value, str) or not _WHOLE.fullmatch(value):
        return None
    reference = _reference(value)
    made = None if reference is None else raw_resources.typed(reference.target)
    if reference is None or not isinstance(made, cdk.CfnResource):
        return None
    kind, name = made.cfn_resource_type, reference.display_name
    if not kind.startswith("AWS::") or kind.startswith(_GIVING_ANYTHING) or name.startswith(_OUTPUTS):
        return None
    return Attribute(made, name)


def refuse_other(value: object, argument: str, accepted: str, givers: Givers) -> None:
    """
    Refuse a reference to what does not have a value of the kind.

    Args:
        value: what the caller gave.
        argument: the name of the argument, as the caller wrote it.
        accepted: the kind, in words, to end the sentence ``must be ...``.
        givers: what has a value of the kind.

    Raises:
        ValueError: it is a reference to an attribute that is none of these.
    """
    found = attribute_of(value)
    if found is None:
        return
    kind = found.resource.cfn_resource_type
    if found.name in givers.get(kind, ()) or found.name.endswith(tuple(givers.get(ANY, ()))):
        return
    having = " or ".join(f"{' or '.join(names)} of {one}" for one, names in givers.items() if one != ANY)
    instead = f"; of resources of the app, give {having}" if having else ""
    raise ValueError(f"{argument} must be {accepted}, got {shown(found)}{instead}")


def refuse_more(value: str, argument: str, accepted: str, givers: Givers) -> None:
    """
    Refuse a text in which something stands beside a reference that has a value of the kind by itself.

    Args:
        value: what the caller gave; a reference as a whole passes.
        argument: the name of the argument, as the caller wrote it.
        accepted: the kind, in words, to end the sentence ``must be ...``.
        givers: what has a value of the kind, as a resource of the app.

    Raises:
        ValueError: it is the ARN of a user, say, with a text behind it, which is somebody else's, or nobody's.
    """
    if "${Token[" not in value or _WHOLE.fullmatch(value):
        return
    for one in cdk.Tokenization.reverse_string(value).tokens:
        if not isinstance(one, cdk.Reference) or not isinstance(made := one.target, cdk.CfnResource):
            continue
        if one.display_name in givers.get(made.cfn_resource_type, ()):
            found = shown(Attribute(made, one.display_name))
            raise ValueError(f"{argument} must be {accepted}, got more than {found}, which is one by itself")


def refuse_no_arn(value: object, argument: str) -> None:
    """
    Refuse a reference to what a resource has beside its ARN.

    Args:
        value: what the caller gave.
        argument: the name of the argument, as the caller wrote it.

    Raises:
        ValueError: it is one of `_NO_ARNS`.
    """
    found = attribute_of(value)
    if found is not None and found.name in _NO_ARNS.get(found.resource.cfn_resource_type, ()):
        raise ValueError(f"{argument} must be an ARN, got {shown(found)}, which is none: give that of the resource")


def shown(found: Attribute) -> str:
    """What a reference is to, for a message."""
    return f"{found.name} of {found.resource.node.path} ({found.resource.cfn_resource_type})"


def _reference(value: str) -> cdk.Reference | None:
    # To ask the CDK takes a hundred times as long as this look, and nearly every text is a plain one.
    found = cdk.Tokenization.reverse_string(value).first_token if "${Token[" in value else None
    return found if isinstance(found, cdk.Reference) else None
