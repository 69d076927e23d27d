"""
How a deployed resource policy is read: for each type of CloudFormation the call of AWS that gives it.

One row for one type, and nowhere else. What a row fills in are properties of the resource by their names, and

* `id`: the physical id; `id0`, `id1`: its parts, where the type has several;
* `arn`: the ARN of the resource itself;
* `each`: an item of the property that lists what the policy stands on;
* `account`, `partition`, `region`: where the stack is;
* `function`, `qualifier`, `qualified`, `layer`, `version`, `bus`, `last`: parts of what names a function, a layer or
  a bus;
* `queue`, `api`, `point`, `namespace`: ARNs that follow from more than the physical id.

A type of the catalogue that is not here is in `NOT_READ`, with the reason.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: Service of boto3 to where its API reference has its operations.
PAGES = {
    service: f"https://docs.aws.amazon.com/{path}"
    for service, path in (
        line.split()
        for line in """
    acm-pca privateca/latest/APIReference/API_
    aiops cloudwatchinvestigations/latest/APIReference/API_
    amp prometheus/latest/APIReference/API_
    apigateway apigateway/latest/api/API_
    backup aws-backup/latest/devguide/API_
    bedrock bedrock/latest/APIReference/API_
    bedrock-agent bedrock/latest/APIReference/API_agent_
    bedrock-agentcore-control bedrock-agentcore-control/latest/APIReference/API_
    cloudtrail awscloudtrail/latest/APIReference/API_
    codeartifact codeartifact/latest/APIReference/API_
    comprehend comprehend/latest/APIReference/API_
    dsql aurora-dsql/latest/APIReference/API_
    dynamodb amazondynamodb/latest/APIReference/API_
    ec2 AWSEC2/latest/APIReference/API_
    ecr AmazonECR/latest/APIReference/API_
    ecr-public AmazonECRPublic/latest/APIReference/API_
    efs efs/latest/ug/API_
    es opensearch-service/latest/APIReference/API_
    eventbridgev2 eventbridgev2/latest/APIReference/API_
    events eventbridge/latest/APIReference/API_
    kafka msk/1.0/apireference/v1-clusters-clusterarn-policy.html#
    kinesis kinesis/latest/APIReference/API_
    kms kms/latest/APIReference/API_
    lambda lambda/latest/api/API_
    lexv2-models lexv2/latest/APIReference/API_
    logs AmazonCloudWatchLogs/latest/APIReference/API_
    mediapackagev2 mediapackage/latest/APIReference/API_
    mediastore mediastore/latest/apireference/API_
    mediatailor mediatailor/latest/apireference/API_
    oam OAM/latest/APIReference/API_
    omics omics/latest/api/API_
    opensearch opensearch-service/latest/APIReference/API_
    organizations organizations/latest/APIReference/API_
    osis opensearch-service/latest/APIReference/API_osis_
    payment-cryptography payment-cryptography/latest/APIReference/API_
    pinpoint-sms-voice-v2 pinpoint/latest/apireference_smsvoicev2/API_
    qbusiness amazonq/latest/api-reference/API_
    redshift redshift/latest/APIReference/API_
    redshift-serverless redshift-serverless/latest/APIReference/API_
    rum cloudwatchrum/latest/APIReference/API_
    s3 AmazonS3/latest/API/API_
    s3control AmazonS3/latest/API/API_control_
    s3files AmazonS3/latest/API/API_S3Files_
    s3tables AmazonS3/latest/API/API_s3Buckets_
    s3vectors AmazonS3/latest/API/API_S3VectorBuckets_
    sagemaker sagemaker/latest/APIReference/API_
    schemas eventbridge/latest/schema-reference/v1-policy.html#
    secretsmanager secretsmanager/latest/apireference/API_
    signer signer/latest/api/API_
    sns sns/latest/api/API_
    sqs AWSSimpleQueueService/latest/APIReference/API_
    ssm systems-manager/latest/APIReference/API_
    vpc-lattice vpc-lattice/latest/APIReference/API_
    xray xray/latest/api/API_
    """.strip().splitlines()
    )
}


class Row(NamedTuple):
    """
    The call that gives the policy.
    """

    #: What has the policy, in words.
    noun: str
    #: As boto3 calls it.
    service: str
    operation: str
    #: `Name=value` of each parameter, and `Name[]=value` of a list of one; one without a value is left out.
    parameters: tuple[str, ...]
    #: Where the text stands in the answer; of each item, where `items` says where these are.
    text: str
    #: Codes of errors that mean that there is no policy; `Code/word` where the message has to have that word.
    absent: tuple[str, ...] = ()
    #: The ARN that all requests are about which the policy decides; empty where it is about others as well.
    about: str = ""
    items: str = ""
    #: `member=value`: the items that count.
    where: str = ""
    #: The property that lists what the policy stands on.
    each: str = ""
    #: Whether a resource of the type is one statement among others, which other templates may make.
    part: bool = False
    #: The type whose properties the items of the answer have, where these are no policies.
    grant: str = ""
    #: The ARN that AWS writes into a statement that is made of properties; empty where both sides have `*`.
    own: str = ""
    #: The Region to ask in; empty for that of the stack.
    region: str = ""
    #: Texts of the policies that AWS gives to such a resource itself, where the template says none.
    defaults: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        """The page of AWS about the operation."""
        base = PAGES[self.service]
        return base if base.endswith("#") else f"{base}{self.operation}.html"


#: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
_KEY = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": '
    '"arn:PARTITION:iam::ACCOUNT:root"}, "Action": "kms:*", "Resource": "*"}}'
)
#: https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html; topics made earlier have `SNS:Receive` as well.
_TOPIC = (
    '{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ['
    '"SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission", '
    '"SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"%s], "Resource": "ARN", '
    '"Condition": {"StringEquals": {"AWS:SourceOwner": "ACCOUNT"}}}}'
)
#: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
_ENDPOINT = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}'

#: What the table calls them.
_DEFAULTS = {
    "endpoint": (_ENDPOINT,),
    "key": (_KEY,),
    "topic": (_TOPIC % "", _TOPIC % ', "SNS:Receive"'),
}


def _rows(table: str) -> dict[str, Row]:
    """
    The rows of a table.

    `Service::Type noun: service Operation Parameter={value} ... -> text`, where the place of the text is followed by
    the rest as `name=value`. Lines that are indented further belong to the row above them.
    """
    return dict(
        _row(*re.split(": | -> ", " ".join(row.split()), maxsplit=2))
        for row in re.split(r"\n    (?=\S)", table.strip())
    )


def _row(named: str, called: str, answer: str) -> tuple[str, Row]:
    type_, _, noun = named.partition(" ")
    service, operation, *parameters = called.split()
    text, *more = answer.split()
    told: dict[str, list[str]] = {}
    for word in more:
        name, _, value = word.partition("=")
        told.setdefault(name, []).append(value)
    row = Row(
        noun,
        service,
        operation,
        tuple(parameters),
        text,
        absent=tuple(told.pop("absent", ())),
        defaults=_DEFAULTS[told.pop("default")[0]] if "default" in told else (),
        part=bool(told.pop("part", ())),
        **{name: value for name, (value,) in told.items()},
    )
    return f"AWS::{type_}", row


ROWS = _rows("""
    ACMPCA::Permission certificate authority: acm-pca ListPermissions
        CertificateAuthorityArn={CertificateAuthorityArn}
        -> @ items=Permissions grant=AWS::ACMPCA::Permission part
    AIOps::InvestigationGroup investigation group: aiops GetInvestigationGroupPolicy identifier={id}
        -> policy absent=ResourceNotFoundException
    APS::ResourcePolicy workspace: amp DescribeResourcePolicy workspaceId={last}
        -> policyDocument absent=ResourceNotFoundException
    ApiGateway::DomainNameV2 domain name: apigateway GetDomainName domainName={DomainName} domainNameId={last}
        -> policy
    ApiGateway::RestApi API: apigateway GetRestApi restApiId={id}
        -> policy about={api}
    Backup::BackupVault backup vault: backup GetBackupVaultAccessPolicy BackupVaultName={id}
        -> Policy absent=ResourceNotFoundException
    Backup::LogicallyAirGappedBackupVault backup vault: backup GetBackupVaultAccessPolicy BackupVaultName={id}
        -> Policy absent=ResourceNotFoundException
    Bedrock::KnowledgeBasePolicy knowledge base: bedrock-agent GetResourcePolicy
        resourceArn=arn:{partition}:bedrock:{region}:{account}:knowledge-base/{KnowledgeBaseId}
        -> policy absent=ResourceNotFoundException
    Bedrock::ResourcePolicy resource of Bedrock: bedrock GetResourcePolicy resourceArn={ResourceArn}
        -> resourcePolicy absent=ResourceNotFoundException
    BedrockAgentCore::ResourcePolicy resource of AgentCore: bedrock-agentcore-control GetResourcePolicy
        resourceArn={ResourceArn}
        -> policy absent=ResourceNotFoundException
    CloudTrail::ResourcePolicy resource of CloudTrail: cloudtrail GetResourcePolicy ResourceArn={ResourceArn}
        -> ResourcePolicy absent=ResourcePolicyNotFoundException
    CodeArtifact::Domain domain: codeartifact GetDomainPermissionsPolicy domain={DomainName}
        -> policy.document absent=ResourceNotFoundException
    CodeArtifact::Repository repository: codeartifact GetRepositoryPermissionsPolicy domain={DomainName}
        repository={RepositoryName}
        -> policy.document absent=ResourceNotFoundException
    Comprehend::DocumentClassifier document classifier: comprehend DescribeResourcePolicy ResourceArn={id}
        -> ResourcePolicy absent=ResourceNotFoundException
    Comprehend::EntityRecognizer entity recognizer: comprehend DescribeResourcePolicy ResourceArn={id}
        -> ResourcePolicy absent=ResourceNotFoundException
    DSQL::Cluster cluster: dsql GetClusterPolicy identifier={id}
        -> policy absent=ResourceNotFoundException
    DynamoDB::GlobalTable table: dynamodb GetResourcePolicy
        ResourceArn=arn:{partition}:dynamodb:{region}:{account}:table/{id}
        -> Policy absent=PolicyNotFoundException about=arn:{partition}:dynamodb:{region}:{account}:table/{id}
    DynamoDB::Table table: dynamodb GetResourcePolicy ResourceArn={arn}
        -> Policy absent=PolicyNotFoundException about={arn}
    EC2::VPCEndpoint VPC endpoint: ec2 DescribeVpcEndpoints VpcEndpointIds[]={id}
        -> VpcEndpoints[0].PolicyDocument default=endpoint
    ECR::PublicRepository repository: ecr-public GetRepositoryPolicy repositoryName={id}
        -> policyText absent=RepositoryPolicyNotFoundException region=us-east-1
    ECR::RegistryPolicy registry: ecr GetRegistryPolicy
        -> policyText absent=RegistryPolicyNotFoundException
    ECR::Repository repository: ecr GetRepositoryPolicy repositoryName={id}
        -> policyText absent=RepositoryPolicyNotFoundException about={arn}
    ECR::RepositoryCreationTemplate repository creation template: ecr DescribeRepositoryCreationTemplates
        prefixes[]={Prefix}
        -> repositoryPolicy items=repositoryCreationTemplates where=prefix={Prefix}
    EFS::FileSystem file system: efs DescribeFileSystemPolicy FileSystemId={id}
        -> Policy absent=PolicyNotFound about={arn}
    Elasticsearch::Domain domain: es DescribeElasticsearchDomain DomainName={id}
        -> DomainStatus.AccessPolicies
    EventSchemas::RegistryPolicy schema registry: schemas GetResourcePolicy RegistryName={RegistryName}
        -> Policy absent=NotFoundException
    Events::EventBus event bus: events DescribeEventBus Name={bus}
        -> Policy absent=ResourceNotFoundException
    Events::EventBusPolicy event bus: events DescribeEventBus Name={bus}
        -> Policy absent=ResourceNotFoundException part
        own=arn:{partition}:events:{region}:{account}:event-bus/{bus}
    EventsV2::ResourcePolicy event bus: eventbridgev2 GetResourcePolicy ResourceArn={EventBusArn} PolicyName=default
        -> PolicyDocument absent=ResourceNotFoundException
    FSx::S3AccessPointAttachment access point: s3control GetAccessPointPolicy AccountId={account} Name={id}
        -> Policy absent=NoSuchAccessPointPolicy
    KMS::Key key: kms GetKeyPolicy KeyId={id} PolicyName=default
        -> Policy about={arn} default=key
    KMS::ReplicaKey key: kms GetKeyPolicy KeyId={id} PolicyName=default
        -> Policy about={arn} default=key
    Kinesis::ResourcePolicy stream: kinesis GetResourcePolicy ResourceARN={ResourceArn}
        -> Policy absent=ResourceNotFoundException about={ResourceArn}
    Kinesis::Stream stream: kinesis GetResourcePolicy ResourceARN={arn}
        -> Policy absent=ResourceNotFoundException about={arn}
    Lambda::Function function: lambda GetPolicy FunctionName={function} Qualifier={qualifier}
        -> Policy absent=ResourceNotFoundException about=arn:{partition}:lambda:{region}:{account}:function:{function}
    Lambda::Alias alias: lambda GetPolicy FunctionName={function} Qualifier={qualifier}
        -> Policy absent=ResourceNotFoundException about=arn:{partition}:lambda:{region}:{account}:function:{function}
    Lambda::LayerVersionPermission layer: lambda GetLayerVersionPolicy LayerName={layer} VersionNumber={version}
        -> Policy absent=ResourceNotFoundException about={LayerVersionArn} part
        own={LayerVersionArn}
    Lambda::Permission function: lambda GetPolicy FunctionName={function} Qualifier={qualifier}
        -> Policy absent=ResourceNotFoundException
        about=arn:{partition}:lambda:{region}:{account}:function:{function} part
        own=arn:{partition}:lambda:{region}:{account}:function:{qualified}
    Lambda::ResourcePolicy resource of Lambda: lambda GetResourcePolicy ResourceArn={ResourceArn}
        -> Policy absent=ResourceNotFoundException
    Lambda::Version version: lambda GetPolicy FunctionName={function} Qualifier={qualifier}
        -> Policy absent=ResourceNotFoundException about=arn:{partition}:lambda:{region}:{account}:function:{function}
    Lex::ResourcePolicy bot: lexv2-models DescribeResourcePolicy resourceArn={ResourceArn}
        -> policy absent=ResourceNotFoundException
    Logs::DeliveryDestination delivery destination: logs GetDeliveryDestinationPolicy deliveryDestinationName={id}
        -> policy.deliveryDestinationPolicy absent=ResourceNotFoundException
    Logs::Destination log destination: logs DescribeDestinations DestinationNamePrefix={DestinationName}
        -> accessPolicy items=destinations where=destinationName={DestinationName}
    Logs::LogGroup log group: logs DescribeResourcePolicies policyScope=RESOURCE resourceArn={arn}
        -> policyDocument items=resourcePolicies where=resourceArn={arn}
    Logs::ResourcePolicy logs policy: logs DescribeResourcePolicies
        -> policyDocument items=resourcePolicies where=policyName={PolicyName}
    MSK::ClusterPolicy cluster: kafka GetClusterPolicy ClusterArn={ClusterArn}
        -> Policy absent=NotFoundException
    MediaPackageV2::ChannelPolicy channel: mediapackagev2 GetChannelPolicy ChannelGroupName={ChannelGroupName}
        ChannelName={ChannelName}
        -> Policy absent=ResourceNotFoundException
    MediaPackageV2::OriginEndpointPolicy origin endpoint: mediapackagev2 GetOriginEndpointPolicy
        ChannelGroupName={ChannelGroupName} ChannelName={ChannelName} OriginEndpointName={OriginEndpointName}
        -> Policy absent=ResourceNotFoundException
    MediaStore::Container container: mediastore GetContainerPolicy ContainerName={ContainerName}
        -> Policy absent=PolicyNotFoundException
    MediaTailor::ChannelPolicy channel: mediatailor GetChannelPolicy ChannelName={ChannelName}
        -> Policy absent=NotFoundException
    OSIS::Pipeline pipeline: osis GetResourcePolicy ResourceArn={id}
        -> Policy absent=ResourceNotFoundException
    Oam::Sink sink: oam GetSinkPolicy SinkIdentifier={id}
        -> Policy absent=ResourceNotFoundException
    Omics::SequenceStore sequence store: omics GetS3AccessPolicy s3AccessPointArn={point}
        -> s3AccessPolicy absent=ResourceNotFoundException
    OpenSearchService::Domain domain: opensearch DescribeDomain DomainName={id}
        -> DomainStatus.AccessPolicies
    Organizations::ResourcePolicy organization: organizations DescribeResourcePolicy
        -> ResourcePolicy.Content absent=ResourcePolicyNotFoundException region=us-east-1
    PaymentCryptography::Key key: payment-cryptography GetResourcePolicy ResourceArn={id}
        -> Policy absent=ResourceNotFoundException
    QBusiness::Permission application: qbusiness GetPolicy applicationId={ApplicationId}
        -> policy absent=ResourceNotFoundException part
        own=arn:{partition}:qbusiness:{region}:{account}:application/{ApplicationId}
    RUM::AppMonitor app monitor: rum GetResourcePolicy Name={Name}
        -> PolicyDocument absent=PolicyNotFoundException absent=ResourceNotFoundException
    Redshift::Cluster cluster: redshift GetResourcePolicy ResourceArn={namespace}
        -> ResourcePolicy.Policy absent=ResourceNotFoundFault
    RedshiftServerless::Namespace namespace: redshift GetResourcePolicy ResourceArn={namespace}
        -> ResourcePolicy.Policy absent=ResourceNotFoundFault
    S3::AccessPoint access point: s3control GetAccessPointPolicy AccountId={account} Name={id}
        -> Policy absent=NoSuchAccessPointPolicy
    S3::Bucket bucket: s3 GetBucketPolicy Bucket={id}
        -> Policy absent=NoSuchBucketPolicy about=arn:{partition}:s3:::{id}
    S3::BucketPolicy bucket: s3 GetBucketPolicy Bucket={Bucket}
        -> Policy absent=NoSuchBucketPolicy about=arn:{partition}:s3:::{Bucket}
    S3::MultiRegionAccessPointPolicy multi-Region access point: s3control GetMultiRegionAccessPointPolicy
        AccountId={account} Name={MrapName}
        -> Policy.Established.Policy absent=NoSuchMultiRegionAccessPointPolicy region=us-west-2
    S3Express::AccessPoint access point: s3control GetAccessPointPolicy AccountId={account} Name={id}
        -> Policy absent=NoSuchAccessPointPolicy
    S3Express::BucketPolicy directory bucket: s3 GetBucketPolicy Bucket={Bucket}
        -> Policy absent=NoSuchBucketPolicy
    S3Files::FileSystemPolicy file system: s3files GetFileSystemPolicy fileSystemId={FileSystemId}
        -> policy absent=ResourceNotFoundException
    S3ObjectLambda::AccessPointPolicy Object Lambda access point: s3control GetAccessPointPolicyForObjectLambda
        AccountId={account} Name={ObjectLambdaAccessPoint}
        -> Policy absent=NoSuchAccessPointPolicy
    S3Outposts::AccessPoint access point: s3control GetAccessPointPolicy AccountId={account} Name={id}
        -> Policy absent=NoSuchAccessPointPolicy
    S3Outposts::BucketPolicy bucket on Outposts: s3control GetBucketPolicy AccountId={account} Bucket={Bucket}
        -> Policy absent=NoSuchBucketPolicy
    S3Tables::TableBucketPolicy table bucket: s3tables GetTableBucketPolicy tableBucketARN={TableBucketARN}
        -> resourcePolicy absent=NotFoundException
    S3Vectors::VectorBucketPolicy vector bucket: s3vectors GetVectorBucketPolicy vectorBucketArn={VectorBucketArn}
        vectorBucketName={VectorBucketName}
        -> policy absent=NotFoundException
    SMSVOICE::ResourcePolicy resource of SMS and voice: pinpoint-sms-voice-v2 GetResourcePolicy
        ResourceArn={ResourceArn}
        -> Policy absent=ResourceNotFoundException
    SNS::Topic topic: sns GetTopicAttributes TopicArn={id}
        -> Attributes.Policy about={id} default=topic
    SNS::TopicInlinePolicy topic: sns GetTopicAttributes TopicArn={TopicArn}
        -> Attributes.Policy about={TopicArn} default=topic
    SNS::TopicPolicy topic: sns GetTopicAttributes TopicArn={each}
        -> Attributes.Policy about={each} each=Topics default=topic
    SQS::Queue queue: sqs GetQueueAttributes QueueUrl={id} AttributeNames[]=Policy
        -> Attributes.Policy about={arn}
    SQS::QueueInlinePolicy queue: sqs GetQueueAttributes QueueUrl={Queue} AttributeNames[]=Policy
        -> Attributes.Policy about={queue}
    SQS::QueuePolicy queue: sqs GetQueueAttributes QueueUrl={each} AttributeNames[]=Policy
        -> Attributes.Policy about={queue} each=Queues
    SSM::ResourcePolicy resource of Systems Manager: ssm GetResourcePolicies ResourceArn={ResourceArn}
        -> Policy items=Policies where=PolicyId={id0}
    SageMaker::ModelPackageGroup model package group: sagemaker GetModelPackageGroupPolicy
        ModelPackageGroupName={ModelPackageGroupName}
        -> ResourcePolicy absent=ValidationException/Cannot
    SecretsManager::ResourcePolicy secret: secretsmanager GetResourcePolicy SecretId={SecretId}
        -> ResourcePolicy about={SecretId}
    SecretsManager::Secret secret: secretsmanager GetResourcePolicy SecretId={id}
        -> ResourcePolicy about={id}
    Signer::ProfilePermission signing profile: signer ListProfilePermissions profileName={ProfileName}
        -> @ absent=ResourceNotFoundException items=permissions grant=AWS::Signer::ProfilePermission part
    VpcLattice::AuthPolicy service: vpc-lattice GetAuthPolicy resourceIdentifier={ResourceIdentifier}
        -> policy absent=ResourceNotFoundException
    VpcLattice::ResourcePolicy resource of VPC Lattice: vpc-lattice GetResourcePolicy resourceArn={ResourceArn}
        -> policy absent=ResourceNotFoundException
    XRay::ResourcePolicy X-Ray policy: xray ListResourcePolicies
        -> PolicyDocument items=ResourcePolicies where=PolicyName={PolicyName}
""")

#: Types that decide who may do what, and of which what is deployed is not compared.
NOT_READ = {
    "AWS::IoT::Policy": "policies for certificates are another language",
    "AWS::RolesAnywhere::Profile": "session policies of IAM Roles Anywhere are not read",
    "AWS::RolesAnywhere::TrustAnchor": "trust anchors are not read",
    "AWS::S3Tables::TablePolicy": "AWS gives it only by the names of the table, which neither template nor stack has",
}
