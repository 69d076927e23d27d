"""
Paths in a document, as RFC 6901 writes them: https://www.rfc-editor.org/rfc/rfc6901
"""

from __future__ import annotations

from trustproof.model.policy import Path


def pointer(path: Path) -> str:
    """
    A path of keys and indices as one string: ``Resources/Role/Properties/AssumeRolePolicyDocument/Statement/0``.

    A JSON pointer (RFC 6901) without its first slash; ``/`` and ``~`` in a key are ``~1`` and ``~0``.
    """
    return "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in path)
