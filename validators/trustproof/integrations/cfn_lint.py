"""
The properties as rules of cfn-lint, so that editors underline what lets somebody in.

    cfn-lint --append-rules trustproof.integrations.cfn_lint -- template.yaml

or, for editors, in ``.cfnlintrc``::

    append_rules:
      - trustproof.integrations.cfn_lint

Each property has one number and three rules: ``E95nn`` for its errors, ``W95nn`` for warnings and ``I95nn`` for notes,
which cfn-lint shows with ``--include-checks I``. How cfn-lint finds rules:
https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/getting_started/rules.md
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.integrations import cfn_lint_rule
from trustproof.properties import registry
from trustproof.results.rules import RULES


def _rules() -> Iterator[type[cfn_lint_rule.TrustproofRule]]:
    """A class for each rule. That which they inherit from is not in this module, since it would be taken for a rule."""
    summaries = {found.ident: found.summary for found in registry.PROPERTIES}
    summaries |= {found.ident: found.summary for found in RULES}
    described = {number: (ident, summaries[ident]) for ident, number in cfn_lint_rule.NUMBERS.items()}
    described[cfn_lint_rule.UNREADABLE] = ("unreadable", "what Trustproof cannot read")
    described[cfn_lint_rule.OWN] = ("invariant", "what the project's own configuration asks does not hold")
    for number, (ident, summary) in described.items():
        for letter in cfn_lint_rule.LETTERS.values():
            name = f"{letter}{number}"
            members = {
                "id": name,
                "shortdesc": f"{ident}: {summary}",
                "description": f"Trustproof: {summary}. `trustproof properties {ident}` says more.",
                "tags": ["iam", "trust", "trustproof"],
            }
            yield type(name, (cfn_lint_rule.TrustproofRule,), members)


# cfn-lint takes every class that is a member of this module for a rule.
globals().update({rule.__name__: rule for rule in _rules()})
