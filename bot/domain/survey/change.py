"""The paired change between two waves, published where no combination with other figures names a few.

A change over the pairs P lets the totals of its two waves be compared: what is left over are those who
answered only once. Over three waves more is left over than each pair of waves shows: where A1 and A3 both
lie within A2, the two changes and three totals together give the second wave's sum over A1 without A3. So
every wave is looked at with all the sums that cross it, as if each change gave away its two sums and not
only their difference.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.survey.exposure import Group, Sums, least_exposed, parts_of, separable_groups
from bot.domain.survey.inference import paired_change
from bot.domain.survey.instrument import Scale
from bot.domain.survey.publication import Decision, Disclosed, Ledger, Movement, Publication, Rule
from bot.domain.survey.wave import Wave, are_alike, count_people, scores_of, tenths

Scores = Mapping[str, float]


def find_baseline(instrument: str, number: int, published: Iterable[Publication]) -> Publication | None:
    """Find the wave to measure a change from: the last with a published mean of the same instrument."""
    earlier = (
        snapshot
        for snapshot in published
        if snapshot.instrument == instrument
        and snapshot.number < number
        and snapshot.programme.decision is Decision.PUBLISH
    )
    return max(earlier, key=lambda snapshot: snapshot.number, default=None)


def disclose_change(
    wave: Wave, ledger: Ledger, published: Sequence[Publication], least: int
) -> tuple[Disclosed[Movement] | None, Ledger]:
    """Decide on the change since the last wave, and return the wave's ledger with the pairs it covers."""
    baseline = find_baseline(wave.instrument, wave.number, published)
    if baseline is None:
        return None, ledger
    before = wave.earlier.get(baseline.wave)
    if before is None:
        return Disclosed(Decision.WITHHOLD, rule=Rule.GONE), ledger
    comparison = _Comparison(wave, ledger, scores_of(wave.members), baseline, before, least)
    taken = any(snapshot.ledger.since == baseline.wave for snapshot in published)
    found = Rule.CHANGE if taken else comparison.movement()  # two changes from one wave would cross in it
    if isinstance(found, Rule):
        return Disclosed(Decision.WITHHOLD, rule=found), ledger
    return Disclosed(Decision.PUBLISH, found), replace(ledger, paired=comparison.paired, since=baseline.wave)


@dataclass(frozen=True, slots=True)
class _Comparison:
    wave: Wave
    ledger: Ledger
    now: Scores
    baseline: Publication
    before: Scores
    least: int

    @property
    def paired(self) -> Group:
        return frozenset(self.ledger.everyone & self.baseline.ledger.everyone & self.before.keys())

    def movement(self) -> Movement | Rule:
        """Return the change, or the rule that holds it back."""
        if rule := self._exposure_fault():
            return rule
        order = sorted(self.paired)
        found = paired_change([self.before[key] for key in order], [self.now[key] for key in order])
        if found.t is None or found.effect is None:
            return Rule.ALIKE
        stayed, left = self._earlier_means()
        return Movement(
            since=self.baseline.wave,
            pairs=count_people(found.n, len(self.wave.members), self.least),
            difference=tenths(found.difference),
            low=tenths(found.interval.low),
            high=tenths(found.interval.high),
            g=tenths(found.effect.g),
            g_low=tenths(found.effect.interval.low),
            g_high=tenths(found.effect.interval.high),
            stayed=stayed,
            left=left,
        )

    def _earlier_means(self) -> tuple[float | None, float | None]:
        """Return the earlier means of those who answered again and of those who did not.

        None for both unless there are some of either: the mean of those of the latter whose answers are
        still kept would be one over fewer people.
        """
        paired = self.paired
        leavers = self.baseline.ledger.everyone - paired
        if not leavers or not leavers <= self.before.keys():
            return None, None
        stayed, left = ([self.before[key] for key in sorted(group)] for group in (paired, leavers))
        return tenths(math.fsum(stayed) / len(stayed)), tenths(math.fsum(left) / len(left))

    @property
    def _known(self) -> Group:
        """Whom nobody can hide among: readers know their own answers, and anyone erased may be a reader today."""
        erased = self.baseline.ledger.everyone - self.before.keys()
        return self.ledger.readers | self.baseline.ledger.readers | erased

    def _exposure_fault(self) -> Rule | None:
        known = self._known
        if len(self.paired - known) < self.least:
            return Rule.TOO_FEW
        for sums, scores in self._views():
            exposed = least_exposed(sums, known)
            if exposed is not None and exposed < self.least:
                return Rule.CHANGE
            if any(_may_be_alike(group, scores, self.wave.scale) for group in separable_groups(sums)):
                return Rule.ALIKE
        return None

    def _views(self) -> Iterator[tuple[Sums, Scores]]:
        """Yield each wave's sums as they are once the change is published, with the scores still kept."""
        for ledger, scores in ((self.ledger, self.now), (self.baseline.ledger, self.before)):
            crossing = (ledger.paired, self.paired) if ledger.paired else (self.paired,)
            yield Sums(parts_of(ledger.everyone, ledger.circles), crossing), scores


def _may_be_alike(group: Group, scores: Scores, scale: Scale) -> bool:
    kept = [scores[person] for person in group if person in scores]
    return are_alike(kept, scale, erased=len(group) - len(kept))
