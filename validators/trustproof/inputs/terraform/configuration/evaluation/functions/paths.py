"""
Functions of paths that do not look at the file system.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from trustproof.inputs.terraform.configuration.evaluation.functions import arns, oidc_provider_arns
from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context, function, of_known
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.values import parts_of_arns
from trustproof.inputs.terraform.values.values import Known, Value


@function(1)
def basename(context: Context, arguments: Sequence[Value]) -> Value:
    """What stands behind the last slash: of the issuer of a cluster of EKS, the id of the cluster."""
    value = convert.text(arguments[0])
    if of_issuer := oidc_provider_arns.parts(value):
        return of_issuer[-1]
    if (name := parts_of_arns.part(value, parts_of_arns.NAME)) is not None:
        return name
    if (found := arns.at_samples(value, _last, context.place)) is not None:
        return found
    return Known(_last(str(convert.plain(value))), context.place)


def _last(path: str) -> str:
    return posixpath.basename(path.rstrip("/")) or ("/" if path else ".")


@of_known("text")
def dirname(path: str) -> str:
    return re.sub("^/+", "/", posixpath.normpath(posixpath.dirname(path) or "."))
