"""
Assemblies whose synthesis is not finished: the CDK has put made-up values in place of what it has not looked up.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from trustproof.inputs.text.source import read

MANIFEST = "manifest.json"


def missing_context(directory: str) -> str:
    """
    Why the templates of an assembly are not those that will be deployed; empty where they are.

    What the CDK looks up in an account it does not know at first: it lists that as missing, puts values of its own into
    the templates, and the command line looks it up and synthesizes again.
    https://docs.aws.amazon.com/cdk/v2/guide/context.html
    """
    listed = _mapping(read(os.path.join(directory, MANIFEST)).load()).get("missing")
    if not listed:
        return ""
    keys = [str(_mapping(one).get("key", "")) for one in listed] if isinstance(listed, list) else []
    named = next((f": {key:.80}" for key in sorted(keys) if key), "")
    return f"its synthesis is not finished, and the templates have made-up values of context that is missing{named}"


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
