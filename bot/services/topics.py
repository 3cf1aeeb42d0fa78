"""What members write as lists: topics and languages parted by commas, semicolons or line breaks."""

import re


def split_topics(words: str) -> frozenset[str]:
    """Return the parts of a list as formation compares them: trimmed, in lower case."""
    return frozenset(part for part in (each.strip().casefold() for each in re.split(r"[,;\n]", words)) if part)
