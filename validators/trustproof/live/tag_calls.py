"""
By which calls AWS tells the tags of resources: one row for a type.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """
    The call that tells the tags of a resource.
    """

    #: Of the actions of its service, as policies write them.
    prefix: str
    #: As boto3 calls it.
    service: str
    operation: str
    #: `Name=value` of each parameter, and `Name[]=value` of a list of one.
    parameters: tuple[str, ...]
    #: Where the tags stand in the answer.
    place: str
    #: Codes of errors that mean that there are none.
    absent: tuple[str, ...] = ()


#: Asked with a filter, for whatever EC2 has.
EC2 = "DescribeTags"
_OF_EC2 = """
    CustomerGateway DHCPOptions EIP FlowLog Instance InternetGateway KeyPair NatGateway NetworkAcl NetworkInterface
    PrefixList RouteTable SecurityGroup Subnet TransitGateway VPC VPCEndpoint Volume
"""


def _rows(table: str) -> dict[str, Row]:
    """The rows of a table: type, prefix, service and operation, parameters, place."""
    found: dict[str, Row] = {}
    words = table.split()
    for begin in range(0, len(words), 5):
        type_name, prefix, call, parameters, place = words[begin : begin + 5]
        service, _, asked = call.partition(".")
        operation, _, absent = asked.partition("/")
        given = () if parameters == "-" else tuple(parameters.split(","))
        found[f"AWS::{type_name}"] = Row(prefix, service, operation, given, place, (absent,) if absent else ())
    return found


#: `{id}` is the physical id, `{arn}` the ARN; after the operation may stand the code of the error that means none.
ROWS = _rows(
    """
    Athena::WorkGroup athena athena.ListTagsForResource ResourceARN={arn} Tags
    AutoScaling::AutoScalingGroup autoscaling autoscaling.DescribeAutoScalingGroups
        AutoScalingGroupNames[]={id} AutoScalingGroups[0].Tags
    Backup::BackupVault backup backup.ListTags ResourceArn={arn} Tags
    CloudWatch::Alarm cloudwatch cloudwatch.ListTagsForResource ResourceARN={arn} Tags
    CodeBuild::Project codebuild codebuild.BatchGetProjects names[]={id} projects[0].tags
    CodePipeline::Pipeline codepipeline codepipeline.ListTagsForResource resourceArn={arn} tags
    Cognito::IdentityPool cognito-identity cognito-identity.DescribeIdentityPool IdentityPoolId={id} IdentityPoolTags
    Cognito::UserPool cognito-idp cognito-idp.DescribeUserPool UserPoolId={id} UserPool.UserPoolTags
    DynamoDB::GlobalTable dynamodb dynamodb.ListTagsOfResource ResourceArn={arn} Tags
    DynamoDB::Table dynamodb dynamodb.ListTagsOfResource ResourceArn={arn} Tags
    ECR::Repository ecr ecr.ListTagsForResource resourceArn={arn} tags
    ECS::Cluster ecs ecs.ListTagsForResource resourceArn={arn} tags
    ECS::Service ecs ecs.ListTagsForResource resourceArn={id} tags
    ECS::TaskDefinition ecs ecs.ListTagsForResource resourceArn={id} tags
    EFS::AccessPoint elasticfilesystem efs.ListTagsForResource ResourceId={id} Tags
    EFS::FileSystem elasticfilesystem efs.ListTagsForResource ResourceId={id} Tags
    EKS::Cluster eks eks.DescribeCluster name={id} cluster.tags
    ElasticLoadBalancingV2::LoadBalancer elasticloadbalancing elbv2.DescribeTags
        ResourceArns[]={id} TagDescriptions[0].Tags
    ElasticLoadBalancingV2::TargetGroup elasticloadbalancing elbv2.DescribeTags
        ResourceArns[]={id} TagDescriptions[0].Tags
    Events::EventBus events events.ListTagsForResource ResourceARN={arn} Tags
    Events::Rule events events.ListTagsForResource ResourceARN={arn} Tags
    IAM::InstanceProfile iam iam.ListInstanceProfileTags InstanceProfileName={id} Tags
    IAM::ManagedPolicy iam iam.ListPolicyTags PolicyArn={id} Tags
    IAM::OIDCProvider iam iam.ListOpenIDConnectProviderTags OpenIDConnectProviderArn={id} Tags
    IAM::SAMLProvider iam iam.ListSAMLProviderTags SAMLProviderArn={id} Tags
    KMS::Key kms kms.ListResourceTags KeyId={id} Tags
    KMS::ReplicaKey kms kms.ListResourceTags KeyId={id} Tags
    Kinesis::Stream kinesis kinesis.ListTagsForStream StreamName={id} Tags
    Lambda::Function lambda lambda.ListTags Resource={arn} Tags
    Logs::LogGroup logs logs.ListTagsForResource resourceArn={arn} tags
    RDS::DBCluster rds rds.ListTagsForResource ResourceName={arn} TagList
    RDS::DBInstance rds rds.ListTagsForResource ResourceName={arn} TagList
    S3::Bucket s3 s3.GetBucketTagging/NoSuchTagSet Bucket={id} TagSet
    SNS::Topic sns sns.ListTagsForResource ResourceArn={id} Tags
    SQS::Queue sqs sqs.ListQueueTags QueueUrl={id} Tags
    SecretsManager::Secret secretsmanager secretsmanager.DescribeSecret SecretId={id} Tags
    SSM::Parameter ssm ssm.ListTagsForResource ResourceType=Parameter,ResourceId={id} TagList
    StepFunctions::StateMachine states stepfunctions.ListTagsForResource resourceArn={id} tags
    """
) | {f"AWS::EC2::{kind}": Row("ec2", "ec2", EC2, (), "Tags") for kind in _OF_EC2.split()}
