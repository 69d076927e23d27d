"""
Reads an account: who am I, what holds which policies, what a stack made. Nothing is ever changed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, TypeVar
from urllib.parse import unquote

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from trustproof.live.errors import FAILURES, CannotCheck, cannot

_T = TypeVar("_T")

#: What an answer calls the place where the next page begins, and what the call for that page does.
_NEXT = {"nextToken": "nextToken", "NextToken": "NextToken", "NextMarker": "Marker"}
#: How many pages one answer may have besides the first: an account with all that its quotas admit has some hundred.
MAX_PAGES = 10_000
_ENDLESS = f"the pages of the answer lead to each other, or are more than {MAX_PAGES}"


@dataclass(frozen=True)
class Identity:
    """
    A role, user or group as it is deployed.

    Args:
        kind: `role`, `user` or `group`.
        name: its name.
        arn: its ARN.
        inline: name to the text of an inline policy.
        attached: ARNs of managed policies.
        trust: the text of the trust policy of a role.
        boundary: the ARN of the permissions boundary.
        duration: of a role's sessions at most, in seconds.
        path: between the type and the name in the ARN.
        unique_id: `AROA…`.
        tags: name to value.
        groups: those that a user is in.
    """

    kind: str
    name: str
    arn: str
    inline: Mapping[str, str] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    trust: str | None = None
    boundary: str | None = None
    duration: int | None = None
    path: str = "/"
    unique_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class StackFacts:
    """
    What CloudFormation says of a deployed stack.

    Args:
        id: its ARN.
        parameters: name to value; of an SSM parameter the value that it had.
        physical_ids: logical id to physical id.
        outputs: name to value.
        tags: name to value; resources of the stack have them, too.
        types: logical id to the type of the resource, of those that exist.
    """

    id: str
    status: str
    parameters: Mapping[str, str]
    physical_ids: Mapping[str, str]
    outputs: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)


@cache
def _loader() -> Any:
    """The models of AWS's services, which each session would read again: a fifth of a second for a few clients."""
    return botocore.session.Session().get_component("data_loader")


def session(**options: Any) -> boto3.Session:
    """
    A session of boto3, with models that were read once.

    Args:
        options: of `boto3.Session`.
    """
    inner = botocore.session.Session()
    inner.register_component("data_loader", _loader())
    made = boto3.Session(botocore_session=inner, **options)
    # A profile that is not there is told here, and not at the first call.
    inner.get_scoped_config()
    return made


class LiveAccount:
    """
    One account, by given credentials.

    Args:
        profile: of the configuration of AWS's tools; None for the default credentials.
    """

    def __init__(self, profile: str | None = None) -> None:
        self.profile = profile
        self._clients: dict[tuple[str, str], Any] = {}
        self._session = _try(lambda: session(profile_name=profile), "read the configuration")

    @cached_property
    def caller(self) -> Mapping[str, Any]:
        """Who the credentials belong to: the first call, and the only one where another account was meant."""
        client = self.client("sts")
        found: Mapping[str, Any] = _try(client.get_caller_identity, "ask who the credentials belong to")
        return found

    @property
    def id(self) -> str:
        """The account id."""
        return str(self.caller["Account"])

    @property
    def region(self) -> str:
        """
        Where the CDK CLI deploys with these credentials what leaves its Region open.

        https://docs.aws.amazon.com/cdk/v2/guide/configure-env.html
        """
        return os.environ.get("AWS_REGION") or self._session.region_name or "us-east-1"

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of boto3 that retries patiently; one for a service and a Region."""
        there = region or self.region
        if (service, there) not in self._clients:
            config = Config(retries={"max_attempts": 8, "mode": "standard"}, user_agent_extra="trustproof")
            self._clients[service, there] = _try(
                lambda: self._session.client(service, region_name=there, config=config),
                f"make a client of {service}",
            )
        return self._clients[service, there]

    @cached_property
    def details(self) -> dict[str, Any]:
        """
        Users, groups, roles and their policies, and the managed policies of the account.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
        """
        found: dict[str, Any] = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
        paginator = self.client("iam").get_paginator("get_account_authorization_details")
        pages = paginator.paginate(Filter=["User", "Role", "Group", "LocalManagedPolicy"])
        for page in _pages(pages, "read users, groups, roles and policies"):
            for name in found:
                found[name] += page.get(name, [])
        return found

    @cached_property
    def identities(self) -> dict[tuple[str, str], Identity]:
        """Kind and name to every role, user and group."""
        found: dict[tuple[str, str], Identity] = {}
        for kind, list_name, policies in (
            ("role", "RoleDetailList", "RolePolicyList"),
            ("user", "UserDetailList", "UserPolicyList"),
            ("group", "GroupDetailList", "GroupPolicyList"),
        ):
            for one in self.details[list_name]:
                name = str(one[f"{kind.capitalize()}Name"])
                found[kind, name] = Identity(
                    kind=kind,
                    name=name,
                    arn=str(one["Arn"]),
                    inline={str(p["PolicyName"]): text_of(p["PolicyDocument"]) for p in one.get(policies) or []},
                    attached=tuple(str(p["PolicyArn"]) for p in one.get("AttachedManagedPolicies") or []),
                    trust=text_of(one["AssumeRolePolicyDocument"]) if kind == "role" else None,
                    boundary=(one.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn"),
                    path=str(one.get("Path") or "/"),
                    unique_id=str(one.get(f"{kind.capitalize()}Id", "")),
                    tags={str(tag["Key"]): str(tag["Value"]) for tag in one.get("Tags") or []},
                    groups=tuple(map(str, one.get("GroupList") or ())),
                )
        return found

    @cached_property
    def managed_policies(self) -> dict[str, str]:
        """ARN to the text of the default version, of the policies of the account."""
        found = {}
        for one in self.details["Policies"]:
            for version in one.get("PolicyVersionList") or []:
                if version.get("IsDefaultVersion"):
                    found[str(one["Arn"])] = text_of(version["Document"])
        return found

    @cached_property
    def origin_access_identities(self) -> dict[str, str]:
        """
        Canonical user id to the id of each origin access identity.

        https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListCloudFrontOriginAccessIdentities.html
        """
        paginator = self.client("cloudfront").get_paginator("list_cloud_front_origin_access_identities")
        return {
            str(one["S3CanonicalUserId"]): str(one["Id"])
            for page in _pages(paginator.paginate(), "list origin access identities")
            for one in page["CloudFrontOriginAccessIdentityList"].get("Items") or []
        }

    def policy_text(self, arn: str) -> str:
        """The text of the default version of any managed policy."""
        if arn not in self.managed_policies:
            client = self.client("iam")
            policy = _try(lambda: client.get_policy(PolicyArn=arn), f"read {arn}")["Policy"]
            version = _try(
                lambda: client.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"]), f"read {arn}"
            )
            self.managed_policies[arn] = text_of(version["PolicyVersion"]["Document"])
        return self.managed_policies[arn]

    def session_duration(self, role: str) -> int:
        """How long sessions of a role may last at most, in seconds."""
        client = self.client("iam")
        found = _try(lambda: client.get_role(RoleName=role), f"read the role {role}")
        return int(found["Role"].get("MaxSessionDuration", 3_600))

    def stack(self, name: str, region: str) -> StackFacts | None:
        """A stack, by its name or its ARN; None when there is none."""
        client = self.client("cloudformation", region)
        try:
            described = client.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in error.response["Error"].get("Message", ""):
                return None
            raise cannot(error, f"read the stack {name}") from None
        except FAILURES as error:
            raise cannot(error, f"read the stack {name}") from None
        ids: dict[str, str] = {}
        types: dict[str, str] = {}
        pages = client.get_paginator("list_stack_resources").paginate(StackName=name)
        for page in _pages(pages, f"list the resources of {name}"):
            for one in page["StackResourceSummaries"]:
                if "PhysicalResourceId" in one and one["ResourceStatus"] != "DELETE_COMPLETE":
                    ids[str(one["LogicalResourceId"])] = str(one["PhysicalResourceId"])
                    types[str(one["LogicalResourceId"])] = str(one["ResourceType"])
        parameters = {
            str(one["ParameterKey"]): str(one.get("ResolvedValue", one.get("ParameterValue", "")))
            for one in described.get("Parameters") or []
        }
        outputs = {str(one["OutputKey"]): str(one["OutputValue"]) for one in described.get("Outputs") or []}
        tags = {str(one["Key"]): str(one["Value"]) for one in described.get("Tags") or []}
        return StackFacts(
            str(described["StackId"]), str(described["StackStatus"]), parameters, ids, outputs, tags, types
        )

    def exports(self, region: str) -> dict[str, str]:
        """What stacks of the account export in a Region: name to value."""
        client = self.client("cloudformation", region)
        found: dict[str, str] = {}
        for page in _pages(client.get_paginator("list_exports").paginate(), "list exports"):
            found |= {str(one["Name"]): str(one["Value"]) for one in page["Exports"]}
        return found

    def call(
        self, service: str, operation: str, parameters: Mapping[str, Any], region: str, absent: Sequence[str] = ()
    ) -> dict[str, Any] | None:
        """
        What an operation answers, with the lists of all its pages.

        Args:
            service: as boto3 calls it.
            operation: as AWS calls it: `GetBucketPolicy`.
            parameters: name to value.
            region: where to ask.
            absent: codes of errors that mean that there is nothing; `Code/word` where the message has to have the word.

        Returns:
            the answer; None where there is nothing.

        Raises:
            CannotCheck: when AWS does not answer.
        """
        client = self.client(service, region)
        named = [value for value in parameters.values() if isinstance(value, str)]
        doing = " ".join((f"ask {service} for {operation}", *named))
        given = dict(parameters)
        found: dict[str, Any] = {}
        asked: set[str] = set()
        while True:
            try:
                answer = getattr(client, xform_name(operation))(**given)
            except ClientError as error:
                if _is_one_of(error, absent):
                    return None
                raise cannot(error, doing) from None
            except FAILURES as error:
                raise cannot(error, doing) from None
            for name, value in answer.items():
                if isinstance(value, list):
                    found.setdefault(name, []).extend(value)
                else:
                    found[name] = value
            token = next((name for name in _NEXT if answer.get(name)), None)
            if token is None:
                return found
            if answer[token] in asked or len(asked) == MAX_PAGES:
                raise CannotCheck(f"cannot {doing}: {_ENDLESS}")
            asked.add(answer[token])
            given[_NEXT[token]] = answer[token]


def _is_one_of(error: ClientError, codes: Sequence[str]) -> bool:
    said = error.response.get("Error", {})
    for one in codes:
        code, _, word = one.partition("/")
        if said.get("Code") == code and word in said.get("Message", ""):
            return True
    return False


def text_of(document: Any) -> str:
    """The text of a policy document as AWS gives it: an object, or text that is encoded as in an address."""
    if isinstance(document, str):
        return unquote(document)
    return json.dumps(document)


def _pages(pages: Any, doing: str) -> Iterator[dict[str, Any]]:
    try:
        for number, page in enumerate(pages):
            if number > MAX_PAGES:
                raise CannotCheck(f"cannot {doing}: {_ENDLESS}")
            yield page
    except FAILURES as error:
        raise cannot(error, doing) from None


def _try(call: Callable[[], _T], doing: str) -> _T:
    try:
        return call()
    except FAILURES as error:
        raise cannot(error, doing) from None


def is_linked(identity: Identity) -> bool:
    """Whether a role is AWS's own: of a service, of a stack set, or of Identity Center."""
    return identity.path.startswith(("/aws-service-role/", "/aws-reserved/")) or identity.name.startswith(
        "stacksets-exec-"
    )
