"""How a request's life changed over ten years: the same scenarios, told by each Flask.

Read the files in this order:

1. ``app.py``: an app with every hook, and a view for each case
2. ``scenarios.py``: what is done with it, while ``kit.py`` keeps a log
3. ``story.py``: a recorded trace as a list of steps
4. ``differences.py``: what only one of two stories has, and what that means
"""
