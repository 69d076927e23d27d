"""
Actions that a request takes besides its own, as the page of its operation says, and the reference does not.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: Of which operations what is made is in another Region.
IN_OTHER_REGIONS = frozenset((("dynamodb", "UpdateTable"), ("kms", "ReplicateKey")))

#: Where the page of the operation does not say it, one of these does:
#: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/backuprestore_IAM.html
#: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/gt_IAM.html
#: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
#: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-fleet-prerequisites.html
#: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
#: https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-access.html
#: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.access.html
#: Service and operation to a parameter, or `-` for any request, and the actions that it takes then.
_TABLE = """
autoscaling CreateAutoScalingGroup LaunchTemplate ec2:CreateTags ec2:RunInstances
autoscaling CreateAutoScalingGroup MixedInstancesPolicy ec2:CreateTags ec2:RunInstances
autoscaling UpdateAutoScalingGroup LaunchTemplate ec2:CreateTags ec2:RunInstances
autoscaling UpdateAutoScalingGroup MixedInstancesPolicy ec2:CreateTags ec2:RunInstances
dynamodb RestoreTableFromBackup - dynamodb:GetItem dynamodb:Query dynamodb:Scan
dynamodb RestoreTableToPointInTime - dynamodb:GetItem dynamodb:Query dynamodb:Scan
dynamodb UpdateTable ReplicaUpdates dynamodb:CreateTable dynamodb:CreateTableReplica dynamodb:Query dynamodb:Scan
ec2 CreateFleet LaunchTemplateConfigs ec2:CreateTags ec2:RunInstances
ec2 RunInstances LaunchTemplate ec2:CreateTags
elasticfilesystem CreateMountTarget - ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DescribeSubnets
elasticfilesystem DeleteMountTarget - ec2:DeleteNetworkInterface
lambda CreateFunction VpcConfig ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs
lambda UpdateFunctionConfiguration VpcConfig ec2:DescribeSecurityGroups ec2:DescribeSubnets ec2:DescribeVpcs
logs FilterLogEvents unmask logs:Unmask
logs GetLogEvents unmask logs:Unmask
logs GetLogRecord unmask logs:Unmask
rds-data BatchExecuteStatement secretArn secretsmanager:GetSecretValue
rds-data BeginTransaction secretArn secretsmanager:GetSecretValue
rds-data ExecuteStatement secretArn secretsmanager:GetSecretValue
redshift GetClusterCredentials AutoCreate redshift:CreateClusterUser
redshift GetClusterCredentials DbGroups redshift:JoinGroup
redshift-data BatchExecuteStatement DbUser redshift:GetClusterCredentials
redshift-data BatchExecuteStatement SecretArn secretsmanager:GetSecretValue
redshift-data ExecuteStatement DbUser redshift:GetClusterCredentials
redshift-data ExecuteStatement SecretArn secretsmanager:GetSecretValue
s3tables CreateTable encryptionConfiguration s3tables:PutTableEncryption
s3tables CreateTable metadata s3tables:PutTableData
s3tables CreateTable storageClassConfiguration s3tables:PutTableStorageClass
s3tables CreateTableBucket encryptionConfiguration s3tables:PutTableBucketEncryption
s3tables CreateTableBucket storageClassConfiguration s3tables:PutTableBucketStorageClass
secretsmanager CreateSecret AddReplicaRegions secretsmanager:ReplicateSecretToRegions
servicecatalog CreateProduct - cloudformation:GetTemplate
"""
#: What a target is changed with, by the namespace of its service.
#: https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
_OF_TARGETS = {
    "appstream": "appstream:UpdateFleet",
    "cassandra": "cassandra:Alter",
    "comprehend": "comprehend:UpdateEndpoint",
    "dynamodb": "dynamodb:UpdateTable",
    "ec2": "ec2:ModifySpotFleetRequest",
    "ecs": "ecs:UpdateService",
    "elasticache": "elasticache:ModifyReplicationGroupShardConfiguration",
    "elasticmapreduce": "elasticmapreduce:ModifyInstanceGroups",
    "kafka": "kafka:UpdateBrokerStorage",
    "lambda": "lambda:PutProvisionedConcurrencyConfig",
    "neptune": "rds:CreateDBInstance",
    "rds": "rds:CreateDBInstance",
    "sagemaker": "sagemaker:UpdateEndpointWeightsAndCapacities",
}


def besides(prefix: str, operation: str, given: Mapping[str, Any]) -> Iterator[str]:
    """
    The actions that a request takes besides.

    Args:
        prefix: of the service's actions.
        operation: its name.
        given: its parameters.
    """
    for parameter, actions in _ROWS.get((prefix, operation), ()):
        if parameter == "-" or given.get(parameter):
            yield from actions
    if (prefix, operation) == ("application-autoscaling", "RegisterScalableTarget"):
        found = _OF_TARGETS.get(str(given.get("ServiceNamespace")))
        if found is not None:
            yield found


def _rows() -> dict[tuple[str, str], list[tuple[str, list[str]]]]:
    found: dict[tuple[str, str], list[tuple[str, list[str]]]] = {}
    for line in _TABLE.strip().splitlines():
        prefix, operation, parameter, *actions = line.split()
        found.setdefault((prefix, operation), []).append((parameter, actions))
    return found


_ROWS = _rows()
