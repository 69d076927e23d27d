"""
Resources that give access without a policy of IAM's: shares, entries of clusters, permissions of Lake Formation, roles
that an identity pool or a profile hands to whoever signs in, and groups that no template has, which others put users
into.

Nobody reads what these come to; where they are not what they were, it is not known whether access changed.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.values.catalogue import GIVES, GROUP, MEMBERSHIP
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.reader import ImpliedAccess

#: Who is the master user of a domain, and may do anything in it; who says to it who somebody is, and whether it lets in
#: whoever is nobody.
#: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
_MASTER_USER = tuple(
    f"AdvancedSecurityOptions/{name}"
    for name in (
        "MasterUserOptions/MasterUserARN",
        "MasterUserOptions/MasterUserName",
        "MasterUserOptions/MasterUserPassword",
        "SAMLOptions/Enabled",
        "SAMLOptions/Idp",
        "SAMLOptions/MasterBackendRole",
        "SAMLOptions/MasterUserName",
        "SAMLOptions/RolesKey",
        "SAMLOptions/SubjectKey",
        "JWTOptions",
        "IAMFederationOptions",
        "AnonymousAuthEnabled",
    )
)
#: Those, and whose users of a user pool or of Identity Center sign in.
#: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cognito-auth.html
#: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/idc-aos.html
_DOMAIN_USERS = (
    *_MASTER_USER,
    *(f"CognitoOptions/{name}" for name in ("Enabled", "IdentityPoolId", "UserPoolId")),
    *(
        f"IdentityCenterOptions/{name}"
        for name in ("EnabledAPIAccess", "IdentityCenterInstanceARN", "RolesKey", "SubjectKey")
    ),
)
#: What is off where it is not said.
_OFF = (
    "AdvancedSecurityOptions/SAMLOptions/Enabled",
    "AdvancedSecurityOptions/AnonymousAuthEnabled",
    "CognitoOptions/Enabled",
    "IdentityCenterOptions/EnabledAPIAccess",
)
#: Types to the properties that say who gets what, some of them below others; all but tags where there are none named.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
TYPES: dict[str, tuple[str, ...]] = {
    # Which role somebody of Identity Center gets.
    "AWS::AccountAccess::Entitlement": (),
    "AWS::AppSync::GraphQLApi": (
        "AuthenticationType",
        "AdditionalAuthenticationProviders",
        "LambdaAuthorizerConfig",
        "OpenIDConnectConfig",
        "UserPoolConfig",
    ),
    **dict.fromkeys(
        ("AWS::Chatbot::SlackChannelConfiguration", "AWS::Chatbot::MicrosoftTeamsChannelConfiguration"),
        ("GuardrailPolicies", "IamRoleArn", "UserRoleRequired"),
    ),
    # Whoever has the URL reads the logs and takes the artifacts of a public project.
    # https://docs.aws.amazon.com/codebuild/latest/userguide/public-builds.html
    # And whose pushes run with the role of the project, a webhook says.
    "AWS::CodeBuild::Project": ("Visibility", "ResourceAccessRole", "Triggers/FilterGroups"),
    "AWS::Cognito::IdentityPool": (
        "AllowUnauthenticatedIdentities",
        "AllowClassicFlow",
        "CognitoIdentityProviders",
        "DeveloperProviderName",
        "OpenIdConnectProviderARNs",
        "SamlProviderARNs",
        "SupportedLoginProviders",
    ),
    # What it makes of the claims of somebody are the tags of the session.
    # https://docs.aws.amazon.com/cognito/latest/developerguide/attributes-for-access-control.html
    "AWS::Cognito::IdentityPoolPrincipalTag": (),
    "AWS::Cognito::IdentityPoolRoleAttachment": (),
    # Its members are given the role where the pool lets the token choose.
    # https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-user-groups.html
    "AWS::Cognito::UserPoolGroup": ("RoleArn",),
    # Whose assertions sign somebody in, and what of them says in which group.
    "AWS::Cognito::UserPoolIdentityProvider": ("UserPoolId", "ProviderDetails", "AttributeMapping"),
    "AWS::Cognito::UserPoolUserToGroupAttachment": (),
    # Who has which part in a project, and what of a domain.
    "AWS::DataZone::PolicyGrant": (),
    "AWS::DataZone::ProjectMembership": (),
    # What it keeps from the public is not kept without it.
    "AWS::EC2::SnapshotBlockPublicAccess": ("State",),
    "AWS::EC2::VPCEndpoint": ("PolicyDocument",),
    "AWS::EC2::VPCEndpointServicePermissions": (),
    "AWS::EC2::VerifiedAccessEndpoint": ("PolicyDocument", "PolicyEnabled"),
    "AWS::EC2::VerifiedAccessGroup": ("PolicyDocument", "PolicyEnabled"),
    "AWS::EKS::AccessEntry": (),
    # Whose tokens a cluster takes.
    "AWS::EKS::IdentityProviderConfig": ("ClusterName", "Oidc"),
    "AWS::EKS::PodIdentityAssociation": (),
    "AWS::EMR::StudioSessionMapping": (),
    "AWS::Elasticsearch::Domain": _DOMAIN_USERS,
    "AWS::IdentityStore::GroupMembership": (),
    "AWS::IoT::Policy": ("PolicyDocument",),
    "AWS::IoT::PolicyPrincipalAttachment": (),
    # Whoever has a certificate gets credentials of its role.
    # https://docs.aws.amazon.com/iot/latest/developerguide/authorizing-direct-aws.html
    "AWS::IoT::RoleAlias": ("RoleArn",),
    "AWS::LakeFormation::DataLakeSettings": (),
    "AWS::LakeFormation::Permissions": (),
    "AWS::LakeFormation::PrincipalPermissions": (),
    "AWS::LakeFormation::TagAssociation": (),
    "AWS::OpenSearchServerless::AccessPolicy": (),
    # Whether the networks of others reach a collection.
    "AWS::OpenSearchServerless::SecurityPolicy": (),
    "AWS::OpenSearchService::Domain": _DOMAIN_USERS,
    "AWS::RAM::Permission": ("PolicyTemplate", "ResourceType"),
    "AWS::RAM::PermissionAssociation": (),
    "AWS::RAM::PrincipalAssociation": (),
    "AWS::RAM::ResourceAssociation": (),
    "AWS::RAM::ResourceShare": (),
    "AWS::RAM::SourceAssociation": (),
    "AWS::Redshift::EndpointAuthorization": (),
    # Which certificates get in no more.
    "AWS::RolesAnywhere::CRL": ("Enabled", "CrlData", "TrustAnchorArn"),
    # What it takes of a certificate are the tags of the session.
    # https://docs.aws.amazon.com/rolesanywhere/latest/userguide/attribute-mapping.html
    "AWS::RolesAnywhere::Profile": (
        "RoleArns",
        "Enabled",
        "ManagedPolicyArns",
        "SessionPolicy",
        "AttributeMappings",
        "AcceptRoleSessionName",
    ),
    "AWS::RolesAnywhere::TrustAnchor": ("Enabled",),
    "AWS::S3::AccessGrant": (),
    "AWS::S3::AccessGrantsLocation": (),
    # The tags of the sessions of everybody who comes by Identity Center.
    # https://docs.aws.amazon.com/singlesignon/latest/userguide/abac.html
    "AWS::SSO::InstanceAccessControlAttributeConfiguration": (
        "AccessControlAttributes",
        "InstanceAccessControlAttributeConfiguration",
    ),
    "AWS::SecurityLake::Subscriber": ("AccessTypes", "Sources"),
    # Whoever may launch the product does it as this role.
    "AWS::ServiceCatalog::LaunchRoleConstraint": (),
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
    groups = {name: one.get("Properties") for name, one in environment.resources.items() if one.get("Type") == GROUP}
    named_groups = {_hashable(body.get("GroupName")) for body in groups.values() if isinstance(body, Mapping)}
    for logical_id, resource in environment.resources.items():
        type_ = str(resource.get("Type"))
        properties = resource.get("Properties")
        if GIVES in resource:
            # The address of a resource of Terraform begins with its type.
            said_of = json.dumps(resource[GIVES], sort_keys=True, default=str)
            yield ImpliedAccess(logical_id, environment.path(logical_id), f"what {logical_id} gives", said_of)
            continue
        given = properties if isinstance(properties, Mapping) else {}
        is_of_others = type_ == MEMBERSHIP and _is_of_others(given.get("GroupName"), groups, named_groups)
        named = () if is_of_others else TYPES.get(type_)
        if named is None:
            continue
        said = {name: value for name, value in given.items() if name != "Tags"}
        if named:
            said = {name: value for name in named if (value := _below(given, name.split("/"))) is not None}
            said = {name: value for name, value in said.items() if not (name in _OFF and value in (False, "false"))}
        if said or not named:
            path = environment.path(logical_id)
            place = (*path, "Properties", next(iter(said))) if len(named) == 1 else path
            what = f"what {logical_id} gives ({type_})"
            yield ImpliedAccess(logical_id, place, what, json.dumps(_plain(said), sort_keys=True, default=str))


def _plain(value: object) -> object:
    """A value with the texts of ``Fn::Sub`` that name nothing as they are."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    text = value.get("Fn::Sub") if len(value) == 1 else None
    return text if isinstance(text, str) and "${" not in text else {key: _plain(one) for key, one in value.items()}


def _below(value: object, steps: Sequence[str]) -> object:
    """What stands below a property; a function in between, as it is."""
    for step in steps:
        if not isinstance(value, Mapping) or intrinsic_name(value) is not None:
            break
        value = value.get(step)
    return value


def _is_of_others(group: object, groups: Container[object], names: Container[object]) -> bool:
    """
    Whether the group that users are put into is none of the template: what they may do there, nobody reads.

    Args:
        groups: the logical ids of those that are.
        names: what these are called.
    """
    if isinstance(group, Mapping):
        return _hashable(group.get("Ref")) not in groups
    return _hashable(group) not in names


def _hashable(value: object) -> object:
    """A part of a template that is no list or object; in place of one, what is like nothing else."""
    return object() if isinstance(value, (list, Mapping)) else value
