"""
API Gateway, whose actions are the verbs of HTTP and whose resources are the paths of its own addresses:
`apigateway:POST` on `/restapis`.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustproof.sandbox.authorization.actions.common import TAGS_OF_REQUEST, pass_role, roles_in, tag_keys, tags_in
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.requests.wire import Call, path_segments

#: Operations that act on what their paths name, and on nothing else: those that read texts of APIs, call functions,
#: wire networks and domains, or tag by an ARN are none of them.
_OPERATIONS = frozenset(
    verb + name
    for verb, names in {
        "Create": "Authorizer Deployment Model RequestValidator Resource RestApi Stage",
        "Delete": """
            Authorizer Deployment GatewayResponse Integration IntegrationResponse Method MethodResponse Model
            RequestValidator Resource RestApi Stage
        """,
        "Get": """
            Account Authorizer Authorizers Deployment Deployments GatewayResponse GatewayResponses Integration
            IntegrationResponse Method MethodResponse Model Models RequestValidator RequestValidators Resource Resources
            RestApi RestApis Stage Stages
        """,
        "Put": "GatewayResponse Integration IntegrationResponse Method MethodResponse",
        "Update": "Account Authorizer RequestValidator RestApi Stage",
    }.items()
    for name in names.split()
)
#: Parameters that name more than the path does.
_BESIDES = {"cloneFrom": "the API that is copied", "embed": "what is answered besides"}
#: What stands in a path: nothing that would make another ARN of it.
_SEGMENT = re.compile(r"[^\s*?:/]+")
_POLICY = "/policy"


#: Operations on HTTP APIs that read what their paths name.
_HTTP_APIS = frozenset(
    f"Get{name}"
    for name in "Api Apis Authorizer Authorizers Integration Integrations Route Routes Stage Stages".split()
)


def needs_of_http_api(call: Call) -> list[Need]:
    """
    What a request about HTTP APIs needs, whose paths begin with `/v2`, and their resources do not.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html

    Raises:
        Undecided: it does more than to read.
    """
    if call.operation not in _HTTP_APIS:
        raise Undecided(f"on what apigatewayv2:{call.operation} acts besides what its path names is not known here")
    version, *segments = path_segments(call.http)
    if version != "v2" or not all(_SEGMENT.fullmatch(one) for one in segments):
        raise Undecided("the path of the request has no form that is known to name one thing")
    return [Need(f"apigateway:{call.http.method}", _arn(call, "/".join(segments)), call.account)]


def needs_of(call: Call) -> list[Need]:
    """
    What a request needs.

    Raises:
        Undecided: it acts on more than its path says, or sets a policy that nothing here would hold to.
    """
    if call.operation not in _OPERATIONS:
        raise Undecided(f"on what apigateway:{call.operation} acts besides what its path names is not known here")
    if _sets_policy(call):
        raise Undecided("the policy of an API is not enforced here, so none can be set")
    for name, about in _BESIDES.items():
        if call.parameters.get(name):
            raise Undecided(f"whether {call.operation} needs something of {about} is not known here")
    return list(_needs(call))


def _sets_policy(call: Call) -> bool:
    patches = call.parameters.get("patchOperations") or ()
    paths = [str(one.get(name) or "") for one in patches for name in ("path", "from")]
    return bool(call.parameters.get("policy")) or any(path.lower().startswith(_POLICY) for path in paths)


def _needs(call: Call) -> Iterator[Need]:
    segments = path_segments(call.http)
    if not all(_SEGMENT.fullmatch(one) for one in segments):
        raise Undecided("the path of the request has no form that is known to name one thing")
    path = "/".join(segments)
    tags = tags_in({name: value for name, value in call.parameters.items() if name == "tags"}) or {}
    keys, action = tag_keys(tags), f"apigateway:{call.http.method}"
    yield Need(action, _arn(call, path), call.account, keys=keys, computed=TAGS_OF_REQUEST)
    if tags:
        doubt = "whether making something with tags needs it is not known here"
        yield Need("apigateway:PUT", None, call.account, keys=keys, computed=TAGS_OF_REQUEST, doubt=doubt)
    if call.operation == "CreateDeployment" and call.parameters.get("stageName"):
        stages, doubt = f"{segments[0]}/{segments[1]}/stages", "whether a deployment to a stage needs it is not known"
        yield Need("apigateway:POST", _arn(call, stages), call.account, doubt=doubt)
        stage = f"{stages}/{call.parameters['stageName']}"
        yield Need("apigateway:PATCH", _arn(call, stage), call.account, doubt=doubt)
    for role in dict.fromkeys(roles_in(call.parameters)):
        yield pass_role(role, None)


def _arn(call: Call, path: str) -> str:
    return f"arn:{call.partition}:apigateway:{call.region}::/{path}"
