"""
What moto is handed: a request in which all that it goes by says what was authorized.

Service, Region and account are those of the signature that was checked, or of what an unsigned request is about. They
are said anew, so nothing else in a request can say them: a second credential in a header, the name of a host, of a
client or of an object.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from trustproof.sandbox.authorization.actions.iam import implied_user
from trustproof.sandbox.moto import routing
from trustproof.sandbox.moto.server import ACCOUNT_HEADER
from trustproof.sandbox.requests.wire import Call

#: The account in which moto looks for what belongs to nobody who calls.
_NOBODY = "000000000000"
_AUTHORIZATION = "HTTP_AUTHORIZATION"


def environment_of(call: Call, account: str) -> dict[str, Any]:
    """
    The environ of WSGI by which moto does what was authorized.

    Args:
        call: the request.
        account: where it acts; the empty string for nowhere.
    """
    request, signature = call.http, call.http.signature
    if call.service == "iam" and (name := implied_user(call)) is not None:
        # moto would look for the user by the access key, and knows no temporary ones.
        request = replace(request, body=urlencode({**request.form, "UserName": name}).encode())
    environ = request.environment(**{ACCOUNT_HEADER: account or _NOBODY})
    scope = routing.Scope(call.service if signature is None else signature.signing_name, call.region)
    routing.tell(environ, scope)
    if signature is not None:
        environ[_AUTHORIZATION] = routing.authorization(scope, signature.access_key)
    elif call.service != "s3":
        environ[_AUTHORIZATION] = routing.authorization(scope)
    else:
        # By that S3 tells who is anonymous.
        environ.pop(_AUTHORIZATION, None)
    return environ
