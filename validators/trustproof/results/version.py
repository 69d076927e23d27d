"""
The version of the program, as reports name it.
"""

from __future__ import annotations


def version() -> str:
    """The version of the installation; few runs ask for it, and its metadata takes as long to read as a template."""
    from importlib import metadata

    return metadata.version("trustproof")
