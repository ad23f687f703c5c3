"""Rebuild it yourself, red to green: exercises, and what checks them.

Read `course.py` (what an exercise consists of), then `check.py` (how one is checked),
`process.py` and `report.py` (in which process, and what happens there), then `state.py` and
`workspace.py` (what is the student's). `watcher/position.py` is the heart of the watcher: what
each key does; `watcher/views.py` and `watcher/screen.py` show it. `commands.py` has what can be
typed after ``minictx learn``.
"""
