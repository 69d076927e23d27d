"""
Where the engine and the evaluator meet: every refutation is replayed here.
"""
