"""
What is deployed, compared with what was proved: `trustproof verify`, `trustproof pull` and `trustproof profiles`.

Only this package talks to AWS, and only when one of these commands is run.
"""
