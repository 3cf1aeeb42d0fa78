"""`python -m tests.benchmarks` prints the table: Peer Circles beside its peers, each in a process of its own.

Times are of the whole process, from its start to its answer, the interpreter and imports included; memory is the
process's largest resident set; CPU time tells how long it would take on a quiet machine. What is reported of an answer
is recounted from its circles after the clock stopped.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bot.domain.formation import Sizes
from bot.domain.formation.schedule import schedule
from tests.benchmarks.rows import FORM, OURS, Row, rows

Result = dict[str, float | str]
LIMIT = 60.0  # seconds for a peer, so that the whole table ends


def main() -> None:
    """Run what is asked for and print it row by row."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="only rows whose name contains this")
    parser.add_argument("--ours", action="store_true", help="without the peers")
    parser.add_argument("--limit", type=float, default=LIMIT, help="seconds for each peer (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there as well")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="put the table into that document")
    parser.add_argument("--child", nargs=3, metavar=("ROW", "CONTESTANT", "START"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        _be_child(*arguments.child, arguments.limit)
        return
    results: list[Result] = []
    sys.stdout.write("\n".join(table([])) + "\n")
    for row in rows():
        if arguments.only is None or arguments.only in row.name:
            for result in _run(row, arguments.limit, ours_alone=arguments.ours):
                results.append(result)
                sys.stdout.write(table([result])[-1] + "\n")
                sys.stdout.flush()
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    if arguments.markdown:
        put_table(arguments.markdown, "figures", table(results))
        put_table(arguments.markdown, "seasons", seasons())


def _run(row: Row, limit: float, *, ours_alone: bool) -> Iterator[Result]:
    for contestant in row.contestants:
        if contestant in {OURS, FORM} or not ours_alone:
            yield _measure(row, contestant, limit)


def _measure(row: Row, contestant: str, limit: float) -> Result:
    """Run one contestant on one row in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks", "--limit", str(limit), "--child", row.name, contestant]
    asked: Result = {"row": row.name, "bar": row.bar, "who": contestant}
    done = subprocess.run([*command, str(time.time())], capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        return asked | {"failed": f"exit {done.returncode} {last}"[:80]}
    return asked | json.loads(done.stdout)


def _be_child(name: str, contestant: str, start: str, limit: float) -> None:
    """Do the work, then tell time and memory before anything is recounted."""
    row = next(row for row in rows() if row.name == name)
    count = row.contestants[contestant](limit)
    seconds = time.time() - float(start)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    measured = {
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "megabytes": usage.ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(measured | count()))


def table(results: list[Result]) -> list[str]:
    """Lay results out as a Markdown table."""
    lines = ["| instance | bar | who | answer | time | of it CPU | memory |", "|---|---|---|---|---|---|---|"]
    for result in results:
        row, bar, who = result["row"], result["bar"], result["who"]
        if "failed" in result:
            lines.append(f"| {row} | {bar} | {who} | {result['failed']} | | | |")
        else:
            times = f"{result['seconds']:.2f} s | {result['cpu_seconds']:.2f} s"
            figures = f"{answer(result)} | {times} | {result['megabytes']:.0f} MB"
            lines.append(f"| {row} | {bar if who == OURS else ''} | {who} | {figures} |")
    return lines


def answer(result: Result) -> str:
    """Say in a few words what was reached, and honestly where the time was up."""
    words: list[str] = []
    if "repeats" in result:
        words.append(f"{result['repeats']:,} repeats")
    if result.get("third_meetings"):
        words.append(f"{result['third_meetings']:,} third meetings")
    if "sharing" in result:
        words.append(f"{result['sharing']:.3f} share two hours")
    if result.get("unplaced"):
        words.append(f"{result['unplaced']} without a place")
    if "changes" in result:
        words.append(f"{result['changes']:.2f} changes a change, {result['slowest_repair']:.2f} s a rotation")
    if "matched" in result:
        words.append(f"{100 * result['matched']:.2f} % matched")
    if "total" in result:
        words.append(f"total {result['total']:,.0f}")
    if "bound" in result:
        words.append(f"{100 * result['total'] / result['bound']:.4f} % of the upper bound")
    if result.get("wanted", result.get("rotations")) != result.get("rotations"):
        words.append(f"stopped by the time limit after {result['rotations']} of {result['wanted']} rotations")
    return ", ".join(words)


def seasons() -> list[str]:
    """Lay out how many rotations without a repeat are known; circles have one person less where that must be."""
    sizes = (3, 4, 5, 6)
    lines = ["| people | " + " | ".join(f"circles of {size}" for size in sizes) + " |", "|---" * 5 + "|"]
    for people in (12, 20, 30, 40, 50, 75, 100, 200, 500):
        bands = (Sizes(size - bool(people % size), size, size) for size in sizes)
        known = (len(schedule(people, band, people).rounds) for band in bands)
        lines.append(f"| {people} | " + " | ".join(map(str, known)) + " |")
    return lines


def put_table(document: Path, name: str, lines: list[str]) -> None:
    """Replace what stands between the document's two marks of that name."""
    text = document.read_text("utf-8")
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, rest = text.split(begin)
    _, after = rest.split(end)
    document.write_text("\n".join([before + begin, *lines, end + after]), "utf-8")


if __name__ == "__main__":
    main()
