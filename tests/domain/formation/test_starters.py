from itertools import combinations

import pytest

from bot.domain.formation.problem import Sizes
from bot.domain.formation.schedule import near_misses, schedule
from bot.domain.formation.starters import bank, read_bank
from tests.domain.formation.recount import meetings, repeats

# The best known rounds of the social golfer problem (OEIS A107431 and public tables) by circle size and circles.
BEST_KNOWN = {
    3: {3: 4, 4: 4, 5: 7, 6: 8, 7: 10, 8: 11, 9: 13, 10: 14},
    4: {4: 5, 5: 5, 6: 7, 7: 9, 8: 9, 9: 11, 10: 13},
    5: {5: 6, 6: 6, 7: 7, 8: 8, 9: 9, 10: 9},
    6: {6: 3, 7: 7, 8: 8, 9: 9, 10: 7},
    7: {7: 8},
}
CELLS = [(circles, size, rounds) for size, row in BEST_KNOWN.items() for circles, rounds in row.items()]
PROVEN_MOST = {(6, 6): 3, (4, 3): 4, (6, 3): 8, (7, 3): 10, (7, 4): 9, (10, 4): 13, (6, 4): 7}


@pytest.mark.parametrize(("circles", "size", "rounds"), CELLS)
def test_the_best_known_number_of_rounds_is_reached_without_a_repeat(circles, size, rounds):
    made = schedule(circles * size, Sizes(size, size, size), rounds).rounds
    assert len(made) == rounds
    assert all(sorted(seat for circle in round_ for seat in circle) == list(range(circles * size)) for round_ in made)
    assert max(meetings(made).values()) == 1


@pytest.mark.parametrize(("cell", "most"), PROVEN_MOST.items())
def test_no_schedule_beats_a_proven_optimum(cell, most):
    circles, size = cell
    made = schedule(circles * size, Sizes(size, size, size), most + 5).rounds
    assert len(made) <= most
    assert repeats(made) == 0


@pytest.mark.parametrize("cell", sorted(bank().starters))
def test_every_starter_of_the_bank_repeats_as_little_as_it_says(cell):
    circles, size = cell
    for starter in bank().starters[cell]:
        rounds = list(starter.rounds())
        for round_ in rounds:
            assert sorted(seat for circle in round_ for seat in circle) == list(range(circles * size))
            assert {len(circle) for circle in round_} == {size}
        assert repeats(rounds) <= starter.repeats
        assert max(meetings(rounds).values()) <= 2


@pytest.mark.parametrize("cell", sorted(bank().lattices))
def test_every_difference_matrix_of_the_bank_has_different_differences(cell):
    made = bank().lattices[cell]
    for one, other in combinations(range(cell[1]), 2):
        differences = [
            tuple((a - b) % m for a, b, m in zip(row[one], row[other], made.moduli, strict=True)) for row in made.rows
        ]
        assert len(set(differences)) == len(differences)


@pytest.mark.parametrize(("people", "size", "rounds", "most"), [(32, 4, 10, 10), (50, 5, 11, 33)])
def test_near_misses_repeat_few_pairs_and_none_a_third_time(people, size, rounds, most):
    (made,) = near_misses(people, Sizes(size, size, size), rounds)
    assert len(made.rounds) == rounds
    assert repeats(made.rounds) <= most
    assert max(meetings(made.rounds).values()) == 2


def test_a_starter_serves_one_person_less_than_it_has_seats():
    made = schedule(27, Sizes(3, 4, 4), 9).rounds
    assert len(made) == 9
    assert repeats(made) == 0


def test_a_round_that_the_group_leaves_as_it_is_counts_once():
    text = '[[starter]]\nmoduli = [4]\norbits = [[4]]\nrounds = ["0 2|1 3", "0 1|2 3"]\n'
    ((starter,),) = read_bank(text).starters.values()
    assert len(list(starter.rounds())) == 1 + 2
    assert repeats(starter.rounds()) == 0
