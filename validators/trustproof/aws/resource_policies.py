"""
Which service looks at a resource policy: it does so for its own actions, and nobody does for others.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""

from __future__ import annotations

#: Resource types to the prefixes of the actions that their policies are about, as a rule one; a type that is not here
#: is open. Those of domains are about their requests (``es``), of services of VPC Lattice about those to them.
CONSULTED_FOR = {
    "AWS::AIOps::InvestigationGroup": "aiops",
    "AWS::APS::ResourcePolicy": "aps",
    "AWS::ApiGateway::DomainNameV2": "execute-api",
    "AWS::ApiGateway::RestApi": "execute-api",
    "AWS::Backup::BackupVault": "backup",
    "AWS::Backup::LogicallyAirGappedBackupVault": "backup",
    "AWS::Bedrock::KnowledgeBasePolicy": "bedrock",
    "AWS::Bedrock::ResourcePolicy": "bedrock",
    "AWS::BedrockAgentCore::ResourcePolicy": "bedrock-agentcore",
    "AWS::CloudTrail::ResourcePolicy": "cloudtrail cloudtrail-data",
    "AWS::CodeArtifact::Domain": "codeartifact",
    "AWS::CodeArtifact::Repository": "codeartifact",
    "AWS::Comprehend::DocumentClassifier": "comprehend",
    "AWS::Comprehend::EntityRecognizer": "comprehend",
    "AWS::DSQL::Cluster": "dsql",
    "AWS::DynamoDB::GlobalTable": "dynamodb",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::ECR::PublicRepository": "ecr-public",
    "AWS::ECR::RegistryPolicy": "ecr",
    "AWS::ECR::Repository": "ecr",
    "AWS::ECR::RepositoryCreationTemplate": "ecr",
    "AWS::EFS::FileSystem": "elasticfilesystem",
    "AWS::Elasticsearch::Domain": "es",
    "AWS::EventSchemas::RegistryPolicy": "schemas",
    "AWS::Events::EventBus": "events",
    "AWS::Events::EventBusPolicy": "events",
    "AWS::EventsV2::ResourcePolicy": "events",
    "AWS::FSx::S3AccessPointAttachment": "s3",
    "AWS::KMS::Key": "kms",
    "AWS::KMS::ReplicaKey": "kms",
    "AWS::Kinesis::ResourcePolicy": "kinesis",
    "AWS::Lambda::ResourcePolicy": "lambda",
    "AWS::Lex::ResourcePolicy": "lex",
    "AWS::Logs::DeliveryDestination": "logs",
    "AWS::Logs::Destination": "logs",
    "AWS::Logs::LogGroup": "logs",
    "AWS::Logs::ResourcePolicy": "logs",
    "AWS::MSK::ClusterPolicy": "kafka kafka-cluster",
    "AWS::MediaPackageV2::ChannelPolicy": "mediapackagev2",
    "AWS::MediaPackageV2::OriginEndpointPolicy": "mediapackagev2",
    "AWS::MediaStore::Container": "mediastore",
    "AWS::MediaTailor::ChannelPolicy": "mediatailor",
    "AWS::OSIS::Pipeline": "osis",
    "AWS::Oam::Sink": "oam",
    "AWS::Omics::SequenceStore": "s3",
    "AWS::OpenSearchService::Domain": "es",
    "AWS::Organizations::ResourcePolicy": "organizations",
    "AWS::PaymentCryptography::Key": "payment-cryptography",
    "AWS::RUM::AppMonitor": "rum",
    "AWS::Redshift::Cluster": "redshift",
    "AWS::RedshiftServerless::Namespace": "redshift redshift-serverless",
    "AWS::S3::AccessPoint": "s3",
    "AWS::S3::BucketPolicy": "s3",
    "AWS::S3::MultiRegionAccessPointPolicy": "s3",
    "AWS::S3Express::AccessPoint": "s3express",
    "AWS::S3Express::BucketPolicy": "s3express",
    "AWS::S3Files::FileSystemPolicy": "s3files",
    "AWS::S3ObjectLambda::AccessPointPolicy": "s3-object-lambda",
    "AWS::S3Outposts::AccessPoint": "s3-outposts",
    "AWS::S3Outposts::BucketPolicy": "s3-outposts",
    "AWS::S3Tables::TableBucketPolicy": "s3tables",
    "AWS::S3Tables::TablePolicy": "s3tables",
    "AWS::S3Vectors::VectorBucketPolicy": "s3vectors",
    "AWS::SMSVOICE::ResourcePolicy": "sms-voice",
    "AWS::SNS::TopicInlinePolicy": "sns",
    "AWS::SNS::TopicPolicy": "sns",
    "AWS::SQS::QueueInlinePolicy": "sqs",
    "AWS::SQS::QueuePolicy": "sqs",
    "AWS::SSM::ResourcePolicy": "ssm",
    "AWS::SageMaker::ModelPackageGroup": "sagemaker",
    "AWS::SecretsManager::ResourcePolicy": "secretsmanager",
    "AWS::Serverless::Api": "execute-api",
    "AWS::VpcLattice::AuthPolicy": "vpc-lattice-svcs",
    "AWS::VpcLattice::ResourcePolicy": "vpc-lattice vpc-lattice-svcs",
    "AWS::XRay::ResourcePolicy": "xray",
    "Trustproof::ACMPCA::Policy": "acm-pca",
    "Trustproof::CloudSearch::AccessPolicy": "cloudsearch",
    "Trustproof::CodeBuild::ResourcePolicy": "codebuild",
    "Trustproof::Glacier::Vault": "glacier",
    "Trustproof::Glacier::VaultLock": "glacier",
    "Trustproof::Glue::ResourcePolicy": "glue",
    "Trustproof::NetworkFirewall::ResourcePolicy": "network-firewall",
    "Trustproof::RedshiftServerless::ResourcePolicy": "redshift redshift-serverless",
    "Trustproof::S3::AccessGrantsPolicy": "s3",
    "Trustproof::SES::EmailIdentityPolicy": "ses",
    "Trustproof::SES::IdentityPolicy": "ses",
}

#: Prefixes of the actions of services whose resources have no policies; of IAM, those of roles are about STS.
WITHOUT_RESOURCE_POLICIES = ("autoscaling", "cloudformation", "ec2", "elasticloadbalancing", "iam", "rds", "route53")

#: Types of policies, and of resources with a policy, to the service of the ARN of what they stand on, and what is
#: between the account and the name in it.
#: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
OWN_ARNS = {
    "AWS::Backup::BackupVault": ("backup", "backup-vault:"),
    "AWS::Backup::LogicallyAirGappedBackupVault": ("backup", "backup-vault:"),
    "AWS::Bedrock::KnowledgeBasePolicy": ("bedrock", "knowledge-base/"),
    "AWS::Bedrock::ResourcePolicy": ("bedrock", ""),
    "AWS::BedrockAgentCore::ResourcePolicy": ("bedrock-agentcore", ""),
    "AWS::CodeArtifact::Domain": ("codeartifact", "domain/"),
    "AWS::CodeArtifact::Repository": ("codeartifact", "repository/"),
    "AWS::Events::EventBusPolicy": ("events", "event-bus/"),
    "AWS::EventsV2::ResourcePolicy": ("events", ""),
    "AWS::Kinesis::ResourcePolicy": ("kinesis", "stream/"),
    "AWS::Lambda::LayerVersionPermission": ("lambda", "layer:"),
    "AWS::Lambda::Permission": ("lambda", "function:"),
    "AWS::S3Express::BucketPolicy": ("s3express", "bucket/"),
    "AWS::S3Tables::TableBucketPolicy": ("s3tables", "bucket/"),
    "AWS::S3Tables::TablePolicy": ("s3tables", "bucket/app/table/"),
    "AWS::S3Vectors::VectorBucketPolicy": ("s3vectors", "bucket/"),
    "AWS::SNS::TopicInlinePolicy": ("sns", ""),
    "AWS::SNS::TopicPolicy": ("sns", ""),
    "AWS::SQS::QueueInlinePolicy": ("sqs", ""),
    "AWS::SQS::QueuePolicy": ("sqs", ""),
    "AWS::SecretsManager::ResourcePolicy": ("secretsmanager", "secret:"),
    "AWS::VpcLattice::AuthPolicy": ("vpc-lattice", "service/"),
}

#: Types of policies, and of resources with a policy, to the property that says by its ARN what they stand on.
BY_ARN = {
    "AWS::APS::ResourcePolicy": "WorkspaceArn",
    "AWS::CloudTrail::ResourcePolicy": "ResourceArn",
    "AWS::Lex::ResourcePolicy": "ResourceArn",
    "AWS::MSK::ClusterPolicy": "ClusterArn",
    "AWS::S3Outposts::BucketPolicy": "Bucket",
    "AWS::S3Tables::TablePolicy": "TableARN",
    "AWS::S3Vectors::VectorBucketPolicy": "VectorBucketArn",
    "AWS::SMSVOICE::ResourcePolicy": "ResourceArn",
    "AWS::SSM::ResourcePolicy": "ResourceArn",
    "AWS::VpcLattice::ResourcePolicy": "ResourceArn",
}

#: Types likewise to the ARN of what they stand on, made of properties: the service, and what is behind the account.
BY_NAME = {
    "AWS::Comprehend::DocumentClassifier": ("comprehend", "document-classifier/{DocumentClassifierName}"),
    "AWS::EventSchemas::RegistryPolicy": ("schemas", "registry/{RegistryName}"),
    "AWS::FSx::S3AccessPointAttachment": ("s3", "accesspoint/{Name}"),
    "AWS::MediaPackageV2::ChannelPolicy": ("mediapackagev2", "channelGroup/{ChannelGroupName}/channel/{ChannelName}"),
    "AWS::MediaPackageV2::OriginEndpointPolicy": (
        "mediapackagev2",
        "channelGroup/{ChannelGroupName}/channel/{ChannelName}/originEndpoint/{OriginEndpointName}",
    ),
    "AWS::MediaTailor::ChannelPolicy": ("mediatailor", "channel/{ChannelName}"),
    "AWS::OSIS::Pipeline": ("osis", "pipeline/{PipelineName}"),
    "AWS::RUM::AppMonitor": ("rum", "appmonitor/{Name}"),
    "AWS::S3Express::BucketPolicy": ("s3express", "bucket/{Bucket}"),
    "AWS::S3Vectors::VectorBucketPolicy": ("s3vectors", "bucket/{VectorBucketName}"),
    "AWS::SageMaker::ModelPackageGroup": ("sagemaker", "model-package-group/{ModelPackageGroupName}"),
    "AWS::S3ObjectLambda::AccessPointPolicy": ("s3-object-lambda", "accesspoint/{ObjectLambdaAccessPoint}"),
}

#: What stands between the ARN of a resource and the name of what is in it (objects, methods, indexes, versions), by
#: service; of others a policy is about nothing else. Of an API all requests are to its methods.
INSIDE = {
    **dict.fromkeys(("dynamodb", "es", "execute-api", "mediastore", "s3", "s3-outposts"), "/"),
    **dict.fromkeys(("s3tables", "s3vectors", "vpc-lattice"), "/"),
    **dict.fromkeys(("lambda", "logs"), ":"),
}

#: Prefixes of the actions of the services whose resources resource control policies protect.
#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services
RESOURCE_CONTROLLED = frozenset(
    "aoss cognito-identity cognito-idp dynamodb ecr kms logs s3 secretsmanager sqs sts".split()
)
#: What they restrict nobody in, as of keys that AWS manages.
#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#actions-not-restricted-by-rcps
RESOURCE_UNCONTROLLED = ("kms:RetireGrant",)
