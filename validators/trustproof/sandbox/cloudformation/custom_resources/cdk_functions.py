"""
The functions that the CDK ships for its custom resources: whether one is what it is taken for, and its role.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore import xform_name

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Place
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.moto.carriers import role_of_function, sources_of_function
from trustproof.sandbox.moto.operations import operations_of
from trustproof.sandbox.services.role_clients import client_of, issued
from trustproof.sandbox.services.service_roles import session_of

_REQUIRED = re.compile(r"""\brequire\(["']([^"']*)["']\)""")
_IMPORTED = re.compile(r"^\s*(?:import|from) +([\w.]+)", re.MULTILINE)
#: With what such a function answers CloudFormation, and the address that it is told.
_MODULES = frozenset({"boto3", "https", "json", "logging", "url", "urllib.request"})
#: Packages of AWS's SDK to the names of the services in botocore.
_SDK = {"cloudwatch-logs": "logs"}


@dataclass(frozen=True)
class CdkFunction:
    """
    A function that was recognized.

    Args:
        name: of the function.
        place: where it is.
        credentials: with which it calls.
    """

    name: str
    place: Place
    credentials: Credentials

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of botocore that calls as the function does; in its own Region where none is given."""
        return client_of(self.place.cloud.state, self.credentials, service, region or self.place.region)


def function_behind(
    place: Place, token: str, service: str, calls: frozenset[str], may_call: frozenset[str], modules: frozenset[str]
) -> CdkFunction:
    """
    The function behind a custom resource.

    Args:
        place: of the resource.
        token: its `ServiceToken`.
        service: that the function calls, as botocore names it.
        calls: the operations that it calls.
        may_call: those that it may call as well.
        modules: that it uses besides the SDK.

    Raises:
        ResourceFailed: it is another program, or has no role.
    """
    prefix = f"arn:{place.partition}:lambda:{place.region}:{place.account}:function:"
    name = token.removeprefix(prefix)
    sources = sources_of_function(place.account, place.region, name) if token.startswith(prefix) else {}
    known = calls <= _calls(sources, service) <= calls | may_call
    if not known or not _modules(sources) <= modules | _MODULES | {service}:
        raise ResourceFailed(
            f"functions are not run here, and {name} is not the one that the CDK has for such a resource"
        )
    role = role_of_function(place.account, place.region, name)
    session = None if role is None else session_of(place.cloud.state, role, name)
    if session is None:
        raise ResourceFailed(f"{name} has no role that is there")
    return CdkFunction(name, place, issued(place.cloud.state, session))


def _calls(sources: Mapping[str, str], service: str) -> frozenset[str]:
    """The operations of a service that programs call."""
    written = _spellings(service)
    found = (re.findall(r"\bnew [\w.]*?(\w+Command)\(|\.(\w+)\(", text) for text in sources.values())
    names = {name for pairs in found for pair in pairs for name in pair}
    return frozenset(written[name] for name in names & written.keys())


@cache
def _spellings(service: str) -> dict[str, str]:
    """How clients of JavaScript, in both ways, and Python call operations, to these."""
    found: dict[str, str] = {}
    for name in operations_of(service):
        found |= dict.fromkeys((f"{name}Command", name[0].lower() + name[1:], xform_name(name)), name)
    return found


def _modules(sources: Mapping[str, str]) -> frozenset[str]:
    found: set[str] = set()
    for path, text in sources.items():
        # Lambda puts this one beside a program that a template has in itself.
        if path != "cfnresponse.py":
            found |= {*_IMPORTED.findall(text), *_REQUIRED.findall(text)}
    names = (one.removeprefix("@aws-sdk/client-") for one in found)
    return frozenset(_SDK.get(one, one) for one in names)
