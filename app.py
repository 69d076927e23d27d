"""
The CDK app: every stack of the organization, as `infra/accounts.toml` describes it.
"""

import sys

from infra.accounts import AccountsError
from infra.application import build_app

try:
    app = build_app()
except AccountsError as problem:
    sys.stderr.write(f"error: {problem}\n")
    sys.exit(2)
app.synth()
