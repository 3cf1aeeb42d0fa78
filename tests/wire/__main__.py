"""`python -m tests.wire` runs the long campaigns and writes their figures into docs/reliability.md.

Without a campaign's name all of them run, one after the other. The process ends with 1 if anything was amiss.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.backends import PostgresServer, find_programs
from tests.wire.ambiguity import publish_in_storms
from tests.wire.answers import answer_a_noop, answer_at_once, answer_through_kills, back_up_meanwhile
from tests.wire.cancel import cancel_at_random
from tests.wire.client import Wire, open_wire, openapi_file
from tests.wire.kill import Tally, kill_at_commits, kill_at_random, kill_at_requests
from tests.wire.memory import weigh
from tests.wire.place import SIZE, Place, Stage, make_place
from tests.wire.processes import Havoc, identified_apart, make_shared_place, wreak_havoc
from tests.wire.report import write_section

DMS = 2  # direct messages for each circle that is published
MOST_MEGABYTES, MOST_INVALID, LONGEST_FIRST, LEAST_SHARE = 40, 100, 1.0, 0.5
BETWEEN = 5.0  # seconds that Discord wants between two sessions that begin
Figures = list[tuple[str, object]]


def main() -> int:
    """Run what is asked for."""
    args = _parser().parse_args()
    chosen = args.campaigns or list(CAMPAIGNS)
    amiss = [name for name in chosen if not _run(name, args)]
    sys.stdout.write(f"amiss: {', '.join(amiss)}\n" if amiss else "all is well\n")
    return int(bool(amiss))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.wire", description=__doc__)
    parser.add_argument("campaigns", nargs="*", metavar="CAMPAIGN", help=", ".join(CAMPAIGNS))
    parser.add_argument("--kills", type=int, default=200, help="kills at random points (%(default)s)")
    parser.add_argument("--circles", type=int, default=40, help="circles of a rotation that is killed (%(default)s)")
    parser.add_argument("--storms", type=int, default=5, help="rotations published in storms (%(default)s)")
    parser.add_argument("--members", type=int, default=1_000, help="members who answer (%(default)s)")
    parser.add_argument("--cancellations", type=int, default=1_000, help="writers who give up (%(default)s)")
    parser.add_argument("--guild", type=int, default=100_000, help="members of the guild that is weighed (%(default)s)")
    return parser


def _run(name: str, args: argparse.Namespace) -> bool:
    """Run one campaign, write its section, and tell whether all was well."""
    title, told, campaign = CAMPAIGNS[name]
    sys.stdout.write(f"{name} ...\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="wire-") as folder:
        figures, amiss = campaign(args, Path(folder))
    if openapi_file() is None:
        figures.append(("requests held against Discord's description", "no, it was not at hand"))
    write_section(name, title, told, [*figures, ("amiss", len(amiss))])
    sys.stdout.write("".join(f"  {key}: {value}\n" for key, value in figures))
    sys.stdout.write("".join(f"  AMISS {each[:500]}\n" for each in amiss))
    sys.stdout.flush()
    return not amiss


def _tallied(tally: Tally) -> Figures:
    return [
        ("rotations published", tally.rounds),
        ("kills", tally.kills),
        ("threads, members, messages", tally.effects),
        ("lost", len(tally.found.lost)),
        ("doubled for some seconds, and removed by the last look", tally.removed),
        ("doubled", len(tally.found.doubled)),
    ]


def _kill(args: argparse.Namespace, folder: Path) -> tuple[Figures, list[str]]:
    place = make_place(folder / "place", args.circles, args.circles * DMS)
    with open_wire(folder / "wire") as wire:
        tally = kill_at_random(wire, place, folder / "run", args.kills, seed=1)
    slowest = max(tally.restart_seconds)
    return [*_tallied(tally), ("longest last start and delivery, s", slowest)], tally.amiss


def _requests(_args: argparse.Namespace, folder: Path) -> tuple[Figures, list[str]]:
    return _at_boundaries(folder, kill_at_requests)


def _commits(_args: argparse.Namespace, folder: Path) -> tuple[Figures, list[str]]:
    return _at_boundaries(folder, kill_at_commits)


def _at_boundaries(folder: Path, kill: Callable[[Wire, Place, Path, None], Tally]) -> tuple[Figures, list[str]]:
    place = make_place(folder / "place", 3, stage=Stage.DUE)
    with open_wire(folder / "wire") as wire:
        tally = kill(wire, place, folder / "run", None)
    return _tallied(tally), tally.amiss


def _ambiguity(args: argparse.Namespace, folder: Path) -> tuple[Figures, list[str]]:
    place = make_place(folder / "place", args.circles, args.circles * DMS)
    with open_wire(folder / "wire") as wire:
        done = publish_in_storms(wire, place, folder / "run", args.storms)
    figures: Figures = [
        *_tallied(done.tally),
        ("requests", done.requests),
        ("done, but the answer lost", done.lost_answers),
        ("done seconds after the connection had ended", done.late),
        ("answered 429", done.limited),
        ("most invalid requests in 10 minutes", done.most_invalid),
        ("longest publishing, s", max(done.seconds)),
    ]
    too_many = [f"{done.most_invalid} invalid requests"] if done.most_invalid >= MOST_INVALID else []
    return figures, done.tally.amiss + too_many


def _answers(args: argparse.Namespace, folder: Path) -> tuple[Figures, list[str]]:
    place = make_place(folder / "place", args.members // SIZE, stage=Stage.OPEN)
    with open_wire(folder / "wire") as wire:
        noop = answer_a_noop(wire, place, folder / "run", "twice")
        short = answer_a_noop(wire, place, folder / "run", "once")
        ours = answer_at_once(wire, place, folder / "run")
        through = answer_through_kills(wire, place, folder / "run", args.members / 60, kills=4)
    share = ours.per_second / noop.per_second
    figures: Figures = [
        ("members who submit at once", ours.members),
        ("acknowledged as saved", ours.acknowledged),
        ("first response, median, s", ours.p50),
        ("first response, 99 of 100, s", ours.p99),
        ("answers a second", ours.per_second),
        ("a no-op bot that defers and follows up: first response, 99 of 100, s", noop.p99),
        ("a no-op bot that defers and follows up: answers a second", noop.per_second),
        ("share of that", share),
        ("a no-op bot that answers once: answers a second", short.per_second),
        ("members within a minute, through kills", through.members),
        ("kills", through.kills),
        ("acknowledged as saved, through kills", through.acknowledged),
        ("acknowledged but lost", len(ours.lost) + len(through.lost)),
        ("people with two rows", len(ours.doubled) + len(through.doubled)),
    ]
    amiss = [*ours.lost, *ours.doubled, *ours.objections, *through.lost, *through.doubled, *through.objections]
    amiss += [f"{ours.members - ours.acknowledged} had no words"] if ours.acknowledged < ours.members else []
    amiss += [f"first response {ours.p99:.2f} s"] if ours.p99 >= LONGEST_FIRST else []
    amiss += [f"{share:.0%} of a no-op bot's answers a second"] if share < LEAST_SHARE else []
    return figures, amiss


def _backup(args: argparse.Namespace, folder: Path) -> tuple[Figures, list[str]]:
    place = make_place(folder / "place", args.members // SIZE, stage=Stage.OPEN)
    with open_wire(folder / "wire") as wire:
        done = back_up_meanwhile(wire, place, folder / "run", 50)
    figures: Figures = [
        ("answers acknowledged before the copy began", done.members),
        ("of those missing from the copy, and what its integrity check found", len(done.lost)),
        ("first response meanwhile, 99 of 100, s", done.p99),
    ]
    return figures, [*done.lost, *done.objections]


def _memory(args: argparse.Namespace, folder: Path) -> tuple[Figures, list[str]]:
    place = make_place(folder / "place", 40, stage=Stage.OPEN)
    with open_wire(folder / "wire") as wire:
        done = weigh(wire, place, folder / "run", args.guild)
    figures: Figures = [
        ("members of the guild", done.members),
        ("the bot, MB", done.bot),
        ("a no-op bot, MB", done.noop),
        ("a no-op bot with the libraries that store, encrypt, schedule and word in memory, MB", done.libraries),
    ]
    return [*figures, ("more, MB", done.more)], [f"{done.more:.0f} MB more"] if done.more > MOST_MEGABYTES else []


def _cancel(args: argparse.Namespace, folder: Path) -> tuple[Figures, list[str]]:
    done = cancel_at_random(folder / "cancel", args.cancellations)
    figures: Figures = [
        ("cancellations in mid-transaction", done.cancelled),
        ("counter", done.counter),
        ("rows", done.rows),
        ("next write, s", done.next_write),
        ("slowest write in between, s", done.longest_write),
    ]
    return figures, [] if done.well else [str(done)]


def _processes(args: argparse.Namespace, folder: Path) -> tuple[Figures, list[str]]:
    programs = find_programs()
    if programs is None:
        return [("run", "no: there is no PostgreSQL here")], []
    server = PostgresServer(programs)
    try:
        place = make_shared_place(server, folder / "place", circles=10)
        havoc = Havoc(args.kills, args.kills // 2, max(1, args.kills // 20))
        with open_wire(folder / "wire") as wire:
            apart = identified_apart(wire, place, folder / "run")
            tally = wreak_havoc(wire, place, folder / "run", havoc, seed=1)
    finally:
        server.remove()
    figures: Figures = [
        *_tallied(tally),
        ("stopped for longer than a lease", havoc.done.count("stop")),
        ("restarts and crashes of PostgreSQL", havoc.done.count("restart")),
        ("shortest time between two that identify, s", min(apart)),
    ]
    return figures, tally.amiss + [f"{each:.1f} s between two that identify" for each in apart if each < BETWEEN]


Campaign = Callable[[argparse.Namespace, Path], tuple[Figures, list[str]]]
CAMPAIGNS: dict[str, tuple[str, str, Campaign]] = {
    "kill": (
        "Killed at random points",
        (
            "`kill -9` while a rotation is published, one to three times each; Discord remembers nonces for less or for"
            " more time than a restart takes."
        ),
        _kill,
    ),
    "requests": (
        "Killed at every request",
        "A rotation of three circles, from its due moment: killed before each request in turn, and after it.",
        _requests,
    ),
    "commits": (
        "Killed at every commit",
        "A rotation of three circles, from its due moment: killed before each commit in turn, and after it.",
        _commits,
    ),
    "ambiguity": (
        "Answers that get lost, and storms of 429",
        (
            "One request in twenty is carried out and then answered with a 500 or not at all; one in fifty that makes a"
            " thread or message is carried out only seconds after its connection ended; storms of 429 come and go."
        ),
        _ambiguity,
    ),
    "answers": (
        "Everybody answers at once",
        "All members submit a check-in at the same moment; then as many within a minute, while the bot is killed.",
        _answers,
    ),
    "processes": (
        "Three processes on PostgreSQL",
        (
            "Three processes with a shard each publish in three servers; they are killed, stopped for longer than their"
            " leases (of three seconds here), and PostgreSQL is restarted or crashes."
        ),
        _processes,
    ),
    "backup": (
        "A copy under load",
        "`peer-circles db backup` while members answer: the copy is sound and holds what was acknowledged before.",
        _backup,
    ),
    "memory": (
        "Memory",
        (
            "The bot and all its processes beside a discord.py bot with the same intents that does nothing, after both"
            " answered 200 members."
        ),
        _memory,
    ),
    "cancel": (
        "Callers who give up",
        "Writers are cancelled in the middle of their transactions.",
        _cancel,
    ),
}

if __name__ == "__main__":
    sys.exit(main())
