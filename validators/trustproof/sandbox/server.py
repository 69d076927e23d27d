"""
One sandbox: a server on the loopback interface, and the files that point programs at it. All of it ends with it.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import Any

import boto3
from werkzeug.serving import BaseWSGIServer, make_server

from trustproof.sandbox.authorization.context import DOCUMENTATION_ADDRESS
from trustproof.sandbox.authorization.controls import Controls, controls_from_file
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.control import HEADER, PATH, Control
from trustproof.sandbox.control_client import VARIABLE
from trustproof.sandbox.credentials.credentials import PARTITION, iam_of
from trustproof.sandbox.credentials.issuers import AssertionRequest, TokenRequest
from trustproof.sandbox.errors import SandboxError
from trustproof.sandbox.foreign_settings import LOCAL, PROXY_EXCEPTIONS, is_foreign, session_without_settings
from trustproof.sandbox.gateway import Gateway
from trustproof.sandbox.iam import iam
from trustproof.sandbox.moto import routing
from trustproof.sandbox.moto import server as moto_server
from trustproof.sandbox.organization import (
    DEFAULT_REGION,
    MANAGEMENT_ACCOUNT,
    BadAccounts,
    Organization,
    organization_from_file,
    organization_of,
)
from trustproof.sandbox.services import identity_center

HOST = "127.0.0.1"
ADMIN = "admin"
ADMIN_REGION = "us-east-1"
ACCESS_ROLE = "OrganizationAccountAccessRole"
_ADMINISTRATOR = f"arn:{PARTITION}:iam::aws:policy/AdministratorAccess"
#: Waits for the sandbox to end in whatever way, and removes what it left. It reads the processes to end from its input.
_GUARDIAN = """
import os, shutil, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
groups = [line.split() for line in sys.stdin]
ended = {pid for word, pid in groups if word == "ended"}
for word, pid in groups:
    if word != "ended" and pid not in ended:
        try:
            (os.killpg if word == "group" else os.kill)(int(pid), signal.SIGKILL)
        except OSError:
            pass
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""

_running = Lock()


class _Handler(moto_server.MotoRequestHandler):
    """Keeps no log: requests hold keys and tokens."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""


class Sandbox:
    """
    An AWS of several accounts in this process, in which policies are enforced.

        with Sandbox(accounts=["111122223333"]) as aws:
            aws.client("iam", account="111122223333").create_role(...)

    There is one at a time in a process. The management account 999999999999 has a user `admin`, an administrator, whom
    the role `OrganizationAccountAccessRole` of every account trusts.

    Args:
        accounts: account ids, the path of an accounts file, or an organization.
        port: on 127.0.0.1; a free one where it is 0.
        source_ip: `aws:SourceIp` of all requests.
        controls: service and resource control policies; those of the accounts file where it is None.

    Raises:
        SandboxError: there is one already, or the accounts cannot be used.
    """

    def __init__(
        self,
        accounts: Iterable[str] | Path | Organization = ("111122223333", "222233334444"),
        *,
        port: int = 0,
        source_ip: str = DOCUMENTATION_ADDRESS,
        controls: Controls | None = None,
    ) -> None:
        self.organization: Organization = _organization(accounts)
        if controls is None and isinstance(accounts, Path):
            controls = controls_from_file(accounts, self.organization)
        self._port = port
        self.state: State = State(self.organization, controls or Controls(), source_ip)
        self._control = Control(self.state)
        self._server: BaseWSGIServer | None = None
        self._directory: Path | None = None
        self._guardian: subprocess.Popen[str] | None = None
        self._admin: tuple[str, str] = ("", "")
        # A session reads the models of services, once.
        self._session = boto3.session.Session(botocore_session=session_without_settings())

    @property
    def clock(self) -> Any:
        """The time by which credentials, codes and tokens expire."""
        return self.state.clock

    @property
    def url(self) -> str:
        """Where it answers."""
        assert self._server is not None, "the sandbox is not running"
        return f"http://{HOST}:{self._server.port}"

    def __enter__(self) -> Sandbox:
        """Start it."""
        if not _running.acquire(blocking=False):
            raise SandboxError("a sandbox is running in this process already")
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self._stop()

    def _start(self) -> None:
        moto_server.prepare()
        moto_server.forget()
        iam.install()
        identity_center.install(self.state)
        self._admin = self._make_entities()
        gateway = Gateway(self.state, self._control, routing.Server())
        try:
            self._server = make_server(HOST, self._port, gateway, threaded=True, request_handler=_Handler)
        except (OSError, SystemExit, OverflowError):
            raise SandboxError(f"port {self._port} of {HOST} cannot be used") from None
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self._write_files()

    def _stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        moto_server.forget()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None
        if self._guardian is not None and self._guardian.stdin is not None:
            self._guardian.stdin.close()
            self._guardian.wait()
            self._guardian = None
        _running.release()

    def _make_entities(self) -> tuple[str, str]:
        """The administrator and the roles that trust its account: the only entities that no call has made."""
        management = iam_of(MANAGEMENT_ACCOUNT)
        management.create_user(ADMIN_REGION, ADMIN, "/", None)
        management.attach_user_policy(_ADMINISTRATOR, ADMIN)
        key = management.create_access_key(ADMIN)
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:{PARTITION}:iam::{MANAGEMENT_ACCOUNT}:root"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        for account in self.organization.accounts:
            there = iam_of(account)
            there.create_role(ACCESS_ROLE, json.dumps(trust), "/", None, "", [], None)
            there.attach_role_policy(_ADMINISTRATOR, ACCESS_ROLE)
        return key.access_key_id, key.secret_access_key

    # What programs are told

    def _write_files(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="trustproof-sandbox-"))
        self._guardian = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", "-c", _GUARDIAN, str(self._directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            bufsize=1,
        )
        _write(self._directory / "config", self._profiles())
        control = {"url": self.url + PATH, "header": HEADER, "token": self._control.token}
        _write(self._directory / "control.json", json.dumps(control))
        (self._directory / "cdk").mkdir()

    def guard(self, process: subprocess.Popen[Any], *, group: bool) -> None:
        """Let a process end when this one does, also if it is killed."""
        self._tell(f"{'group' if group else 'process'} {process.pid}")

    def unguard(self, process: subprocess.Popen[Any]) -> None:
        """A process has ended; its id may become another's."""
        self._tell(f"ended {process.pid}")

    def _tell(self, line: str) -> None:
        guardian = self._guardian
        if guardian is None or guardian.stdin is None:
            raise SandboxError("the sandbox is not running")
        guardian.stdin.write(line + "\n")

    def _profiles(self) -> str:
        key, secret = self._admin
        place = (f"region = {DEFAULT_REGION}", f"endpoint_url = {self.url}")
        # A Region in the environment would be that of every profile, so who has no profile finds it here.
        lines = ["[default]", *place, "", "[profile management]"]
        lines += [f"aws_access_key_id = {key}", f"aws_secret_access_key = {secret}", *place]
        for account in self.organization.accounts.values():
            lines += [
                "",
                f"[profile {account.profile}]",
                f"role_arn = arn:{PARTITION}:iam::{account.id}:role/{ACCESS_ROLE}",
                "source_profile = management",
                # The AWS CLI keeps sessions by what stands here, and those of another sandbox are of no use.
                f"role_session_name = sandbox-{secrets.token_hex(8)}",
                f"region = {account.region}",
                f"endpoint_url = {self.url}",
            ]
        return "\n".join(lines) + "\n"

    @property
    def settings(self) -> dict[str, str]:
        """The variables of the environment that point programs at the sandbox."""
        assert self._directory is not None, "the sandbox is not running"
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CONFIG_FILE": str(self._directory / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self._directory / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_HOME": str(self._directory / "cdk"),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            VARIABLE: str(self._directory / "control.json"),
        }

    def environment(self, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """
        The environment of a program that works in the sandbox.

        Args:
            base: what else it has; that of this process where it is None.
        """
        found = dict(os.environ if base is None else base)
        for name in list(found):
            if is_foreign(name):
                del found[name]
        for name in PROXY_EXCEPTIONS:
            found[name] = f"{found[name]},{LOCAL}" if found.get(name) else LOCAL
        return {**found, **self.settings}

    # What tests want

    def client(
        self,
        service: str,
        keys: Mapping[str, Any] | None = None,
        *,
        account: str | None = None,
        region: str = DEFAULT_REGION,
        **options: Any,
    ) -> Any:
        """
        A client of boto3.

        Args:
            service: `iam`.
            keys: `AccessKeyId`, `SecretAccessKey` and perhaps `SessionToken`, as STS and IAM hand them out; those of
                the administrator where it is None.
            account: instead of keys: an account, whose `OrganizationAccountAccessRole` is entered; the management
                account has none, and the administrator is of it.
            region: of the endpoint.
            options: of `boto3.client`.
        """
        if account is not None and account != MANAGEMENT_ACCOUNT:
            keys = self.enter(account)
        found = keys or {"AccessKeyId": self._admin[0], "SecretAccessKey": self._admin[1]}
        return self._session.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"],
            aws_session_token=found.get("SessionToken"),
            **options,
        )

    def enter(self, account: str) -> Mapping[str, Any]:
        """Keys of a session of the `OrganizationAccountAccessRole` of an account."""
        arn = f"arn:{PARTITION}:iam::{account}:role/{ACCESS_ROLE}"
        answer = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="sandbox")
        found: Mapping[str, Any] = answer["Credentials"]
        return found

    def root_keys(self, account: str) -> dict[str, str]:
        """An access key of the root user of an account."""
        found = self.state.credentials.root_key(account)
        return {"AccessKeyId": found.access_key, "SecretAccessKey": found.secret}

    def code(self, serial: str) -> str:
        """
        See `sandbox code`; without waiting. A device shows one code in 30 seconds, and each counts once: the third in
        half a minute is one of later, which STS takes once it is time. `clock.advance(30)` before each makes it so.
        """
        return self.state.mfa.next_code(serial)[0]

    def token(self, wanted: TokenRequest) -> str:
        """See `sandbox token`."""
        return self.state.issuers.token(wanted)

    def new_provider(self, name: str) -> str:
        """See `sandbox assertion --new-provider`."""
        return self.state.issuers.new_provider(name)

    def assertion(self, wanted: AssertionRequest) -> str:
        """See `sandbox assertion`."""
        return self.state.issuers.assertion(wanted)

    def as_service(
        self,
        principal: str,
        source_account: str | None = None,
        source_arn: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """See `sandbox as-service`."""
        found: dict[str, str] = json.loads(self._control.as_service(principal, source_account, source_arn, tags))
        return found


def _organization(accounts: Iterable[str] | Path | Organization) -> Organization:
    if isinstance(accounts, Organization):
        return accounts
    if isinstance(accounts, str):
        raise SandboxError(
            "accounts must be a list of account ids, or the path of an accounts file as a Path, got the text "
            f"{accounts!r}"
        )
    try:
        return organization_from_file(accounts) if isinstance(accounts, Path) else organization_of(accounts)
    except BadAccounts as error:
        raise SandboxError(str(error)) from None


def _write(path: Path, text: str) -> None:
    """Write a file that nobody else can read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
