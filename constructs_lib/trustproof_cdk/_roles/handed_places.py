"""
Where resources are handed the roles that their services assume.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

from __future__ import annotations

from typing import NamedTuple

#: Type of resource, where it is handed roles (`*` is each of a list), and the service that assumes them.
_TABLE = """
    ApiGateway::Account CloudWatchRoleArn apigateway
    ApiGateway::Authorizer AuthorizerCredentials apigateway
    ApiGateway::Method Integration.Credentials apigateway
    ApiGatewayV2::Integration CredentialsArn apigateway
    AppRunner::Service InstanceConfiguration.InstanceRoleArn tasks.apprunner
    AppRunner::Service SourceConfiguration.AuthenticationConfiguration.AccessRoleArn build.apprunner
    AppSync::DataSource ServiceRoleArn appsync
    AppSync::GraphQLApi LogConfig.CloudWatchLogsRoleArn appsync
    AutoScaling::LifecycleHook RoleARN autoscaling
    Backup::BackupSelection BackupSelection.IamRoleArn backup
    Batch::ComputeEnvironment ServiceRole batch
    Batch::JobDefinition ContainerProperties.ExecutionRoleArn ecs-tasks
    Batch::JobDefinition ContainerProperties.JobRoleArn ecs-tasks
    Bedrock::Agent AgentResourceRoleArn bedrock
    Budgets::BudgetsAction ExecutionRoleArn budgets
    Chatbot::SlackChannelConfiguration IamRoleArn chatbot
    CloudFormation::StackSet AdministrationRoleARN cloudformation
    CloudTrail::Trail CloudWatchLogsRoleArn cloudtrail
    CodeBuild::Project ServiceRole codebuild
    CodeDeploy::DeploymentGroup ServiceRoleArn codedeploy
    CodePipeline::Pipeline RoleArn codepipeline
    Cognito::UserPool SmsConfiguration.SnsCallerArn cognito-idp
    Config::ConfigurationRecorder RoleARN config
    DataSync::LocationS3 S3Config.BucketAccessRoleArn datasync
    DLM::LifecyclePolicy ExecutionRoleArn dlm
    EC2::FlowLog DeliverLogsPermissionArn vpc-flow-logs
    ECS::TaskDefinition ExecutionRoleArn ecs-tasks
    ECS::TaskDefinition TaskRoleArn ecs-tasks
    EKS::Addon PodIdentityAssociations.*.RoleArn pods.eks
    EKS::Cluster RoleArn eks
    EKS::FargateProfile PodExecutionRoleArn eks-fargate-pods
    EKS::Nodegroup NodeRole ec2
    EKS::PodIdentityAssociation RoleArn pods.eks
    EMR::Cluster ServiceRole elasticmapreduce
    Events::Endpoint RoleArn events
    Events::Rule Targets.*.RoleArn events
    FIS::ExperimentTemplate RoleArn fis
    Glue::Crawler Role glue
    Glue::Job Role glue
    Grafana::Workspace RoleArn grafana
    IAM::InstanceProfile Roles.* ec2
    IoT::RoleAlias RoleArn credentials.iot
    KinesisAnalyticsV2::Application ServiceExecutionRole kinesisanalytics
    KinesisFirehose::DeliveryStream ExtendedS3DestinationConfiguration.RoleARN firehose
    KinesisFirehose::DeliveryStream KinesisStreamSourceConfiguration.RoleARN firehose
    KinesisFirehose::DeliveryStream S3DestinationConfiguration.RoleARN firehose
    Lambda::Function Role lambda
    Logs::SubscriptionFilter RoleArn logs
    Pipes::Pipe RoleArn pipes
    RDS::DBCluster AssociatedRoles.*.RoleArn rds
    RDS::DBCluster MonitoringRoleArn monitoring.rds
    RDS::DBInstance AssociatedRoles.*.RoleArn rds
    RDS::DBInstance MonitoringRoleArn monitoring.rds
    RDS::DBProxy RoleArn rds
    RolesAnywhere::Profile RoleArns.* rolesanywhere
    S3::Bucket ReplicationConfiguration.Role s3
    SageMaker::Domain DefaultUserSettings.ExecutionRole sagemaker
    SageMaker::Model ExecutionRoleArn sagemaker
    SageMaker::NotebookInstance RoleArn sagemaker
    SageMaker::Pipeline RoleArn sagemaker
    Scheduler::Schedule Target.RoleArn scheduler
    SNS::Subscription SubscriptionRoleArn sns
    StepFunctions::StateMachine RoleArn states
    Synthetics::Canary ExecutionRoleArn lambda
    Transfer::User Role transfer
"""

#: Where an add-on of Amazon EKS has its service accounts, unless it says where.
#: https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html
ADDON_NAMESPACES = {
    "amazon-cloudwatch-observability": "amazon-cloudwatch",
    "aws-ebs-csi-driver": "kube-system",
    "aws-efs-csi-driver": "kube-system",
    "aws-mountpoint-s3-csi-driver": "kube-system",
    "vpc-cni": "kube-system",
}


class Place(NamedTuple):
    """
    Where a type of resource is handed a role.
    """

    steps: tuple[str, ...]
    service: str


def _places() -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for row in _TABLE.strip().splitlines():
        type_name, steps, service = row.split()
        place = Place(tuple(steps.split(".")), f"{service}.amazonaws.com")
        found.setdefault(f"AWS::{type_name}", []).append(place)
    return found


#: By type.
PLACES = _places()
