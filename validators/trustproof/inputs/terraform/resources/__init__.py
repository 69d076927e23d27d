"""
The lowering of each kind of resource: who gets in by it, and what stands around it.
"""
