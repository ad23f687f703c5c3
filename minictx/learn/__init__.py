"""Rebuild it yourself, red to green: exercises, and what checks them.

Read `course.py` (what an exercise consists of), then `check.py` and `report.py` (how one is
checked), then `workspace.py` and `state.py` (what is the student's). `position.py` is the heart
of the watcher: what each key does; `views.py` and `screen.py` show it. `commands/` has what can
be typed after ``minictx learn``.
"""
