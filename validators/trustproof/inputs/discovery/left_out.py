"""
What is said of a file of a directory that nobody reads: skipped as most files are, or passed over, which `--strict`
counts.
"""

from __future__ import annotations

from trustproof.errors import InputError
from trustproof.inputs import template_detection
from trustproof.inputs.discovery.units import SkippedPath
from trustproof.inputs.discovery.unread_contents import unread_content
from trustproof.inputs.hcl_files import is_configuration, is_copy, is_filled_in, makes_configurations, not_read
from trustproof.inputs.terraform import reader as terraform
from trustproof.inputs.walk import PassedOver

#: Terraform is made to read no file whose name does not end as a source's does, or begins with a dot.
_NO_SOURCE = "a configuration under a name that Terraform does not read"
_FILLED_IN = "a configuration of Terraform that another program fills in"


def without_reader(path: str, text: str, content: object, error: InputError) -> PassedOver | SkippedPath:
    """
    A file that could be parsed, and is nothing that is read.

    Args:
        error: what was expected.
    """
    if made := makes_configurations(path):
        return PassedOver(path, not_read(made))
    if left := of_terraform(path, text):
        return left
    if unread := unread_content(content):
        return PassedOver(path, f"it holds {unread}, and is {error.message}")
    return SkippedPath(path, error.message)


def unparsed(path: str, text: str, error: InputError) -> PassedOver | SkippedPath:
    """
    A file that could not be parsed, and is written neither as a template nor as a source.

    Args:
        error: where it is neither JSON nor YAML.
    """
    if template_detection.is_broken_notebook(template_detection.unescape(text)):
        # What is no JSON to us may be some to Jupyter.
        return PassedOver(path, f"it looks like a notebook with resources of AWS's, and {error.message}")
    if like := template_detection.resemblance(text):
        # Another program fills it in before it is one.
        return PassedOver(path, f"it looks like {like}, and {error.message}")
    return SkippedPath(path, error.message)


def of_terraform(path: str, text: str) -> PassedOver | SkippedPath | None:
    """A file that is written as a source under another name, or with values of variables; None for any other."""
    if why := terraform.why_values_are_not_read(path):
        return SkippedPath(path, why)
    # What stands in a file of JSON may be for another program, unless it was a source.
    if not (is_copy(path) or not path.endswith(".json")) or not is_configuration(text):
        return None
    return PassedOver(path, _FILLED_IN) if is_filled_in(path, text) else SkippedPath(path, _NO_SOURCE)
