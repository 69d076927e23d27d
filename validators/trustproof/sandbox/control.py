"""
The control commands, on the side of the sandbox: what a tester needs to play every caller.

They come by a path of their own, with a token that stands in a file which only the user of the sandbox can read.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from trustproof.aws.service_principals import ROLES_ANYWHERE
from trustproof.model.arn import is_account
from trustproof.model.request import SERVICE, Caller
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.credentials.issuers import AssertionRequest, TokenRequest
from trustproof.sandbox.errors import SandboxError
from trustproof.sandbox.principals.principals import is_service_here
from trustproof.sandbox.requests.wire import Answer, HttpRequest
from trustproof.spec.callers import faults

PATH = "/_trustproof/control"
#: The header with the token.
HEADER = "x-trustproof-control"
#: What Roles Anywhere tells of a certificate, as tags of the principal that it calls for.
#: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
_CERTIFICATE = re.compile(r"x509(?:Subject|Issuer|SAN)/[A-Za-z0-9./-]+", re.ASCII | re.IGNORECASE)
#: Seconds for which the keys of a service are good.
SERVICE_DURATION = 3_600


class Control:
    """
    Answers the control commands.

    Args:
        state: of the sandbox.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.token: str = secrets.token_urlsafe(32)

    def answer(self, request: HttpRequest) -> Answer:
        """Answer a command: `{"result": text}` or `{"error": text}`."""
        given = request.headers.get(HEADER, "")
        if request.method != "POST" or not secrets.compare_digest(given.encode(), self.token.encode()):
            return Answer(403, b"this door is closed\n", "text/plain")
        try:
            wanted = json.loads(request.body)
            result = self._commands()[wanted.pop("command")](**wanted)
        except SandboxError as error:
            return Answer(400, json.dumps({"error": str(error)}).encode(), "application/json")
        except (ValueError, TypeError, KeyError):
            return Answer(400, b'{"error": "this is no command"}', "application/json")
        return Answer(200, json.dumps({"result": result}).encode(), "application/json")

    def _commands(self) -> Mapping[str, Callable[..., str]]:
        return {
            "code": self.code,
            "token": self.issue_token,
            "new-provider": self.new_provider,
            "assertion": self.assertion,
            "as-service": self.as_service,
        }

    def code(self, serial: str) -> str:
        """A code that the device accepts now; it may take up to a minute until there is one."""
        return self._state.mfa.wait_for_code(serial)

    def issue_token(self, **wanted: Any) -> str:
        """A token of an issuer."""
        return self._state.issuers.token(TokenRequest(**wanted))

    def new_provider(self, name: str) -> str:
        """The metadata of a new SAML identity provider."""
        return self._state.issuers.new_provider(name)

    def assertion(self, **wanted: Any) -> str:
        """A SAML response."""
        return self._state.issuers.assertion(AssertionRequest(**wanted))

    def as_service(
        self,
        principal: str,
        source_account: str | None = None,
        source_arn: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """
        Keys that sign as a service of AWS's, as JSON.

        Args:
            principal: `lambda.amazonaws.com`.
            source_account: for which account it calls.
            source_arn: for what it calls.
            tags: what Roles Anywhere reads in a certificate: `x509Subject/CN`.

        Raises:
            SandboxError: there can be no such service, or no such source; or the service tells no tags.
        """
        caller = Caller(SERVICE, principal)
        if faults(caller):
            raise SandboxError(faults(caller)[0])
        if not is_service_here(principal):
            raise SandboxError(f"no service principal {principal} is known")
        kept = {}
        if source_account is not None:
            if not is_account(source_account):
                raise SandboxError(f"{source_account!r} is no account id")
            kept["aws:sourceaccount"] = source_account
        if source_arn is not None:
            if not source_arn.startswith("arn:") or source_arn.count(":") < 5:
                raise SandboxError(f"{source_arn!r} is no ARN")
            owner = source_arn.split(":")[4]
            if source_account is not None and is_account(owner) and owner != source_account:
                raise SandboxError(f"{source_arn} is not in the account {source_account}")
            kept["aws:sourcearn"] = source_arn
        if tags and principal != ROLES_ANYWHERE:
            raise SandboxError(f"{principal} tells no tags of whom it calls for: only {ROLES_ANYWHERE} does")
        if wrong := [name for name in tags or {} if not _CERTIFICATE.fullmatch(name)]:
            raise SandboxError(f"{wrong[0]!r} is no attribute of a certificate, such as x509Subject/CN")
        now = self._state.clock.now()
        made = self._state.credentials.issue(
            Credentials("", "", caller, issued=now, expires=now + SERVICE_DURATION, kept=kept, tags=dict(tags or {}))
        )
        return json.dumps({"AccessKeyId": made.access_key, "SecretAccessKey": made.secret, "SessionToken": made.token})
