from collections import Counter
from dataclasses import replace
from itertools import combinations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.survey.disclosure import disclose
from bot.domain.survey.exposure import Sums, least_exposed
from bot.domain.survey.publication import Ledger
from tests.domain.survey.attack import Attacker, Row, sums_of
from tests.domain.survey.helpers import programme
from tests.domain.survey.seasons import Step, live, seasons

MANY = settings(
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def naive_rows(step: Step) -> list[Row]:
    snapshots = [replace(step.publication, wave=wave, ledger=ledger) for wave, ledger in step.ledgers.items()]
    return sums_of(snapshots)


def assert_nothing_is_learnt(step: Step) -> None:
    """Check that a publication adds nothing on one to four people, for its readers together or an outsider."""
    old, new = sums_of(step.before), sums_of((*step.before, step.publication))
    for knows in (frozenset[str](), step.wave.all_readers):
        before, after = Attacker(old, knows), Attacker(new, knows)
        for people in after.victims():
            assert after.learns(people) == before.learns(people), people


def attack_seasons(least_waves: int, most_waves: int, examples: int = 120) -> Counter[str]:
    """Attack random seasons; count what was published in them, and how often the naive publisher is broken."""
    seen: Counter[str] = Counter()

    @settings(MANY, max_examples=examples)
    @given(seasons(least_waves, most_waves))
    def attack(season) -> None:
        steps = list(live(season))
        for step in steps:
            assert_nothing_is_learnt(step)
            seen["programmes"] += bool(step.publication.ledger.everyone)
            seen["circles"] += bool(step.publication.ledger.circles)
            seen["changes"] += step.publication.ledger.since is not None
        seen["seasons"] += 1
        seen["naive broken"] += any(Attacker(naive_rows(steps[-1])).victims())

    attack()
    return seen


def test_p3_and_p4_nobody_in_a_group_of_one_to_four_is_singled_out_by_one_waves_figures():
    seen = attack_seasons(1, 1)
    assert seen["naive broken"] > seen["seasons"] / 4, seen
    assert seen["programmes"] > seen["seasons"] / 4, seen
    assert seen["circles"] > seen["seasons"] / 20, seen


def test_p5_nobody_in_a_group_of_one_to_four_is_singled_out_by_the_figures_of_all_waves():
    seen = attack_seasons(2, 5, examples=200)
    assert seen["naive broken"] > seen["seasons"] / 2, seen
    assert seen["changes"] > seen["seasons"] / 20, seen


GROUPS = st.frozensets(st.sampled_from("abcdefgh"))


@MANY
@given(st.lists(st.integers(0, 2), min_size=8, max_size=8), GROUPS, st.none() | GROUPS)
def test_the_least_exposure_is_what_brute_force_over_all_groups_finds(places, new, old):
    parts = tuple(
        frozenset(person for person, at in zip("abcdefgh", places, strict=True) if at == part)
        for part in sorted(set(places))
    )
    crossing = (old, new) if old is not None else (new,)
    known_rows = [{("w", person): 1 for person in group} for group in (*parts, *crossing[:-1])]
    before = Attacker(known_rows)
    after = Attacker([*known_rows, {("w", person): 1 for person in new}])
    groups = (frozenset(group) for size in range(1, 9) for group in combinations("abcdefgh", size))
    told = (len(group) for group in groups if after.learns(group) > before.learns(group))
    found = least_exposed(Sums(parts, crossing), frozenset())
    if after.rank > before.rank:
        assert found == next(told)
    else:
        assert next(told, None) is None


def test_the_attacker_reads_a_single_answer_out_of_two_totals_and_a_change():
    first, second = Ledger(frozenset("abcde")), Ledger(frozenset("abcd"), (), frozenset("abcd"), "w1")
    blank = disclose(programme(9))
    snapshots = [replace(blank, wave="w1", ledger=first), replace(blank, wave="w2", ledger=second)]
    assert set(Attacker(sums_of(snapshots)).victims()) >= {frozenset("e"), frozenset("abcd")}
