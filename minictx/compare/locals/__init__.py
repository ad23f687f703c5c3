"""The same few lines, run on every kind of context-local.

Read the files in this order:

1. ``implementations.py``: what is asked, and how to get at its classes
2. ``behaviours/isolation.py``, and the others beside it: the lines that are run
3. ``results.py``: all answers, those that were recorded among them
"""
