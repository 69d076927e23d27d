"""
The resource types of Terraform that have to do with access, and what each of their arguments is to CloudFormation.

``data/resource_types.tsv`` has a line for each argument. Its names are those of the schema of version 6.62 of the
provider hashicorp/aws: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from trustproof.aws.published import managed_policy_names
from trustproof.inputs.terraform.types.types_of_aws import OF_AWS
from trustproof.inputs.terraform.values.values import Attribute

_FILE = Path(__file__).parents[1] / "data" / "resource_types.tsv"

#: Kinds of arguments whose value is a policy that is judged.
TRUST, IDENTITY, RESOURCE = "trust", "identity", "resource"
POLICIES = (TRUST, IDENTITY, RESOURCE)
_ENDPOINT = "endpoint"

#: How arguments are called that hold policies of IAM's language.
_LIKE_POLICY = re.compile(r"(?:^|_)policy(?:_document|_text|_json)?$")
#: Types with an argument of such a name that is no policy of IAM's, or names one of AWS's.
_UNLIKE = frozenset(
    f"aws_{name}"
    for name in (
        "batch_scheduling_policy cloudwatch_event_target cloudwatch_log_account_policy "
        "cloudwatch_log_data_protection_policy ecr_lifecycle_policy efs_file_system emr_cluster "
        "iot_policy_attachment lb_listener alb_listener networkfirewall_firewall_policy networkmanager_core_network "
        "networkmanager_core_network_policy_attachment opensearchserverless_access_policy "
        "opensearchserverless_lifecycle_policy opensearchserverless_security_policy route53_record "
        "securityhub_configuration_policy sns_topic_subscription sqs_queue_redrive_allow_policy "
        "sqs_queue_redrive_policy verifiedaccess_endpoint verifiedaccess_group"
    ).split()
)

#: How the types of policies and grants end that are put on another resource.
_PUT_ON = re.compile(r"_(?:policy|permission|grant|lock)$")
#: Arguments of these that never say on which one: what they are called, and how they are changed.
_NAMES_NOTHING = frozenset(
    "arn block_public_policy bypass_policy_lockout_safety_check complete_lock confirm_remove_self_resource_access "
    "count depends_on enable_hybrid for_each force_update id ignore_deletion_error owner owner_account policy_hash "
    "policy_name policy_revision revision_id statement_id statement_id_prefix tags tags_all timeouts".split()
)
#: By type, those that are what is granted, which a finding is about, or its name.
_ABOUT_THEMSELVES = {
    "aws_acmpca_permission": "actions policy principal source_account",
    "aws_cloudwatch_event_permission": "action condition principal",
    "aws_kms_grant": (
        "constraints grant_creation_tokens grant_id grant_token grantee_principal name operations retire_on_delete "
        "retiring_principal"
    ),
    "aws_lambda_layer_version_permission": "action organization_id policy principal skip_destroy",
    "aws_lambda_permission": (
        "action event_source_token function_url_auth_type invoked_via_function_url principal principal_org_id "
        "source_account source_arn"
    ),
    "aws_ses_identity_policy": "name",
    "aws_signer_signing_profile_permission": "action principal",
}

#: The resource that has the policy of another one, for policies that both of them show, with the argument that names
#: the latter.
POLICY_OF = {
    "aws_s3_bucket": ("aws_s3_bucket_policy", "bucket"),
    "aws_sns_topic": ("aws_sns_topic_policy", "arn"),
    "aws_sqs_queue": ("aws_sqs_queue_policy", "queue_url"),
    "aws_kms_key": ("aws_kms_key_policy", "key_id"),
    "aws_secretsmanager_secret": ("aws_secretsmanager_secret_policy", "secret_arn"),
    "aws_api_gateway_rest_api": ("aws_api_gateway_rest_api_policy", "rest_api_id"),
    "aws_elasticsearch_domain": ("aws_elasticsearch_domain_policy", "domain_name"),
    "aws_opensearch_domain": ("aws_opensearch_domain_policy", "domain_name"),
    "aws_s3_access_point": ("aws_s3control_access_point_policy", "access_point_arn"),
    "aws_glacier_vault": ("", ""),
}
#: The attributes by which such a resource is named.
NAMES = ("id", "arn", "bucket", "url", "key_id", "name", "domain_name")


class Argument(NamedTuple):
    """
    An argument of a resource type, and what it is lowered to.
    """

    #: ``policy``; ``inline_policy.policy`` is in a block.
    name: str
    #: `TRUST`, `IDENTITY`, `RESOURCE`, or what else it is.
    kind: str
    #: ``AWS::IAM::Role``; ``-`` for nothing.
    type: str
    #: ``Policies/*/PolicyDocument``.
    property: str
    #: What a policy stands on, where that is another resource: how it is named, and by which argument
    #: (``bucket=bucket``, ``arn=resource_arn``, ``ecr:repository/=repository``); ``-`` elsewhere.
    about: str
    #: Whether it is there, and unknown in a first plan, where nobody sets it.
    is_computed: bool


@cache
def table() -> Mapping[str, tuple[Argument, ...]]:
    """The arguments that have to do with access, by resource type."""
    found: dict[str, tuple[Argument, ...]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            type_, *columns = line.split("\t")
            name, kind, lowered, property_, about, note = columns
            argument = Argument(name, kind, lowered, property_, about, "computed" in note)
            found[type_] = (*found.get(type_, ()), argument)
    return found


def policies(type_: str) -> tuple[Argument, ...]:
    """The arguments of a resource type that hold a policy that is judged."""
    return tuple(argument for argument in table().get(type_, ()) if argument.kind in POLICIES)


def restricting(type_: str) -> tuple[str, ...]:
    """The arguments of a resource type with a policy that lets nobody in, and is not read: those of endpoints."""
    return tuple(one.name for one in table().get(type_, ()) if one.kind == _ENDPOINT)


def is_put_on(type_: str) -> bool:
    """Whether a resource type is that of a policy or grant, which is put on another resource."""
    return _PUT_ON.search(type_) is not None


def is_name_of(type_: str, argument: str) -> bool:
    """Whether an argument of a resource, data source, policy or grant says what the resource is called."""
    return argument in naming(type_)


@cache
def naming(type_: str) -> tuple[str, ...]:
    """
    How arguments of a type may be called that are its name: ``name``, or by words of the type, as ``bucket``,
    ``cluster_name`` and ``cluster_identifier``.
    """
    words = type_.split("_")[1:]
    parts = ["_".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)]
    return ("name", *(f"{part}{end}" for part in parts for end in ("", "_name", "_identifier")))


@cache
def names_nothing(type_: str) -> frozenset[str]:
    """The arguments of a policy or grant that do not say what it is put on."""
    of_policies = (one.name.partition(".") for one in policies(type_))
    said = {name for name, _, inner in of_policies if not inner}
    return _NAMES_NOTHING | said | set(_ABOUT_THEMSELVES.get(type_, "").split())


def required_arguments(type_: str) -> frozenset[str]:
    """The arguments with a policy that are only unknown where somebody sets them."""
    return frozenset(one.name.partition(".")[0] for one in policies(type_) if not one.is_computed)


def is_unread(type_: str) -> bool:
    """Whether a type of AWS's is none that is known here."""
    return type_ not in table() and type_ not in _UNLIKE and type_.startswith(OF_AWS)


def is_like_policy(name: str) -> bool:
    """Whether an argument is called like those that hold policies of IAM's language."""
    return _LIKE_POLICY.search(name) is not None


class Shape(NamedTuple):
    """
    What a resource is to CloudFormation that others refer to.
    """

    type: str
    #: Properties that make its name, to the arguments that they are.
    properties: Mapping[str, str]
    #: Attributes to what gives them: ``Ref``, an attribute of CloudFormation's, or an ARN of the account and Region
    #: that it is made in: ``events:rule/`` before what ``Ref`` gives, ``dynamodb:table/:/stream/`` around it and before
    #: what nobody knows.
    attributes: Mapping[str, str]


def _shapes(lines: str) -> dict[str, Shape]:
    """Shapes from lines of ``type CloudFormationType Property=argument,… attribute=function,…``."""
    found: dict[str, Shape] = {}
    for line in lines.strip().splitlines():
        type_, cloudformation, properties, attributes = line.split()
        name = cloudformation if cloudformation.startswith("Trustproof::") else f"AWS::{cloudformation}"
        found[type_] = Shape(name, _pairs(properties), _pairs(attributes))
    return found


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split(",")) if text != "-" else {}


#: Whose ARN is another one before version 3.0 of the provider.
LOG_GROUP = "aws_cloudwatch_log_group"
SHAPES = _shapes("""
    aws_iam_role IAM::Role RoleName=name,Path=path arn=Arn,name=Ref,id=Ref,unique_id=RoleId
    aws_iam_user IAM::User UserName=name,Path=path arn=Arn,name=Ref,id=Ref,unique_id=UserId
    aws_iam_group IAM::Group GroupName=name,Path=path arn=Arn,name=Ref,id=Ref
    aws_iam_policy IAM::ManagedPolicy ManagedPolicyName=name,Path=path arn=Ref,id=Ref
    aws_iam_instance_profile IAM::InstanceProfile InstanceProfileName=name,Path=path arn=Arn,name=Ref,id=Ref
    aws_iam_service_linked_role IAM::ServiceLinkedRole - arn=iam:role/aws-service-role/,id=iam:role/aws-service-role/
    aws_iam_openid_connect_provider IAM::OIDCProvider Url=url arn=Ref,id=Ref
    aws_iam_saml_provider IAM::SAMLProvider Name=name arn=Ref,id=Ref
    aws_s3_bucket S3::Bucket BucketName=bucket arn=Arn,bucket=Ref,id=Ref
    aws_s3_directory_bucket S3Express::DirectoryBucket BucketName=bucket arn=Arn,bucket=Ref,id=Ref
    aws_sns_topic SNS::Topic TopicName=name arn=Ref,id=Ref
    aws_sqs_queue SQS::Queue QueueName=name arn=Arn,id=Ref,url=Ref
    aws_lambda_function Lambda::Function FunctionName=function_name arn=Arn,function_name=Ref,id=Ref
    aws_dynamodb_table DynamoDB::Table TableName=name arn=Arn,name=Ref,id=Ref,stream_arn=dynamodb:table/:/stream/
    aws_kms_key KMS::Key MultiRegion=multi_region,Enabled=is_enabled arn=Arn,key_id=Ref,id=Ref
    aws_cloudwatch_event_bus Events::EventBus Name=name arn=Arn,name=Ref,id=Ref
    aws_kinesis_stream Kinesis::Stream Name=name arn=Arn,id=Arn,name=Ref
    aws_kinesis_firehose_delivery_stream KinesisFirehose::DeliveryStream DeliveryStreamName=name arn=Arn,id=Arn,name=Ref
    aws_sfn_state_machine StepFunctions::StateMachine StateMachineName=name arn=Ref,id=Ref
    aws_secretsmanager_secret SecretsManager::Secret Name=name arn=Ref,id=Ref
    aws_codebuild_project CodeBuild::Project Name=name arn=Arn,id=Arn,name=Ref
    aws_cloudtrail CloudTrail::Trail TrailName=name arn=Arn,id=Arn,name=Ref
    aws_organizations_organization Organizations::Organization - id=Ref,roots[0].id=RootId
    aws_ecr_repository ECR::Repository RepositoryName=name arn=Arn,name=Ref,id=Ref
    aws_ecs_cluster ECS::Cluster ClusterName=name arn=Arn,id=Arn,name=Ref
    aws_eks_cluster EKS::Cluster Name=name arn=Arn,name=Ref,id=Ref
    aws_efs_file_system EFS::FileSystem - arn=Arn,id=Ref
    aws_db_instance RDS::DBInstance DBInstanceIdentifier=identifier arn=DBInstanceArn,identifier=Ref
    aws_rds_cluster RDS::DBCluster DBClusterIdentifier=cluster_identifier arn=DBClusterArn,id=Ref
    aws_lb ElasticLoadBalancingV2::LoadBalancer - arn=Ref,id=Ref
    aws_alb ElasticLoadBalancingV2::LoadBalancer - arn=Ref,id=Ref
    aws_cloudwatch_log_group Logs::LogGroup LogGroupName=name arn=logs:log-group:,name=Ref,id=Ref
    aws_cloudwatch_log_resource_policy Logs::ResourcePolicy PolicyName=policy_name -
    aws_xray_resource_policy XRay::ResourcePolicy PolicyName=policy_name -
    aws_s3_access_point S3::AccessPoint Name=name arn=Arn,name=Ref
    aws_s3tables_table_bucket S3Tables::TableBucket TableBucketName=name arn=Ref
    aws_api_gateway_rest_api ApiGateway::RestApi Name=name execution_arn=execute-api:,id=Ref
    aws_opensearch_domain OpenSearchService::Domain DomainName=domain_name arn=Arn,domain_name=Ref
    aws_elasticsearch_domain Elasticsearch::Domain DomainName=domain_name arn=Arn
    aws_backup_vault Backup::BackupVault BackupVaultName=name arn=BackupVaultArn,name=Ref,id=Ref
    aws_msk_cluster MSK::Cluster ClientAuthentication=client_authentication arn=Ref,id=Ref
    aws_cloudwatch_event_rule Events::Rule - arn=Arn
    aws_cloudwatch_event_archive Events::Archive - arn=events:archive/
    aws_cloudwatch_metric_alarm CloudWatch::Alarm - arn=cloudwatch:alarm:
    aws_scheduler_schedule Scheduler::Schedule - arn=scheduler:schedule/
    aws_scheduler_schedule_group Scheduler::ScheduleGroup - arn=scheduler:schedule-group/
    aws_pipes_pipe Pipes::Pipe - arn=pipes:pipe/
    aws_api_gateway_stage ApiGateway::Stage - execution_arn=execute-api:
    aws_apigatewayv2_api ApiGatewayV2::Api - execution_arn=execute-api:,id=Ref
    aws_apigatewayv2_stage ApiGatewayV2::Stage - execution_arn=execute-api:
    aws_appsync_graphql_api AppSync::GraphQLApi - arn=appsync:apis/
    aws_iot_topic_rule IoT::TopicRule - arn=iot:rule/
    aws_cognito_user_pool Cognito::UserPool - arn=cognito-idp:userpool/,id=Ref
    aws_cognito_identity_pool Cognito::IdentityPool \
        AllowUnauthenticatedIdentities=allow_unauthenticated_identities,AllowClassicFlow=allow_classic_flow,\
CognitoIdentityProviders=cognito_identity_providers,DeveloperProviderName=developer_provider_name,\
OpenIdConnectProviderARNs=openid_connect_provider_arns,SamlProviderARNs=saml_provider_arns,\
SupportedLoginProviders=supported_login_providers \
        arn=cognito-identity:identitypool/,id=Ref
    aws_cloudfront_distribution CloudFront::Distribution - arn=cloudfront:distribution/,id=Ref
    aws_kinesis_stream_consumer Kinesis::StreamConsumer ConsumerName=name,StreamARN=stream_arn arn=Ref,id=Ref
    aws_codepipeline CodePipeline::Pipeline - arn=codepipeline:
    aws_codecommit_repository CodeCommit::Repository - arn=codecommit:
    aws_config_config_rule Config::ConfigRule - arn=config:config-rule/
    aws_ses_domain_identity SES::DomainIdentity - arn=ses:identity/
    aws_ses_email_identity SES::EmailIdentity - arn=ses:identity/
    aws_sesv2_email_identity SES::EmailIdentity - arn=ses:identity/
    aws_guardduty_detector GuardDuty::Detector - arn=guardduty:detector/
    aws_datasync_task DataSync::Task - arn=datasync:task/
    aws_transfer_server Transfer::Server - arn=transfer:server/
    aws_bedrockagent_agent Bedrock::Agent - agent_arn=bedrock:agent/
    aws_bedrockagent_knowledge_base Bedrock::KnowledgeBase - arn=bedrock:knowledge-base/
    aws_acm_certificate CertificateManager::Certificate - arn=acm:certificate/
    aws_instance EC2::Instance - arn=ec2:instance/
    aws_ssoadmin_permission_set SSO::PermissionSet Name=name arn=Ref,id=Ref
    aws_glacier_vault Trustproof::Glacier::Vault VaultName=name arn=Arn,name=Ref,id=Ref
    aws_codeartifact_domain CodeArtifact::Domain DomainName=domain arn=Ref,id=Ref
    aws_codeartifact_repository CodeArtifact::Repository - arn=codeartifact:repository/
    aws_media_store_container MediaStore::Container ContainerName=name arn=mediastore:container/,name=Ref,id=Ref
    aws_cloudwatch_log_destination Logs::Destination DestinationName=name arn=Arn,name=Ref,id=Ref
    aws_schemas_registry EventSchemas::Registry RegistryName=name arn=Ref
    aws_oam_sink Oam::Sink - arn=oam:sink/,id=oam:sink/
    aws_sagemaker_model_package_group SageMaker::ModelPackageGroup - arn=sagemaker:model-package-group/,id=Ref
    aws_networkfirewall_rule_group NetworkFirewall::RuleGroup - arn=network-firewall:,id=network-firewall:
    aws_networkfirewall_firewall_policy NetworkFirewall::FirewallPolicy - arn=network-firewall:firewall-policy/
    aws_vpclattice_service VpcLattice::Service AuthType=auth_type arn=Arn,id=Id
    aws_vpclattice_service_network VpcLattice::ServiceNetwork AuthType=auth_type arn=Arn,id=Id
    aws_neptune_cluster Neptune::DBCluster IamAuthEnabled=iam_database_authentication_enabled id=Ref
    aws_dsql_cluster DSQL::Cluster - arn=dsql:cluster/,identifier=Ref
""")


def path_of_aws(name: str) -> str:
    """The path and name of the managed policy of AWS that is called so; empty where there is none."""
    return next((found for found in managed_policy_names() if found.rpartition("/")[2] == name), "")


def access_identity(type_: str, attribute: Attribute) -> object | None:
    """
    The ARN that a bucket policy names an origin access identity by, of which only the end is not known; None for any
    other attribute.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudfront_origin_access_identity
    """
    if type_ != "aws_cloudfront_origin_access_identity" or attribute.name != "iam_arn":
        return None
    head = ["arn:", {"Ref": "AWS::Partition"}, ":iam::cloudfront:user/CloudFront Origin Access Identity "]
    return {"Fn::Join": ["", [*head, {"Ref": f"{attribute.shown.removesuffix('iam_arn')}id"}]]}


def may_grant(type_: str, arguments: Iterable[str]) -> bool:
    """
    Whether it may matter for access how many there are of a resource: of a route or a subnet it does not.

    Args:
        arguments: the names of its arguments and blocks.
    """
    return type_ in table() or type_ in SHAPES or is_put_on(type_) or any(map(is_like_policy, arguments))
