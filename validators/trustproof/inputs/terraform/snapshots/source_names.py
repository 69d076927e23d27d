"""
Which files are the sources of a configuration, by their names.

https://developer.hashicorp.com/terraform/language/files
"""

from __future__ import annotations

from collections.abc import Sequence

#: How the names of sources end; the first two take the place of the others where the names are the same before that.
SUFFIXES = (".tofu.json", ".tofu", ".tf.json", ".tf")


def is_source_name(name: str) -> bool:
    """
    Whether a file with a name is read as a source, which one that begins with a dot is not.

    Terraform leaves out what ends in ``~`` or in ``#`` as well, as no source does: ``#a.tf`` is one.
    """
    return name.endswith(SUFFIXES) and not name.startswith(".")


def is_override(name: str) -> bool:
    """Whether a source changes what others declare."""
    stem = next((name[: -len(suffix)] for suffix in SUFFIXES if name.endswith(suffix)), name)
    return stem == "override" or stem.endswith("_override")


def source_names(names: Sequence[str]) -> list[str]:
    """The names of sources among those of files, in the order in which they are read: overrides last."""
    replaced = replaced_names(names)
    return sorted((name for name in _sources_among(names) if name not in replaced), key=lambda n: (is_override(n), n))


def replaced_names(names: Sequence[str]) -> dict[str, str]:
    """
    The names of sources that OpenTofu does not read, to those that it reads in their place; Terraform reads the first.

    https://opentofu.org/docs/language/files/#opentofu-file-extensions
    """
    sources = _sources_among(names)
    tofu = {name.replace(".tofu", ".tf"): name for name in sources if name.endswith((".tofu", ".tofu.json"))}
    return {name: tofu[name] for name in sources if name in tofu}


def only_of_opentofu(names: Sequence[str]) -> list[str]:
    """
    The names of sources that Terraform does not read beside others that it reads: with them alone, who plans is
    OpenTofu.
    """
    sources = _sources_among(names)
    replaced = replaced_names(names).values()
    tofu = sorted(name for name in sources if name.endswith((".tofu", ".tofu.json")) and name not in replaced)
    return tofu if len(tofu) + len(replaced) < len(sources) else []


def _sources_among(names: Sequence[str]) -> list[str]:
    return [name for name in names if is_source_name(name)]
