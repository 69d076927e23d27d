"""
Patterns of files, as in a ``.gitignore``.

https://git-scm.com/docs/gitignore#_pattern_format
"""

from __future__ import annotations

import re


def is_file_pattern(value: object) -> bool:
    """Whether a value is such a pattern."""
    if not isinstance(value, str) or not value.strip():
        return False
    if "[" not in value and "\\" not in value:
        return True
    # Whatever else stands in one means something, and few have a class of characters.
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines((value,))
    except (ValueError, re.error):
        return False
    return True
