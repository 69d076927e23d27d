"""
The door to moto's server: which of its services answers a request, and in which Region.

moto guesses both: from the header of the signature, from words of the body and of the path where there is none, from
the host's name and the client's name for itself. It is told instead, by what was signed and authorized.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from moto.backends import list_of_moto_modules
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3 import responses as s3_responses

__all__ = ["Scope", "Server", "authorization", "region_of", "repair", "tell"]

#: Where the environ of WSGI has the scope.
_SCOPE = "trustproof.scope"


class Scope(NamedTuple):
    """For whom a request is."""

    #: The name by which one signs for the service.
    signing_name: str
    region: str


def tell(environ: dict[str, Any], scope: Scope) -> None:
    """Say in an environ of WSGI for which service and Region it is."""
    environ[_SCOPE] = scope


def region_of(environ: dict[str, Any]) -> str | None:
    """The Region that an environ of WSGI says; None where it says none."""
    scope: Scope | None = environ.get(_SCOPE)
    return None if scope is None else scope.region


def authorization(scope: Scope, access_key: str = "none") -> str:
    """The header by which moto's services tell Region and key; nothing in it was signed."""
    credential = f"Credential={access_key}/20000101/{scope.region}/{scope.signing_name}/aws4_request"
    return f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=none"


def repair() -> None:
    """Let S3 take no word of an object's name for a Region."""
    setattr(s3_responses, "parse_region_from_url", _no_region)  # noqa: B010


def _no_region(*_given: Any, **_named: Any) -> None:
    return None


class Server(DomainDispatcherApplication):
    """
    The WSGI application of moto's server. What comes to it says its scope, with `tell`.
    """

    def __init__(self) -> None:
        super().__init__(create_backend_app)

    def get_application(self, environ: dict[str, Any]) -> Any:
        """The application of the service that a request is for."""
        with self.lock:
            backend = self.get_backend_for_host(self._host(environ))
            if backend not in self.app_instances:
                self.app_instances[backend] = self.create_app(backend)
            return self.app_instances[backend]

    def is_served(self, environ: dict[str, Any]) -> bool:
        """Whether moto has the service that a request is for."""
        host = self._host(environ)
        if host in list_of_moto_modules():
            return True
        # `get_backend_for_host` looks likewise, and tells the terminal of what it does not find.
        return any(pattern.match(f"http://{host}") for _, pattern in self.backend_url_patterns)

    def _host(self, environ: dict[str, Any]) -> str:
        """The name of the host that the service has on AWS, by which moto finds it."""
        told = {**environ, "HTTP_AUTHORIZATION": authorization(environ[_SCOPE]), "HTTP_HOST": "localhost"}
        return str(self.infer_service_region_host(told, environ["PATH_INFO"]))
