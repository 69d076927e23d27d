"""
Resources that give access without a policy of IAM's: shares, entries of clusters, permissions of Lake Formation, roles
that an identity pool or a profile hands to whoever signs in.

Nobody reads what these come to; where they are not what they were, it is not known whether access changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.values.catalogue import GIVES
from trustproof.inputs.reader import ImpliedAccess

#: Types to the properties that say who gets what; all but tags where there are none named.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
TYPES: dict[str, tuple[str, ...]] = {
    "AWS::Cognito::IdentityPool": ("AllowUnauthenticatedIdentities", "AllowClassicFlow"),
    "AWS::Cognito::IdentityPoolRoleAttachment": (),
    "AWS::EC2::VPCEndpoint": ("PolicyDocument",),
    "AWS::EC2::VPCEndpointServicePermissions": (),
    "AWS::EC2::VerifiedAccessEndpoint": ("PolicyDocument", "PolicyEnabled"),
    "AWS::EC2::VerifiedAccessGroup": ("PolicyDocument", "PolicyEnabled"),
    "AWS::EKS::AccessEntry": (),
    "AWS::EKS::PodIdentityAssociation": (),
    "AWS::IdentityStore::GroupMembership": (),
    "AWS::IoT::Policy": ("PolicyDocument",),
    "AWS::IoT::PolicyPrincipalAttachment": (),
    "AWS::LakeFormation::DataLakeSettings": (),
    "AWS::LakeFormation::Permissions": (),
    "AWS::LakeFormation::PrincipalPermissions": (),
    "AWS::LakeFormation::TagAssociation": (),
    "AWS::OpenSearchServerless::AccessPolicy": (),
    "AWS::RAM::Permission": ("PolicyTemplate", "ResourceType"),
    "AWS::RAM::ResourceShare": (),
    "AWS::Redshift::EndpointAuthorization": (),
    "AWS::RolesAnywhere::Profile": ("RoleArns", "Enabled", "ManagedPolicyArns", "SessionPolicy"),
    "AWS::S3::AccessGrant": (),
    "AWS::S3::AccessGrantsLocation": (),
    "AWS::ServiceCatalog::PortfolioPrincipalAssociation": (),
    "AWS::ServiceCatalog::PortfolioShare": (),
    "AWS::Transfer::User": ("Policy", "Role", "SshPublicKeys"),
}


def access_without_policies(environment: Environment) -> Iterator[ImpliedAccess]:
    """
    What the resources of a template give in such a way.

    Args:
        environment: of the template.
    """
    for logical_id, resource in environment.resources.items():
        type_ = str(resource.get("Type"))
        properties = resource.get("Properties")
        if GIVES in resource:
            # The address of a resource of Terraform begins with its type.
            said_of = json.dumps(resource[GIVES], sort_keys=True, default=str)
            yield ImpliedAccess(logical_id, environment.path(logical_id), f"what {logical_id} gives", said_of)
            continue
        named = TYPES.get(type_)
        if named is None:
            continue
        given = properties if isinstance(properties, Mapping) else {}
        said = {name: value for name, value in given.items() if (name in named if named else name != "Tags")}
        if said or not named:
            path = environment.path(logical_id)
            place = (*path, "Properties", next(iter(said))) if len(named) == 1 else path
            what = f"what {logical_id} gives ({type_})"
            yield ImpliedAccess(logical_id, place, what, json.dumps(said, sort_keys=True, default=str))
