"""
What to do about an answer that a budget has cut short: what costs less, and is asked the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.engine.allowance import WORK
from trustproof.results.result import BUDGET

_PATTERNS = "compare the key with fewer values in one statement: a pattern that covers others stands for all of them"
_STATEMENTS = "divide the policy, or leave out statements that others cover"
_VALUES = (
    "give the parameters that decide what stands there, such as --parameter NAME=VALUE: what is given has no other "
    "value to be judged at"
)
#: Nothing declares the account, and mappings often ask for it.
_TOGETHER = f"{_VALUES}; where the account decides, --account says which it is"
_RULES = f"{_VALUES}; or ask for less in its Rules and AllowedValues"
_ROLES = (
    "let each role name the roles that may assume it, and not their whole account, which leaves every pair to be "
    "looked at; or check fewer stacks in one run"
)
#: By how the name of a budget begins; the first that fits.
ADVICE = (
    ("characters of a string search", _PATTERNS),
    ("states of a string search", _PATTERNS),
    ("states of the string searches of one question", _PATTERNS),
    ("steps of one question", _STATEMENTS),
    (WORK, f"{_STATEMENTS}; of a run of many files, check this one by itself"),
    ("combinations of template conditions", _VALUES),
    ("combinations of template parameters", _RULES),
    ("assignments of template parameters", _VALUES),
    ("statements of a policy, read at each assignment", _VALUES),
    ("statements of a template, read at each assignment", _TOGETHER),
    ("steps of a template, read at each assignment", _TOGETHER),
    ("steps of a template, read at other values", _TOGETHER),
    ("values of template parameters whose defaults are refused", _RULES),
    ("values that a nested stack is passed", _VALUES),
    ("functions and conditions of a template", _VALUES),
    ("steps between roles", _ROLES),
    ("roles on the way to other roles", _ROLES),
    ("accounts that a template which does not say its own may be in", "say where it is deployed, with --account"),
    ("assignments of the parameters of all templates", f"{_VALUES}; or check fewer templates in one run"),
    ("questions about the policies of a template", "divide the template, or this policy where it alone asks for more"),
)


def with_advice(reasons: Sequence[str]) -> tuple[str, ...]:
    """Reasons, and after them what to do about the budgets that they name."""
    advice: dict[str, None] = {}
    # What is left open may say first of what it is that a budget was reached.
    for name in (reason.partition(BUDGET)[2].partition(": ")[2] for reason in reasons if BUDGET in reason):
        for begins, said in ADVICE:
            if name.startswith(begins):
                advice[said] = None
                break
    return (*reasons, *(said for said in advice if said not in reasons))
