"""
The door to operations of moto's services, called as a client calls them and past the gateway: by those who have asked
whether they may.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore import UNSIGNED, xform_name
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from trustproof.sandbox import in_process
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto import routing

_ACCOUNT_HEADER = "HTTP_X_MOTO_ACCOUNT_ID"


def operation(service: str, name: str, account: str, region: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """
    What an operation answers.

    Args:
        service: as botocore names it: `cognito-idp`.
        name: `CreateUserPool`.
        account: in which it acts.
        region: likewise.
        given: its parameters.

    Raises:
        RefusedRequest: the service refuses it, or moto cannot do it.
    """
    try:
        answer: dict[str, Any] = getattr(_client(service, account, region), xform_name(name))(**given)
    except ClientError as error:
        said = error.response.get("Error", {})
        raise RefusedRequest(str(said.get("Message") or error), str(said.get("Code") or "Unknown")) from None
    except BotoCoreError as error:
        raise RefusedRequest(str(error)) from None
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def input_shape(service: str, name: str) -> Any:
    """The shape of the parameters of an operation, as botocore has it; None where it has none."""
    return _model(service).operation_model(name).input_shape


def operations_of(service: str) -> list[str]:
    """The names of the operations of a service, as botocore has them."""
    return list(_model(service).operation_names)


@cache
def _model(service: str) -> Any:
    return get_session().get_service_model(service)


@cache
def _client(service: str, account: str, region: str) -> Any:
    # Nobody asks who signs: the authorization is written anew.
    client = get_session().create_client(
        service,
        region_name=region,
        endpoint_url=in_process.ADDRESS,
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}, inject_host_prefix=False),
    )
    scope = routing.Scope(str(_model(service).signing_name), region)
    client.meta.events.register_first("before-send", lambda request, **_: _answer(request, account, scope))
    return client


@cache
def _server() -> routing.Server:
    return routing.Server()


def _answer(request: AWSPreparedRequest, account: str, scope: routing.Scope) -> AWSResponse:
    environ = in_process.environ_of(request)
    environ[_ACCOUNT_HEADER] = account
    environ["HTTP_AUTHORIZATION"] = routing.authorization(scope)
    routing.tell(environ, scope)
    return in_process.answer(_server(), environ, request.url)
