"""
Functions of paths that do not look at the file system.
"""

from __future__ import annotations

import posixpath

from trustproof.inputs.terraform.configuration.functions.registry import of_known


@of_known("text")
def basename(path: str) -> str:
    return posixpath.basename(path.rstrip("/")) or ("/" if path else ".")


@of_known("text")
def dirname(path: str) -> str:
    return posixpath.normpath(posixpath.dirname(path) or ".")
