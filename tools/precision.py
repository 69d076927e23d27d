"""
How many findings on a public corpus are worth acting on.

    python tools/precision.py draw   draws a sample, with what has been judged of it, and writes docs/precision.md
    python tools/precision.py        writes docs/precision.md

Whoever draws judges what is new, or has another verdict or severity than it was judged with, by reading the template:
such rows of ``judgements.tsv`` and ``terraform_judgements.tsv`` of ``tests/corpus`` have no judgement.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.corpus.terraform_precision import main

if __name__ == "__main__":
    main(sys.argv[1:])
