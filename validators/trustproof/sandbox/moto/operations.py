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
from werkzeug.test import EnvironBuilder, run_wsgi_app

from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto import routing

#: No request gets there.
_ADDRESS = "http://localhost"
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


@cache
def _model(service: str) -> Any:
    return get_session().get_service_model(service)


@cache
def _client(service: str, account: str, region: str) -> Any:
    # Nobody asks who signs: the authorization is written anew.
    client = get_session().create_client(
        service,
        region_name=region,
        endpoint_url=_ADDRESS,
        config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}, inject_host_prefix=False),
    )
    scope = routing.Scope(str(_model(service).signing_name), region)
    client.meta.events.register_first("before-send", lambda request, **_: _answer(request, account, scope))
    return client


@cache
def _server() -> routing.Server:
    return routing.Server()


def _answer(request: AWSPreparedRequest, account: str, scope: routing.Scope) -> AWSResponse:
    headers = {
        name: value.decode() if isinstance(value, bytes) else str(value) for name, value in request.headers.items()
    }
    path, _, query = request.url.removeprefix(_ADDRESS).partition("?")
    body = request.body or b""
    environ = EnvironBuilder(
        path=path,
        query_string=query,
        base_url=_ADDRESS,
        method=request.method,
        headers=headers,
        data=body if isinstance(body, (bytes, str)) else body.read(),
    ).get_environ()
    environ["RAW_URI"] = environ["REQUEST_URI"] = f"{path}?{query}" if query else path
    environ[_ACCOUNT_HEADER] = account
    environ["HTTP_AUTHORIZATION"] = routing.authorization(scope)
    routing.tell(environ, scope)
    chunks, status, found = run_wsgi_app(_server(), environ, buffered=True)
    return AWSResponse(request.url, int(status.split()[0]), dict(found), _Body(b"".join(chunks)))


class _Body:
    """What botocore reads an answer from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_given: Any) -> Any:
        yield self._content
