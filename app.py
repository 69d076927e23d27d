"""
The CDK app: every stack of the organization, as `infra/accounts.toml` describes it.
"""

import sys

from infra.application import build_app

try:
    app = build_app()
except ValueError as problem:
    # Of the accounts file, or of a construct that cannot be what the file says.
    sys.stderr.write(f"error: {problem}\n")
    sys.exit(2)
try:
    app.synth()
except RuntimeError as problem:
    # What the CDK or the gate finds in the templates; it names the construct.
    sys.stderr.write(f"error: {problem}\n")
    sys.exit(1)
