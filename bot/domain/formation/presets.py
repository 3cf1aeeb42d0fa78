"""Named mixes of weights from which a program chooses."""

from collections.abc import Mapping
from types import MappingProxyType

from bot.domain.formation.problem import Weights

PRESETS: Mapping[str, Weights] = MappingProxyType(
    {
        "new-people": Weights(),
        "hours": Weights(repeats=30.0, hours=100.0, sizes=2.0),
        "topics": Weights(repeats=20.0, topics=100.0),
        "mixed-experience": Weights(repeats=20.0, experience=100.0, cohorts=20.0),
    }
)
