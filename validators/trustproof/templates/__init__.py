"""
Readers: CloudFormation templates and cloud assemblies as typed policies, each with its place in the file.
"""

from __future__ import annotations

from trustproof._lazy import lazily
from trustproof._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustproof.templates.assignments import Undetermined
    from trustproof.templates.bare_policy import parse_policy
    from trustproof.templates.inputs import Inputs, Skipped, read_paths, read_template
    from trustproof.templates.positions import Position
    from trustproof.templates.template import Template

__all__ = [
    "Inputs",
    "Position",
    "Skipped",
    "Template",
    "Undetermined",
    "parse_policy",
    "read_paths",
    "read_template",
]

__getattr__ = lazily(
    __name__,
    {
        **dict.fromkeys(("Inputs", "Skipped", "read_paths", "read_template"), "trustproof.templates.inputs"),
        "Position": "trustproof.templates.positions",
        "Template": "trustproof.templates.template",
        "Undetermined": "trustproof.templates.assignments",
        "parse_policy": "trustproof.templates.bare_policy",
    },
)
