"""
What the roles are called that are linked to services.

The name of such a role follows from no rule: each service says its own on the page about its roles.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceLinkedRole.html
"""

from __future__ import annotations

_PREFIX = "AWSServiceRoleFor"
_DOMAIN = ".amazonaws.com"
#: Service principals without their domain, and what follows the common beginning of the names.
_NAMES = """
access-analyzer AccessAnalyzer
accountdiscovery.ssm AmazonSSM_AccountDiscovery
acm CertificateManager
appmesh AppMesh
autoscaling AutoScaling
autoscaling-plans AutoScalingPlans_EC2AutoScaling
backup Backup
batch Batch
cassandra.application-autoscaling ApplicationAutoScaling_CassandraTable
cks.kms KeyManagementServiceCustomKeyStores
cloudtrail CloudTrail
codestar-notifications CodeStarNotifications
config Config
connect AmazonConnect
dms DMSServerless
dms-fleet-advisor DMSFleetAdvisor
docdb-elastic DocDB-Elastic
dynamodb.application-autoscaling ApplicationAutoScaling_DynamoDBTable
ec2-instance-connect Ec2InstanceConnect
ec2.application-autoscaling ApplicationAutoScaling_EC2SpotFleetRequest
ecr ECRTemplate
ecs ECS
ecs.application-autoscaling ApplicationAutoScaling_ECSService
eks AmazonEKS
eks-connector AmazonEKSConnector
eks-fargate AmazonEKSForFargate
eks-nodegroup AmazonEKSNodegroup
elasticache ElastiCache
elasticbeanstalk ElasticBeanstalk
elasticfilesystem AmazonElasticFileSystem
elasticloadbalancing ElasticLoadBalancing
email.cognito-idp AmazonCognitoIdpEmailService
emr-containers AmazonEMRContainers
emrwal EMRWAL
fis FIS
grafana AmazonGrafana
guardduty AmazonGuardDuty
imagebuilder ImageBuilder
kafka Kafka
kafkaconnect KafkaConnect
lakeformation LakeFormationDataAccess
lex LexBots
lexv2 LexV2Bots
lightsail Lightsail
memorydb MemoryDB
mq AmazonMQ
mrk.kms KeyManagementServiceMultiRegionKeys
observability.aoss AmazonOpenSearchServerless
opensearchservice AmazonOpenSearchService
ops.apigateway APIGateway
ops.emr-serverless AmazonEMRServerless
organizations Organizations
pullthroughcache.ecr ECRPullThroughCache
ram ResourceAccessManager
rds RDS
redshift Redshift
replication.cassandra KeyspacesReplication
replication.ecr ECRReplication
resource-explorer-2 ResourceExplorer
rolesanywhere RolesAnywhere
securityhub SecurityHub
shield AWSShield
spot EC2Spot
spotfleet EC2SpotFleet
ssm AmazonSSM
sso SSO
waf WAFLogging
wafv2 WAFV2Logging
"""
#: Services that take roles of several names, with an end of one's own; and those of which it is not known.
_WITH_SUFFIXES = ("autoscaling", "connect", "lexv2")
_UNKNOWN = (
    "access-analyzer dynamodb.application-autoscaling ecs.application-autoscaling guardduty organizations securityhub"
    " spot spotfleet"
).split()
_ROLES = dict(line.split() for line in _NAMES.split("\n") if line)


def linked_role(service: str) -> str | None:
    """
    The name of the role that is linked to a service; None where it is not known.

    Args:
        service: its principal, `ecs.amazonaws.com`.
    """
    name = _ROLES.get(service.removesuffix(_DOMAIN))
    return None if name is None or not service.endswith(_DOMAIN) else _PREFIX + name


def takes_suffix(service: str) -> bool | None:
    """Whether a name may have an end of one's own; None where it is not known."""
    name = service.removesuffix(_DOMAIN)
    return None if name in _UNKNOWN or name not in _ROLES else name in _WITH_SUFFIXES
