"""
There is no way around the gateway, and nothing of a sandbox is left when it is gone.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import boto3
import botocore.credentials
import pytest
from botocore import UNSIGNED
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config

from tests.sandbox.cast import HOME, OTHER, Cast, allow, refusal, root, trust
from trustproof.sandbox import gateway
from trustproof.sandbox.child import run_command
from trustproof.sandbox.errors import SandboxError
from trustproof.sandbox.server import Sandbox

#: A client that gives up at once.
ONCE = Config(retries={"total_max_attempts": 1})
PROGRAM = [sys.executable, "-m", "trustproof", "sandbox"]


def status(url: str, **headers: str) -> int:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    "path", ["/moto-api/", "/moto-api/data.json", "/latest/meta-data/iam/security-credentials/", "//moto-api/reset"]
)
def test_closed_paths(cast: Cast, path: str) -> None:
    """Moto's control plane and its metadata service answer nobody."""
    assert status(cast.aws.url + path) == 403


def test_pages_of_the_web(cast: Cast) -> None:
    """A browser's page, or a name that leads here from elsewhere, is refused."""
    assert status(cast.aws.url, Origin="https://evil.example.com") == 403
    assert status(cast.aws.url, Host="evil.example.com") == 403


def test_a_forged_account(cast: Cast) -> None:
    """The header by which moto is told an account does nothing when a client sends it."""
    iam = cast.aws.client("iam", cast.user(allow("iam:*")))
    iam.meta.events.register("before-sign", lambda request, **_: request.headers.add_header("x-moto-account-id", OTHER))
    assert all(HOME in user["Arn"] for user in iam.list_users()["Users"])


def test_unsigned(cast: Cast) -> None:
    """An unsigned call of STS or IAM lacks its token."""
    for action, version in (("GetCallerIdentity", "2011-06-15"), ("ListUsers", "2010-05-08")):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{cast.aws.url}/?Action={action}&Version={version}")
        assert b"MissingAuthenticationToken" in caught.value.read()


@pytest.mark.parametrize(
    ("service", "operation", "given", "code"),
    [
        ("cloudformation", "list_stacks", {}, "MissingAuthenticationToken"),
        ("cloudfront", "list_distributions", {}, "MissingAuthenticationToken"),
        ("cognito-identity", "get_id", {"IdentityPoolId": "eu-central-1:a"}, "NotImplemented"),
        ("cognito-identity", "list_identity_pools", {"MaxResults": 1}, "MissingAuthenticationTokenException"),
        ("cognito-idp", "initiate_auth", {"AuthFlow": "USER_AUTH", "ClientId": "c"}, "NotImplemented"),
        ("dynamodb", "list_tables", {}, "MissingAuthenticationTokenException"),
        ("lambda", "list_functions", {}, "MissingAuthenticationTokenException"),
        ("route53", "list_hosted_zones", {}, "MissingAuthenticationToken"),
        ("s3", "get_object", {"Bucket": "none", "Key": "k"}, "AccessDenied"),
        ("sso", "list_accounts", {"accessToken": "t"}, "NotImplemented"),
        ("sso-oidc", "register_client", {"clientName": "n", "clientType": "public"}, "NotImplemented"),
    ],
)
def test_unsigned_calls_of_services(cast: Cast, service: str, operation: str, given: dict[str, Any], code: str) -> None:
    """A service that takes a signature says so in its own form; whom an operation without one lets in is undecided."""
    config = ONCE.merge(Config(signature_version=UNSIGNED))
    client = boto3.client(service, region_name="eu-central-1", endpoint_url=cast.aws.url, config=config)
    assert refusal(lambda: getattr(client, operation)(**given))[0] == code


@pytest.mark.parametrize(
    ("service", "operation", "given", "said"),
    [
        (
            "resource-groups",
            "update_group",
            {"GroupName": "none"},
            "moto cannot answer this resource-groups:UpdateGroup",
        ),
        ("account", "list_regions", {}, "moto does not have account:ListRegions"),
        ("apprunner", "list_services", {}, "the sandbox does not have the service apprunner"),
        ("accessanalyzer", "list_analyzers", {}, "the sandbox does not have the service access-analyzer"),
    ],
)
def test_what_is_not_there(
    cast: Cast, capfd: pytest.CaptureFixture[str], service: str, operation: str, given: dict[str, Any], said: str
) -> None:
    """What moto lacks, or fails at, is said in words: no page of a web server, and nothing of the program."""
    client = cast.aws.client(service, cast.user(allow("*")))
    code, message = refusal(lambda: getattr(client, operation)(**given))
    assert (code, message.partition(": KeyError")[0]) == ("NotImplemented", said)
    assert "Traceback" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("region", "service", "operation", "code"),
    [
        ("ap-southeast-2", "sts", "get_caller_identity", None),
        ("cn-north-1", "sts", "get_caller_identity", "InvalidClientTokenId"),
        ("us-gov-west-1", "iam", "list_users", "InvalidClientTokenId"),
        ("us-gov-west-1", "sqs", "list_queues", "NotImplemented"),
        ("eu-centrl-1", "cloudformation", "list_stacks", "NotImplemented"),
        ("unknown-region", "sts", "get_caller_identity", "NotImplemented"),
    ],
)
def test_the_region_of_a_signature(cast: Cast, region: str, service: str, operation: str, code: str | None) -> None:
    """Keys are of one partition, and there is no Region that AWS has not published."""
    call = getattr(cast.aws.client(service, cast.user(allow("*")), region=region), operation)
    assert (None if code is None else refusal(call)[0]) == code
    assert code is not None or call()


def test_a_body_that_was_changed(cast: Cast) -> None:
    """A signature is of one body."""
    iam = cast.aws.client("iam", cast.user(allow("iam:*")))

    def change(request: Any, **_: Any) -> None:
        request.body = request.body.replace("one", "two")

    iam.meta.events.register("before-send", change)
    assert refusal(lambda: iam.create_user(UserName="one"))[0] == "SignatureDoesNotMatch"


def test_the_control_path_wants_its_token(cast: Cast) -> None:
    """Without the token of the file nobody gets a code."""
    assert status(cast.aws.url + "/_trustproof/control") == 403
    assert stat.S_IMODE(os.stat(cast.aws.settings["TRUSTPROOF_SANDBOX"]).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(cast.aws.settings["AWS_CONFIG_FILE"]).st_mode) == 0o600


def test_one_at_a_time(cast: Cast) -> None:
    """A second sandbox in one process is refused, and the first goes on."""
    with pytest.raises(SandboxError, match="already"), Sandbox():
        pass
    assert cast.iam().list_users()


def control(cast: Cast, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = cast.aws.environment()
    return subprocess.run([*PROGRAM, *arguments], env=environment, capture_output=True, text=True, timeout=60)


def test_control_commands(cast: Cast) -> None:
    """Each command prints what it made, and nothing else; a mistake is a clear error."""
    user = cast.user(allow("sts:AssumeRole"))
    serial = cast.device(user)
    cast.aws.clock.advance(90)
    code = control(cast, "code", serial).stdout.strip()
    assert cast.sts(user).get_session_token(SerialNumber=serial, TokenCode=code)
    service = json.loads(control(cast, "as-service", "lambda.amazonaws.com", "--source-account", HOME).stdout)
    assert cast.assume(service, cast.role(trust({"Service": "lambda.amazonaws.com"})))
    metadata = control(cast, "assertion", "--new-provider", "cli").stdout
    cast.iam().create_saml_provider(Name="cli", SAMLMetadataDocument=metadata)
    cast.iam().create_open_id_connect_provider(
        Url="https://ci.example.com", ClientIDList=["a"], ThumbprintList=["a" * 40]
    )
    who = ("token", "--issuer", "https://ci.example.com", "--audience", "a", "--subject", "b")
    token = control(cast, *who, "--claim", "team=red", "--json-claim", 'tags={"n": [1]}')
    payload = token.stdout.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert (claims["team"], claims["tags"]) == ("red", {"n": [1]})
    for wrong in (["--json-claim", "tags={"], ["--json-claim", "team=1", "--claim", "team=red"]):
        refused = control(cast, *who, *wrong)
        assert (refused.returncode, refused.stdout, "sandbox token:" in refused.stderr) == (2, "", True)
    missing = control(cast, "token", "--issuer", "https://no.example.com", "--audience", "a", "--subject", "b")
    assert (missing.returncode, missing.stdout, "Traceback" in missing.stderr) == (2, "", False)
    assert "no.example.com" in missing.stderr


def test_no_sandbox_here() -> None:
    """A control command outside says so."""
    environment = {name: value for name, value in os.environ.items() if name != "TRUSTPROOF_SANDBOX"}
    found = subprocess.run([*PROGRAM, "code", "x"], env=environment, capture_output=True, text=True, timeout=60)
    assert (found.returncode, found.stdout) == (2, "")
    assert "no sandbox here" in found.stderr


ASK = (
    "import boto3, os, sys; s = boto3.Session(profile_name='111122223333');"
    "print(s.client('sts').get_caller_identity()['Account'], os.environ['TRUSTPROOF_SANDBOX'], flush=True)"
)


def test_a_command_in_a_sandbox() -> None:
    """A command runs with the environment set, its exit status is passed on, and nothing is left."""
    script = ASK + "; sys.exit(7)"
    found = subprocess.run(
        [*PROGRAM, "--account", HOME, "--", sys.executable, "-c", script], capture_output=True, text=True, timeout=120
    )
    account, place = found.stdout.split()
    assert (found.returncode, account, found.stderr) == (7, HOME, "")
    assert not Path(place).parent.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_sandbox_leaves_nothing(number: int) -> None:
    """No process, no file, no port is left, however it ends, and be its command stopped."""
    script = ASK + "; print(os.getpid(), os.environ['AWS_ENDPOINT_URL'], flush=True)"
    script += "; import signal; os.kill(os.getpid(), signal.SIGSTOP)"
    process = subprocess.Popen(
        [*PROGRAM, "--account", HOME, "--", sys.executable, "-c", script],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    place = Path(process.stdout.readline().split()[1])
    child, url = process.stdout.readline().split()
    process.send_signal(number)
    assert process.wait(timeout=30) == (-number if number == signal.SIGKILL else 128 + number)
    process.stdout.close()
    deadline = time.monotonic() + 20
    while (place.parent.exists() or Path(f"/proc/{child}").exists()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not place.parent.exists()
    assert not Path(f"/proc/{child}").exists()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=5)


def test_a_command_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that ignores that it is asked to end is ended after a while; one that ends is left the time."""
    monkeypatch.setattr("trustproof.sandbox.child.GRACE", 0.2)
    program = "import os, signal, time; signal.signal(signal.SIGTERM, {}); time.sleep(0.2); "
    program += "os.kill(os.getppid(), signal.SIGTERM); {}"
    guarding: Any = SimpleNamespace(environment=lambda: None, guard=lambda *_, **__: None, unguard=lambda *_: None)
    for handler, then, status in (
        ("signal.SIG_IGN", "time.sleep(60)", 128 + signal.SIGKILL),
        ("lambda *_: os._exit(7)", "time.sleep(60)", 7),
    ):
        command = [sys.executable, "-c", program.format(handler, then)]
        assert run_command(guarding, command) == status


@pytest.mark.parametrize(
    "arguments",
    [["--account", "123"], ["--accounts", "none.toml"], ["--port", "x"], ["--"], ["--account", HOME, "--", "/none"]],
)
def test_mistakes(arguments: list[str]) -> None:
    """What cannot be is a clear error with exit code 2."""
    found = subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, timeout=60)
    assert found.returncode == 2
    assert "Traceback" not in found.stderr


def test_secrets_stay_in(cast: Cast, capfd: pytest.CaptureFixture[str]) -> None:
    """No key, token or code is written anywhere by the server, denied or not."""
    user = cast.user()
    session = cast.sts(user).get_session_token()["Credentials"]
    refusal(lambda: cast.assume(session, cast.role(trust(root(HOME)))))
    refusal(cast.aws.client("s3", user).list_buckets)
    written = "".join(capfd.readouterr())
    for secret in (user["SecretAccessKey"], session["SecretAccessKey"], session["SessionToken"]):
        assert secret not in written
        assert secret not in repr(cast.aws.state.credentials.find(session["AccessKeyId"], session["SessionToken"]))


@pytest.mark.parametrize("service", ["rolesanywhere", "access-analyzer", "sso"])
def test_services_that_are_not_here(cast: Cast, service: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A request for a service that the sandbox does not have is answered so, in a form that its client reads."""
    path, headers, body = "/profiles" if service == "rolesanywhere" else "/analyzer", {}, b""
    if service == "sso":
        path, body = "/", b"{}"
        headers = {"X-Amz-Target": "SWBExternalService.ListInstances", "Content-Type": "application/x-amz-json-1.1"}
    error = signed(cast, service, "GET" if service != "sso" else "POST", path, headers, body)
    assert error.code == 501
    assert json.loads(error.read())["__type"] == "NotImplemented"
    assert capfd.readouterr() == ("", "")


def test_s3_control(cast: Cast) -> None:
    """S3 Control is not reached by `localhost` either, where clients put an account before it."""
    host = f"{HOME}.localhost:{cast.aws.url.rpartition(':')[2]}"
    for path in ("/v20180820/accesspoint", "/v20180820/configuration/publicAccessBlock"):
        error = signed(cast, "s3", "GET", path, {"Host": host, "x-amz-account-id": HOME}, b"")
        assert error.code == 501
        assert b"S3 Control" in error.read()


def signed(
    cast: Cast, service: str, method: str, path: str, headers: dict[str, str], body: bytes
) -> urllib.error.HTTPError:
    """What an administrator is refused with."""
    keys = cast.aws.enter(HOME)
    request = AWSRequest(method, cast.aws.url + path, data=body, headers=dict(headers))
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    credentials = botocore.credentials.Credentials(*(keys[one] for one in keys if one != "Expiration"))
    signer(credentials, service, "eu-central-1").add_auth(request)
    sent = urllib.request.Request(cast.aws.url + path, data=body or None, method=method, headers=dict(request.headers))
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(sent)
    return refused.value


def test_a_bug_tells_no_secrets(cast: Cast, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """What goes wrong in the sandbox is told by its kind and place, and not by what an error quotes of the request."""
    secret = str(uuid4())

    def fail(*_given: Any) -> None:
        raise ValueError(secret)

    client = cast.aws.client("sqs", cast.user(), config=ONCE)
    monkeypatch.setattr(gateway, "needs_of", fail)
    code, message = refusal(client.list_queues)
    written = capfd.readouterr().err
    assert (code, "ValueError" in written, "gateway.py" in written) == ("InternalFailure", True, True)
    assert secret not in message + written


IAM_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LIST, CREATE = "Action=ListUsers&Version=2010-05-08", "Action=CreateUser&UserName=smuggled&Version=2010-05-08"


@pytest.mark.parametrize(
    ("service", "method", "path", "headers", "body"),
    [
        ("iam", "POST", f"/?{LIST}", IAM_FORM, CREATE),
        ("iam", "POST", f"/?{CREATE}", IAM_FORM, LIST),
        ("iam", "POST", "/", IAM_FORM, f"{LIST}&{CREATE}"),
        ("iam", "POST", f"/?{LIST}", {"Content-Type": "text/plain"}, CREATE),
        ("dynamodb", "POST", "/?Action=CreateTable", {"X-Amz-Target": "DynamoDB_20120810.ListTables"}, "{}"),
        ("dynamodb", "POST", "/", {"X-Amz-Target": "DynamoDB_20120810.ListTables", **IAM_FORM}, "Action=CreateTable"),
        ("lambda", "GET", "/2015-03-31/functions/?Action=DeleteFunction", {}, ""),
        ("lambda", "GET", "/2015-03-31/functions/", {"X-Amz-Target": "AWSLambda.DeleteFunction"}, ""),
        ("s3", "PUT", "/things?policy&tagging", {}, "{}"),
        ("s3", "GET", "/things?acl&policy", {}, ""),
    ],
)
def test_requests_that_could_be_read_twice(
    cast: Cast, service: str, method: str, path: str, headers: dict[str, str], body: str
) -> None:
    """Who may list cannot have something made by saying so in another place of the same request."""
    user = cast.user(allow(["iam:ListUsers", "dynamodb:ListTables", "lambda:ListFunctions", "s3:*"]))
    request = AWSRequest(method, cast.aws.url + path, data=body.encode(), headers=headers)
    keys = botocore.credentials.Credentials(user["AccessKeyId"], user["SecretAccessKey"])
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(keys, service, "eu-central-1").add_auth(request)
    sent = urllib.request.Request(
        cast.aws.url + path, data=body.encode() or None, method=method, headers=dict(request.headers)
    )
    with pytest.raises(urllib.error.HTTPError, match="501"):
        urllib.request.urlopen(sent)
    assert "smuggled" not in [one["UserName"] for one in cast.iam().list_users()["Users"]]
