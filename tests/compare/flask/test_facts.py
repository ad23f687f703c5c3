"""What is said about a difference is true of the recordings, and no difference is left out."""

from __future__ import annotations

from itertools import combinations

import pytest

from minictx.compare.flask_versions.differences import FACTS, Fact, find_facts
from minictx.compare.flask_versions.recordings import VERSIONS, story_of
from minictx.compare.flask_versions.scenarios import SCENARIOS


def count(version: str, key: str, step: str) -> int:
    return [each.strip() for each in story_of(version, key)].count(step)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.words[:40])
def test_a_fact_is_true_of_every_version_that_it_names(fact: Fact) -> None:
    for key, (in_some, in_others) in fact.times.items():
        assert in_some != in_others
        assert {count(version, key, fact.step) for version in fact.some} == {in_some}
        assert {count(version, key, fact.step) for version in fact.others} == {in_others}


def test_a_version_is_on_one_side_of_a_fact() -> None:
    for fact in FACTS:
        assert not set(fact.some) & set(fact.others)
        assert set(fact.some) | set(fact.others) <= set(VERSIONS)


@pytest.mark.parametrize("key", SCENARIOS)
def test_words_stand_beside_each_difference_and_beside_nothing_else(key: str) -> None:
    for older, newer in combinations(VERSIONS, 2):
        differs = story_of(older, key) != story_of(newer, key)
        assert bool(find_facts(key, older, newer)) == differs, (older, newer)
        assert find_facts(key, older, newer) == find_facts(key, newer, older)
