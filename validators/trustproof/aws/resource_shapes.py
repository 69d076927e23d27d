"""
What requests to a resource policy are about: the ARNs of the resource that the policy stands on, and of what is in it.

The service authorization reference has the ARNs of each resource type; what the names in them look like is said by the
pages of the services. A test holds the table to the published reference.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple


class Shape(NamedTuple):
    """
    The ARNs of a kind of resource.
    """

    service: str
    has_region: bool
    has_account: bool
    #: With the formats of `FORMATS` in braces: ``table/{name}/index/{name}``; ``{own}`` is the name in the ARN of what
    #: the policy stands on.
    resource: str
    #: Whether the name in it begins with that of what the policy stands on.
    inside: bool
    #: Whether a request can be about it; else only what is in it is asked for.
    asked: bool
    #: Whether it is what such a policy stands on instead, so that the policy of another thing is not about it.
    instead: bool = False
    #: What such a policy stands on instead where a request is about this one besides, as `resource` of that one has it.
    beside: str = ""
    #: Whether it is in an account of AWS's own.
    of_aws: bool = False


#: Lines of a type and its ARNs: ``service``, and ``-`` for one without a Region and ``=`` for one without an account,
#: before the resource. The first one is what the policy stands on, in brackets where no request is about it by itself.
#: One that begins with ``+`` is inside of that, one that begins with ``|`` is what it may stand on instead, and one
#: with ``&`` is what requests are about besides where it stands on the one before. One with ``~`` is AWS's own:
#: https://docs.aws.amazon.com/omics/latest/dev/s3-sharing.html
#: The policy of a group of OpsItems gives access to these:
#: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutResourcePolicy.html
_TABLE = """
    AIOps::InvestigationGroup aiops:investigation-group/{name}
    APS::ResourcePolicy aps:workspace/{name} aps:rulegroupsnamespace/{own}/{name}
    ApiGateway::RestApi [execute-api:{name}] +/{name}/GET/{some} +/{name}/POST/{some} +/{name}/PUT/{some}
    ApiGateway::RestApi +/{name}/DELETE/{some} +/{name}/HEAD/{some} +/{name}/OPTIONS/{some} +/{name}/PATCH/{some}
    ApiGateway::DomainNameV2 execute-api:/domainnames/{name}
    Bedrock::KnowledgeBasePolicy bedrock:knowledge-base/{name}
    BedrockAgentCore::ResourcePolicy bedrock-agentcore:runtime/{any} |bedrock-agentcore:gateway/{any}
    BedrockAgentCore::ResourcePolicy |bedrock-agentcore:memory/{any}
    CloudTrail::ResourcePolicy cloudtrail:channel/{name} |cloudtrail:eventdatastore/{name} |cloudtrail:dashboard/{name}
    CodeArtifact::Domain codeartifact:domain/{name} codeartifact:repository/{own}/{name}
    CodeArtifact::Domain codeartifact:package/{own}/{any} codeartifact:package-group/{own}{any}
    CodeArtifact::Repository codeartifact:repository/{name}/{name} codeartifact:package/{any}
    Comprehend::DocumentClassifier comprehend:document-classifier/{name} +/version/{name}
    Comprehend::EntityRecognizer comprehend:entity-recognizer/{name} +/version/{name}
    DSQL::Cluster dsql:cluster/{name} +/stream/{name}
    DynamoDB::Table dynamodb:table/{name} +/index/{name} |dynamodb:table/{name}/stream/{any}
    DynamoDB::GlobalTable dynamodb:table/{name} +/index/{name} |dynamodb:table/{name}/stream/{any}
    ECR::PublicRepository -ecr-public:repository/{path}
    ECR::RegistryPolicy ecr:repository/{path}
    ECR::Repository ecr:repository/{path}
    ECR::RepositoryCreationTemplate ecr:repository/{path}
    EFS::FileSystem elasticfilesystem:file-system/fs-{hex}
    Elasticsearch::Domain es:domain/{name} +/{some}
    EventSchemas::RegistryPolicy schemas:registry/{name} schemas:schema/{own}/{name}
    Events::EventBus events:event-bus/{path} events:rule/{own}/{name}
    Events::EventBusPolicy events:event-bus/{path} events:rule/{path}
    EventsV2::ResourcePolicy events:event-busv2/{any}
    FSx::S3AccessPointAttachment s3:accesspoint/{name} +/object/{any}
    KMS::Key kms:key/{uuid} kms:key/mrk-{hex}
    KMS::ReplicaKey kms:key/mrk-{hex}
    Kinesis::ResourcePolicy kinesis:stream/{name} |kinesis:stream/{name}/consumer/{name}:{hex}
    Lex::ResourcePolicy lex:bot/{name} |lex:bot-alias/{name}/{name}
    Logs::DeliveryDestination logs:delivery-destination:{path}
    Logs::Destination logs:destination:{path}
    Logs::LogGroup logs:log-group:{any} +:log-stream:{any}
    Logs::ResourcePolicy logs:log-group:{any}
    MSK::ClusterPolicy kafka:cluster/{name}/{name} kafka:topic/{own}/{any} kafka:group/{own}/{any}
    MSK::ClusterPolicy kafka:transactional-id/{own}/{any}
    MediaPackageV2::ChannelPolicy mediapackagev2:channelGroup/{name}/channel/{name}
    MediaPackageV2::OriginEndpointPolicy mediapackagev2:channelGroup/{name}/channel/{name}/originEndpoint/{name}
    MediaStore::Container mediastore:container/{name} +/{some}
    MediaTailor::ChannelPolicy mediatailor:channel/{name}
    OSIS::Pipeline osis:pipeline/{name}
    Oam::Sink oam:sink/{uuid}
    Omics::SequenceStore ~s3:accesspoint/{name} +/object/{any}
    OpenSearchService::Domain es:domain/{name} +/{some}
    PaymentCryptography::Key payment-cryptography:key/{name}
    RUM::AppMonitor rum:appmonitor/{name}
    Redshift::Cluster redshift:namespace:{name}
    RedshiftServerless::Namespace redshift-serverless:namespace/{name} redshift:namespace:{name}
    S3::AccessPoint s3:accesspoint/{name} +/object/{any}
    S3::MultiRegionAccessPointPolicy -s3:accesspoint/{name} +/object/{any}
    S3Express::AccessPoint s3express:accesspoint/{name}
    S3Express::BucketPolicy s3express:bucket/{name}
    S3Files::FileSystemPolicy s3files:file-system/{name} +/access-point/{name}
    S3ObjectLambda::AccessPointPolicy s3-object-lambda:accesspoint/{name}
    S3Outposts::AccessPoint s3-outposts:outpost/{name}/accesspoint/{name} +/object/{any}
    S3Outposts::BucketPolicy s3-outposts:outpost/{name}/bucket/{name} +/object/{any}
    S3Tables::TableBucketPolicy s3tables:bucket/{name} +/table/{uuid}
    S3Tables::TablePolicy s3tables:bucket/{name}/table/{uuid}
    S3Vectors::VectorBucketPolicy s3vectors:bucket/{name} +/index/{name}
    SMSVOICE::ResourcePolicy sms-voice:phone-number/{name} |sms-voice:pool/{name} |sms-voice:opt-out-list/{name}
    SMSVOICE::ResourcePolicy |sms-voice:sender-id/{name}/{name}
    SNS::TopicInlinePolicy sns:{name}
    SNS::TopicPolicy sns:{name}
    SQS::QueueInlinePolicy sqs:{name}
    SQS::QueuePolicy sqs:{name}
    SSM::ResourcePolicy ssm:parameter/{path} |ssm:opsitemgroup/default &ssm:opsitem/{name}
    SageMaker::ModelPackageGroup sagemaker:model-package-group/{name} sagemaker:model-package/{own}/{name}
    SecretsManager::ResourcePolicy secretsmanager:secret:{path}-{six}
    Serverless::Api [execute-api:{name}] +/{name}/GET/{some} +/{name}/POST/{some} +/{name}/PUT/{some}
    Serverless::Api +/{name}/DELETE/{some} +/{name}/HEAD/{some} +/{name}/OPTIONS/{some} +/{name}/PATCH/{some}
    Serverless::Function lambda:function:{name} +:{name}
    VpcLattice::AuthPolicy [vpc-lattice:service/svc-{hex}] +/{some}
    VpcLattice::ResourcePolicy vpc-lattice:service/svc-{hex} |vpc-lattice:servicenetwork/sn-{hex}
    VpcLattice::ResourcePolicy |vpc-lattice:resourceconfiguration/rcfg-{hex}
    Trustproof::ACMPCA::Policy acm-pca:certificate-authority/{name}
    Trustproof::CloudSearch::AccessPolicy cloudsearch:domain/{name}
    Trustproof::Glacier::Vault glacier:vaults/{name}
    Trustproof::Glacier::VaultLock glacier:vaults/{name}
    Trustproof::RedshiftServerless::ResourcePolicy redshift-serverless:snapshot/{name}
    Trustproof::RedshiftServerless::ResourcePolicy |redshift-serverless:namespace/{name}
    Trustproof::SES::EmailIdentityPolicy ses:identity/{any}
    Trustproof::SES::IdentityPolicy ses:identity/{any}
"""


#: What stands in braces and may hold delimiters, as a regular expression.
_EXPRESSIONS = {"any": ".+", "path": "[^:]+", "some": ".*"}


def _shape(text: str, before: tuple[Shape, ...]) -> Shape:
    if text.startswith("+") and before:
        return before[0]._replace(resource=before[0].resource + text[1:], inside=True, asked=True)
    beside = before[-1].resource if text.startswith("&") else ""
    whole = text.lstrip("|&")
    bare = whole.strip("[]")
    service, _, resource = bare.lstrip("-=~").partition(":")
    instead, of_aws = text.startswith("|"), bare.startswith("~")
    return Shape(
        service, "-" not in bare[:1], "=" not in bare[:1], resource, False, bare == whole, instead, beside, of_aws
    )


@cache
def _rows() -> dict[str, tuple[Shape, ...]]:
    found: dict[str, tuple[Shape, ...]] = {}
    for line in _TABLE.strip().splitlines():
        name, *texts = line.split()
        type_ = name if name.startswith("Trustproof::") else f"AWS::{name}"
        for text in texts:
            before = found.get(type_, ())
            found[type_] = (*before, _shape(text, before))
    return found


def shapes_of(resource_type: str) -> tuple[Shape, ...]:
    """
    The ARNs of what requests to a policy are about, that of what it stands on first; empty where it is not known.

    Args:
        resource_type: of the policy, or of the resource that has it.
    """
    return _rows().get(resource_type, ())


def form_of(resource_type: str, resource: str) -> str:
    """
    Which of the things that a policy may stand on has an ARN, as the table has it; empty where several may, or none.

    Args:
        resource_type: of the policy, or of the resource that has it.
        resource: the last field of the ARN, in which any text stands for a name that is not known.
    """
    first, *others = shapes_of(resource_type) or (None,)
    kinds = [] if first is None else [first.resource, *(shape.resource for shape in others if shape.instead)]
    found = [kind for kind in kinds if re.fullmatch(_expression(kind), resource)]
    return found[0] if len(kinds) > 1 and len(found) == 1 else ""


def _expression(resource: str) -> str:
    pieces = re.split(r"\{(\w+)\}", resource)
    return "".join(
        _EXPRESSIONS.get(piece, "[^:/]+") if number % 2 else re.escape(piece) for number, piece in enumerate(pieces)
    )


def types() -> tuple[str, ...]:
    """The resource types of which it is known."""
    return tuple(_rows())
