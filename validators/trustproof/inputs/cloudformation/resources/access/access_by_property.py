"""
Who gets in by properties that are no policy documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.policies.named_values import values_at
from trustproof.inputs.reader import ExternalTemplate
from trustproof.model.declarations import ACCOUNTS, ORGANIZATIONS
from trustproof.model.text import Symbol, Text

#: A resource of another language's that has nothing but arguments by which others get in.
LETS_IN = "Trustproof::LetsIn"
#: Types that say in properties of their own who gets in, to the places that say whom: resource policies which are no
#: documents, grants that another account is what they are for, and policies in another language than IAM's.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
LETTING_IN: dict[str, tuple[str, ...]] = {
    "AWS::CleanRooms::Collaboration": ("Members/AccountId",),
    "AWS::CleanRoomsML::ConfiguredModelAlgorithmAssociation": (
        "PrivacyConfiguration/Policies/TrainedModels/ContainerLogs/AllowedAccountIds",
        "PrivacyConfiguration/Policies/TrainedModelInferenceJobs/ContainerLogs/AllowedAccountIds",
    ),
    # Whose root user may sign addresses of what is private.
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
    "AWS::CloudFront::Distribution": (
        "DistributionConfig/DefaultCacheBehavior/TrustedSigners",
        "DistributionConfig/CacheBehaviors/TrustedSigners",
    ),
    "AWS::CloudFront::StreamingDistribution": ("StreamingDistributionConfig/TrustedSigners/AwsAccountNumbers",),
    "AWS::CodeGuruProfiler::ProfilingGroup": ("AgentPermissions",),
    "AWS::Config::AggregationAuthorization": ("AuthorizedAccountId",),
    "AWS::Connect::DataLakeAssociation": ("TargetAccountId",),
    "AWS::DLM::LifecyclePolicy": ("PolicyDetails/Schedules/ShareRules/TargetAccounts",),
    "AWS::Detective::OrganizationAdmin": ("AccountId",),
    "AWS::EC2::NetworkInterfacePermission": ("AwsAccountId",),
    "AWS::EC2::VPCEndpointServicePermissions": ("AllowedPrincipals",),
    "AWS::EKS::AccessEntry": ("PrincipalArn",),
    "AWS::EntityResolution::PolicyStatement": ("Principal",),
    "AWS::GlobalAccelerator::CrossAccountAttachment": ("Principals",),
    "AWS::Glue::Catalog": ("CreateDatabaseDefaultPermissions/Principal", "CreateTableDefaultPermissions/Principal"),
    "AWS::Glue::Database": ("DatabaseInput/CreateTableDefaultPermissions/Principal",),
    "AWS::GuardDuty::Master": ("MasterId",),
    "AWS::ImageBuilder::DistributionConfiguration": (
        "Distributions/AmiDistributionConfiguration/LaunchPermissionConfiguration",
    ),
    "AWS::LakeFormation::DataLakeSettings": (
        "Admins",
        "CreateDatabaseDefaultPermissions/Principal",
        "CreateTableDefaultPermissions/Principal",
    ),
    "AWS::LakeFormation::Permissions": ("DataLakePrincipal",),
    "AWS::LakeFormation::PrincipalPermissions": ("Principal",),
    "AWS::LicenseManager::Grant": ("Principals",),
    "AWS::Lightsail::Bucket": ("ReadOnlyAccessAccounts",),
    "AWS::MediaConnect::FlowEntitlement": ("Subscribers",),
    "AWS::Oam::Link": ("SinkIdentifier",),
    "AWS::OpenSearchServerless::AccessPolicy": ("Policy",),
    "AWS::Proton::EnvironmentAccountConnection": ("ManagementAccountId",),
    "AWS::QBusiness::DataAccessor": ("Principal",),
    "AWS::QuickSight::ActionConnector": ("Permissions/Principal",),
    "AWS::QuickSight::Analysis": ("Permissions/Principal",),
    "AWS::QuickSight::Dashboard": ("Permissions/Principal",),
    "AWS::QuickSight::DataSet": ("Permissions/Principal",),
    "AWS::QuickSight::DataSource": ("Permissions/Principal",),
    "AWS::QuickSight::Flow": ("Permissions/Principal",),
    "AWS::QuickSight::Folder": ("Permissions/Principal",),
    "AWS::QuickSight::KnowledgeBase": ("Permissions/Principal",),
    "AWS::QuickSight::Space": ("Permissions/Principal",),
    "AWS::QuickSight::Template": ("Permissions/Principal",),
    "AWS::QuickSight::Theme": ("Permissions/Principal",),
    "AWS::QuickSight::Topic": ("Permissions/Principal",),
    "AWS::QuickSight::TopicV2": ("Permissions/Principal",),
    "AWS::RAM::PrincipalAssociation": ("Principal",),
    "AWS::RAM::ResourceShare": ("Principals",),
    "AWS::Redshift::EndpointAuthorization": ("Account",),
    "AWS::RolesAnywhere::TrustAnchor": ("Source/SourceData/AcmPcaArn",),
    "AWS::S3::AccessGrant": ("Grantee/GranteeIdentifier",),
    "AWS::SecurityHub::DelegatedAdmin": ("AdminAccountId",),
    "AWS::SecurityLake::Subscriber": ("SubscriberIdentity/Principal",),
    "AWS::ServiceCatalog::PortfolioShare": ("AccountId",),
}
#: The group of Lake Formation's that is the users and roles of the account itself, and words for a kind of grantee or
#: permission, which stand beside who it is; what a distribution calls its own account.
#: https://docs.aws.amazon.com/lake-formation/latest/dg/lf-permissions-reference.html
#: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_Grantee.html
_NOBODY_ELSE = ("IAM_ALLOWED_PRINCIPALS", "IAM", "DIRECTORY_USER", "DIRECTORY_GROUP", "Share", "self")
_ORGANIZATION = re.compile(r"(?<![\w-])o-[a-z0-9]{10,32}(?![\w-])")
#: An ARN with the account that it is of, or the beginning of one of a saml principal of OpenSearch Serverless.
_ARN = re.compile(r"\barn:[\w-]+:[\w-]+:[\w-]*:(?P<account>\d{12})?:|\bsaml/(?P<saml>\d{12})/")
_ACCOUNT = re.compile(r"\d{12}")
#: What the template makes itself, where it goes, and what the stacks beside it give. Anything else (a parameter, what a
#: macro makes) is for somebody else to say.
_OWN = ("attribute", "pseudo-parameter", "import")


def access_by_property(resolver: Resolver) -> Iterator[ExternalTemplate]:
    """
    What of a template lets in somebody of whom it does not say that they are of its own account.

    Args:
        resolver: of the template that has them.
    """
    environment = resolver.environment
    for logical_id, resource in environment.resources.items():
        type_ = str(resource.get("Type"))
        properties = environment.properties(logical_id)
        places = tuple(properties) if type_ == LETS_IN else LETTING_IN.get(type_, ())
        shown = "" if type_ == LETS_IN else f" ({type_})"
        for place in places:
            name = place.partition("/")[0]
            if name not in properties:
                continue
            known, is_open = _callers(tuple(values_at(resolver, properties, place)))
            if known or is_open:
                which = f"lets others in by itself{shown}"
                yield ExternalTemplate(f"{name} of {logical_id}", "", which, () if is_open else known, logical_id)


def _callers(values: tuple[Text, ...]) -> tuple[tuple[tuple[str, str], ...], bool]:
    """Accounts and organizations that are named, and whether there is somebody of whom not even that is known."""
    found: dict[tuple[str, str], None] = {}
    is_open = False
    for value in values:
        parts = (value,) if isinstance(value, str) else value.parts
        symbols = [part for part in parts if isinstance(part, Symbol)]
        text = str(value)
        named = [(ORGANIZATIONS, one) for one in _ORGANIZATION.findall(text)]
        if not named:
            arns = [match["account"] or match["saml"] or "" for match in _ARN.finditer(text)]
            named = [(ACCOUNTS, one) for one in (*arns, *_ACCOUNT.findall(text if not arns else "")) if one]
        found.update(dict.fromkeys(named))
        is_own = bool(symbols) or text in _NOBODY_ELSE
        is_open = is_open or (not named and not is_own) or any(symbol.kind not in _OWN for symbol in symbols)
    return tuple(found), is_open
