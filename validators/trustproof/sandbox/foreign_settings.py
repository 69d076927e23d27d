"""
Settings of whoever starts a sandbox that would lead programs out of it: to other keys, places or endpoints.

https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from botocore.session import Session

#: Variables by which programs would find other keys, other places or other endpoints than the sandbox's.
FOREIGN = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_CA_BUNDLE",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)
#: What no proxy is asked for.
LOCAL = "127.0.0.1,localhost"
PROXY_EXCEPTIONS = ("NO_PROXY", "no_proxy")
_ENDPOINTS = "AWS_ENDPOINT_URL_"


def is_foreign(name: str) -> bool:
    """Whether a variable of the environment would lead a program out of the sandbox."""
    return name in FOREIGN or name.startswith(_ENDPOINTS)


def forget_foreign_settings() -> None:
    """Take such variables from the environment of this process: what starts in it, and moto, would read them."""
    for name in list(os.environ):
        if is_foreign(name):
            del os.environ[name]


def shell_lines() -> list[str]:
    """What a shell does so that none of them leads out of the sandbox."""
    # Which of these there are is only known there.
    named = f"$(env | sed -n 's/^\\({_ENDPOINTS}[A-Za-z0-9_]*\\)=.*/\\1/p')"
    lines = [f"unset {' '.join(FOREIGN)} {named}"]
    return lines + [f'export {name}="${{{name}:+${name},}}{LOCAL}"' for name in PROXY_EXCEPTIONS]


@cache
def _models() -> Any:
    """The models of AWS's services, which the session of each sandbox would read again."""
    return _session().get_component("data_loader")


def _session() -> Session:
    nothing = {"config_file": os.devnull, "credentials_file": os.devnull, "profile": None}
    return Session(session_vars={name: (None, None, value, None) for name, value in nothing.items()})


def session_without_settings() -> Session:
    """A session of botocore that reads neither a profile nor files of whoever started the process."""
    made = _session()
    made.register_component("data_loader", _models())
    return made
