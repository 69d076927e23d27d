"""
Whether CloudFormation may make a resource: it calls the services with the permissions of whoever called it, or of the
role that the stack was handed.

The operations of IAM are known one by one, and those of other services as far as the handlers of resource types say
them.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from trustproof.model.request import ContextValue
from trustproof.sandbox.authorization.actions import encryption, functions, iam, linked_roles
from trustproof.sandbox.authorization.actions.common import pass_role
from trustproof.sandbox.authorization.actions.mapping import needs_of
from trustproof.sandbox.authorization.actions.reference import SAID_OF_ROLES
from trustproof.sandbox.authorization.authorize import authorize
from trustproof.sandbox.authorization.context import FORWARDED, Need
from trustproof.sandbox.authorization.effective_caller import effective_caller
from trustproof.sandbox.cloudformation.errors import NotPermitted
from trustproof.sandbox.cloudformation.handlers import needs_of_handler
from trustproof.sandbox.cloudformation.iam_operations import UNNAMED, Operation, operations, reading
from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties, WrappedType
from trustproof.sandbox.cloudformation.resources.iam_identities import policy_text
from trustproof.sandbox.cloudformation.roles import handed_over
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.requests.wire import Call, HttpRequest
from trustproof.sandbox.services import key_lockout
from trustproof.sandbox.services.service_roles import CLOUDFORMATION_SESSION, session_of

#: Services in the names of types to the prefixes of their actions, where these are others.
_PREFIXES = {
    "ApiGatewayV2": ("apigateway",),
    "ApplicationAutoScaling": ("application-autoscaling",),
    "CertificateManager": ("acm",),
    "Cognito": ("cognito-idp", "cognito-identity"),
    "EFS": ("elasticfilesystem",),
    "EMR": ("elasticmapreduce",),
    "ElasticLoadBalancingV2": ("elasticloadbalancing",),
    "Elasticsearch": ("es",),
    "KinesisFirehose": ("firehose",),
    "OpenSearchService": ("es",),
    "StepFunctions": ("states",),
}
#: Ends of the parameters by which IAM knows what a request is about.
_IDENTIFIERS = ("Arn", "Name", "SerialNumber", "Url")
#: Types of IAM to the property with the name of one, and how long the name may be that CloudFormation makes up.
_NAMES = {
    "AWS::IAM::Group": ("GroupName", 128),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName", 128),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", 128),
    "AWS::IAM::Role": ("RoleName", 64),
    "AWS::IAM::User": ("UserName", 64),
}
#: What makes nothing: https://docs.aws.amazon.com/cdk/v2/guide/usage-data.html
_NOTHING = ("AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle")
#: How the names of types begin that a function of the account makes.
_CUSTOM = "Custom::"
#: Secrets, the property with the key of one, and those that write its text.
_SECRETS, _KEY_OF_SECRET, _TEXTS = (
    ("AWS::SecretsManager::Secret",),
    "KmsKeyId",
    ("GenerateSecretString", "SecretString"),
)
#: What reads a secret, and writes it.
_ATTACHMENT = "AWS::SecretsManager::SecretTargetAttachment"
#: What calls a function: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
_ROTATION = "AWS::SecretsManager::RotationSchedule"
#: Types with a key policy, and the property with which one that locks its author out is taken.
_KEYS, _BYPASS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey"), "BypassPolicyLockoutSafetyCheck"


#: Types to the property that says where in S3 something of them is, with the names of its bucket, key and version.
_OF_S3 = ("S3Bucket", "S3Key", "S3ObjectVersion")
_ARCHIVES = {
    "AWS::Lambda::Function": ("Code", _OF_S3),
    "AWS::Lambda::LayerVersion": ("Content", _OF_S3),
    "AWS::StepFunctions::StateMachine": ("DefinitionS3Location", ("Bucket", "Key", "Version")),
}
_LAYERS, _IMAGE = "Layers", "ImageUri"


class WithPermissions(WrappedType):
    """A resource type that asks whether it may be made before it is."""

    def create(self, place: Place, properties: Properties) -> Made:
        """Make the resource, if whoever deploys may."""
        _ask(place, self.name, None, None, properties)
        return super().create(place, properties)

    def existing(self, place: Place, physical_id: str) -> Made:
        """One that exists, if whoever deploys may read it."""
        _ask_to_read(place, self.name, physical_id)
        return super().existing(place, physical_id)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        """Change the resource in place, likewise."""
        _ask(place, self.name, made.physical_id, old, new)
        return super().update(place, made, old, new)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """Delete the resource, likewise."""
        _ask(place, self.name, made.physical_id, properties, None)
        super().delete(place, made, properties)


def _ask_to_read(place: Place, kind: str, physical_id: str) -> None:
    """
    See that a resource of IAM may be read.

    Raises:
        NotPermitted: it may not, or that is undecided.
    """
    credentials = _credentials(place)
    if credentials is None:
        return

    def needs() -> Iterator[Need]:
        first, *more = _of_operations(place, credentials, reading(kind, physical_id))
        yield first
        doubt = f"whether importing a resource of type {kind} needs it is not known here"
        yield from (replace(need, doubt=doubt) for need in more)

    with _refusals(kind):
        _authorize(place, credentials, needs())


def _ask(place: Place, kind: str, physical_id: str | None, old: Properties | None, new: Properties | None) -> None:
    """
    See that a resource may be brought from one state to another.

    Raises:
        NotPermitted: it may not, or that is undecided.
    """
    credentials = None if kind in _NOTHING else _credentials(place)
    if credentials is None:
        return
    with _refusals(kind):
        if kind.startswith("AWS::IAM::"):
            named, given = _named(place, kind, physical_id, new)
            needs = _of_operations(place, credentials, operations(kind, named, old, given))
        elif kind.startswith(_CUSTOM):
            doubt = "whether whoever deploys a custom resource needs it is not known here"
            needs = _of_function(place, credentials, str((new or old or {}).get("ServiceToken")), doubt)
        elif kind == _ATTACHMENT:
            secret = str((new or old or {}).get("SecretId"))
            needs = _of_secret(place, credentials, secret, ("GetSecretValue", "PutSecretValue"))
        else:
            needs = _of_others(place, credentials, kind, physical_id, old, new)
        _authorize(place, credentials, needs)
        if kind in _KEYS and new is not None and not new.get(_BYPASS):
            _check_lockout(place, credentials, physical_id, old, new)


def _credentials(place: Place) -> Credentials | None:
    """With whose permissions a resource is made; None where nobody is asked."""
    credentials = effective_caller()
    if credentials is None or place.role_arn is None:
        return credentials
    session = session_of(place.cloud.state, place.role_arn, CLOUDFORMATION_SESSION)
    if session is None:
        raise NotPermitted(f"Role {place.role_arn} is invalid or cannot be assumed")
    return session


def _authorize(place: Place, credentials: Credentials, needs: Iterable[Need]) -> None:
    # From where CloudFormation calls, and what it says of that, nobody here knows.
    seen = [replace(need, unknown=(*need.unknown, *FORWARDED)) for need in needs]
    authorize(place.cloud.state, credentials.caller, credentials, seen, {}, place.region)


@contextmanager
def _refusals(kind: str) -> Iterator[None]:
    """Let what is refused fail the resource, in the words of its service."""
    service_name = kind.split("::")[1]
    try:
        yield
    except RefusedRequest as refused:
        text = f"{refused.message} (Service: {service_name}, Status Code: {refused.status}, Error Code: {refused.code})"
        raise NotPermitted(text) from None


def _check_lockout(
    place: Place, credentials: Credentials, physical_id: str | None, old: Properties | None, new: Properties
) -> None:
    """See that whoever deploys may change the policy of a key that the template gives it."""
    document = new.get("KeyPolicy")
    if document is None or (old is not None and old.get("KeyPolicy") == document):
        return
    key = key_lockout.new_key(place.region, place.account)
    arn = key if physical_id is None else f"{key.rpartition('/')[0]}/{physical_id}"
    keys: dict[str, ContextValue] = {"kms:calleraccount": credentials.account or ""}
    need = Need("kms:PutKeyPolicy", arn, place.account, keys=keys, unknown=FORWARDED, delegated=True)
    key_lockout.check(place.cloud.state, credentials, need, policy_text(document), {}, place.region)


def _named(
    place: Place, kind: str, physical_id: str | None, properties: Properties | None
) -> tuple[str | None, Properties | None]:
    """
    What a resource of IAM is called, and its properties with the name that it will have, but for chance.

    Where the name that CloudFormation makes up is too long, what it cuts off is not documented: then it is left open.
    """
    parameter, longest = _NAMES.get(kind, ("", 0))
    if physical_id is not None or properties is None or not parameter:
        return physical_id, properties
    name = str(properties.get(parameter) or place.generated_name(longest))
    if not properties.get(parameter) and not name.startswith(f"{place.stack_name}-{place.logical_id}-"):
        return None, properties
    arn = f"arn:{place.partition}:iam::{place.account}:policy{properties.get('Path') or '/'}{name}"
    return arn if kind == "AWS::IAM::ManagedPolicy" else None, {**properties, parameter: name}


def _of_operations(place: Place, credentials: Credentials, called: Iterable[Operation]) -> Iterator[Need]:
    """What operations of IAM need."""
    request = HttpRequest("POST", "/", "", {}, b"", {})
    for operation, given in called:
        unnamed = UNNAMED in given.values()
        # Whose name is not known is no user for IAM to look up, nor the caller.
        named = given if any(name.endswith(_IDENTIFIERS) for name in given) else {**given, "UserName": UNNAMED}
        call = Call(request, "iam", operation, named, place.region, place.partition, credentials)
        for need in iam.needs_of(call):
            if need.action == "iam:PassRole" or not (unnamed or named is not given):
                yield need
                continue
            keys = {name: value for name, value in need.keys.items() if value != UNNAMED}
            computed = tuple(one for one in need.computed if one != "iam:policyarn" or "iam:policyarn" in keys)
            yield replace(need, resource=None, keys=keys, computed=computed)


def _of_function(place: Place, credentials: Credentials, function: str, doubt: str) -> Iterator[Need]:
    """What running a function needs, with the doubt whether it is asked for."""
    request = HttpRequest("POST", "/", "", {}, b"", {})
    given = {"FunctionName": function}
    for need in needs_of(Call(request, "lambda", "Invoke", given, place.region, place.partition, credentials)):
        yield replace(need, doubt=doubt)


def _of_secret(place: Place, credentials: Credentials, secret: str, called: Iterable[str]) -> Iterator[Need]:
    """What operations on a secret need, of its policy and its key too."""
    request = HttpRequest("POST", "/", "", {}, b"", {})
    for operation in called:
        given = {"SecretId": secret}
        call = Call(request, "secretsmanager", operation, given, place.region, place.partition, credentials)
        needs = list(needs_of(call))
        yield from needs
        yield from encryption.needs_of(call, needs)


def _of_others(
    place: Place,
    credentials: Credentials,
    kind: str,
    physical_id: str | None,
    old: Properties | None,
    new: Properties | None,
) -> Iterator[Need]:
    name = kind.split("::")[1]
    prefixes = _PREFIXES.get(name, (name.lower(),))
    yield from needs_of_handler(place, kind, prefixes, physical_id, old, new)
    if old is None and new is not None:
        for prefix in prefixes:
            yield from linked_roles.made_for_type(place.account, prefix, kind, new)
    if old != new and new is not None:
        changed = {name: value for name, value in new.items() if old is None or old.get(name) != value}
        yield from _of_keys(place, credentials, kind, prefixes[0], new, changed)
        yield from _of_contents(place, credentials, kind, changed)
        if kind == _ROTATION:
            doubt = f"whether making a resource of type {kind} needs it is not known here"
            yield from _of_secret(place, credentials, str(new.get("SecretId")), ("RotateSecret",))
            yield from _of_function(place, credentials, str(new.get("RotationLambdaARN")), doubt)
        for one in handed_over(place.account, place.partition, kind, new):
            said = one.service if one.service in SAID_OF_ROLES else None
            need = pass_role(one.role or "", said)
            if one.service is None:
                need = replace(need, doubt=f"whether {kind} hands the role to a service is not known here")
            yield need if one.role is not None else replace(need, resource=None, owner=None)


def _of_keys(
    place: Place, credentials: Credentials, kind: str, prefix: str, new: Properties, changed: Properties
) -> Iterator[Need]:
    """What a resource needs of the keys that its template hands its service, as if a call had done it."""
    if kind in _SECRETS and any(name in changed for name in _TEXTS):
        changed = {**changed, _KEY_OF_SECRET: new.get(_KEY_OF_SECRET)}
    elif kind in _SECRETS and _KEY_OF_SECRET not in changed:
        return
    operation = f"Create{kind.rpartition('::')[2]}"
    request = HttpRequest("POST", "/", "", {}, b"", {})
    call = Call(request, prefix, operation, changed, place.region, place.partition, credentials)
    yield from encryption.needs_of(call, ())


def _of_contents(place: Place, credentials: Credentials, kind: str, changed: Properties) -> Iterator[Need]:
    """What a service reads for whoever deploys: an archive or a text in S3, and the layers of a function."""
    request = HttpRequest("POST", "/", "", {}, b"", {})
    name, parts = _ARCHIVES.get(kind, ("", _OF_S3))
    where = changed.get(name) or {}
    code = {its: where[part] for its, part in zip(_OF_S3, parts, strict=True) if where.get(part)}
    if where.get(_IMAGE):
        code[_IMAGE] = where[_IMAGE]
    given = {"Code": code, _LAYERS: changed.get(_LAYERS) if kind == "AWS::Lambda::Function" else None}
    call = Call(request, "lambda", "CreateFunction", given, place.region, place.partition, credentials)
    yield from functions.code(call)
    yield from functions.layers(call)
