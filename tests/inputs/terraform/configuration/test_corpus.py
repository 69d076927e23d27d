"""
Real modules: read without a traceback, and no policy is lost in silence.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests import tally
from trustproof.errors import InputError
from trustproof.inputs.settings import Settings
from trustproof.inputs.terraform.configuration.modules.files import DiskFiles
from trustproof.inputs.terraform.configuration.modules.modules import Loader
from trustproof.inputs.terraform.configuration.reading import configuration
from trustproof.inputs.terraform.configuration.roots import root_modules
from trustproof.inputs.terraform.sources.directory import templates
from trustproof.inputs.terraform.types.table import policies
from trustproof.inputs.terraform.values.values import Symbol, Unknown

MODULES = Path(__file__).resolve().parents[4].parent / "shared" / "corpus" / "terraform" / "modules"
#: The end of a file's name to what is wrong with it, which Terraform says too.
REFUSED = {
    "aws/cognito-user-pool/main.tf": "not HCL",
    "env/dev/ssm-parameters.tf": "local.kms_write_actions is declared twice",
}


def roots() -> list[tuple[str, str]]:
    """Every directory that is a root module, and the repository that it is in."""
    found = []
    for named in sorted(MODULES.iterdir()) if MODULES.is_dir() else ():
        folders = sorted({str(file.parent) for pattern in ("*.tf", "*.tf.json") for file in named.rglob(pattern)})
        found += [(folder, str(named)) for folder in root_modules(str(named), folders).roots]
    return found


ROOTS = roots()
missing = pytest.mark.skipif(not ROOTS, reason="the corpus of real modules is not here")


@missing
def test_every_policy_of_a_real_module_is_a_document_or_unknown_with_a_reason() -> None:
    """Nothing is dropped: what is not known of a policy says what hides it."""
    shares: Counter[str] = Counter()
    refused: list[str] = []
    for folder, named in ROOTS:
        try:
            found = configuration(folder, {}, loader=Loader(DiskFiles(named)))
        except InputError as error:
            known = [end for end, why in REFUSED.items() if error.file.endswith(end) and why in error.message]
            refused.append(known[0] if known else str(error))
            continue
        for one in found.instances():
            for argument in policies(one.type):
                if argument.name not in one.values:
                    continue
                value = one.values[argument.name]
                share = "whole" if value.is_known else "unknown" if isinstance(value, Unknown) else "in parts"
                shares[share] += 1
                if isinstance(value, Unknown):
                    assert value.shown
                    assert not isinstance(value, Symbol) or value.reason or value.name
    for share, count in shares.items():
        tally.note("terraform modules", share, count)
    assert sorted(refused) == sorted(REFUSED)
    assert shares["whole"] > 60
    assert shares["unknown"] * 10 < sum(shares.values())


@missing
def test_every_real_module_can_be_judged() -> None:
    """The template that a module is lowered to can be read; what is refused has a place."""
    count = 0
    for folder, named in ROOTS:
        try:
            found = templates(folder, named, Settings())
        except InputError:
            continue
        for one in found:
            count += len(one.documents) + len(one.unread) + len(one.errors)
            assert all(error.line for error in one.errors), one.errors
    assert count > 150
