"""
Policy documents that stand by themselves in files.

A document does not say what it is attached to. `Settings.policy_kind` says it; otherwise it is told from the document:
what names no principal is an identity policy that nobody is known to have, what names one and is about actions of STS
alone is the trust policy of a role, and what is about actions of one other service is the policy of a resource of that
service.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from trustproof.errors import TemplateError
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.documents.template_shapes import Recast, template_of
from trustproof.inputs.reader import Reader
from trustproof.inputs.settings import Settings
from trustproof.inputs.template_detection import POLICY_ELEMENTS, begins_as_other
from trustproof.inputs.text.source import Source
from trustproof.model.arn import Arn
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.model.policy import Path


class _Stand(NamedTuple):
    """
    What a resource policy stands on.
    """

    type: str
    #: The property that holds the document.
    document: str
    #: What else the resource has to have.
    properties: Mapping[str, object]
    #: The property with the resource's name; empty where names do not matter.
    name: str = ""


#: By the prefix of actions. Other services' policies are read in templates, in which it stands what they are for.
_STANDS = {
    "s3": _Stand("AWS::S3::BucketPolicy", "PolicyDocument", {}, "Bucket"),
    "sqs": _Stand("AWS::SQS::QueuePolicy", "PolicyDocument", {"Queues": [{"Ref": "Queue"}]}),
    "sns": _Stand("AWS::SNS::TopicPolicy", "PolicyDocument", {"Topics": [{"Ref": "Topic"}]}),
    "kms": _Stand("AWS::KMS::Key", "KeyPolicy", {}),
    "secretsmanager": _Stand(
        "AWS::SecretsManager::ResourcePolicy", "ResourcePolicy", {"SecretId": {"Fn::ImportValue": "Secret"}}
    ),
    "ecr": _Stand("AWS::ECR::Repository", "RepositoryPolicyText", {}),
    "es": _Stand("AWS::OpenSearchService::Domain", "AccessPolicies", {}),
    "execute-api": _Stand("AWS::ApiGateway::RestApi", "Policy", {}),
    "backup": _Stand("AWS::Backup::BackupVault", "AccessPolicy", {"BackupVaultName": "vault"}),
    "events": _Stand("AWS::Events::EventBus", "Policy", {}),
    "elasticfilesystem": _Stand("AWS::EFS::FileSystem", "FileSystemPolicy", {}),
}
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_LONGEST_NAME = 128
_RESOURCES: Mapping[str, Mapping[str, object]] = {
    "Queue": {"Type": "AWS::SQS::Queue", "Properties": {}},
    "Topic": {"Type": "AWS::SNS::Topic", "Properties": {}},
}


class PolicyFileReader:
    """
    Reads files that hold one policy document, JSON or YAML.
    """

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the names of policy documents end, in a directory."""
        return (".json",)

    def reads(self, content: object) -> bool:
        """Whether a file's content is a policy document."""
        return isinstance(content, Mapping) and "Statement" in content and not set(content) - POLICY_ELEMENTS

    def resembles(self, text: str) -> bool:
        """Whether a text that cannot be parsed looks like one."""
        has_all = '"Statement"' in text and '"Effect"' in text and '"Resources"' not in text
        return has_all and not begins_as_other(text)

    def refusal(self, content: object) -> str:
        """What was expected: a clause for an error."""
        return "expected a policy document: a mapping with Statement"

    def read(self, source: Source, content: Mapping[str, object], settings: Settings) -> Sequence[Template]:
        """
        The document, on what it is attached to.

        Raises:
            TemplateError: it cannot be told what that is.
        """
        return (template_of(source, content, settings, partial(_recast, asked=settings.policy_kind)),)


READER: Reader = PolicyFileReader()


def _recast(content: Mapping[str, object], file: str, asked: str | None) -> Recast:
    kind = asked or _kind(content, file)
    name = os.path.splitext(os.path.basename(file))[0].strip("<>") or "policy"
    if kind == TRUST:
        return _on(name, "AWS::IAM::Role", ("AssumeRolePolicyDocument",), {"AssumeRolePolicyDocument": content})
    if kind == IDENTITY and asked is None:
        # Nobody is known to have it, and what only matters to who has it is not asked.
        recast = _on(name, "AWS::IAM::ManagedPolicy", ("PolicyDocument",), {"PolicyDocument": content})
        return recast._replace(if_unattached="--as identity asks about it as a policy of a user")
    if kind == IDENTITY:
        # IAM takes no other characters, and the file may have any name.
        called = re.sub(r"[^\w+=,.@-]", "-", name, flags=re.ASCII)[:_LONGEST_NAME]
        policy = {"PolicyName": called, "PolicyDocument": content}
        return _on(name, "AWS::IAM::User", ("Policies", 0, "PolicyDocument"), {"Policies": [policy]})
    return _on_a_resource(name, content, file)


def _on(name: str, type_: str, document: Path, properties: Mapping[str, object]) -> Recast:
    resources: dict[str, object] = {**_RESOURCES, name: {"Type": type_, "Properties": properties}}
    referred = {key: value for key, value in resources.items() if key == name or _refers(properties, key)}
    return Recast({"Resources": referred}, {("Resources", name, "Properties", *document): ()})


def _refers(value: object, name: str) -> bool:
    if isinstance(value, Mapping):
        return value.get("Ref") == name or any(_refers(inner, name) for inner in value.values())
    return isinstance(value, list) and any(_refers(inner, name) for inner in value)


def _on_a_resource(name: str, content: Mapping[str, object], file: str) -> Recast:
    services = sorted(set(_services(content)))
    stand = _STANDS.get(services[0]) if len(services) == 1 else None
    if stand is None:
        said = f"it is about {', '.join(services)}" if services else "its actions are of no one service"
        known = ", ".join(sorted(_STANDS))
        raise TemplateError(f"cannot tell what this resource policy stands on: {said}; expected one of {known}", file)
    properties = {**stand.properties, stand.document: content}
    if stand.name:
        properties[stand.name] = _bucket(content) or name.lower()
    return _on(name, stand.type, (stand.document,), properties)


def _kind(content: Mapping[str, object], file: str) -> str:
    statements = list(_statements(content))
    if not any("Principal" in one or "NotPrincipal" in one for one in statements):
        return IDENTITY
    services = set(_services(content))
    if services == {"sts"}:
        return TRUST
    if not services:
        raise TemplateError("cannot tell what this policy is attached to: say --as trust or --as resource", file)
    return RESOURCE


def _statements(content: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    written = content.get("Statement")
    yield from (one for one in (written if isinstance(written, list) else [written]) if isinstance(one, Mapping))


def _services(content: Mapping[str, object]) -> Iterator[str]:
    """The prefixes of the actions that are allowed or denied; one that is all services is none."""
    for statement in _statements(content):
        for key in ("Action", "NotAction"):
            written = statement.get(key)
            for action in written if isinstance(written, list) else [written]:
                prefix, colon, _ = str(action).partition(":")
                if colon and "*" not in prefix:
                    yield prefix.lower()


def _bucket(content: Mapping[str, object]) -> str:
    """The bucket that a policy speaks of, which can only be its own; empty where it names none."""
    for statement in _statements(content):
        written = statement.get("Resource")
        for resource in written if isinstance(written, list) else [written]:
            arn = Arn.parse(resource) if isinstance(resource, str) else None
            if arn is not None and arn.service == "s3":
                bucket = arn.resource.partition("/")[0]
                if bucket and not set(bucket) & set("*?$"):
                    return bucket
    return ""
