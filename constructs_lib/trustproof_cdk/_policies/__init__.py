"""
Policies as IAM reads them: what they allow, what they mean, what they stand on and whom they bound.
"""
