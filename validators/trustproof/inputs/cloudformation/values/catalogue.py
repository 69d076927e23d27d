"""
Where CloudFormation resource types hold policy documents.

Left out on purpose are the types of `unknown_types.LEFT_UNREAD`, which has the reasons. Service and resource control
policies (``AWS::Organizations::Policy``) have a reader of their own, and of ``AWS::RolesAnywhere::Profile`` the role
decides, whose documents are read.

Types that begin with ``Trustproof::`` are no types of CloudFormation: other languages have them.

Look-alikes that are no IAM documents at all: ECR ``LifecyclePolicy``, Logs ``DataProtectionPolicy`` and
``AccountPolicy``, SNS ``DeliveryPolicy``, ``FilterPolicy`` and ``RedrivePolicy``, NetworkManager ``CoreNetwork``,
NetworkFirewall, Verified Access and Verified Permissions (Cedar), OpenSearchServerless, EKS ``AccessEntry``,
IoTSiteWise, Config ``PolicyText``.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping

#: Steps from the properties to a document; ``*`` is every item of a list.
Place = tuple[str, ...]

ROLE = "AWS::IAM::Role"
USER = "AWS::IAM::User"
GROUP = "AWS::IAM::Group"
MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
MEMBERSHIP = "AWS::IAM::UserToGroupAddition"
#: What a user signs in with; CloudFormation writes a password at the user, Terraform has a resource for it.
ACCESS_KEY, LOGIN_PROFILE = "AWS::IAM::AccessKey", "Trustproof::IAM::LoginProfile"

#: Entities to what `Holder.kind` calls them.
ENTITIES = {USER: "user", GROUP: "group", ROLE: "role"}

#: Policies of their own, to the properties that name who has them, by kind of holder.
ATTACHED: dict[str, dict[str, str]] = {
    "AWS::IAM::Policy": {"Users": "user", "Groups": "group", "Roles": "role"},
    MANAGED_POLICY: {"Users": "user", "Groups": "group", "Roles": "role"},
    "AWS::IAM::UserPolicy": {"UserName": "user"},
    "AWS::IAM::GroupPolicy": {"GroupName": "group"},
    "AWS::IAM::RolePolicy": {"RoleName": "role"},
    # Terraform has resources of their own for what CloudFormation writes at the holder.
    "Trustproof::SSO::InlinePolicy": {"PermissionSet": "permission set"},
}
#: Managed policies by their ARNs, for holders that need not be declared: a resource of Terraform's, and no document.
ATTACHMENT = "Trustproof::IAM::Attachment"
#: Beside ``Type``: what says who gets what, of a resource of Terraform's that gives access without a policy.
GIVES = "Trustproof::Gives"
#: Beside ``Type``: the ARN of what the policies of a resource stand on, where that is not the resource itself.
STANDS_ON_ARN = "Trustproof::StandsOn"
#: Likewise: what names that, where its ARN is not known.
STANDS_ON_NAMED = "Trustproof::StandsOnNamed"
#: Likewise: all that a resource of Terraform's is told which is nothing but a policy, and may say what that is put on.
PUT_ON = "Trustproof::PutOn"
#: Likewise: by the addresses of what such a policy or a key is called by, the names that these are given.
CALLED = "Trustproof::Called"
#: Likewise, of a bucket: that the settings around it which count are those of its account.
KEPT_BY_ACCOUNT = "Trustproof::KeptByAccount"
#: Likewise, of a control policy: the id and name that it had before, none where it is made anew.
KNOWN_AS = "Trustproof::KnownAs"
#: Likewise, of any resource: that it was there before the plan, or is, as a state says.
EXISTED = "Trustproof::Existed"
#: Of a template: what it has all of, so that what others give is taken away (`exclusive_claims`).
EXCLUSIVE = "Trustproof::Exclusive"
#: Likewise: what a plan changes for others (`model.outward_changes`).
OUTWARD = "Trustproof::Outward"
#: Of a StackSet: what stacks of it are passed by resources of their own, one list for each, beside which there may be
#: stacks that nobody says.
STACKS_BESIDE = "Trustproof::StacksBeside"
#: Of a template whose resources may have been there before: what it says of the buckets of its account.
AROUND_BUCKETS = "Trustproof::AroundBuckets"
#: Beside ``Type``: the Region of a resource, where that is not the template's.
REGION = "Trustproof::Region"

PERMISSION_SET = "AWS::SSO::PermissionSet"
#: One that is declared elsewhere, of which only is known what is attached to it here.
NAMED_PERMISSION_SET = "Trustproof::SSO::PermissionSet"
#: Who has a permission set in an account.
ACCOUNT_ASSIGNMENT = "AWS::SSO::Assignment"
#: Types that say how long sessions last, roles aside.
SESSIONS = (PERMISSION_SET, "AWS::RolesAnywhere::Profile")
ELASTIC_IP = "AWS::EC2::EIP"
#: Its account becomes the management account: the organization is that of whoever deploys the template.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-organizations-organization.html
ORGANIZATION = "AWS::Organizations::Organization"
#: Types that give managed policies to sessions of roles, to the property that names these policies.
SESSION_POLICIES = {"AWS::RolesAnywhere::Profile": "ManagedPolicyArns"}

#: Everything that holds identity policies of its own, to what `Holder.kind` calls it.
HOLDERS = {**ENTITIES, PERMISSION_SET: "permission set", NAMED_PERMISSION_SET: "permission set"}

#: The property of a resource that is in several Regions, each with a policy of its own.
REPLICAS = "Replicas"
BUCKET_POLICY = "AWS::S3::BucketPolicy"
ACCESS_POINT = "AWS::S3::AccessPoint"
MRAP_POLICY = "AWS::S3::MultiRegionAccessPointPolicy"
SECRET_POLICY = "AWS::SecretsManager::ResourcePolicy"
#: What stands on the default event bus, unless it names another one.
BUS_POLICY = "AWS::Events::EventBusPolicy"
#: Types of policies, and of resources whose ARN no function gives, to the property that says what they stand on.
STANDS_ON = {
    "AWS::Backup::BackupVault": "BackupVaultName",
    "AWS::Backup::LogicallyAirGappedBackupVault": "BackupVaultName",
    "AWS::Bedrock::KnowledgeBasePolicy": "KnowledgeBaseId",
    "AWS::Bedrock::ResourcePolicy": "ResourceArn",
    "AWS::BedrockAgentCore::ResourcePolicy": "ResourceArn",
    "AWS::CodeArtifact::Domain": "DomainName",
    "AWS::CodeArtifact::Repository": "RepositoryName",
    BUS_POLICY: "EventBusName",
    "AWS::EventsV2::ResourcePolicy": "EventBusArn",
    "AWS::Kinesis::ResourcePolicy": "ResourceArn",
    "AWS::Lambda::LayerVersionPermission": "LayerVersionArn",
    "AWS::Lambda::Permission": "FunctionName",
    "AWS::S3Express::BucketPolicy": "Bucket",
    "AWS::S3Tables::TableBucketPolicy": "TableBucketARN",
    "AWS::S3Tables::TablePolicy": "TableARN",
    "AWS::S3Vectors::VectorBucketPolicy": "VectorBucketArn",
    "AWS::SNS::TopicInlinePolicy": "TopicArn",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueueInlinePolicy": "Queue",
    "AWS::SQS::QueuePolicy": "Queues",
    SECRET_POLICY: "SecretId",
    "AWS::VpcLattice::AuthPolicy": "ResourceIdentifier",
}
#: Types to the properties that decide what a policy on one of them does, which may stand in another stack.
AROUND = {
    "AWS::S3::Bucket": ("PublicAccessBlockConfiguration", "WebsiteConfiguration"),
    "AWS::SecretsManager::Secret": ("Name", "ReplicaRegions"),
    "AWS::SecretsManager::SecretTargetAttachment": ("SecretId",),
}
#: Types to the property, and what is in it, that puts a resource into a VPC:
#: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/vpc.html
IN_A_VPC = {
    ACCESS_POINT: ("VpcConfiguration", "VpcId"),
    "AWS::Elasticsearch::Domain": ("VPCOptions", "SubnetIds"),
    "AWS::OpenSearchService::Domain": ("VPCOptions", "SubnetIds"),
}
#: The types that have something around their policies that counts.
SURROUNDED = (BUCKET_POLICY, MRAP_POLICY, SECRET_POLICY, *IN_A_VPC)


def _places(table: str) -> dict[str, tuple[Place, ...]]:
    """Type and paths from lines of ``Service::Type Path/To/Document ...``."""
    found: dict[str, tuple[Place, ...]] = {}
    for line in table.strip().splitlines():
        name, *paths = line.split()
        type_ = name if name.startswith("Trustproof::") else f"AWS::{name}"
        found[type_] = found.get(type_, ()) + tuple(tuple(path.split("/")) for path in paths)
    return found


RESOURCE_POLICIES = _places("""
    APS::ResourcePolicy PolicyDocument
    AIOps::InvestigationGroup InvestigationGroupPolicy
    ApiGateway::RestApi Policy
    ApiGateway::DomainNameV2 Policy
    Backup::BackupVault AccessPolicy
    Backup::LogicallyAirGappedBackupVault AccessPolicy
    Bedrock::KnowledgeBasePolicy PolicyDocument
    Bedrock::ResourcePolicy PolicyDocument
    BedrockAgentCore::ResourcePolicy Policy
    CloudTrail::ResourcePolicy ResourcePolicy
    CodeArtifact::Domain PermissionsPolicyDocument
    CodeArtifact::Repository PermissionsPolicyDocument
    Comprehend::DocumentClassifier ModelPolicy
    Comprehend::EntityRecognizer ModelPolicy
    DSQL::Cluster PolicyDocument
    DynamoDB::Table ResourcePolicy/PolicyDocument StreamSpecification/ResourcePolicy/PolicyDocument
    DynamoDB::GlobalTable Replicas/*/ResourcePolicy/PolicyDocument
    DynamoDB::GlobalTable Replicas/*/ReplicaStreamSpecification/ResourcePolicy/PolicyDocument
    ECR::PublicRepository RepositoryPolicyText
    ECR::RegistryPolicy PolicyText
    ECR::Repository RepositoryPolicyText
    ECR::RepositoryCreationTemplate RepositoryPolicy
    EFS::FileSystem FileSystemPolicy
    Elasticsearch::Domain AccessPolicies
    EventSchemas::RegistryPolicy Policy
    Events::EventBus Policy
    EventsV2::ResourcePolicy PolicyDocument
    FSx::S3AccessPointAttachment S3AccessPoint/Policy
    KMS::Key KeyPolicy
    KMS::ReplicaKey KeyPolicy
    Kinesis::ResourcePolicy ResourcePolicy
    Lambda::ResourcePolicy PolicyDocument
    Lex::ResourcePolicy Policy
    Logs::DeliveryDestination DeliveryDestinationPolicy
    Logs::Destination DestinationPolicy
    Logs::LogGroup ResourcePolicyDocument
    Logs::ResourcePolicy PolicyDocument
    MSK::ClusterPolicy Policy
    MediaPackageV2::ChannelPolicy Policy
    MediaPackageV2::OriginEndpointPolicy Policy
    MediaStore::Container Policy
    MediaTailor::ChannelPolicy Policy
    OSIS::Pipeline ResourcePolicy/Policy
    Oam::Sink Policy
    Omics::SequenceStore S3AccessPolicy
    OpenSearchService::Domain AccessPolicies
    Organizations::ResourcePolicy Content
    PaymentCryptography::Key Policy
    RUM::AppMonitor ResourcePolicy/PolicyDocument
    Redshift::Cluster NamespaceResourcePolicy
    RedshiftServerless::Namespace NamespaceResourcePolicy
    S3::AccessPoint Policy
    S3::BucketPolicy PolicyDocument
    S3::MultiRegionAccessPointPolicy Policy
    S3Express::AccessPoint Policy
    S3Express::BucketPolicy PolicyDocument
    S3Files::FileSystemPolicy Policy
    S3ObjectLambda::AccessPointPolicy PolicyDocument
    S3Outposts::AccessPoint Policy
    S3Outposts::BucketPolicy PolicyDocument
    S3Tables::TableBucketPolicy ResourcePolicy
    S3Tables::TablePolicy ResourcePolicy
    S3Vectors::VectorBucketPolicy Policy
    SMSVOICE::ResourcePolicy PolicyDocument
    SNS::TopicInlinePolicy PolicyDocument
    SNS::TopicPolicy PolicyDocument
    SQS::QueueInlinePolicy PolicyDocument
    SQS::QueuePolicy PolicyDocument
    SSM::ResourcePolicy Policy
    SageMaker::ModelPackageGroup ModelPackageGroupPolicy
    SecretsManager::ResourcePolicy ResourcePolicy
    VpcLattice::AuthPolicy Policy
    VpcLattice::ResourcePolicy Policy
    XRay::ResourcePolicy PolicyDocument
    Trustproof::ACMPCA::Policy Policy
    Trustproof::CloudSearch::AccessPolicy Policy
    Trustproof::CodeBuild::ResourcePolicy Policy
    Trustproof::Glacier::Vault Policy
    Trustproof::Glacier::VaultLock Policy
    Trustproof::Glue::ResourcePolicy Policy
    Trustproof::NetworkFirewall::ResourcePolicy Policy
    Trustproof::RedshiftServerless::ResourcePolicy Policy
    Trustproof::S3::AccessGrantsPolicy Policy
    Trustproof::SES::EmailIdentityPolicy Policy
    Trustproof::SES::IdentityPolicy Policy
""")


NESTED_STACK = "AWS::CloudFormation::Stack"

STACK_SET = "AWS::CloudFormation::StackSet"

#: SAM makes a nested stack of it.
APPLICATION = "AWS::Serverless::Application"

CATALOGUE_PRODUCT = "AWS::ServiceCatalog::CloudFormationProduct"

#: The property that holds a template inside another one.
TEMPLATE_BODY = "TemplateBody"

#: Types of SAM that get a role of their own, to the service that assumes the role.
ROLE_MAKERS = {
    "AWS::Serverless::Function": "lambda.amazonaws.com",
    "AWS::Serverless::StateMachine": "states.amazonaws.com",
}
SERVERLESS_API = "AWS::Serverless::Api"


def resource_policies(type_: str, properties: Mapping[str, object]) -> tuple[Place, ...]:
    """
    Where a resource has policies. An empty text is none of an API's, as the Serverless Framework writes it for each
    that has no policy, by what AWS says of it: https://github.com/serverless/serverless/pull/7212
    """
    if type_ == "AWS::ApiGateway::RestApi" and properties.get("Policy") == "":
        return ()
    return RESOURCE_POLICIES.get(type_, ())


def generated_role(logical_id: str) -> str:
    """Logical id of the role that SAM makes for a function or state machine."""
    return f"{logical_id}Role"


def is_about_holders(type_: str) -> bool:
    """Whether resources of a type are users, groups, roles or what these hold, or say who belongs to which."""
    more = (MEMBERSHIP, ATTACHMENT, ACCESS_KEY, LOGIN_PROFILE, *SESSION_POLICIES)
    return any(type_ in types for types in (HOLDERS, ATTACHED, ROLE_MAKERS, more))


#: What a reader of another language says of a source: the properties ``Service``, ``Target`` and ``Name``, and where it
#: is known ``SourceArn``, and ``Reference`` and ``Suffix``, which are how the language writes that.
SOURCE = "Trustproof::Source"
#: The service of one that only says that others, which are not known, may come to its target too: to any bucket, where
#: it has none.
FURTHER = ""
#: The service of one that says that something is told the role that is its target, or keeps it for others.
TELLS = "told"
#: How types begin that tell nobody a role: they say what it may do, who it is to others, or pass it on by name.
GRANTS = (
    "AWS::Cognito::",
    "AWS::EKS::AccessEntry",
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::LakeFormation::",
    "AWS::Lambda::LayerVersionPermission",
    "AWS::Lambda::Permission",
    "AWS::Organizations::",
    "AWS::RAM::",
    "AWS::SSO::",
    SOURCE,
)
