"""
Names of the provider hashicorp/awscc, which are those of CloudFormation in Terraform's manner.

https://registry.terraform.io/providers/hashicorp/awscc/latest/docs
"""

from __future__ import annotations

from functools import cache

from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.resources.access import access_without_policies, control_policies, grants
from trustproof.inputs.cloudformation.resources.access.access_by_property import LETTING_IN
from trustproof.inputs.cloudformation.resources.access.identity_providers import SAYS_WHO_SIGNS
from trustproof.inputs.cloudformation.resources.unread.unknown_types import ATTACHING, CALLING
from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.terraform.types.types_of_aws import CLOUD_CONTROL

#: Properties whose names are not made of the words that Terraform's have.
_NAMES = ("KmsKeyId", "PrincipalOrgID", "TemplateURL", "VPCOptions")


def property_name(name: str, type_: str | None = None) -> str:
    """
    What CloudFormation calls an argument or attribute.

    Args:
        name: that Terraform has for it.
        type_: of CloudFormation, whose own spelling comes first: one type has a ``PrincipalARN``, another one a
            ``PrincipalArn``.
    """
    joined = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    own = _spelled().get(type_ or "", {}).get(joined.lower())
    return own or next((one for one in _NAMES if one.lower() == joined.lower()), joined)


def cloudformation_type(type_: str) -> str | None:
    """The type of CloudFormation that one of the provider is; None for one that has nothing to do with access."""
    return _types().get(type_.removeprefix(CLOUD_CONTROL).replace("_", ""))


def attribute_value(type_: str, address: str, name: str) -> object:
    """
    The expression for an attribute that is no argument of a resource.

    Args:
        type_: of the resource, as the provider calls it.
        address: of the resource.
        name: of the attribute.
    """
    if name == "id":
        return {"Ref": address}
    if name == "arn":
        return {"Fn::GetAtt": [address, "Arn"]}
    called = cloudformation_type(type_)
    attribute = "" if called is None else arns.arn_attribute(called)
    # What is called Id has the name of the resource in front of it here.
    own = f"{str(called).rpartition('::')[2]}Id" if attribute == "Id" else attribute
    return {"Fn::GetAtt": [address, attribute]} if own == property_name(name) else {"Ref": f"{address}.{name}"}


@cache
def _types() -> dict[str, str]:
    """The types of CloudFormation that have to do with access, by what is left of the name of Terraform's."""
    known = (
        *catalogue.HOLDERS,
        *catalogue.ATTACHED,
        catalogue.MEMBERSHIP,
        *catalogue.RESOURCE_POLICIES,
        *catalogue.SESSIONS,
        *grants.TYPES,
        *arns.TYPES,
        *access_without_policies.TYPES,
        *LETTING_IN,
        *SAYS_WHO_SIGNS,
        *ATTACHING,
        *CALLING,
        control_policies.CONTROL_POLICY,
        catalogue.NESTED_STACK,
        catalogue.STACK_SET,
    )
    return {
        type_.removeprefix("AWS::").replace("::", "").lower(): type_ for type_ in known if type_.startswith("AWS::")
    }


@cache
def _spelled() -> dict[str, dict[str, str]]:
    """How types that give access without a policy spell their properties, by these in small letters."""
    found: dict[str, dict[str, str]] = {}
    signing = {type_: (place,) for type_, place in SAYS_WHO_SIGNS.items()}
    for table in (access_without_policies.TYPES, LETTING_IN, signing):
        for type_, places in table.items():
            names = (name for place in places for name in place.split("/"))
            found.setdefault(type_, {}).update({name.lower(): name for name in names})
    return found
