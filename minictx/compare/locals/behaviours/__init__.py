"""The catalogue of behaviours: each a few lines, run on every implementation.

Read `isolation.py` first. Each function there tries one thing out on a `Kit`, the classes
of one implementation, and returns what happened in a word. Its docstring asks the question.
"""

from minictx.compare.locals.behaviours.catalogue import Behaviour, Topic
from minictx.compare.locals.behaviours.interface import interface, stacks
from minictx.compare.locals.behaviours.isolation import isolation, tasks
from minictx.compare.locals.behaviours.memory import memory
from minictx.compare.locals.behaviours.pretending import pretending
from minictx.compare.locals.behaviours.proxies import proxies

__all__ = ["BEHAVIOURS", "TOPICS", "Behaviour", "Topic"]

TOPICS = [isolation, tasks, memory, interface, stacks, proxies, pretending]
BEHAVIOURS = {each.key: each for topic in TOPICS for each in topic.behaviours}
