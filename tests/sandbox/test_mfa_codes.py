"""
The codes of MFA devices, at every moment of the half minute for which one is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from trustproof.sandbox.clock import Clock
from trustproof.sandbox.credentials.mfa import Mfa
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.iam import iam
from trustproof.sandbox.moto import server as moto_server
from trustproof.sandbox.moto.iam import iam_backends

HOME = "111122223333"
BEGIN = 1_800_000_000


class Standing(Clock):
    """
    A clock that goes only when it is told to.
    """

    def __init__(self, second: float) -> None:
        super().__init__()
        self.second = second

    def now(self) -> float:
        return self.second


@pytest.fixture(scope="module", autouse=True)
def backend() -> Iterator[Any]:
    moto_server.prepare()
    iam.install()
    yield iam_backends[HOME]["aws"]
    iam_backends.clear()


def device(backend: Any, name: str) -> str:
    return str(backend.create_virtual_mfa_device(name, "/").serial_number)


@pytest.mark.parametrize("before", [0.0, 30.0])
@pytest.mark.parametrize("between", [0.0, 0.5, 30.0, 30.5])
@pytest.mark.parametrize("late", [0.0, 8.0])
def test_the_two_codes_of_a_new_device(backend: Any, before: float, between: float, late: float) -> None:
    """They enable it whenever the first is asked for, at once or half a minute later, and the next code counts too."""
    for tenth in range(0, 300, 7):
        clock = Standing(BEGIN + tenth / 10)
        mfa = Mfa(clock)
        serial = device(backend, f"d{before}-{between}-{late}-{tenth}")
        clock.second += before
        first = mfa.next_code(serial)[0]
        clock.second += between
        second, wait = mfa.next_code(serial)
        clock.second += max(wait, late)
        mfa.check_pair(serial, first, second)
        code, wait = mfa.next_code(serial)
        clock.second += wait
        mfa.verify(SimpleNamespace(mfa_devices={serial: None}), serial, code)
        with pytest.raises(RefusedRequest):
            mfa.check_pair(serial, first, second)


@pytest.mark.parametrize("steps", [-120, -90, 90, 120])
def test_codes_of_another_time(backend: Any, steps: int) -> None:
    """A pair of which neither code is of now enables nothing."""
    clock = Standing(BEGIN)
    mfa = Mfa(clock)
    serial = device(backend, f"other{steps}")
    first, second = mfa.next_code(serial)[0], mfa.next_code(serial)[0]
    clock.second += steps
    with pytest.raises(RefusedRequest):
        mfa.check_pair(serial, first, second)
