"""
The template of a stack while checks look at the app: what the CDK keeps to itself, like the entries of a mapping, is
written there.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
import jsii


def template_of(stack: cdk.Stack) -> Mapping[str, Any]:
    """
    What the CDK would write for a stack as it is now; nothing where it cannot, which it says itself when it writes it.

    It takes as long as to write the template, so that only those are asked for who have something to look up there.
    """
    reading = _Reading()
    reading.bind(stack)
    with tempfile.TemporaryDirectory() as folder:
        try:
            reading.synthesize(cast("cdk.ISynthesisSession", _Session(folder)))
        except RuntimeError:
            return {}
        found: Mapping[str, Any] = json.loads((Path(folder) / stack.template_file).read_text(encoding="utf-8"))
    return found


@jsii.implements(cdk.ISynthesisSession)
class _Session:
    """
    A cloud assembly that nobody reads.
    """

    def __init__(self, folder: str) -> None:
        self._folder, self._assembly = folder, cdk.cx_api.CloudAssemblyBuilder(folder)

    @property
    def assembly(self) -> cdk.cx_api.CloudAssemblyBuilder:
        return self._assembly

    @property
    def outdir(self) -> str:
        return self._folder

    @property
    def validate_on_synth(self) -> bool:
        return False


class _Reading(cdk.StackSynthesizer):
    """
    Writes the template of a stack, and leaves the assets to the stack's own synthesizer.
    """

    def add_file_asset(self, **asset: Any) -> cdk.FileAssetLocation:
        raise NotImplementedError(f"{asset} is the business of the synthesizer of the stack")

    def add_docker_image_asset(self, **asset: Any) -> cdk.DockerImageAssetLocation:
        raise NotImplementedError(f"{asset} is the business of the synthesizer of the stack")

    def synthesize(self, session: cdk.ISynthesisSession) -> None:
        self._synthesize_template(session)
