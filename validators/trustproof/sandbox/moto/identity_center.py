"""
The door to moto's IAM Identity Center (`sso-admin`, `identitystore`): what `identity_center` builds on, and how it
takes moto's place.

All of it is internal to moto 5.2, which is pinned; a test holds each name to what is expected of it.
"""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.identitystore.models import identitystore_backends
from moto.ssoadmin import urls
from moto.ssoadmin.exceptions import ConflictException, ResourceNotFoundException
from moto.ssoadmin.models import AccountAssignment, ManagedPolicy, PermissionSet, SSOAdminBackend, ssoadmin_backends

__all__ = [
    "AccountAssignment",
    "Backend",
    "ConflictException",
    "JsonRESTError",
    "ManagedPolicy",
    "PermissionSet",
    "ResourceNotFoundException",
    "backend_of",
    "replace_identity_center",
    "store_of",
]


class Backend(SSOAdminBackend):
    """
    The base of a back end that is defined outside of moto, which looks for the addresses of a service beside its class.
    """

    @property
    def _url_module(self) -> Any:
        return urls


def replace_identity_center(backend: type[Backend]) -> None:
    """Let moto's Identity Center be another one, for every account that is made from now on."""
    ssoadmin_backends.clear()
    ssoadmin_backends.backend = backend


def backend_of(account: str, region: str) -> Any:
    """What an account has of Identity Center in a Region."""
    return ssoadmin_backends[account][region]


def store_of(account: str, region: str) -> Any:
    """What an account has of identity stores in a Region; moto makes one of any id that it is asked for."""
    return identitystore_backends[account][region]
