"""
Names and ARNs of a template's own resources: what ``Ref`` and ``Fn::GetAtt`` give, as far as the template says.

An ARN is composed of what is certain (partition, service, account, type) and a symbol for a name that CloudFormation
generates. The table holds only types whose ARN has been looked up; anything else is one symbol.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.aws.partitions import REGIONS, partition_of, url_suffix
from trustproof.inputs.cloudformation.evaluation.declarations.other_stacks import value_of_other_stack
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.values.catalogue import (
    APPLICATION,
    ELASTIC_IP,
    NESTED_STACK,
    ORGANIZATION,
    REGION,
)
from trustproof.inputs.cloudformation.values.references import NESTED, OUTPUTS, CrossStackReference
from trustproof.inputs.grammar.values import NoValue, Unreadable
from trustproof.model.names import unique_id
from trustproof.model.text import (
    ADDRESS,
    BUCKET_NAME,
    GENERATED_NAME,
    ORGANIZATION_ID,
    ORGANIZATION_ROOT,
    RESOURCE_NAME,
    SECRET_ENDING,
    Symbol,
    Symbolic,
    Text,
    concat,
)


class _Shape(NamedTuple):
    """How the ARN of a resource type is composed, and which functions give it."""

    service: str
    #: What stands between the account and the name.
    prefix: str
    #: The property that holds the name; empty where CloudFormation always generates it.
    name: str
    regional: bool = True
    account: bool = True
    ref_is_arn: bool = False
    attribute: str = "Arn"
    suffix: str = ""


_SHAPES: dict[str, _Shape] = {
    "AWS::IAM::Role": _Shape("iam", "role", "RoleName", regional=False),
    "AWS::IAM::User": _Shape("iam", "user", "UserName", regional=False),
    "AWS::IAM::Group": _Shape("iam", "group", "GroupName", regional=False),
    "AWS::IAM::InstanceProfile": _Shape("iam", "instance-profile", "InstanceProfileName", regional=False),
    "AWS::IAM::ManagedPolicy": _Shape(
        "iam", "policy", "ManagedPolicyName", regional=False, ref_is_arn=True, attribute="PolicyArn"
    ),
    "AWS::IAM::SAMLProvider": _Shape("iam", "saml-provider/", "Name", regional=False, ref_is_arn=True),
    "AWS::IAM::OIDCProvider": _Shape("iam", "oidc-provider/", "Url", regional=False, ref_is_arn=True),
    # What CDK's OpenIdConnectProvider makes with a function of its own; the function gives back the provider's ARN.
    "Custom::AWSCDKOpenIdConnectProvider": _Shape("iam", "oidc-provider/", "Url", regional=False, ref_is_arn=True),
    "AWS::S3::Bucket": _Shape("s3", "", "BucketName", regional=False, account=False),
    "AWS::SNS::Topic": _Shape("sns", "", "TopicName", ref_is_arn=True, attribute="TopicArn"),
    "AWS::SQS::Queue": _Shape("sqs", "", "QueueName"),
    "AWS::Lambda::Function": _Shape("lambda", "function:", "FunctionName"),
    "AWS::Serverless::Function": _Shape("lambda", "function:", "FunctionName"),
    "AWS::DynamoDB::Table": _Shape("dynamodb", "table/", "TableName"),
    "AWS::KMS::Key": _Shape("kms", "key/", ""),
    "AWS::Kinesis::StreamConsumer": _Shape("kinesis", "", "", ref_is_arn=True, attribute="ConsumerARN"),
    "AWS::Events::Rule": _Shape("events", "rule/", ""),
    "AWS::Events::EventBus": _Shape("events", "event-bus/", "Name"),
    "AWS::Logs::LogGroup": _Shape("logs", "log-group:", "LogGroupName", suffix=":*"),
    "AWS::Kinesis::Stream": _Shape("kinesis", "stream/", "Name"),
    "AWS::KinesisFirehose::DeliveryStream": _Shape("firehose", "deliverystream/", "DeliveryStreamName"),
    "AWS::StepFunctions::StateMachine": _Shape("states", "stateMachine:", "StateMachineName", ref_is_arn=True),
    "AWS::SecretsManager::Secret": _Shape("secretsmanager", "secret:", "", ref_is_arn=True, attribute="Id"),
    "AWS::CodeBuild::Project": _Shape("codebuild", "project/", "Name"),
    "AWS::CloudTrail::Trail": _Shape("cloudtrail", "trail/", "TrailName"),
    "AWS::ECR::Repository": _Shape("ecr", "repository/", "RepositoryName"),
    "AWS::ECS::Cluster": _Shape("ecs", "cluster/", "ClusterName"),
    "AWS::ECS::TaskDefinition": _Shape(
        "ecs", "task-definition/", "Family", ref_is_arn=True, attribute="TaskDefinitionArn"
    ),
    "AWS::Scheduler::ScheduleGroup": _Shape("scheduler", "schedule-group/", "Name"),
    "AWS::EKS::Cluster": _Shape("eks", "cluster/", "Name"),
    "AWS::EFS::FileSystem": _Shape("elasticfilesystem", "file-system/", ""),
    "AWS::RDS::DBInstance": _Shape("rds", "db:", "DBInstanceIdentifier", attribute="DBInstanceArn"),
    "AWS::RDS::DBCluster": _Shape("rds", "cluster:", "DBClusterIdentifier", attribute="DBClusterArn"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _Shape(
        "elasticloadbalancing", "loadbalancer/", "", ref_is_arn=True, attribute="LoadBalancerArn"
    ),
    "AWS::S3::AccessPoint": _Shape("s3", "accesspoint/", "Name"),
    "AWS::S3ObjectLambda::AccessPoint": _Shape("s3-object-lambda", "accesspoint/", "Name"),
    "AWS::S3Express::DirectoryBucket": _Shape("s3express", "bucket/", "BucketName"),
    "AWS::S3Tables::TableBucket": _Shape(
        "s3tables", "bucket/", "TableBucketName", ref_is_arn=True, attribute="TableBucketARN"
    ),
    "AWS::S3Tables::Table": _Shape("s3tables", "", "", ref_is_arn=True, attribute="TableARN"),
    "AWS::S3Vectors::VectorBucket": _Shape(
        "s3vectors", "bucket/", "VectorBucketName", ref_is_arn=True, attribute="VectorBucketArn"
    ),
    "AWS::DynamoDB::GlobalTable": _Shape("dynamodb", "table/", "TableName"),
    "AWS::KMS::ReplicaKey": _Shape("kms", "key/", ""),
    "AWS::ECR::PublicRepository": _Shape("ecr-public", "repository/", "RepositoryName", regional=False),
    "AWS::Backup::BackupVault": _Shape("backup", "backup-vault:", "BackupVaultName", attribute="BackupVaultArn"),
    "AWS::Backup::LogicallyAirGappedBackupVault": _Shape(
        "backup", "backup-vault:", "BackupVaultName", attribute="BackupVaultArn"
    ),
    "AWS::OpenSearchService::Domain": _Shape("es", "domain/", "DomainName"),
    "AWS::Elasticsearch::Domain": _Shape("es", "domain/", "DomainName"),
    "AWS::CodeArtifact::Domain": _Shape("codeartifact", "domain/", "DomainName", ref_is_arn=True),
    "AWS::EventSchemas::Registry": _Shape(
        "schemas", "registry/", "RegistryName", ref_is_arn=True, attribute="RegistryArn"
    ),
    "AWS::CloudTrail::EventDataStore": _Shape(
        "cloudtrail", "eventdatastore/", "", ref_is_arn=True, attribute="EventDataStoreArn"
    ),
    # CloudFormation gives its name only.
    "AWS::MediaStore::Container": _Shape("mediastore", "container/", "ContainerName", attribute="-"),
    "Trustproof::Glacier::Vault": _Shape("glacier", "vaults/", "VaultName"),
    "AWS::Logs::Destination": _Shape("logs", "destination:", "DestinationName"),
    "AWS::Bedrock::KnowledgeBase": _Shape("bedrock", "knowledge-base/", "", attribute="KnowledgeBaseArn"),
    "AWS::EventsV2::EventBus": _Shape("events", "event-busv2/", "", ref_is_arn=True, attribute="EventBusArn"),
    "AWS::PaymentCryptography::Key": _Shape(
        "payment-cryptography", "key/", "", ref_is_arn=True, attribute="KeyIdentifier"
    ),
    "AWS::MSK::Cluster": _Shape("kafka", "cluster/", "", ref_is_arn=True),
    # Behind the id of a service is the path of a request.
    "AWS::VpcLattice::Service": _Shape("vpc-lattice", "service/", "", ref_is_arn=True),
    "AWS::VpcLattice::ServiceNetwork": _Shape("vpc-lattice", "servicenetwork/", "", ref_is_arn=True),
    # What CloudFormation gives is the ARN by which it is managed, and not the one of calls.
    "AWS::ApiGateway::DomainNameV2": _Shape("execute-api", "/domainnames/", "DomainName", attribute="-"),
}
#: The types whose ARN is known.
TYPES = tuple(_SHAPES)
#: Types whose name may not be given back as it is written in the property.
_NAME_IS_URL = ("AWS::IAM::OIDCProvider", "Custom::AWSCDKOpenIdConnectProvider")
_STORED = ("AWS::SSM::Parameter", "Value")
#: IAM entities with a path between type and name.
_WITH_PATH = tuple(f"AWS::IAM::{name}" for name in ("Role", "User", "Group", "ManagedPolicy", "InstanceProfile"))
#: Types to what stands between a name and the id behind it that the service makes up:
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigateway.html
_WITH_ID = {"AWS::ApiGateway::DomainNameV2": "+", "AWS::ECS::TaskDefinition": ":", "AWS::MSK::Cluster": "/"}
#: Types to the property that says by an ARN what they are in, what stands behind it, and the property of their name.
_INSIDE = {
    "AWS::Kinesis::StreamConsumer": ("StreamARN", "/consumer/", "ConsumerName"),
    "AWS::S3Tables::Table": ("TableBucketARN", "/table/", ""),
}
#: Behind the name that a template gives it are six characters, which nobody chooses:
#: https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
_SECRET = "AWS::SecretsManager::Secret"
#: What gives the URL of a queue, in which is its name:
#: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html
_QUEUE, _URLS, _ALIAS = "AWS::SQS::Queue", ("", "QueueUrl"), "AWS::Lambda::Alias"
#: Clusters of EKS; the latter is what CDK makes with a function of its own.
_CLUSTERS = ("AWS::EKS::Cluster", "Custom::AWSCDK-EKS-Cluster")
#: The attributes that give the issuer of a cluster's tokens, to what stands before the host.
_ISSUERS = {"OpenIdConnectIssuerUrl": "https://", "OpenIdConnectIssuer": ""}
#: Logical resources whose ``Ref`` is a generated id or URL rather than the name.
_REF_IS_OTHER = (
    "AWS::KMS::Key",
    "AWS::KMS::ReplicaKey",
    "AWS::EFS::FileSystem",
    "AWS::Events::Rule",
    "AWS::Elasticsearch::Domain",
    "AWS::ApiGateway::DomainNameV2",
)

#: Attributes that give the unique id of an entity, and how its ids begin; a template gets that of a user in Terraform
#: only.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
_UNIQUE_IDS = {("AWS::IAM::Role", "RoleId"): "AROA", ("AWS::IAM::User", "UserId"): "AIDA"}


def value(scope: Scope, logical_id: str, attribute: str) -> Text:
    """What ``Ref`` (`attribute` is empty) or ``Fn::GetAtt`` gives for a resource."""
    shown = f"{logical_id}.{attribute}" if attribute else logical_id
    environment = scope.environment
    if logical_id in environment.generated_roles:
        made_for = Symbol(logical_id, "attribute", holds=GENERATED_NAME)
        if attribute == "Arn":
            return _arn(scope, _SHAPES["AWS::IAM::Role"], ["/", scope.symbol(made_for)])
        if attribute == "RoleId" and shown not in scope.values:
            return unique_id("AROA", logical_id)
        return scope.symbol(made_for if not attribute else Symbol(shown, "attribute"))
    resource = environment.resource(logical_id)
    type_ = resource.get("Type") if resource is not None else None
    if type_ in _CLUSTERS and attribute in _ISSUERS and shown not in scope.values:
        return _ISSUERS[attribute] + _issuer(scope, logical_id)
    if (start := _UNIQUE_IDS.get((str(type_), attribute))) and shown not in scope.values:
        return unique_id(start, logical_id)
    shape = _SHAPES.get(type_) if isinstance(type_, str) else None
    if type_ in (APPLICATION, NESTED_STACK) and attribute.startswith(OUTPUTS):
        return value_of_other_stack(scope, CrossStackReference(NESTED, logical_id, attribute.removeprefix(OUTPUTS)))
    if (type_, attribute) == _STORED and shown not in scope.values:
        return _property(scope, logical_id, attribute) or scope.symbol(Symbol(shown, "attribute"))
    if shape is None or not isinstance(type_, str):
        # Whatever it gives is an address.
        kind = ADDRESS if type_ == ELASTIC_IP and attribute in ("", "PublicIp") else ""
        kind = ORGANIZATION_ROOT if (type_, attribute) == (ORGANIZATION, "RootId") else kind
        is_own = type_ == ORGANIZATION and attribute in ("", "Id") and shown not in scope.values
        return scope.symbol(Symbol(ORGANIZATION_ID if is_own else shown, "attribute", holds=kind))
    if type_ == _QUEUE and attribute in _URLS and shown not in scope.values:
        return _queue_url(scope, logical_id)
    gives_arn = attribute == shape.attribute or (attribute == "Arn" and shape.service == "iam")
    if gives_arn or (not attribute and shape.ref_is_arn):
        return arn(scope, logical_id)
    # What is called like the property gives its value back: ``QueueName``, ``TopicName``, the ``Name`` of a machine:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html
    gives_name = bool(shape.name) and attribute in (shape.name, "Name") and type_ not in _NAME_IS_URL
    if gives_name or (not attribute and type_ not in _REF_IS_OTHER):
        return _name(scope, logical_id, shape.name)
    return scope.symbol(Symbol(shown, "attribute", holds="" if attribute else RESOURCE_NAME))


def naming_properties(type_: object) -> tuple[str, ...]:
    """The properties that decide what references to a resource of a type give, as far as these are known."""
    if type_ == _ALIAS:
        return ("FunctionName", "Name")
    if type_ == _STORED[0]:
        return ("Name", _STORED[1])
    return (_SHAPES[type_].name, "Path") if isinstance(type_, str) and type_ in _SHAPES else ()


def arn_attribute(type_: str) -> str:
    """The attribute by which ``Fn::GetAtt`` gives the ARN of a resource type; empty where that is not known."""
    return _SHAPES[type_].attribute if type_ in _SHAPES else ""


def elsewhere(type_: str, name: object, path: object, account: object, region: object) -> object | None:
    """
    An expression for the ARN of a resource that another account has; None for a type whose ARN is not in the table.

    Args:
        name: that of the resource, and likewise the others: an expression.
    """
    shape = _SHAPES.get(type_)
    if shape is None:
        return None
    regional, own = region if shape.regional else "", account if shape.account else ""
    named: list[object] = [path, name] if type_ in _WITH_PATH else [name]
    head: list[object] = ["arn:", {"Ref": "AWS::Partition"}, f":{shape.service}:", regional, ":", own]
    return {"Fn::Join": ["", [*head, f":{shape.prefix}", *named, shape.suffix]]}


def arn(scope: Scope, logical_id: str, region: object = None) -> Text:
    """
    The ARN of a resource of the template; ``*`` for a type whose ARN is not in the table.

    Args:
        region: an expression for where it is, if not in the Region of the template.
    """
    resource = scope.environment.resource(logical_id) or {}
    type_ = resource.get("Type")
    shape = _SHAPES.get(type_) if isinstance(type_, str) else None
    if shape is None or not isinstance(type_, str):
        return "*"
    name = _name(scope, logical_id, shape.name)
    if type_ in _INSIDE:
        return _inside(scope, logical_id, type_)
    if type_ in _WITH_PATH:
        return _arn(scope, shape, [_path(scope, logical_id), name])
    if type_ in _NAME_IS_URL:
        name = _host(name)
    if type_ in _WITH_ID:
        name = concat([name, _WITH_ID[type_], scope.symbol(Symbol(f"id of {logical_id}", "attribute"))])
    if type_ == _SECRET and (given := _property(scope, logical_id, "Name")) is not None:
        ending = scope.symbol(Symbol(f"end of {logical_id}", "attribute", holds=SECRET_ENDING))
        name = concat([given, "-", ending])
    here = resource.get(REGION) if region is None else region
    return _arn(scope, shape, [name], None if here is None else scope.text(here))


def _inside(scope: Scope, logical_id: str, type_: str) -> Text:
    """
    The ARN of what is in another resource: at its end stands an id that the service makes up, or when it was made.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonkinesisdatastreams.html
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3tables.html
    """
    of, kind, named = _INSIDE[type_]
    outer, name = _property(scope, logical_id, of), _property(scope, logical_id, named) if named else ""
    made = scope.symbol(Symbol(f"end of {logical_id}", "attribute"))
    return "*" if outer is None or name is None else concat([outer, kind, name, ":" if named else "", made])


def entity_arn(scope: Scope, kind: str, name: Text) -> Text:
    """The ARN of a holder that is only named: of a user, group or role; its path is not known, and ``/`` is assumed."""
    shape = _SHAPES.get(f"AWS::IAM::{kind.title()}")
    return "*" if shape is None else _arn(scope, shape, ["/", name])


def _arn(scope: Scope, shape: _Shape, name: list[Text], region: object = None) -> Text:
    here = region if isinstance(region, (str, Symbolic)) else scope.pseudo_text("AWS::Region") if shape.regional else ""
    return concat(
        [
            *("arn:", scope.pseudo_text("AWS::Partition"), f":{shape.service}:"),
            here if shape.regional else "",
            ":",
            scope.pseudo_text("AWS::AccountId") if shape.account else "",
            ":" + shape.prefix,
            *name,
            shape.suffix,
        ]
    )


def _name(scope: Scope, logical_id: str, key: str) -> Text:
    """The physical name of a resource; a symbol called like the resource where CloudFormation generates it."""
    type_ = str((scope.environment.resource(logical_id) or {}).get("Type"))
    return _property(scope, logical_id, key) or scope.symbol(
        Symbol(logical_id, "attribute", holds=_holds(scope, logical_id, type_, key))
    )


def _holds(scope: Scope, logical_id: str, type_: str, key: str) -> str:
    """What is known of the name that is generated; what Terraform generates is not made of the names of a stack."""
    if type_ == "AWS::S3::Bucket":
        return BUCKET_NAME
    if _is_given(scope, logical_id, key):
        return ""
    return GENERATED_NAME if type_ in _WITH_PATH and logical_id.isalnum() else RESOURCE_NAME


def _is_given(scope: Scope, logical_id: str, key: str) -> bool:
    """Whether a template gives a name, even where nobody can read it."""
    given = scope.environment.properties(logical_id).get(key)
    try:
        return given is not None and not isinstance(scope.text(given), NoValue)
    except Unreadable:
        return True


def _queue_url(scope: Scope, logical_id: str) -> Text:
    region, suffix, account = (scope.pseudo_text(f"AWS::{one}") for one in ("Region", "URLSuffix", "AccountId"))
    name = _name(scope, logical_id, _SHAPES[_QUEUE].name)
    return concat(["https://sqs.", region, ".", suffix, "/", account, "/", name])


def _path(scope: Scope, logical_id: str) -> Text:
    if (path := _property(scope, logical_id, "Path")) is None and _is_given(scope, logical_id, "Path"):
        return scope.symbol(Symbol(f"path of {logical_id}", "attribute"))
    return path or "/"


def _property(scope: Scope, logical_id: str, key: str) -> Text | None:
    """The text of a property; None where there is none, or nothing that is text."""
    given = scope.environment.properties(logical_id).get(key)
    if given is None:
        return None
    try:
        text = scope.text(given)
    except Unreadable:
        return None
    return text if isinstance(text, (str, Symbolic)) else None


def _issuer(scope: Scope, logical_id: str) -> str:
    """
    The issuer of a cluster: in it the logical id stands for the id that EKS will make up, and where the Region is not
    known, some Region. Which one makes no difference to a policy, and a condition key has to be known.
    """
    partition, region = scope.pseudo("AWS::Partition"), scope.pseudo("AWS::Region")
    if not isinstance(region, str):
        here = partition if isinstance(partition, str) else "aws"
        region = next((one for one in REGIONS if partition_of(one) == here), REGIONS[0])
    return f"oidc.eks.{region}.{url_suffix(partition_of(region))}/id/{logical_id.upper()}"


def _host(url: Text) -> Text:
    """The URL of an OIDC provider without its scheme."""
    if isinstance(url, str):
        return url.removeprefix("https://")
    first = url.parts[0]
    if isinstance(first, str):
        return concat([first.removeprefix("https://"), *url.parts[1:]])
    return url
