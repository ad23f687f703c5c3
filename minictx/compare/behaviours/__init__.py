"""The catalogue of behaviours: each a few lines, run on every implementation.

Read `isolation.py` first. Each function there tries one thing out on a `Kit`, the classes
of one implementation, and says in a word what happened. Its docstring asks the question.
"""

from minictx.compare.behaviours.catalogue import Behaviour, Topic
from minictx.compare.behaviours.interface import interface
from minictx.compare.behaviours.isolation import isolation
from minictx.compare.behaviours.memory import memory
from minictx.compare.behaviours.pretending import pretending
from minictx.compare.behaviours.proxies import proxies
from minictx.compare.behaviours.stacks import stacks
from minictx.compare.behaviours.tasks import tasks

__all__ = ["BEHAVIOURS", "TOPICS", "Behaviour", "Topic"]

TOPICS = [isolation, tasks, memory, interface, stacks, proxies, pretending]
BEHAVIOURS = {each.key: each for topic in TOPICS for each in topic.behaviours}
