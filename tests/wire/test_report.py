"""The sections of docs/reliability.md: each run writes its own and leaves the others'."""

from pathlib import Path

from tests.wire.report import write_section


def test_a_section_takes_the_place_of_its_last_one_and_leaves_the_others(tmp_path: Path):
    file = tmp_path / "reliability.md"
    write_section("kill", "Killed", "First.", [("kills", 3)], file)
    write_section("storms", "Storms", "Other.", [("seconds", 1.5)], file)
    write_section("kill", "Killed", "Second.", [("kills", 2_000)], file)
    written = file.read_text(encoding="utf-8")
    assert "First." not in written
    assert written.index("Second.") < written.index("Other.")
    assert "| kills | 2,000 |" in written
    assert "| seconds | 1.50 |" in written
    assert written.count("## ") == 2
