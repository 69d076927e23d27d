"""
Dynamic references: values of Systems Manager and Secrets Manager that a template names instead of writing them.

Parameters are read with the functions of the template; secrets when a resource is made or changed, so that the stack
does not hold them, and a secret that is another one changes nothing by itself.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.cloudformation.errors import RefusedRequest, ResourceFailed, Undecided
from trustproof.sandbox.cloudformation.reads import ask_parameter, ask_secret
from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties, WrappedType
from trustproof.sandbox.moto.cloudformation import SERVICE_ERRORS, ssm_parameter
from trustproof.sandbox.moto.secrets import secret_text

_REFERENCE = re.compile(r"\{\{resolve:(?P<service>[a-z0-9-]+):(?P<name>[^{}]*)\}\}")
_BEGIN = "{{resolve:"
_PARAMETER = re.compile(r"[a-zA-Z0-9_.\-/]+(:[0-9]+)?")
_SECRET = re.compile(
    r"(?P<secret>arn:[^:]+:secretsmanager:[^:]*:[0-9]{12}:secret:[^:]+|[^:]+)"
    r"(?::(?P<kind>[^:]*))?(?::(?P<key>[^:]*))?(?::(?P<stage>[^:]*))?(?::(?P<version>[^:]*))?"
)
#: Types with a property that takes a secure parameter: a password.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm-secure-strings.html
_WITH_PASSWORDS = (
    "AWS::DirectoryService::MicrosoftAD",
    "AWS::DirectoryService::SimpleAD",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::IAM::User",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::OpsWorks::App",
    "AWS::OpsWorks::Stack",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
)
#: Types whose properties are values for templates of their own: whether they are resolved before, nobody says.
_OF_STACKS = ("AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet")


def with_parameters(value: Any, read: Callable[[str], str]) -> Any:
    """
    Properties with the values of the parameters of Systems Manager that they name.

    Args:
        value: the properties.
        read: the value of a parameter, by its name, perhaps with a version.

    Raises:
        RefusedRequest: a reference has another form.
    """
    return _replaced(value, lambda service, name: read(_parameter_name(name)) if service == "ssm" else None)


def read_parameter(state: State, account: str, region: str, partition: str, role_arn: str | None, name: str) -> str:
    """
    The value of a parameter, as whoever deploys reads it.

    Args:
        state: of the sandbox.
        account: of the stack.
        region: likewise.
        partition: likewise.
        role_arn: of the role that the stack is handed; None without one.
        name: of the parameter, perhaps with a version.

    Raises:
        RefusedRequest: it may not be read, is not there, or is encrypted.
        Undecided: whether it may be read is not known.
    """
    ask_parameter(state, account, region, partition, role_arn, name, in_properties=True)
    found = ssm_parameter(account, region, name)
    if found is None:
        raise RefusedRequest(f"Parameters: [ssm:{name}] cannot be found.")
    value, kind = found
    if kind == "SecureString":
        raise RefusedRequest(f"Non-secure ssm prefix was used for secure parameter: {name}")
    return value


class WithSecrets(WrappedType):
    """A resource type whose secrets are read before it is made."""

    def check(self, properties: Properties) -> None:
        """Hold properties to the schema of the type, and to what is resolved in it."""
        if self.name in _OF_STACKS and _BEGIN in json.dumps(properties, default=str):
            raise ResourceFailed(
                f"the sandbox does not resolve references to secrets in a resource of type {self.name}"
            )
        super().check(properties)

    def create(self, place: Place, properties: Properties) -> Made:
        """Make the resource with the values of its secrets."""
        return super().create(place, self._resolved(place, properties))

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        """Change the resource in place, likewise."""
        return super().update(place, made, old, self._resolved(place, new))

    def _resolved(self, place: Place, properties: Properties) -> Properties:
        def read(service: str, name: str) -> str | None:
            if service == "secretsmanager":
                return _secret(place, name)
            if service == "ssm-secure":
                if self.name in _WITH_PASSWORDS:
                    raise ResourceFailed("NotImplemented: the sandbox does not read secure parameters of passwords")
                raise ResourceFailed(f"SSM Secure reference is not supported in: [{self.name}]")
            return None

        try:
            found: Properties = _replaced(properties, read)
        except RefusedRequest as refused:
            raise ResourceFailed(refused.message) from None
        return found


def _replaced(value: Any, read: Callable[[str, str], str | None]) -> Any:
    if isinstance(value, Mapping):
        return {_replaced(name, read): _replaced(one, read) for name, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, read) for one in value]
    if not isinstance(value, str) or _BEGIN not in value:
        return value
    return "".join(_pieces(value, read))


def _pieces(text: str, read: Callable[[str, str], str | None]) -> Iterator[str]:
    """The parts of a text; what a reference stands for is not looked at again."""
    end = 0
    for found in _REFERENCE.finditer(text):
        yield _plain(text[end : found.start()])
        if found["service"] not in ("ssm", "ssm-secure", "secretsmanager"):
            raise RefusedRequest(f"Dynamic reference of an unknown service: {found['service']}")
        value = read(found["service"], found["name"])
        yield found[0] if value is None else value
        end = found.end()
    yield _plain(text[end:])


def _plain(text: str) -> str:
    if _BEGIN in text:
        raise RefusedRequest("Incorrect format is used in a dynamic reference")
    return text


def _parameter_name(name: str) -> str:
    if not _PARAMETER.fullmatch(name):
        raise RefusedRequest(f"Incorrect format is used in the following SSM reference: [{_BEGIN}ssm:{name}}}}}]")
    return name


def _secret(place: Place, name: str) -> str:
    """
    What a reference to a secret stands for.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html
    """
    found = _SECRET.fullmatch(name)
    if found is None or found["kind"] not in (None, "", "SecretString") or (found["stage"] and found["version"]):
        raise RefusedRequest("Incorrect format is used in a reference to a secret")
    secret, state = found["secret"], place.cloud.state
    if secret.startswith("arn:") and secret.split(":")[3] != place.region:
        raise Undecided(f"a secret of another Region than {place.region} is not read here")
    ask_secret(state, place.region, place.partition, place.role_arn, secret)
    owner = secret.split(":")[4] if secret.startswith("arn:") else place.account
    try:
        text = secret_text(owner, place.region, secret, found["version"] or None, found["stage"] or None)
    except SERVICE_ERRORS:
        raise RefusedRequest("Secrets Manager can't find the specified secret.", "ResourceNotFoundException") from None
    if not found["key"]:
        return text
    try:
        value = json.loads(text)[found["key"]]
    except (ValueError, KeyError, TypeError):
        raise RefusedRequest(
            f"Could not find a value associated with JSONKey in SecretString: {found['key']}"
        ) from None
    return value if isinstance(value, str) else json.dumps(value)
