"""
Which operations make the role that is linked to a service, where it is not there yet: the caller needs
`iam:CreateServiceLinkedRole` then.

Each service says it on its page about such roles; of some operations the service authorization reference does, too.
Amazon ECS says of CreateCluster that the role is left out where the caller may not make it, so that is none of them.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

#: The prefix of actions, the principal of the service without its domain, a parameter with which the role is made or
#: `-` for any request, and the operations.
_TABLE = """
access-analyzer access-analyzer - CreateAnalyzer
acm acm CertificateAuthorityArn RequestCertificate
autoscaling autoscaling - CreateAutoScalingGroup
backup backup - CreateBackupSelection StartBackupJob
batch batch - CreateComputeEnvironment
cloudfront replicator.lambda LambdaFunctionARN CreateDistribution UpdateDistribution
codestar-notifications codestar-notifications - CreateNotificationRule
cognito-idp email.cognito-idp SourceArn CreateUserPool UpdateUserPool
dax dax - CreateCluster
dynamodb kinesisreplication.dynamodb - EnableKinesisStreamingDestination
dynamodb replication.dynamodb - CreateGlobalTable
dynamodb replication.dynamodb ReplicaUpdates UpdateTable
ec2 clientvpn - CreateClientVpnEndpoint
ec2 ec2-instance-connect - CreateInstanceConnectEndpoint
ec2 ec2fastlaunch - EnableFastLaunch
ec2 ec2fleet - CreateFleet
ec2 ipam - CreateIpam CreateIpamResourceDiscovery EnableIpamOrganizationAdminAccount
ec2 s2svpn CertificateArn CreateCustomerGateway
ec2 spot - RequestSpotInstances
ec2 spot InstanceMarketOptions RunInstances
ec2 spotfleet - RequestSpotFleet
ec2 transitgateway - CreateTransitGateway CreateTransitGatewayVpcAttachment
ecr pullthroughcache.ecr - CreatePullThroughCacheRule
ecr replication.ecr - PutReplicationConfiguration
ecs ecs awsvpcConfiguration CreateService
ecs ecs loadBalancers CreateService
ecs ecs serviceRegistries CreateService
eks eks - CreateCluster
eks eks-connector - RegisterCluster
eks eks-fargate - CreateFargateProfile
eks eks-nodegroup - CreateNodegroup
elasticache elasticache - CreateCacheCluster CreateReplicationGroup CreateServerlessCache
elasticbeanstalk elasticbeanstalk - CreateEnvironment
elasticfilesystem elasticfilesystem - CreateMountTarget CreateReplicationConfiguration
elasticloadbalancing elasticloadbalancing - CreateLoadBalancer
elasticmapreduce elasticmapreduce - RunJobFlow
es es VPCOptions CreateElasticsearchDomain
es opensearchservice VPCOptions CreateDomain
fsx fsx - CreateFileSystem
globalaccelerator globalaccelerator - CreateAccelerator
guardduty guardduty - CreateDetector
inspector2 inspector2 - Enable
kms cks.kms - CreateCustomKeyStore
kms mrk.kms - ReplicateKey
kms mrk.kms MultiRegion CreateKey
macie2 macie - EnableMacie
memorydb memorydb - CreateCluster
mq mq - CreateBroker
ram ram - EnableSharingWithAwsOrganization
rds rds - CreateDBCluster CreateDBInstance CreateDBInstanceReadReplica CreateGlobalCluster
rds rds - RestoreDBClusterFromS3 RestoreDBClusterFromSnapshot RestoreDBClusterToPointInTime
rds rds - RestoreDBInstanceFromDBSnapshot RestoreDBInstanceFromS3 RestoreDBInstanceToPointInTime
redshift redshift - CreateCluster RestoreFromClusterSnapshot
resource-explorer-2 resource-explorer-2 - CreateIndex
rolesanywhere rolesanywhere - CreateTrustAnchor
securityhub securityhub - EnableSecurityHub
waf waf - PutLoggingConfiguration
waf-regional waf-regional - PutLoggingConfiguration
wafv2 wafv2 - PutLoggingConfiguration
"""
_DOMAIN = ".amazonaws.com"
#: A request that names the role to use, which is another one than that.
_OTHER_ROLE = {"autoscaling": "ServiceLinkedRoleARN"}


def linked_services(prefix: str, operation: str, given: Mapping[str, object]) -> Iterator[str]:
    """
    The principals of the services whose roles an operation makes where they are not there.

    Args:
        prefix: of the actions of its service.
        operation: its name.
        given: its parameters, of every depth, by their names.
    """
    if (prefix, operation) == ("application-autoscaling", "RegisterScalableTarget") and given.get("ServiceNamespace"):
        yield f"{given['ServiceNamespace']}.application-autoscaling{_DOMAIN}"
    if given.get(_OTHER_ROLE.get(prefix, "")):
        return
    for service, parameter in _ROWS.get((prefix, operation), ()):
        if parameter == "-" or given.get(parameter):
            yield f"{service}{_DOMAIN}"


def is_listed(prefix: str, operation: str) -> bool:
    """
    Whether it is known which role an operation makes, and with which parameters.

    Args:
        prefix: of the actions of its service.
        operation: its name.
    """
    return (prefix, operation) in _ROWS


def _rows() -> dict[tuple[str, str], list[tuple[str, str]]]:
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for line in _TABLE.strip().splitlines():
        prefix, service, parameter, *operations = line.split()
        for operation in operations:
            found.setdefault((prefix, operation), []).append((service, parameter))
    return found


_ROWS = _rows()
