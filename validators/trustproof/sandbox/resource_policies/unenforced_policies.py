"""
Resource policies of services whose policies are not enforced here: setting one is refused, by a call and in a template,
since a request could do what it denies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What sets a policy in most services, and those of which it counts.
_USUAL, _ENFORCED = "PutResourcePolicy", ("logs", "secretsmanager")
#: Services to other operations that do nothing else than to set a policy.
_OPERATIONS = {
    "acm-pca": "PutPolicy",
    "backup": "PutBackupVaultAccessPolicy",
    "codeartifact": "PutDomainPermissionsPolicy PutRepositoryPermissionsPolicy",
    "dsql": "PutClusterPolicy",
    "ecr": "PutRegistryPolicy",
    "elasticfilesystem": "PutFileSystemPolicy",
    "glacier": "SetVaultAccessPolicy",
    "kafka": "PutClusterPolicy",
    "lambda": "AddLayerVersionPermission",
    "lex": "CreateResourcePolicy UpdateResourcePolicy",
    "logs": "PutDeliveryDestinationPolicy PutDestinationPolicy",
    "mediapackagev2": "PutChannelPolicy PutOriginEndpointPolicy",
    "mediastore": "PutContainerPolicy",
    "rekognition": "PutProjectPolicy",
    "s3tables": "PutTableBucketPolicy PutTablePolicy",
    "s3vectors": "PutVectorBucketPolicy",
    "sagemaker": "PutModelPackageGroupPolicy",
    "ses": "CreateEmailIdentityPolicy PutIdentityPolicy UpdateEmailIdentityPolicy",
    "vpc-lattice": "PutAuthPolicy",
    "wafv2": "PutPermissionPolicy",
}
#: Operations that make or change something, with a policy of it in this parameter.
_PARAMETERS = {
    ("comprehend", "CreateDocumentClassifier"): "ModelPolicy",
    ("comprehend", "CreateEntityRecognizer"): "ModelPolicy",
    ("dsql", "CreateCluster"): "policy",
    ("dynamodb", "CreateTable"): "ResourcePolicy",
    ("ecr", "CreateRepositoryCreationTemplate"): "repositoryPolicy",
    ("ecr", "UpdateRepositoryCreationTemplate"): "repositoryPolicy",
    ("elasticfilesystem", "CreateFileSystem"): "Policy",
    ("es", "CreateDomain"): "AccessPolicies",
    ("es", "CreateElasticsearchDomain"): "AccessPolicies",
    ("es", "UpdateDomainConfig"): "AccessPolicies",
    ("es", "UpdateElasticsearchDomainConfig"): "AccessPolicies",
    # moto gives a replica the policy of its key.
    ("kms", "ReplicateKey"): "Policy",
    ("ses", "CreateEmailIdentity"): "Policies",
}
#: Types of resources to the property with a policy of theirs.
_PROPERTIES = {
    "AWS::Backup::BackupVault": "AccessPolicy",
    "AWS::DynamoDB::Table": "ResourcePolicy",
    "AWS::EFS::FileSystem": "FileSystemPolicy",
    "AWS::Elasticsearch::Domain": "AccessPolicies",
    "AWS::Logs::LogGroup": "ResourcePolicyDocument",
    "AWS::Logs::ResourcePolicy": "ResourceArn",
    "AWS::OpenSearchService::Domain": "AccessPolicies",
    "AWS::Redshift::Cluster": "NamespaceResourcePolicy",
}


def is_set_by(prefix: str, operation: str, parameters: Mapping[str, Any]) -> bool:
    """
    Whether a request sets a policy that nothing here would hold to.

    Args:
        prefix: of the service's actions.
        operation: its name.
        parameters: of the request.
    """
    if operation == _USUAL:
        # Of logs those of the account are enforced, and those of single groups are not.
        return prefix not in _ENFORCED or (prefix == "logs" and bool(parameters.get("resourceArn")))
    if operation in _OPERATIONS.get(prefix, "").split():
        return True
    parameter = _PARAMETERS.get((prefix, operation))
    return parameter is not None and bool(parameters.get(parameter))


def property_set_by(type_: str, properties: Mapping[str, Any]) -> str | None:
    """
    The property by which a resource of a template has a policy that nothing here would hold to.

    Args:
        type_: of the resource.
        properties: of the resource.

    Returns:
        None where it has none.
    """
    name = _PROPERTIES.get(type_)
    return name if name in properties else None
