"""
Which service looks at a resource policy: it does so for its own actions, and nobody does for others.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""

from __future__ import annotations

#: Resource types to the prefixes of the actions that their policies are about, as a rule one; a type that is not here
#: is open.
CONSULTED_FOR = {
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
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::DynamoDB::GlobalTable": "dynamodb",
    "AWS::ECR::PublicRepository": "ecr-public",
    "AWS::ECR::Repository": "ecr",
    "AWS::EFS::FileSystem": "elasticfilesystem",
    "AWS::Elasticsearch::Domain": "es",
    "AWS::Events::EventBus": "events",
    "AWS::Events::EventBusPolicy": "events",
    "AWS::EventsV2::ResourcePolicy": "events",
    "AWS::KMS::Key": "kms",
    "AWS::KMS::ReplicaKey": "kms",
    "AWS::Kinesis::ResourcePolicy": "kinesis",
    "AWS::Omics::SequenceStore": "s3",
    "AWS::OpenSearchService::Domain": "es",
    "AWS::PaymentCryptography::Key": "payment-cryptography",
    "AWS::S3::AccessPoint": "s3",
    "AWS::S3::BucketPolicy": "s3",
    "AWS::S3::MultiRegionAccessPointPolicy": "s3",
    "AWS::SNS::TopicInlinePolicy": "sns",
    "AWS::SNS::TopicPolicy": "sns",
    "AWS::SQS::QueueInlinePolicy": "sqs",
    "AWS::SQS::QueuePolicy": "sqs",
    "AWS::SecretsManager::ResourcePolicy": "secretsmanager",
    "AWS::Serverless::Api": "execute-api",
    "AWS::XRay::ResourcePolicy": "xray",
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
