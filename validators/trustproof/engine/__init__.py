"""
Is there a request in this region that the policy allows? Decided exactly, without a solver.

`docs/how-it-works.md` tells the idea. Nothing here imports the evaluator: it is the judge, and owes nothing to us.
"""
