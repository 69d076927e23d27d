"""
To which service a resource of CloudFormation, or a call, hands the roles that it names: which one has to be let in.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

from typing import NamedTuple


class Handing(NamedTuple):
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
HANDED: dict[str, tuple[Handing, ...]] = {
    "AWS::ApiGateway::Method": (Handing("Credentials", "apigateway.amazonaws.com"),),
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/prepare-for-lifecycle-notifications.html
    "AWS::AutoScaling::AutoScalingGroup": (Handing("RoleARN", "autoscaling.amazonaws.com"),),
    "AWS::AutoScaling::LaunchConfiguration": (Handing("IamInstanceProfile", _EC2, profile=True),),
    "AWS::Batch::ComputeEnvironment": (
        Handing("ServiceRole", "batch.amazonaws.com"),
        Handing("SpotIamFleetRole", "spotfleet.amazonaws.com"),
        Handing("InstanceRole", _EC2, profile=True),
    ),
    "AWS::Batch::JobDefinition": (
        Handing("JobRoleArn", "ecs-tasks.amazonaws.com"),
        Handing("ExecutionRoleArn", "ecs-tasks.amazonaws.com"),
    ),
    "AWS::EC2::FlowLog": (Handing("DeliverLogsPermissionArn", "vpc-flow-logs.amazonaws.com"),),
    "AWS::EC2::Instance": (Handing("IamInstanceProfile", _EC2, profile=True),),
    "AWS::EC2::SpotFleet": (
        Handing("IamFleetRole", "spotfleet.amazonaws.com"),
        Handing("IamInstanceProfile", _EC2, profile=True),
    ),
    # `RoleArn` is that of what ECS manages: volumes, load balancers, certificates.
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
    "AWS::ECS::Service": (Handing("Role", "ecs.amazonaws.com"), Handing("RoleArn", "ecs.amazonaws.com")),
    "AWS::ECS::TaskDefinition": (
        Handing("TaskRoleArn", "ecs-tasks.amazonaws.com"),
        Handing("ExecutionRoleArn", "ecs-tasks.amazonaws.com"),
    ),
    # https://docs.aws.amazon.com/efs/latest/ug/efs-replication.html
    "AWS::EFS::FileSystem": (Handing("RoleArn", "elasticfilesystem.amazonaws.com"),),
    "AWS::EMR::Cluster": (
        Handing("ServiceRole", "elasticmapreduce.amazonaws.com"),
        Handing("AutoScalingRole", "application-autoscaling.amazonaws.com"),
        Handing("JobFlowRole", _EC2, profile=True),
    ),
    "AWS::Events::Rule": (Handing("RoleArn", "events.amazonaws.com"),),
    "AWS::IoT::JobTemplate": (Handing("RoleArn", "iot.amazonaws.com"),),
    "AWS::IoT::RoleAlias": (Handing("RoleArn", "credentials.iot.amazonaws.com"),),
    "AWS::Lambda::Function": (Handing("Role", "lambda.amazonaws.com"),),
    "AWS::RDS::DBInstance": (Handing("MonitoringRoleArn", "monitoring.rds.amazonaws.com"),),
    "AWS::Redshift::Cluster": (Handing("IamRoles", "redshift.amazonaws.com"),),
    "AWS::S3::Bucket": (Handing("Role", "s3.amazonaws.com"),),
    # https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html
    "AWS::SNS::Topic": (
        Handing("SuccessFeedbackRoleArn", "sns.amazonaws.com"),
        Handing("FailureFeedbackRoleArn", "sns.amazonaws.com"),
    ),
    "AWS::SageMaker::EndpointConfig": (Handing("ExecutionRoleArn", _SAGEMAKER),),
    "AWS::SageMaker::Model": (Handing("ExecutionRoleArn", _SAGEMAKER),),
    "AWS::SageMaker::NotebookInstance": (Handing("RoleArn", _SAGEMAKER),),
    "AWS::StepFunctions::StateMachine": (Handing("RoleArn", "states.amazonaws.com"),),
}

#: Services that act with every role that a call hands to them as one principal, by their names in botocore; of most it
#: is not known that `iam:PassedToService` names it, too.
ACTS_AS: dict[str, str] = {
    "appsync": "appsync.amazonaws.com",
    "backup": "backup.amazonaws.com",
    "codedeploy": "codedeploy.amazonaws.com",
    "config": "config.amazonaws.com",
    "sns": "sns.amazonaws.com",
    "transfer": "transfer.amazonaws.com",
}
