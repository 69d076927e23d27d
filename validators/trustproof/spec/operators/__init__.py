"""
The condition operators, a file per family.
"""

from __future__ import annotations

from trustproof.spec.operators import address, arn, binary, boolean, date, null, numeric, string
from trustproof.spec.operators.comparison import Comparison

#: Base name to operator; the names are those of `trustproof.model.operators.BASES`.
COMPARISONS: dict[str, Comparison] = {
    comparison.name: comparison
    for family in (string, numeric, date, boolean, binary, address, arn, null)
    for comparison in family.OPERATORS
}
