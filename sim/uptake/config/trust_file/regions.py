"""Names of regions: spellings that are one, and names that may be."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

# Words that make another region of the name next to them, not another spelling of it.
BEARINGS = frozenset(("north", "south", "east", "west", "central", "mid", "greater", "and"))


def usual_spellings(regions: Sequence[str]) -> dict[str, str]:
    """Return for every spelling, of those that differ by case or spaces, the most frequent one.

    Of two that are as frequent, the later by the alphabet: the order of the rows says nothing.
    """
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for region in regions:
        spellings["".join(region.casefold().split())][region] += 1
    return {
        form: max(forms, key=lambda spelling: (forms[spelling], spelling))
        for forms in spellings.values()
        for form in forms
    }


def look_alikes(regions: Collection[str]) -> Iterator[str]:
    """Yield a hint for every region that is another with words before or after it."""
    for region, words in ((region, region.split()) for region in regions):
        for n in range(1, len(words)):
            for part, beside in ((words[:n], words[n]), (words[n:], words[n - 1])):
                if (other := " ".join(part)) in regions and beside.lower() not in BEARINGS:
                    yield f"region: {other!r:.80} and {region!r:.80} may be one; both were kept"
