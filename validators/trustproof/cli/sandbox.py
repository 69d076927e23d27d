"""
``trustproof sandbox``: its arguments, and the door to the extra that it needs.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NamedTuple

from trustproof.cli.command import Commands
from trustproof.cli.extras import demand
from trustproof.errors import UsageError
from trustproof.files.write import write

_NEEDED = ("moto", "pyotp", "joserfc", "signxml", "policy_sentry")
_DEFAULT_ACCOUNTS = ("111122223333", "222233334444")
#: What an assertion cannot do without.
_OF_A_RESPONSE = ("provider", "role", "provider_arn", "session")
_ALGORITHM = "RS256"
_ACS = "https://signin.aws.amazon.com/saml"
_DESCRIPTION = """\
An AWS of several accounts on this machine, in which trust policies, identity policies, boundaries, session policies and
resource policies are enforced. Without a program it runs until Ctrl-C. The program has a profile of AWS's tools for
each account, by its name in the accounts file or its id, and "management" for the administrator of the organization.
"""
_EPILOG = """\
within the environment of a sandbox, to play every caller:
  trustproof sandbox code SERIAL
  trustproof sandbox token --issuer URL --audience A --subject S [--claim K=V]... [--json-claim K=JSON]...
  trustproof sandbox assertion --new-provider NAME
  trustproof sandbox assertion --provider NAME --role ARN --provider-arn ARN --session NAME
  trustproof sandbox as-service PRINCIPAL [--source-account ID] [--source-arn ARN] [--tag K=V]...
"""


class SandboxArguments(NamedTuple):
    """
    What ``trustproof sandbox`` is told.
    """

    accounts: Path | Sequence[str] = _DEFAULT_ACCOUNTS
    port: int = 0
    #: ``aws:SourceIp`` of all requests; None for an address of the documentation.
    source_ip: str | None = None
    #: What to run in the sandbox, which ends with it; None to run until Ctrl-C.
    program: Sequence[str] | None = None

    def run(self) -> int:
        """Serve, and return the exit code: that of the program, or 0."""
        if self.program is not None and not self.program:
            raise UsageError("sandbox: a command is expected after --")
        demand("sandbox", "sandbox", _NEEDED)
        from trustproof.sandbox.command import serve

        return serve(self.accounts, port=self.port, source_ip=self.source_ip, command=self.program)


class SandboxCallArguments(NamedTuple):
    """
    What ``trustproof sandbox code`` and its neighbours ask of a running sandbox.
    """

    operation: str
    values: Mapping[str, Any]

    def run(self) -> int:
        """Print the answer, and return the exit code."""
        from trustproof.sandbox.control_client import ask

        write(ask(self.operation, **self.values).rstrip("\n") + "\n")
        return 0


def sandbox_arguments(
    operation: str | None = None,
    accounts: Path | None = None,
    account: Sequence[str] | None = None,
    port: int = 0,
    source_ip: str | None = None,
    program: Sequence[str] | None = None,
    **values: Any,
) -> SandboxArguments | SandboxCallArguments:
    """What the parsed arguments become."""
    if operation is None:
        return SandboxArguments(accounts or account or _DEFAULT_ACCOUNTS, port, source_ip, program)
    if accounts is not None or account is not None or port or source_ip is not None or program is not None:
        raise UsageError(f"sandbox {operation}: asks a sandbox that is running, and takes nothing that starts one")
    if operation == "token":
        values["claims"] = _claims(values.pop("claim"), values.pop("json_claim"))
    if operation == "as-service":
        tags = _pairs(values.pop("tag"))
        if twice := [key for key, value in tags.items() if isinstance(value, list)]:
            raise UsageError(f"sandbox as-service: the tag {twice[0]!r} is there more than once")
        values["tags"] = tags
    if operation == "assertion":
        name = values.pop("new_provider")
        if name is not None:
            besides = [one for one in (*_OF_A_RESPONSE, "tampered", "attribute") if values[one]]
            if besides:
                raise UsageError(f"sandbox assertion: {_option(besides[0])} is of no use with --new-provider")
            return SandboxCallArguments("new-provider", {"name": name})
        missing = [one for one in _OF_A_RESPONSE if values[one] is None]
        if missing:
            raise UsageError(f"sandbox assertion: {_option(missing[0])} is missing")
        pairs = _pairs(values.pop("attribute"))
        values["attributes"] = {key: one if isinstance(one, list) else [one] for key, one in pairs.items()}
    return SandboxCallArguments(operation, values)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _pairs(texts: Sequence[str]) -> dict[str, Any]:
    """`K=V`, the last `=` but those of the value; a key that is there more than once has a list of values."""
    found: dict[str, Any] = {}
    for text in texts:
        key, separator, value = text.partition("=")
        if not key or not separator:
            raise UsageError(f"sandbox: {text!r} is not of the form KEY=VALUE")
        if key in found:
            earlier = found[key]
            found[key] = [*(earlier if isinstance(earlier, list) else [earlier]), value]
        else:
            found[key] = value
    return found


def _claims(texts: Sequence[str], documents: Sequence[str]) -> dict[str, Any]:
    """The claims of a token: those that are text, and those that are given as JSON."""
    claims = _pairs(texts)
    for key, values in _pairs(documents).items():
        if key in claims or isinstance(values, list):
            raise UsageError(f"sandbox token: the claim {key!r} is there more than once")
        try:
            claims[key] = json.loads(values)
        except ValueError:
            raise UsageError(f"sandbox token: the value of {key!r} is no JSON") from None
    return claims


def add_command(commands: Commands, summary: str) -> None:
    """Add the command to those of the program."""
    parser = commands.add_parser(
        "sandbox",
        help=summary,
        usage="trustproof sandbox [--accounts FILE | --account ID ...] [--port N] [--source-ip ADDRESS] "
        "[-- PROGRAM ...]",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(make=sandbox_arguments)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--accounts", metavar="FILE", type=Path, help="an accounts file, such as infra/accounts.toml")
    which.add_argument("--account", metavar="ID", action="append", help="an account; may be repeated")
    parser.add_argument("--port", metavar="N", type=_port, default=0, help="of 127.0.0.1; a free one by default")
    parser.add_argument("--source-ip", metavar="ADDRESS", type=_address, help="aws:SourceIp of all requests")
    operations = parser.add_subparsers(dest="operation", metavar="OPERATION", prog="trustproof sandbox")
    code = operations.add_parser("code", help="a code of a virtual MFA device", allow_abbrev=False)
    code.add_argument("serial", metavar="SERIAL")
    token = operations.add_parser("token", help="a token of a registered issuer", allow_abbrev=False)
    for name in ("issuer", "audience", "subject"):
        token.add_argument(f"--{name}", required=True)
    token.add_argument("--claim", action="append", default=[], metavar="K=V", help="a claim that is text")
    token.add_argument("--json-claim", action="append", default=[], metavar="K=JSON", help="a claim of any kind")
    token.add_argument("--expires-in", type=int, default=300, metavar="S")
    token.add_argument("--bad-signature", action="store_true")
    token.add_argument("--algorithm", default=_ALGORITHM)
    assertion = operations.add_parser("assertion", help="metadata or a response of a SAML provider", allow_abbrev=False)
    assertion.add_argument("--new-provider", metavar="NAME")
    assertion.add_argument("--provider", metavar="NAME")
    assertion.add_argument("--role", metavar="ARN")
    assertion.add_argument("--provider-arn", metavar="ARN")
    assertion.add_argument("--session", metavar="NAME")
    assertion.add_argument("--recipient", metavar="URL", default=_ACS)
    assertion.add_argument("--expires-in", type=int, default=300, metavar="S")
    assertion.add_argument("--tampered", action="store_true")
    assertion.add_argument("--attribute", action="append", default=[], metavar="K=V")
    service = operations.add_parser("as-service", help="keys that sign as a service", allow_abbrev=False)
    service.add_argument("principal", metavar="PRINCIPAL")
    service.add_argument("--source-account", metavar="ID")
    service.add_argument("--source-arn", metavar="ARN")
    service.add_argument("--tag", action="append", default=[], metavar="K=V", help="of a certificate: x509Subject/CN=a")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port")
    return int(text)


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no IP address") from None
