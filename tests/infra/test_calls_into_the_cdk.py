"""
What one more account costs: each question to the CDK is a call into another process, and a thousand accounts ask it a
thousand times.
"""

from __future__ import annotations

from typing import Any

import pytest
from jsii._kernel.providers.process import _NodeProcess

from benchmarks.synthesis import Fill, organization, ours, plain, seconds

#: Calls that the app makes for an account, times those that plain roles take; the proofs of the plugin not included.
_MOST = 2.5


def _calls(fill: Fill, size: int, monkeypatch: pytest.MonkeyPatch) -> int:
    send, sent = _NodeProcess.send, list[str]()

    def counted(self: Any, request: Any, response: Any) -> Any:
        sent.append(type(request).__name__)
        return send(self, request, response)

    with monkeypatch.context() as patched:
        patched.setattr(_NodeProcess, "send", counted)
        seconds(fill, organization(size))
    return len(sent)


def _calls_for_an_account(fill: Fill, monkeypatch: pytest.MonkeyPatch) -> float:
    few, many = 10, 20
    seconds(fill, organization(few))
    return (_calls(fill, many, monkeypatch) - _calls(fill, few, monkeypatch)) / (many - few)


def test_an_account_takes_few_calls_more_than_plain_roles_do(monkeypatch: pytest.MonkeyPatch) -> None:
    own, theirs = (_calls_for_an_account(fill, monkeypatch) for fill in (ours, plain))
    assert own <= _MOST * theirs, (own, theirs)
