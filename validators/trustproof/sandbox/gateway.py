"""
The gateway: a WSGI application in front of moto's. It finds out who calls, what the call needs and whether that is
allowed; only then moto sees it. STS and CloudFormation it answers itself.

Requests are let in from programs on this machine only: a page of the web that a browser has open is none.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from trustproof.model.request import ANONYMOUS, FEDERATED_USER, ROOT, SERVICE, USER_SESSION, Caller
from trustproof.sandbox.authorization import reserved_tags
from trustproof.sandbox.authorization.actions import s3 as s3_actions
from trustproof.sandbox.authorization.actions.mapping import needs_of
from trustproof.sandbox.authorization.actions.resource_accounts import account_of
from trustproof.sandbox.authorization.authorize import MESSAGE_HEADER, Unauthorized, authorize
from trustproof.sandbox.authorization.context import anonymous
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.cloudformation.api import CloudFormationApi
from trustproof.sandbox.control import PATH as CONTROL_PATH
from trustproof.sandbox.control import Control
from trustproof.sandbox.credentials.credentials import PARTITION, Credentials, invalid_token
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.forwarding import environment_of
from trustproof.sandbox.iam import named_principals
from trustproof.sandbox.moto import server as moto_server
from trustproof.sandbox.moto.parameters import mark_formless
from trustproof.sandbox.moto.policies import take_nameless
from trustproof.sandbox.moto.routing import Server
from trustproof.sandbox.requests import ambiguous_requests, request_paths, signing_regions, unknown_parameters
from trustproof.sandbox.requests.sigv4 import verify
from trustproof.sandbox.requests.wire import (
    Answer,
    Call,
    HttpRequest,
    Signature,
    protocol_by_form,
    read_request,
    read_signature,
    refuse,
    respond,
    service_of,
    with_signature,
)
from trustproof.sandbox.services import (
    attachments,
    deliveries,
    missing_objects,
    object_deletion,
    service_roles,
    subscriptions,
    unsigned_requests,
)
from trustproof.sandbox.services.iam_calls import answer_instead
from trustproof.sandbox.services.identity_center_calls import answer as answer_of_identity_center
from trustproof.sandbox.services.organization_calls import answer as answer_of_organizations
from trustproof.sandbox.sts.service import Sts

#: Paths of moto's own that would be a way around: its control plane, and a metadata service that hands out keys.
_CLOSED = ("/moto-api", "/latest")
_LOOPBACK = ("127.0.0.1", "localhost")
_PROTOCOLS = {"sts": "query", "iam": "query", "s3": "rest-xml", "ec2": "ec2", "cloudformation": "query"}


class Gateway:
    """
    The WSGI application.

    Args:
        state: of the sandbox.
        control: answers the control commands.
        application: moto's server.
    """

    def __init__(self, state: State, control: Control, application: Server) -> None:
        self._state = state
        self._control = control
        self._moto = application
        #: Whether moto has a service, of those that were asked for.
        self._served: dict[str, bool] = {}
        self._sts = Sts(state)
        self._cloudformation = CloudFormationApi(state)
        # What a stack runs with a role enters here again.
        state.front_door = self

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        request = read_request(environ)
        closed = _closed_door(request)
        if closed is not None:
            return respond(closed, start_response)
        if request.raw_path == CONTROL_PATH:
            return respond(self._control.answer(request), start_response)
        # What is in no other form may be for S3.
        service = "s3" if protocol_by_form(request) == "rest-json" else ""
        try:
            signature = read_signature(request)
            service = (
                unsigned_requests.service_of(request)
                if signature is None
                else service_of(signature.signing_name, request)
            )
            if not service:
                raise unsigned_requests.missing_signature()
            return self._answer(request, signature, service, start_response)
        except Unauthorized as denied:
            return respond(_denial(denied, request, service), start_response)
        except RefusedRequest as refused:
            return respond(refuse(refused, request, service, _protocol(service, request)), start_response)
        except Exception as error:  # noqa: BLE001
            # A bug, of moto's or ours: the client is told so in its protocol, and the log has the place. What the error
            # says may be a part of the request: a code, a token, a secret.
            traceback.print_tb(error.__traceback__, file=sys.stderr)
            sys.stderr.write(f"{type(error).__name__}\n")
            bug = RefusedRequest(f"the sandbox failed: {type(error).__name__}", "InternalFailure", 500)
            return respond(refuse(bug, request, service, _protocol(service, request)), start_response)

    def _answer(
        self, request: HttpRequest, signature: Signature | None, service: str, start_response: Any
    ) -> Iterable[bytes]:
        credentials = None
        if signature is not None:
            credentials = self._state.credentials.find(signature.access_key, signature.token)
            request = with_signature(request, verify(request, signature, credentials.secret, self._state.clock))
            signing_regions.check(signature.region, service)
        call = _call(request, service, credentials)
        if service == "sts":
            return respond(self._sts.answer(call), start_response)
        if credentials is None:
            unsigned_requests.check(call)
        _check_credentials(credentials, service)
        if service == "s3":
            s3_actions.check_region(call)
        caller = anonymous() if credentials is None else credentials.caller
        if object_deletion.is_one(call):
            return self._delete_objects(call, caller, start_response)
        needs = needs_of(call)
        authorize(self._state, caller, credentials, needs, dict(request.headers), call.region)
        reserved_tags.check(call)
        instead = (
            answer_instead(self._state, call)
            or answer_of_organizations(self._state, call)
            or answer_of_identity_center(call)
        )
        if instead is not None:
            return respond(instead, start_response)
        account = subscriptions.account_of(self._state, call) or account_of(call, needs)
        named_principals.check(call, account)
        service_roles.check(self._state, call, needs)
        deliveries.check(self._state, call, needs)
        missing_objects.check(self._state, call)
        attachments.check(call, account)
        subscriptions.remember(self._state, call, account)
        if call.service in ("sns", "sqs") and call.operation in ("AddPermission", "RemovePermission"):
            take_nameless(call.service, str(needs[0].resource))
        if service == "cloudformation":
            return respond(self._cloudformation.answer(call, account), start_response)
        return self._forward(call, account, start_response)

    def _delete_objects(self, call: Call, caller: Caller, start_response: Any) -> Iterable[bytes]:
        """Delete of several objects those that the caller may delete."""
        deletion = object_deletion.split(self._state, caller, call)
        if deletion.allowed is not None and not deletion.denied:
            return self._forward(call, call.account, start_response)
        deleted = None
        if deletion.allowed is not None:
            head: list[tuple[str, list[tuple[str, str]]]] = []
            body = b"".join(
                self._forward(deletion.allowed, call.account, lambda *given: head.append((given[0], given[1])))
            )
            status, headers = head[0]
            rest = [one for one in headers if one[0].lower() not in ("content-type", "content-length")]
            deleted = Answer(int(status.split()[0]), body, "application/xml", tuple(rest))
        return respond(object_deletion.answer(call, deletion, deleted), start_response)

    def _forward(self, call: Call, account: str, start_response: Any) -> Iterable[bytes]:
        """Let moto do it, in the account where it happens."""
        if call.service == "s3":
            if call.credentials is None:
                unsigned_requests.check_in_s3(call)
            s3_actions.check(call)
            account = s3_actions.owner_of(call) or account
        environ = environment_of(call, account)
        if not self._is_served(call, environ):
            raise Undecided(f"the sandbox does not have the service {call.service}")
        head: list[Any] = []
        try:
            answer: Iterable[bytes] = self._moto(environ, lambda *given: head.extend(given))
        except NotImplementedError as error:
            raise Undecided(f"moto does not have {call.service}:{call.operation}: {error}") from None
        except Exception as error:
            # A bug of moto's: what it does not find, or cannot read. What the error says may be a part of the request.
            reason = f"moto cannot answer this {call.service}:{call.operation}: {type(error).__name__}"
            raise Undecided(reason) from error
        if head[0].startswith(("404", "405")):
            # A page of its web server's: nothing of moto's is at that place. What is asked with HEAD has no body.
            answer = [b"".join(answer)]
            if answer[0].lstrip().lower().startswith(b"<!doctype html"):
                raise Undecided(f"moto does not have {call.service}:{call.operation}")
        start_response(*head)
        return answer

    def _is_served(self, call: Call, environ: dict[str, Any]) -> bool:
        if call.service not in self._served:
            self._served[call.service] = self._moto.is_served(environ)
        return self._served[call.service]


def _closed_door(request: HttpRequest) -> Answer | None:
    host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    of_here = host in _LOOPBACK or host.endswith((".localhost", ".127.0.0.1"))
    if not of_here or "origin" in request.headers:
        # A page of the web that names this address by a name of its own, or that asks from a browser.
        return Answer(403, b"requests are taken from programs on this machine only\n", "text/plain")
    path = "/" + unquote(request.raw_path).lstrip("/")
    if any(path == one or path.startswith(one + "/") for one in _CLOSED):
        return Answer(403, b"this door is closed\n", "text/plain")
    return None


def _call(request: HttpRequest, service: str, credentials: Credentials | None) -> Call:
    protocol = _protocol(service, request)
    ambiguous_requests.check(request, service, protocol)
    if not unknown_parameters.has_forms(protocol) or "x-amz-target" in request.headers:
        mark_formless(request.environ)
    try:
        found = moto_server.route(service, request.environment())
    except NotImplementedError as error:
        raise Undecided(f"the request speaks a protocol that is not understood: {error}") from None
    except moto_server.UNREADABLE as error:
        raise RefusedRequest(f"the request cannot be read: {error}", "ValidationError") from None
    if found is None:
        if moto_server.protocol(service) is None:
            raise Undecided(f"the sandbox does not have the service {service}")
        others = "" if request.signature is None else ", nor are those of other services that sign by that name"
        raise Undecided(f"no operation of {service} is understood in this request{others}")
    operation, parameters = found
    if moto_server.has_host_labels(service, operation, request.headers.get("host", "")):
        without = moto_server.route(service, request.environment(HTTP_HOST=_LOOPBACK[0]))
        if without != found:
            raise Undecided("the name of the host says something else than the rest of the request")
    signature = request.signature
    region = unsigned_requests.region_of(service, parameters) if signature is None else signature.region
    call = Call(request, service, operation, parameters, region, PARTITION, credentials)
    request_paths.check(call, protocol)
    unknown_parameters.check(call, protocol)
    return call


def _check_credentials(credentials: Credentials | None, service: str) -> None:
    """
    What temporary credentials cannot call, whatever policies say.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
    """
    if credentials is None or service != "iam":
        return
    kind = credentials.caller.kind
    root_without_mfa = kind == ROOT and credentials.temporary and credentials.mfa_at is None
    if kind in (USER_SESSION, FEDERATED_USER) or root_without_mfa:
        raise invalid_token()
    if kind in (SERVICE, ANONYMOUS):
        raise Undecided("what a service calls of IAM is not decided here: it has no account of its own")


def _protocol(service: str, request: HttpRequest) -> str:
    by_form = protocol_by_form(request)
    if by_form == "query" and request.body and moto_server.speaks_query(service):
        # What older clients send to a service that speaks another protocol since.
        return by_form
    return _PROTOCOLS.get(service) or moto_server.protocol(service) or by_form


def _denial(denied: Unauthorized, request: HttpRequest, service: str) -> Answer:
    if service == "ec2":
        text = f"You are not authorized to perform this operation. {denied.message}. Encoded authorization failure"
        answer = refuse(RefusedRequest(f"{text} message: {denied.handle}", denied.code, 403), request, service, "ec2")
    else:
        answer = refuse(denied, request, service, _protocol(service, request))
    return replace(answer, headers=(*answer.headers, (MESSAGE_HEADER, denied.handle)))
