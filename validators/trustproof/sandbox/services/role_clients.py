"""
Clients of AWS that sign with the session of a role and enter by the front door of the sandbox: what a program that runs
with the role calls is authorized as if it ran.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from botocore.config import Config

from trustproof.sandbox import in_process
from trustproof.sandbox.authorization.context import FORWARDED
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.foreign_settings import session_without_settings

_SESSION_SECONDS = 3_600


def issued(state: State, session: Credentials) -> Credentials:
    """
    Credentials of a session of a role, as what runs with the role has them.

    Args:
        state: of the sandbox.
        session: as a service has it.
    """
    # From where the program calls, nobody here knows.
    made = replace(session, expires=state.clock.now() + _SESSION_SECONDS, unknown=FORWARDED)
    return state.credentials.issue(made)


def client_of(state: State, credentials: Credentials, service: str, region: str) -> Any:
    """
    A client of botocore.

    Args:
        state: of the sandbox, in whose front door its requests come.
        credentials: that were issued.
        service: as botocore names it.
        region: to which it sends.
    """
    door = state.front_door
    assert door is not None, "the sandbox has no server"
    client = session_without_settings().create_client(
        service,
        region_name=region,
        endpoint_url=in_process.ADDRESS,
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret,
        aws_session_token=credentials.token,
        config=Config(retries={"total_max_attempts": 1}, inject_host_prefix=False, s3={"addressing_style": "path"}),
    )
    client.meta.events.register_first(
        "before-send",
        lambda request, **_: in_process.answer(door, in_process.environ_of(request), request.url),
    )
    return client
