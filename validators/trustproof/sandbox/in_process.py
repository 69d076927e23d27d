"""
Requests of botocore's clients that an application of WSGI in this process answers: nothing goes over a network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from werkzeug.test import EnvironBuilder, run_wsgi_app

#: No request gets there.
ADDRESS = "http://localhost"


def environ_of(request: AWSPreparedRequest) -> dict[str, Any]:
    """
    The environ of WSGI in which a request arrives.

    Args:
        request: of a client whose address is `ADDRESS`.
    """
    headers = {
        name: value.decode() if isinstance(value, bytes) else str(value) for name, value in request.headers.items()
    }
    path, _, query = request.url.removeprefix(ADDRESS).partition("?")
    body = request.body or b""
    environ: dict[str, Any] = EnvironBuilder(
        path=path,
        query_string=query,
        base_url=ADDRESS,
        method=request.method,
        headers=headers,
        data=body if isinstance(body, (bytes, str)) else body.read(),
    ).get_environ()
    environ["RAW_URI"] = environ["REQUEST_URI"] = f"{path}?{query}" if query else path
    return environ


def answer(application: Callable[..., Any], environ: dict[str, Any], url: str) -> AWSResponse:
    """
    What an application answers.

    Args:
        application: of WSGI.
        environ: of the request.
        url: of the request.
    """
    chunks, status, found = run_wsgi_app(application, environ, buffered=True)
    return AWSResponse(url, int(status.split()[0]), dict(found), _Body(b"".join(chunks)))


class _Body:
    """What botocore reads an answer from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_given: Any) -> Iterator[bytes]:
        yield self._content

    def read(self, *_given: Any, **_named: Any) -> bytes:
        """All that was not read yet."""
        content, self._content = self._content, b""
        return content

    def close(self) -> None:
        """Nothing is open."""
