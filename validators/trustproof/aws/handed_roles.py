"""
To which service a resource of CloudFormation, or a call, hands the roles that it names: which one has to be let in.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from typing import NamedTuple


class HandedRole(NamedTuple):
    """
    A property that hands over a role.
    """

    #: Its name, at whatever depth.
    property: str
    #: The service principal that acts with the role.
    service: str
    #: Whether it names an instance profile, which holds the role.
    profile: bool = False


_EC2 = "ec2.amazonaws.com"
_SAGEMAKER = "sagemaker.amazonaws.com"

#: Type to the properties that hand over roles. A launch template hands over none before somebody launches something.
HANDED: dict[str, tuple[HandedRole, ...]] = {
    # https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    "AWS::ApiGateway::Account": (HandedRole("CloudWatchRoleArn", "apigateway.amazonaws.com"),),
    "AWS::ApiGateway::Authorizer": (HandedRole("AuthorizerCredentials", "apigateway.amazonaws.com"),),
    "AWS::ApiGateway::Method": (HandedRole("Credentials", "apigateway.amazonaws.com"),),
    "AWS::ApiGatewayV2::Authorizer": (HandedRole("AuthorizerCredentialsArn", "apigateway.amazonaws.com"),),
    "AWS::ApiGatewayV2::Integration": (HandedRole("CredentialsArn", "apigateway.amazonaws.com"),),
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/prepare-for-lifecycle-notifications.html
    "AWS::AutoScaling::AutoScalingGroup": (HandedRole("RoleARN", "autoscaling.amazonaws.com"),),
    "AWS::AutoScaling::LaunchConfiguration": (HandedRole("IamInstanceProfile", _EC2, profile=True),),
    "AWS::Batch::ComputeEnvironment": (
        HandedRole("ServiceRole", "batch.amazonaws.com"),
        HandedRole("SpotIamFleetRole", "spotfleet.amazonaws.com"),
        HandedRole("InstanceRole", _EC2, profile=True),
    ),
    "AWS::Batch::JobDefinition": (
        HandedRole("JobRoleArn", "ecs-tasks.amazonaws.com"),
        HandedRole("ExecutionRoleArn", "ecs-tasks.amazonaws.com"),
    ),
    # https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html
    "AWS::CodeBuild::Project": (HandedRole("ServiceRole", "codebuild.amazonaws.com"),),
    # https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-settings-email-phone-verification.html
    "AWS::Cognito::UserPool": (HandedRole("SnsCallerArn", "cognito-idp.amazonaws.com"),),
    "AWS::EC2::FlowLog": (HandedRole("DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"),),
    "AWS::EC2::Instance": (HandedRole("IamInstanceProfile", _EC2, profile=True),),
    "AWS::EC2::SpotFleet": (
        HandedRole("IamFleetRole", "spotfleet.amazonaws.com"),
        HandedRole("IamInstanceProfile", _EC2, profile=True),
    ),
    # `RoleArn` is that of what ECS manages: volumes, load balancers, certificates.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
    "AWS::ECS::Service": (HandedRole("Role", "ecs.amazonaws.com"), HandedRole("RoleArn", "ecs.amazonaws.com")),
    "AWS::ECS::TaskDefinition": (
        HandedRole("TaskRoleArn", "ecs-tasks.amazonaws.com"),
        HandedRole("ExecutionRoleArn", "ecs-tasks.amazonaws.com"),
    ),
    # https://docs.aws.amazon.com/efs/latest/ug/efs-replication.html
    "AWS::EFS::FileSystem": (HandedRole("RoleArn", "elasticfilesystem.amazonaws.com"),),
    "AWS::EMR::Cluster": (
        HandedRole("ServiceRole", "elasticmapreduce.amazonaws.com"),
        HandedRole("AutoScalingRole", "application-autoscaling.amazonaws.com"),
        HandedRole("JobFlowRole", _EC2, profile=True),
    ),
    "AWS::Events::Rule": (HandedRole("RoleArn", "events.amazonaws.com"),),
    # https://docs.aws.amazon.com/glue/latest/dg/create-an-iam-role.html
    "AWS::Glue::Crawler": (HandedRole("Role", "glue.amazonaws.com"),),
    "AWS::Glue::Job": (HandedRole("Role", "glue.amazonaws.com"),),
    "AWS::IoT::JobTemplate": (HandedRole("RoleArn", "iot.amazonaws.com"),),
    "AWS::IoT::RoleAlias": (HandedRole("RoleArn", "credentials.iot.amazonaws.com"),),
    "AWS::Lambda::Function": (HandedRole("Role", "lambda.amazonaws.com"),),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
    "AWS::Logs::SubscriptionFilter": (HandedRole("RoleArn", "logs.amazonaws.com"),),
    "AWS::RDS::DBCluster": (HandedRole("MonitoringRoleArn", "monitoring.rds.amazonaws.com"),),
    "AWS::RDS::DBInstance": (HandedRole("MonitoringRoleArn", "monitoring.rds.amazonaws.com"),),
    "AWS::Redshift::Cluster": (HandedRole("IamRoles", "redshift.amazonaws.com"),),
    "AWS::S3::Bucket": (HandedRole("Role", "s3.amazonaws.com"),),
    # https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
    "AWS::SNS::Topic": (
        HandedRole("SuccessFeedbackRoleArn", "sns.amazonaws.com"),
        HandedRole("FailureFeedbackRoleArn", "sns.amazonaws.com"),
    ),
    "AWS::SageMaker::EndpointConfig": (HandedRole("ExecutionRoleArn", _SAGEMAKER),),
    "AWS::SageMaker::Model": (HandedRole("ExecutionRoleArn", _SAGEMAKER),),
    "AWS::SageMaker::NotebookInstance": (HandedRole("RoleArn", _SAGEMAKER),),
    # https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html
    "AWS::Scheduler::Schedule": (HandedRole("RoleArn", "scheduler.amazonaws.com"),),
    "AWS::StepFunctions::StateMachine": (HandedRole("RoleArn", "states.amazonaws.com"),),
}

#: Services that act with every role that a call hands to them as one principal, by their names in botocore; of most it
#: is not known that `iam:PassedToService` names it, too.
ACTS_AS: dict[str, str] = {
    "appsync": "appsync.amazonaws.com",
    "backup": "backup.amazonaws.com",
    "codedeploy": "codedeploy.amazonaws.com",
    "config": "config.amazonaws.com",
    "logs": "logs.amazonaws.com",
    "sns": "sns.amazonaws.com",
    "transfer": "transfer.amazonaws.com",
}
