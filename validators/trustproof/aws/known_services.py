"""
The service principals that are known: AWS lists them nowhere, and refuses policies that name one there is not.

Known is what the service authorization reference has actions for, what policies that AWS manages name, what pages of
the manual name that other tables here link to, and the names below.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
"""

from __future__ import annotations

import re
from functools import cache

from trustproof.aws import service_principals
from trustproof.aws.partitions import is_region
from trustproof.aws.published import named_service_principals, service, service_prefixes

_DOMAIN = re.compile(r"\.amazonaws\.com(\.cn)?$")
#: Further ones, without the domain; each stands in AWS's documentation of the service.
_MORE = frozenset(
    """
    appconfig build.apprunner chatbot cks.kms cloud9 codecommit codedeploy codestar-notifications cognito-sync
    comprehend comprehendmedical credentials.iot databrew datapipeline dlm ebs edgelambda eks-fargate eks-fargate-pods
    eks-nodegroup es events.rds export.rds finspace gamelift iotanalytics iotevents ipam kinesis kinesisanalytics
    kinesisvideo license-manager license-manager-linux-subscriptions logdelivery.elasticloadbalancing macie
    machinelearning member.org.stacksets.cloudformation mediastore monitoring.rds ops.apigateway opsworks opsworks-cm
    pinpoint reachabilityanalyzer.networkinsights redshift-serverless rekognition replicator.lambda
    resource-management.securitylake resources.cloudformation route53 secretsmanager signer sms-voice snow sqs
    ssm-contacts ssm-incidents stacksets.cloudformation storagegateway sts swf tagpolicies.tag tasks.apprunner textract
    timestream transcribe transfer transform translate vpc vpc-flow-logs waf waf-regional wisdom workdocs worklink
    workmail workspaces xray
    """.split()
)


@cache
def is_known_service(principal: str) -> bool:
    """
    Whether a service principal is known, of any Region and partition.

    Args:
        principal: `lambda.amazonaws.com`, `states.eu-central-1.amazonaws.com`.
    """
    if not _DOMAIN.search(principal):
        # `access.aws`, `…aws.internal`, `…amazon.com`: of these nothing is published.
        return True
    parts = _DOMAIN.sub("", principal).split(".")
    name = ".".join(one for one in parts if not is_region(one))
    if name in _MORE or f"{name}.amazonaws.com" in _listed():
        return True
    return "." not in name and service(name) is not None


@cache
def service_principal_names() -> tuple[str, ...]:
    """The names of those that are known, sorted; without those of Regions."""
    names = (f"{name}.amazonaws.com" for name in (*_MORE, *service_prefixes()))
    return tuple(sorted({*names, *_listed()}))


@cache
def _listed() -> frozenset[str]:
    tables = (
        service_principals.IN_TRUST_POLICIES,
        service_principals.IN_RESOURCE_POLICIES,
        service_principals.IN_FUNCTION_POLICIES,
        service_principals.IN_KEY_POLICIES,
    )
    return named_service_principals().union(*tables)
