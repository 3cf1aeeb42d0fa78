"""The script that computes the bank, on the cells that it finds in a moment."""

import importlib.util
import sys
from pathlib import Path

import pytest

from bot.domain.formation.starters import bank, read_bank

SCRIPT = Path(__file__).parents[3] / "scripts" / "find_starters.py"


@pytest.fixture(scope="module")
def finder():
    spec = importlib.util.spec_from_file_location("find_starters", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize("cell", [(5, 3), (8, 3), (7, 4), (6, 6)])
def test_a_rerun_of_the_script_finds_the_starter_that_is_shipped(finder, cell):
    found = read_bank("\n".join(finder.bank_lines(f"{cell[0]}-{cell[1]}")))
    assert found.starters[cell] == bank().starters[cell]
