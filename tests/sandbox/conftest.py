"""
One sandbox for each module; tests make users and roles of their own in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("moto", reason="the extra `sandbox` is not installed")

from tests.sandbox.cast import Cast
from trustproof.model.request import Request
from trustproof.sandbox import Sandbox
from trustproof.sandbox.authorization import authorize
from trustproof.sandbox.authorization.context import Need
from trustproof.spec.realism import impossibilities

HOME, OTHER = "111122223333", "222233334444"


@pytest.fixture(scope="module")
def aws() -> Iterator[Sandbox]:
    with Sandbox(accounts=[HOME, OTHER]) as running:
        yield running


@pytest.fixture(scope="module")
def cast(aws: Sandbox) -> Cast:
    return Cast(aws)


@pytest.fixture(scope="module", autouse=True)
def _only_possible_requests() -> Iterator[None]:
    """Every request that the gateway makes of a call is one that a real caller could send."""
    real, wrong = authorize.request_for, []

    def checked(caller: Any, credentials: Any, need: Need, *more: Any) -> Request:
        request = real(caller, credentials, need, *more)
        # The catalogue of keys knows sts:TagSession as a part of calls for roles, which always name their session.
        of_role = need.action != "sts:TagSession" or ":role/" in request.resource
        # What is in another Region than is asked gets no answer, once it is not denied.
        fields = request.resource.split(":", 5)
        is_there = len(fields) < 6 or fields[3] in ("", "*", more[-1])
        if need.resource is not None and of_role and is_there and (found := impossibilities(request)):
            wrong.append(f"{request.caller.display_arn} {request.action} {request.resource}: {found}")
        return request

    authorize.request_for = checked  # type: ignore[assignment]
    yield
    authorize.request_for = real
    assert wrong == []
