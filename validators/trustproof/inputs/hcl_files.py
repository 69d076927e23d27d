"""
Files in the language of Terraform, and their like in JSON, that Terraform does not read: what makes configurations of
it, values of variables, and copies of sources that editors, people and other programs put beside them.
"""

from __future__ import annotations

import os
import re

from trustproof.files.read import MOST_BYTES

#: How the names of files of Terraform Stacks end, and how Terragrunt calls its own.
_STACKS = tuple(f".tf{kind}.{form}" for kind in ("component", "stack", "deploy") for form in ("hcl", "json"))
_TERRAGRUNT = ("terragrunt.hcl", "terragrunt.stack.hcl")
#: What writes a file, or names a module that is elsewhere; inputs alone are for a module that is read.
_MAKES = re.compile(rb"(?:^|\{)\s*(?:generate\b|source\s*=)", re.MULTILINE)
#: The same in a file of any name, which others include: ``root.hcl``, ``_envcommon/role.hcl``. Packer, Nomad and TFLint
#: have no such blocks.
_MAKES_FOR_OTHERS = re.compile(
    rb"""^[ \t]*(?:generate[ \t]+"?[\w-]+"?[ \t]*\{|terraform[ \t]*\{[^{}]*?\bsource[ \t]*=)""", re.MULTILINE
)
#: The same in JSON, whatever the file is called.
_MAKES_IN_JSON = re.compile(rb'"(?:generate|source)"\s*:')

#: Values of variables: https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files
_VARIABLES = ".tfvars"
#: How the names of files end that are read wherever they stand, also in JSON.
_BY_NAME = (".tf", ".tofu", _VARIABLES)
#: As much of a file as is looked at for what makes it a configuration.
_MOST_BYTES = 1 << 20
_LABEL = r"""[ \t]+(?:"[^"\n]*"|[\w-]+)"""
#: What a configuration begins with, and a block of which a policy may be made.
_FIRST = re.compile(
    rf"(?:terraform|locals|moved|import|removed|(?:provider|variable|output|module|check){_LABEL}"
    rf"|(?:resource|data|ephemeral){_LABEL}{_LABEL})\s*\{{"
)
_HOLDER = re.compile(
    rf"""^[ \t]*(?:resource[ \t]+"?(?:aws|awscc)_\w+"?{_LABEL}|module{_LABEL})[ \t]*\{{""", re.MULTILINE
)
_HOLDER_IN_JSON = re.compile(r'"(?:aws|awscc)_\w+"\s*:')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
#: How the name of a source goes on where it is another one's: ``main.tf~``, ``#main.tf#``, ``main.tf.json.bak``.
_SOURCE_IN_NAME = re.compile(r"\.(?:tf|tofu)(?:\.json)?(?![\w-])")
#: How the names of files end from which another program writes one, and what stands in them.
_FILLED_IN = (
    *(".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".tftpl", ".gotmpl", ".template", ".erb", ".ejs", ".hbs"),
    *(".mustache", ".mako", ".in"),
)
_DIRECTIVE = re.compile(r"^[ \t]*(?:\{%|<%)", re.MULTILINE)


def makes_configurations(path: str) -> str:
    """
    The program whose file makes configurations of Terraform, or says where they are; empty for any other file.

    https://developer.hashicorp.com/terraform/language/stacks
    https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/
    """
    name = os.path.basename(path)
    if name.endswith(_STACKS):
        return "Terraform Stacks"
    if not name.endswith((".hcl", ".hcl.json")):
        return ""
    is_own = name.removesuffix(".json") in _TERRAGRUNT
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_BYTES)
    except OSError:
        return "Terragrunt" if is_own else ""
    if name.endswith(".json"):
        makes = _MAKES_IN_JSON
    else:
        makes = _MAKES if is_own else _MAKES_FOR_OTHERS
    return "Terragrunt" if makes.search(content) else ""


def not_read(program: str) -> str:
    """Why a file that makes configurations is passed over."""
    missing = (
        "; its inputs are missing: give them, with --var-file FILE or --parameter" if program == "Terragrunt" else ""
    )
    return f"a configuration of {program}, which is not read{missing}"


def is_read_by_terraform(name: str) -> bool:
    """Whether Terraform or OpenTofu reads a file for its name alone, which has then to be there."""
    return name.lower().removesuffix(".json").endswith(_BY_NAME)


def is_for_terraform(path: str) -> bool:
    """Whether a file that has the name of no source holds values of variables, or is written as a source."""
    if path.endswith(_VARIABLES):
        return True
    try:
        with open(path, "rb") as file:
            content = file.read(_MOST_BYTES)
    except OSError:
        return False
    return b"\0" not in content and is_configuration(content.decode("utf-8", "replace"))


def is_configuration(text: str) -> bool:
    """
    Whether a text is written as a source that may hold policies: as a whole, so that an example in other text is none.
    """
    text = text.removeprefix("\ufeff")
    if text.lstrip().startswith("{") and '"resource"' in text:
        return _HOLDER_IN_JSON.search(text) is not None
    if _HOLDER.search(text) is None:
        return False
    for line in _COMMENT.sub("", text).splitlines():
        bare = line.strip()
        if bare and not bare.startswith(("#", "//", "{%", "{{", "<%", "%{")):
            return _FIRST.match(bare) is not None
    return False


def is_copy(path: str) -> bool:
    """Whether a file, which is no source, has the name of one in its own: Terraform is never made to read it."""
    return _SOURCE_IN_NAME.search(os.path.basename(path)) is not None


def is_filled_in(path: str, text: str) -> bool:
    """Whether another program writes a source of what is written as one."""
    return path.lower().endswith(_FILLED_IN) or _DIRECTIVE.search(text) is not None
