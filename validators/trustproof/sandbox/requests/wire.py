"""
Requests and answers on the wire: who claims to have signed, which operation is asked for, and how a protocol says no.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
"""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, unquote
from xml.sax.saxutils import escape

from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.errors import RefusedRequest, WrongRegion

#: Names in credential scopes that are not the service's name in botocore. What is not here is the name itself.
_SIGNING_NAMES = {
    "states": "stepfunctions",
    "monitoring": "cloudwatch",
    "email": "ses",
    "elasticloadbalancing": "elbv2",
    "elasticfilesystem": "efs",
    "elasticmapreduce": "emr",
    "tagging": "resourcegroupstaggingapi",
    "application-autoscaling": "application-autoscaling",
    "cognito-identity": "cognito-identity",
}
_XML = "text/xml"
#: Parameters of the signature of an address:
#: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
_SIGNATURE_PARAMETERS = frozenset(
    f"X-Amz-{name}"
    for name in "Algorithm Content-Sha256 Credential Date Expires Security-Token Signature SignedHeaders".split()
)


@dataclass(frozen=True)
class Signature:
    """What a request says of its signature; nothing of it is checked yet."""

    access_key: str
    #: `YYYYMMDD`.
    date: str
    region: str
    #: As in the scope: `sts`, `states`.
    signing_name: str
    signed_headers: tuple[str, ...]
    signature: str
    #: `YYYYMMDDTHHMMSSZ`.
    timestamp: str
    token: str | None
    #: Seconds for which a presigned URL is good; None for a signature in the header.
    expires: int | None = None
    #: Seconds since it was made, at least and at most; not known before it is checked.
    age: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class HttpRequest:
    """
    One request as it arrived.
    """

    method: str
    #: As sent, percent-encoded, without the query.
    raw_path: str
    raw_query: str
    #: Lower-cased names.
    headers: Mapping[str, str]
    body: bytes
    environ: dict[str, Any]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    #: That was checked; None of an unsigned request, and of one that is not checked yet.
    signature: Signature | None = None

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query string."""
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The parameters of a query-protocol request, in its body or its URL."""
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            try:
                return {**self.query, **dict(parse_qsl(self.body.decode(), keep_blank_values=True))}
            except UnicodeDecodeError:
                return self.query
        return self.query

    def environment(self, **changes: str) -> dict[str, Any]:
        """An environ of WSGI of its own, with the whole body in front of it."""
        environ = {**self.environ, **changes}
        environ["wsgi.input"] = io.BytesIO(self.body)
        environ["CONTENT_LENGTH"] = str(len(self.body))
        environ["QUERY_STRING"] = self.raw_query
        environ["RAW_URI"] = environ["REQUEST_URI"] = self.raw_path + (f"?{self.raw_query}" if self.raw_query else "")
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ.pop("wsgi.input_terminated", None)
        return environ


@dataclass(frozen=True)
class Call:
    """
    What a request asks for, by whom: the request of a service that the sandbox answers itself.
    """

    http: HttpRequest
    #: As botocore names it: `sts`, `cloudformation`.
    service: str
    #: As the service's model names it: `AssumeRole`.
    operation: str
    #: By the names of the input shape's members; lists and maps are Python's.
    parameters: Mapping[str, Any]
    region: str
    partition: str
    #: Whose credentials signed; None for an unsigned call.
    credentials: Credentials | None

    @property
    def account(self) -> str:
        """The account of the caller; the empty string where it has none."""
        return "" if self.credentials is None else self.credentials.account or ""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    content_type: str = _XML
    headers: tuple[tuple[str, str], ...] = ()


def read_request(environ: dict[str, Any]) -> HttpRequest:
    """Read a request to its end; chunked bodies are put together by the server before."""
    length = environ.get("CONTENT_LENGTH")
    if length:
        body = environ["wsgi.input"].read(int(length))
    elif environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read()
    else:
        body = b""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI") or "/"
    path, _, query = raw.partition("?")
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") and isinstance(value, str)
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    return HttpRequest(environ["REQUEST_METHOD"], path or "/", query, headers, body, environ)


def read_signature(request: HttpRequest) -> Signature | None:
    """
    What a request claims of its signature; None for an unsigned one.

    Raises:
        Refused: it has a signature that cannot be read, or of another version than 4.
    """
    authorization = request.headers.get("authorization")
    query = request.query
    presigned = [name for name in _names_of(request.raw_query) if name in _SIGNATURE_PARAMETERS]
    if authorization is not None and not presigned:
        return _from_header(request, authorization)
    if presigned:
        if authorization is not None or len(presigned) != len(set(presigned)) or "X-Amz-Algorithm" not in presigned:
            raise RefusedRequest(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization header"
                " should be specified, and each parameter of a signature once",
                "InvalidArgument",
            )
        return _from_query(query)
    if "AWSAccessKeyId" in query or "Signature" in query:
        raise RefusedRequest("Signature version 2 is not accepted; sign with version 4.", "InvalidRequest")
    return None


def with_signature(request: HttpRequest, signature: Signature) -> HttpRequest:
    """
    A request whose signature was checked. Of an address that was signed nothing of the signature is left, so nobody
    takes it for a parameter.
    """
    names = request.raw_query.split("&")
    rest = "&".join(one for one in names if not _SIGNATURE_PARAMETERS.intersection(_names_of(one)))
    return replace(request, raw_query=rest, signature=signature)


def _names_of(query: str) -> list[str]:
    return [name for name, _ in parse_qsl(query, keep_blank_values=True)]


def _from_header(request: HttpRequest, authorization: str) -> Signature:
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != "AWS4-HMAC-SHA256":
        raise RefusedRequest(
            f"The signature algorithm {algorithm or 'none'} is not accepted; sign with AWS4-HMAC-SHA256.",
            "IncompleteSignature",
        )
    pairs = [one.strip().partition("=")[::2] for one in rest.split(",")]
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise RefusedRequest("The authorization has a part more than once.", "IncompleteSignature")
    timestamp = request.headers.get("x-amz-date", "")
    return _signature(
        fields.get("Credential", ""),
        fields.get("SignedHeaders", ""),
        fields.get("Signature", ""),
        timestamp,
        request.headers.get("x-amz-security-token"),
        None,
    )


def _from_query(query: Mapping[str, str]) -> Signature:
    if query["X-Amz-Algorithm"] != "AWS4-HMAC-SHA256":
        raise RefusedRequest(
            "The signature algorithm is not accepted; sign with AWS4-HMAC-SHA256.", "IncompleteSignature"
        )
    expires = query.get("X-Amz-Expires", "")
    if not expires.isascii() or not expires.isdigit() or not 0 < int(expires) <= 604_800:
        raise RefusedRequest(
            "X-Amz-Expires must be a number of seconds, a week at most.", "AuthorizationQueryParametersError"
        )
    return _signature(
        query.get("X-Amz-Credential", ""),
        query.get("X-Amz-SignedHeaders", ""),
        query.get("X-Amz-Signature", ""),
        query.get("X-Amz-Date", ""),
        query.get("X-Amz-Security-Token"),
        int(expires),
    )


def _signature(
    credential: str, signed_headers: str, signature: str, timestamp: str, token: str | None, expires: int | None
) -> Signature:
    scope = credential.split("/")
    if len(scope) != 5 or scope[4] != "aws4_request" or not signature or not signed_headers or not timestamp:
        raise RefusedRequest(
            "The authorization must have a Credential, SignedHeaders, a Signature and a date.", "IncompleteSignature"
        )
    headers = tuple(signed_headers.split(";"))
    return Signature(scope[0], scope[1], scope[2], scope[3], headers, signature, timestamp, token, expires)


def service_of(signing_name: str, request: HttpRequest) -> str:
    """The service that a request is for, as botocore names it."""
    name = signing_name.lower()
    target = request.headers.get("x-amz-target", "")
    if name == "s3" and request.raw_path.startswith("/v20180820/"):
        return "s3control"
    if name == "sso" and target.startswith("SWBExternalService"):
        return "sso-admin"
    if name == "dynamodb" and target.startswith("DynamoDBStreams"):
        return "dynamodbstreams"
    if name == "elasticloadbalancing" and request.form.get("Version") == "2012-06-01":
        return "elb"
    if name == "ses" and request.raw_path.startswith("/v2/"):
        return "sesv2"
    if name == "apigateway" and request.raw_path.startswith("/v2/"):
        return "apigatewayv2"
    return _SIGNING_NAMES.get(name, name)


def protocol_by_form(request: HttpRequest) -> str:
    """The protocol that a request to an unknown service speaks, by its headers."""
    if "x-amz-target" in request.headers:
        return "json"
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return "query" if form or "Action" in request.query else "rest-json"


# Refusals. The serializers of moto look an error up by the module of its class, and know none of ours.

#: Error codes of the query protocol to those of the others.
_EC2_CODES = {
    "AccessDenied": "UnauthorizedOperation",
    "InvalidClientTokenId": "AuthFailure",
    "SignatureDoesNotMatch": "AuthFailure",
    "MissingAuthenticationToken": "AuthFailure",
    "ExpiredToken": "RequestExpired",
}
_JSON_CODES = {
    "AccessDenied": "AccessDeniedException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "IncompleteSignature": "IncompleteSignatureException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "ExpiredToken": "ExpiredTokenException",
    "ValidationError": "ValidationException",
}
#: Services that spoke the query protocol once, and say in a header of JSON what they said then: clients go by that.
#: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
_ONCE_QUERY = ("cloudwatch", "sqs")
_S3_CODES = {
    "InvalidClientTokenId": "InvalidAccessKeyId",
    "MissingAuthenticationToken": "AccessDenied",
}


def refuse(refused: RefusedRequest, request: HttpRequest, service: str, protocol: str) -> Answer:
    """
    A refusal in the form of a protocol.

    Args:
        refused: the code, as the query protocol has it, and the message.
        request: its id and method are part of the answer.
        service: as botocore names it.
        protocol: of the service's model: `query`, `ec2`, `json`, `rest-json`, `rest-xml`.
    """
    code, message = refused.code, refused.message
    identifier: tuple[tuple[str, str], ...] = (("x-amzn-requestid", request.id),)
    if protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        if service in _ONCE_QUERY:
            identifier += (("x-amzn-query-error", f"{code};{'Sender' if refused.status < 500 else 'Receiver'}"),)
        code = _JSON_CODES.get(code, code)
        status = 400 if refused.status == 403 and protocol == "json" else refused.status
        body = json.dumps({"__type": code, "message": message, "Message": message}).encode()
        kind = "application/x-amz-json-1.1" if protocol == "json" else "application/json"
        return Answer(status, body, kind, (*identifier, ("x-amzn-errortype", code)))
    if protocol == "ec2":
        code = _EC2_CODES.get(code, code)
        status = 401 if code == "AuthFailure" else refused.status
        text = (
            f"<Response><Errors><Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error></Errors>"
            f"<RequestID>{request.id}</RequestID></Response>"
        )
        return Answer(status, text.encode(), _XML, identifier)
    if service == "s3":
        code = _S3_CODES.get(code, code)
        region = refused.region if isinstance(refused, WrongRegion) else ""
        text = (
            f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{escape(code)}</Code>"
            f"<Message>{escape(message)}</Message>{region and f'<Region>{escape(region)}</Region>'}"
            f"<RequestId>{request.id}</RequestId></Error>"
        )
        headers = (("x-amz-request-id", request.id), *([("x-amz-bucket-region", region)] if region else []))
        return Answer(refused.status, b"" if request.method == "HEAD" else text.encode(), "application/xml", headers)
    if service == "sns" and code == "AccessDenied":
        code = "AuthorizationError"
    kind = "Sender" if refused.status < 500 else "Receiver"
    text = (
        f"<ErrorResponse><Error><Type>{kind}</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        f"</Error><RequestId>{request.id}</RequestId></ErrorResponse>"
    )
    return Answer(refused.status, text.encode(), _XML, identifier)


def path_segments(request: HttpRequest) -> list[str]:
    """The path of a request, decoded, without empty ends."""
    return [unquote(one) for one in request.raw_path.strip("/").split("/")]


def respond(answer: Answer, start_response: Any) -> Iterable[bytes]:
    """Hand an answer to the WSGI server."""
    headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body))), *answer.headers]
    start_response(f"{answer.status} {_REASONS.get(answer.status, 'Error')}", headers)
    return [answer.body]


_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    501: "Not Implemented",
}
