"""
Paths in a document, as RFC 6901 writes them: https://www.rfc-editor.org/rfc/rfc6901
"""

from __future__ import annotations

from trustproof.model.policy import Path
from trustproof.results.report import Sources
from trustproof.results.result import Result


def pointer(path: Path) -> str:
    """
    A path of keys and indices as one string: ``Resources/Role/Properties/AssumeRolePolicyDocument/Statement/0``.

    A JSON pointer (RFC 6901) without its first slash; ``/`` and ``~`` in a key are ``~1`` and ``~0``.
    """
    return "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in path)


def shown(sources: Sources, result: Result) -> str:
    """The path of a result, without the texts in it that are never shown."""
    return pointer(sources.shown_path(result.template, result.path))
