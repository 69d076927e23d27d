"""
``python -m trustproof``.
"""

from __future__ import annotations

import sys

from trustproof.cli import main

if __name__ == "__main__":
    sys.exit(main())
