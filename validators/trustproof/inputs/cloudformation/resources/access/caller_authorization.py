"""
What methods and routes of APIs, services of VPC Lattice, clusters and workspaces ask callers for, and no policy says:
a signature, a token, nothing.

Whom an authorizer lets in is not known. So where a method that stays asks for something else, nobody knows whether
access changed; a method that comes or goes asks for what it does since it was made.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.section.api_methods import named_by
from trustproof.inputs.cloudformation.resources.access.settings_besides import plain_text
from trustproof.inputs.reader import ImpliedAccess

#: Types to the property that names their API.
_METHODS = {"AWS::ApiGateway::Method": "RestApiId", "AWS::ApiGatewayV2::Route": "ApiId"}
_AUTHORIZATION = "AuthorizationType"
_MORE = ("AuthorizerId", "AuthorizationScopes")
_AUTHORIZERS = ("AWS::ApiGateway::Authorizer", "AWS::ApiGatewayV2::Authorizer")
#: Types to what says who callers are, with what each is where it is not written: nobody is asked who it is.
#: https://docs.aws.amazon.com/vpc-lattice/latest/APIReference/API_CreateService.html
#: https://docs.aws.amazon.com/bedrock-agentcore-control/latest/APIReference/API_CreateGateway.html
#: https://docs.aws.amazon.com/neptune/latest/userguide/iam-auth-enable.html
#: https://docs.aws.amazon.com/msk/latest/developerguide/kafka_apis_iam.html
_ASKS: Mapping[str, Mapping[str, object]] = {
    "AWS::BedrockAgentCore::Gateway": {"AuthorizerType": "NONE", "AuthorizerConfiguration": None},
    "AWS::BedrockAgentCore::Runtime": {"AuthorizerConfiguration": None},
    "AWS::Grafana::Workspace": {"AuthenticationProviders": None, "SamlConfiguration": None},
    "AWS::MSK::Cluster": {"ClientAuthentication": None},
    "AWS::Neptune::DBCluster": {"IamAuthEnabled": False},
    "AWS::VpcLattice::Service": {"AuthType": "NONE"},
    "AWS::VpcLattice::ServiceNetwork": {"AuthType": "NONE"},
}
#: What an authorizer says and nobody is let in by.
_BESIDES = ("Name", "AuthorizerResultTtlInSeconds")
_SAM_APIS = ("AWS::Serverless::Api", "AWS::Serverless::HttpApi")
#: Kinds of events to what names their API: without it, SAM makes one of what ``Globals`` say.
_NAMES_API = {"Api": "RestApiId", "HttpApi": "ApiId"}
_SAM_CALLED = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")


def caller_authorization(environment: Environment, data: Mapping[str, object]) -> Iterator[ImpliedAccess]:
    """
    What the resources of a template ask callers for; but of an API with a policy, which is compared with that.

    Args:
        environment: of the template.
        data: the whole template, for its ``Globals``.
    """
    judged = frozenset(_with_policies(environment))
    for logical_id, resource in environment.resources.items():
        type_, properties = str(resource.get("Type")), environment.properties(logical_id)
        if type_ in _METHODS:
            if named_by(properties.get(_METHODS[type_])) not in judged:
                asked = {_AUTHORIZATION: "NONE", **_parts(properties, (_AUTHORIZATION, *_MORE))}
                yield _asked(environment, logical_id, asked)
        elif type_ in _ASKS:
            known = _ASKS[type_]
            yield _asked(environment, logical_id, {**known, **_parts(properties, tuple(known))})
        elif type_ in _AUTHORIZERS:
            yield _asked(environment, logical_id, {k: v for k, v in properties.items() if k not in _BESIDES})
        elif type_ in _SAM_APIS and logical_id not in judged:
            yield _asked(environment, logical_id, properties.get("Auth"))
        elif type_ in _SAM_CALLED:
            yield from _of_events(environment, logical_id, properties, data, judged)


def _of_events(
    environment: Environment,
    logical_id: str,
    properties: Mapping[str, object],
    data: Mapping[str, object],
    judged: frozenset[str],
) -> Iterator[ImpliedAccess]:
    events, sections = properties.get("Events"), data.get("Globals")
    for name, event in events.items() if isinstance(events, Mapping) else ():
        if isinstance(event, Mapping) and event.get("Type") in _NAMES_API:
            given = event.get("Properties")
            if isinstance(given, Mapping) and named_by(given.get("RestApiId")) not in judged:
                kind = str(event["Type"])
                section = sections.get(kind) if isinstance(sections, Mapping) else None
                of_all = section.get("Auth") if isinstance(section, Mapping) else None
                if of_all is None or given.get(_NAMES_API[kind]) is not None:
                    yield _asked(environment, logical_id, given.get("Auth"), name)
                else:
                    yield _asked(environment, logical_id, [of_all, given.get("Auth")], name)


def _with_policies(environment: Environment) -> Iterator[str]:
    """The APIs that have a policy, where that is known."""
    for logical_id in environment.resources:
        properties = environment.properties(logical_id)
        auth = properties.get("Auth")
        if properties.get("Policy") or (isinstance(auth, Mapping) and "ResourcePolicy" in auth):
            yield logical_id
            yield named_by(properties.get("RestApiId")) or logical_id


def _asked(environment: Environment, logical_id: str, value: object, event: str = "") -> ImpliedAccess:
    whose = f"the event {event} of {logical_id}" if event else logical_id
    text = plain_text(value)
    path = environment.path(logical_id)
    return ImpliedAccess(logical_id, path, f"what {whose} asks callers for", text, is_limit=True)


def _parts(properties: Mapping[str, object], names: tuple[str, ...]) -> dict[str, object]:
    return {name: properties[name] for name in names if name in properties}
