"""
CloudFormation: stacks by their names, and the role that a stack is handed.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

from trustproof.model.request import ContextValue
from trustproof.sandbox.authorization.actions import s3
from trustproof.sandbox.authorization.actions.common import (
    TAGS_OF_REQUEST,
    account_in,
    arn_of,
    pass_role,
    tag_keys,
    tags_in,
)
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.requests.wire import Call

_KEYS = {
    "TemplateURL": "cloudformation:templateurl",
    "RoleARN": "cloudformation:rolearn",
    "ChangeSetName": "cloudformation:changesetname",
    "StackPolicyURL": "cloudformation:stackpolicyurl",
}
#: Who may not tag makes and changes stacks with tags all the same, as the deploy role of the CDK does; what AWS does
#: where tagging is denied is not known.
#: https://docs.aws.amazon.com/cdk/v2/guide/tagging.html
_TAGGED = ("CreateChangeSet", "CreateStack", "UpdateStack")
_IMPORTS = "cloudformation:importresourcetypes"
#: A call that limits the types is refused: see `requests.check_options`.
_ABSENT = "cloudformation:resourcetypes"
_COMPUTED = (*TAGS_OF_REQUEST, *_KEYS.values(), _IMPORTS, _ABSENT)


def needs_of(call: Call) -> list[Need]:
    """What a request needs."""
    parameters = call.parameters
    resource = _resource(call)
    keys: dict[str, ContextValue] = {
        name: str(parameters[parameter]) for parameter, name in _KEYS.items() if parameters.get(parameter)
    }
    if parameters.get("ResourceTypes"):
        raise Undecided("the sandbox does not have ResourceTypes of CloudFormation")
    keys |= tag_keys(tags_in({"Tags": parameters.get("Tags") or []}) or {})
    if types := sorted({str(one.get("ResourceType")) for one in parameters.get("ResourcesToImport") or []}):
        keys[_IMPORTS] = tuple(types)
    owner = account_in(resource) if resource not in (None, "*") else call.account
    # A stack that is not there yet has no tags.
    computed = (*_COMPUTED, "aws:resourcetag/") if resource == "*" or call.operation == "CreateStack" else _COMPUTED
    needs = [Need(f"cloudformation:{call.operation}", resource, owner, keys=keys, computed=computed)]
    if parameters.get("Tags"):
        doubt = f"whether {call.operation} with tags needs it is not known here"
        tagging = replace(needs[0], action="cloudformation:TagResource", doubt=doubt)
        needs.append(replace(tagging, only_denied=call.operation in _TAGGED))
    urls = [str(parameters[name]) for name in ("TemplateURL", "StackPolicyURL") if parameters.get(name)]
    needs += [s3.reads_for(call, *object_of(url)) for url in urls]
    if parameters.get("RoleARN"):
        needs.append(pass_role(str(parameters["RoleARN"]), "cloudformation.amazonaws.com"))
    return needs


def object_of(url: str) -> tuple[str, str, str | None]:
    """
    The bucket, the key and the version of a template in S3: CloudFormation reads it as whoever calls.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-overview.html
    """
    parts = urlsplit(url)
    path, host = unquote(parts.path).lstrip("/"), parts.hostname or ""
    version = parse_qs(parts.query).get("versionId", [None])[0]
    if ".s3" in host and host.split(".s3")[0]:
        return host.split(".s3")[0], path, version
    bucket, _, key = path.partition("/")
    return bucket, key, version


def _resource(call: Call) -> str | None:
    parameters = call.parameters
    stack = parameters.get("StackName")
    if isinstance(stack, str) and stack:
        return stack if stack.startswith("arn:") else arn_of(call, "cloudformation", f"stack/{stack}/*")
    stack_set = parameters.get("StackSetName")
    if isinstance(stack_set, str) and stack_set:
        return arn_of(call, "cloudformation", f"stackset/{stack_set}:*")
    if parameters.get("ChangeSetName"):
        # The ARN of a change set does not tell its stack's.
        return None
    return "*"
