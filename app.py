"""
The CDK app: every stack of the organization, as `infra/accounts.toml` describes it.
"""

from infra.application import build_app

build_app().synth()
