"""
What one sandbox knows, besides what moto keeps: made when it starts, gone when it stops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from trustproof.sandbox.authorization.context import DOCUMENTATION_ADDRESS, Surroundings
from trustproof.sandbox.authorization.controls import Controls
from trustproof.sandbox.authorization.messages import Messages
from trustproof.sandbox.clock import Clock
from trustproof.sandbox.credentials.credentials import CredentialStore
from trustproof.sandbox.credentials.issuers import Issuers
from trustproof.sandbox.credentials.mfa import Mfa
from trustproof.sandbox.organization import Organization


@dataclass
class State:
    """
    The parts of a sandbox that requests meet.
    """

    organization: Organization
    controls: Controls = field(default_factory=Controls)
    source_ip: str = DOCUMENTATION_ADDRESS
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.credentials: CredentialStore = CredentialStore(self.clock)
        self.mfa: Mfa = Mfa(self.clock)
        self.issuers: Issuers = Issuers(self.clock)
        self.messages: Messages = Messages()
        #: Topic, protocol and endpoint of subscriptions to topics of other accounts, to the account that subscribed.
        self.subscribers: dict[tuple[str, str, str], str] = {}
        #: The application of WSGI that answers requests; None without a server.
        self.front_door: Callable[..., Iterable[bytes]] | None = None

    @property
    def surroundings(self) -> Surroundings:
        """What is the same for every request."""
        return Surroundings(self.organization, self.clock, self.source_ip)
