"""
What a template's references to its resources are, once the stack is deployed.

An ARN follows from the physical id where its form is known; of what follows from nothing AWS is asked, and what it does
not tell either stays unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from trustproof.aws.partitions import url_suffix
from trustproof.inputs.cloudformation.evaluation.functions.arns import elsewhere
from trustproof.live.account import LiveAccount, StackFacts
from trustproof.live.errors import CannotCheck
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.functions import Evaluator
from trustproof.sandbox.cloudformation.template import Template

#: Types of identities, to the kind of each.
IDENTITIES = {"AWS::IAM::Role": "role", "AWS::IAM::User": "user", "AWS::IAM::Group": "group"}
NESTED = "AWS::CloudFormation::Stack"
OUTPUT = "Outputs."
_REFERENCE = "{{resolve:"
_PARAMETER = re.compile(r"\{\{resolve:ssm:(?P<name>[a-zA-Z0-9_.\-/]+(?::[0-9]+)?)\}\}")
#: It is resolved when a stack is deployed; what it would come to now may be something else.
UNRESOLVED = "what a dynamic reference came to when the stack was deployed is not known"

#: Attributes that are the physical id.
_IS_ID = {
    "AWS::ApiGateway::RestApi": ("RestApiId",),
    "AWS::CloudFront::CloudFrontOriginAccessIdentity": ("Id",),
    "AWS::EC2::VPC": ("VpcId",),
    "AWS::EC2::VPCEndpoint": ("Id",),
    "AWS::ECS::TaskDefinition": ("TaskDefinitionArn",),
    "AWS::EFS::AccessPoint": ("AccessPointId",),
    "AWS::EFS::FileSystem": ("FileSystemId",),
    "AWS::IAM::ManagedPolicy": ("Arn", "PolicyArn"),
    "AWS::IAM::OIDCProvider": ("Arn",),
    "AWS::IAM::SAMLProvider": ("Arn",),
    "AWS::KMS::Key": ("KeyId",),
    "AWS::KMS::ReplicaKey": ("KeyId",),
    "AWS::Lambda::Alias": ("AliasArn",),
    "AWS::Lambda::Version": ("FunctionArn",),
    "AWS::Organizations::Policy": ("Id",),
    "AWS::SNS::Topic": ("TopicArn",),
    "AWS::SQS::Queue": ("QueueUrl",),
    "AWS::SecretsManager::Secret": ("Id",),
}
#: Attributes that are the last part of the physical id.
_IS_NAME = {
    "AWS::Lambda::Version": "Version",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
}
#: Attributes that are an ARN, where they are not called so.
_IS_ARN = {
    "AWS::Backup::BackupVault": "BackupVaultArn",
    "AWS::Backup::LogicallyAirGappedBackupVault": "BackupVaultArn",
    "AWS::Elasticsearch::Domain": "DomainArn",
    "AWS::OpenSearchService::Domain": "DomainArn",
    "AWS::RDS::DBCluster": "DBClusterArn",
    "AWS::RDS::DBInstance": "DBInstanceArn",
}
#: ARNs that `arns.elsewhere` does not compose, as far as they follow from the physical id.
_ARNS = {
    "AWS::Backup::BackupVault": "arn:{partition}:backup:{region}:{account}:backup-vault:{id}",
    "AWS::Backup::LogicallyAirGappedBackupVault": "arn:{partition}:backup:{region}:{account}:backup-vault:{id}",
    "AWS::Cognito::UserPool": "arn:{partition}:cognito-idp:{region}:{account}:userpool/{id}",
    "AWS::EFS::AccessPoint": "arn:{partition}:elasticfilesystem:{region}:{account}:access-point/{id}",
    "AWS::Elasticsearch::Domain": "arn:{partition}:es:{region}:{account}:domain/{id}",
    "AWS::OpenSearchService::Domain": "arn:{partition}:es:{region}:{account}:domain/{id}",
    "AWS::DynamoDB::GlobalTable": "arn:{partition}:dynamodb:{region}:{account}:table/{id}",
    "AWS::KMS::ReplicaKey": "arn:{partition}:kms:{region}:{account}:key/{id}",
    "AWS::Logs::Destination": "arn:{partition}:logs:{region}:{account}:destination:{id}",
}
#: Type and attribute to the call that gives it, and where it stands in the answer.
_ASKED = {
    ("AWS::ApiGateway::RestApi", "RootResourceId"): ("apigateway", "GetRestApi", "restApiId", "rootResourceId"),
    ("AWS::CloudFront::CloudFrontOriginAccessIdentity", "S3CanonicalUserId"): (
        "cloudfront",
        "GetCloudFrontOriginAccessIdentity",
        "Id",
        "CloudFrontOriginAccessIdentity.S3CanonicalUserId",
    ),
    ("AWS::EC2::VPC", "DefaultSecurityGroup"): (
        "ec2",
        "DescribeSecurityGroups",
        "Filters",
        "SecurityGroups[0].GroupId",
    ),
    ("AWS::IAM::InstanceProfile", "Arn"): (
        "iam",
        "GetInstanceProfile",
        "InstanceProfileName",
        "InstanceProfile.Arn",
    ),
    ("AWS::RDS::DBInstance", "DbiResourceId"): (
        "rds",
        "DescribeDBInstances",
        "DBInstanceIdentifier",
        "DBInstances[0].DbiResourceId",
    ),
    ("AWS::DynamoDB::Table", "StreamArn"): ("dynamodb", "DescribeTable", "TableName", "Table.LatestStreamArn"),
    ("AWS::Omics::SequenceStore", "S3AccessPointArn"): ("omics", "GetSequenceStore", "id", "s3Access.s3AccessPointArn"),
    ("AWS::Redshift::Cluster", "ClusterNamespaceArn"): (
        "redshift",
        "DescribeClusters",
        "ClusterIdentifier",
        "Clusters[0].ClusterNamespaceArn",
    ),
    ("AWS::RedshiftServerless::Namespace", "NamespaceArn"): (
        "redshift-serverless",
        "GetNamespace",
        "namespaceName",
        "namespace.namespaceArn",
    ),
}


class DeployedReferences:
    """
    References to the resources of a deployed stack.

    Args:
        account: where the stack is.
        facts: what CloudFormation says of it.
        template: that was proved.
        region: of the stack.
    """

    def __init__(self, account: LiveAccount, facts: StackFacts, template: Template, region: str) -> None:
        self._account = account
        self._facts = facts
        self._template = template
        self._region = region
        self._inner: dict[str, StackFacts | None] = {}
        self.place: dict[str, str] = {"account": account.id, "partition": facts.id.split(":")[1], "region": region}

    def reference(self, logical_id: str) -> Any:
        """The physical id of a resource."""
        if logical_id in self._template.parameters:
            hidden = "hidden (NoEcho)" if logical_id in self._facts.parameters else "not known: the stack has none"
            raise RefusedRequest(f"the value of the parameter {logical_id} is {hidden}")
        if logical_id not in self._facts.physical_ids:
            raise RefusedRequest(f"{logical_id} is not deployed")
        return self._facts.physical_ids[logical_id]

    def attribute(self, logical_id: str, name: str) -> Any:
        """An attribute, where it follows from the physical id or from what AWS says of the resource."""
        physical_id = str(self.reference(logical_id))
        type_name = str(self._template.resources[logical_id]["Type"])
        if type_name == NESTED and name.startswith(OUTPUT):
            found = self._output(physical_id, name.removeprefix(OUTPUT))
        else:
            found = self._attribute(type_name, physical_id, name)
        if found is None:
            raise RefusedRequest(f"the attribute {name} of {logical_id} is not known")
        return found

    def arn(self, type_name: str, physical_id: str) -> str | None:
        """The ARN of a resource; None where it does not follow from the physical id."""
        if physical_id.startswith("arn:"):
            return physical_id
        if type_name in _ARNS:
            return _ARNS[type_name].format(id=physical_id, **self.place)
        name = _last(physical_id) if type_name == "AWS::SQS::Queue" else physical_id
        if type_name == "AWS::Events::Rule":
            # The rule of another bus than the default one: its bus and its name.
            name = name.replace("|", "/")
        composed = elsewhere(type_name, name, "/", self.place["account"], self.place["region"])
        if composed is None or type_name.startswith("AWS::IAM::"):
            return None
        values = {"AWS::Partition": self.place["partition"]}
        return str(Evaluator(self._template, values, self, lambda _: []).resolve(composed))

    def import_value(self, name: str) -> str:
        """What another stack exports."""
        found = self._account.exports(self._region).get(name)
        if found is None:
            raise RefusedRequest(f"nobody exports {name}")
        return found

    def parameter(self, name: str) -> str:
        """
        The value of a parameter of Systems Manager.

        Args:
            name: of it, perhaps with a version.

        Raises:
            CannotCheck: AWS does not say it.
            RefusedRequest: it is encrypted.
        """
        answer = self._account.call("ssm", "GetParameter", {"Name": name}, self._region) or {}
        found = answer.get("Parameter") or {}
        if found.get("Type") not in ("String", "StringList"):
            raise RefusedRequest(UNRESOLVED)
        return str(found.get("Value"))

    def asked(self, type_name: str, physical_id: str, name: str) -> str | None:
        """An attribute that AWS is asked for; None where it is not known how, or the resource has none."""
        if (type_name, name) not in _ASKED:
            return None
        service, operation, parameter, place = _ASKED[type_name, name]
        filters = [{"Name": "vpc-id", "Values": [physical_id]}, {"Name": "group-name", "Values": ["default"]}]
        given = {parameter: filters if parameter == "Filters" else physical_id}
        answer = self._account.call(service, operation, given, self._region)
        found = in_answer(answer, place)
        return found if isinstance(found, str) else None

    def _attribute(self, type_name: str, physical_id: str, name: str) -> str | None:
        kind = IDENTITIES.get(type_name)
        if kind is not None:
            identity = self._account.identities.get((kind, physical_id))
            if identity is None:
                return None
            return {"Arn": identity.arn, f"{kind.capitalize()}Id": identity.unique_id}.get(name)
        if name in _IS_ID.get(type_name, ()):
            return physical_id
        if (type_name, name) == ("AWS::Cognito::UserPool", "ProviderName"):
            return f"cognito-idp.{self._region}.{url_suffix(self.place['partition'])}/{physical_id}"
        if (type_name, name) == ("AWS::SSO::PermissionSet", "PermissionSetArn"):
            # The physical id says the instance before it.
            return physical_id.rpartition("|")[2]
        if _IS_NAME.get(type_name) == name:
            return _last(physical_id)
        if name == _IS_ARN.get(type_name, "Arn") or name == "Arn":
            return self.arn(type_name, physical_id) or self.asked(type_name, physical_id, name)
        return self.asked(type_name, physical_id, name)

    def _output(self, stack: str, name: str) -> str | None:
        if stack not in self._inner:
            self._inner[stack] = self._account.stack(stack, self._region)
        inner = self._inner[stack]
        return None if inner is None else inner.outputs.get(name)


def present_text(document: Any, evaluator: Evaluator) -> str | None:
    """
    The text of a document with the parameters of Systems Manager that it names as they are now.

    Args:
        document: as the template has it.
        evaluator: of the stack.

    Returns:
        None where it names none, or something else of it is not known.
    """
    references = evaluator.references
    if not isinstance(references, DeployedReferences) or _REFERENCE not in json.dumps(document):
        return None
    try:
        text = text_in(evaluator.properties(document))
        text = _PARAMETER.sub(lambda found: json.dumps(references.parameter(found["name"]))[1:-1], text)
    except (CannotCheck, RefusedRequest):
        return None
    return None if _REFERENCE in text else text


def in_answer(answer: Any, place: str) -> Any:
    """What stands at a place of an answer: `Policy.Established`, `Clusters[0].Arn`, or `@` for all of it."""
    found = answer
    for step in () if place == "@" else place.replace("[0]", ".0").split("."):
        if isinstance(found, list):
            found = found[int(step)] if int(step) < len(found) else None
        else:
            found = found.get(step) if isinstance(found, Mapping) else None
    return found


def text_in(document: Any) -> str:
    """The text of a document of a template, which may be text already."""
    return document if isinstance(document, str) else json.dumps(document)


def _last(name: str) -> str:
    return name.rpartition(":")[2].rpartition("/")[2]
