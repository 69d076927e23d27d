"""
Readers: CloudFormation templates and cloud assemblies as typed policies, each with its place in the file.
"""

from trustproof.templates.bare_policy import parse_policy
from trustproof.templates.conditions import Undetermined
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
