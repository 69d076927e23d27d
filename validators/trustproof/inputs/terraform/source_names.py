"""
Which files are the sources of a configuration, by their names.

https://developer.hashicorp.com/terraform/language/files
"""

from __future__ import annotations

#: How the names of sources end; the first two take the place of the others where the names are the same before that.
SUFFIXES = (".tofu.json", ".tofu", ".tf.json", ".tf")


def is_source_name(name: str) -> bool:
    """
    Whether a file with a name is read as a source, which one that begins with a dot is not.

    Terraform leaves out what ends in ``~`` or in ``#`` as well, as no source does: ``#a.tf`` is one.
    """
    return name.endswith(SUFFIXES) and not name.startswith(".")
