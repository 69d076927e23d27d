"""
What the tests of what is deployed share.
"""

import pytest


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """The local AWS is at once what it was changed to: nobody has to wait and read again what differs."""
    monkeypatch.setattr("trustproof.live.command.PAUSE", 0)
