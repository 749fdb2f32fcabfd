"""The engine: values, node declarations, recipes, evaluation, cache, marks and batches.

It knows no image operation and no window; those live in ``nodes`` and ``app``.
"""
