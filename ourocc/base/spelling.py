"""Spelling suggestions: the nearest known name by Damerau-Levenshtein distance (restricted edits)."""


def edit_distance(a: str, b: str, limit: int) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours from `a` to `b`; > limit when far."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    two_ago: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, two_ago[j - 2] + 1)
            row.append(best)
        if min(row) > limit:
            return limit + 1
        two_ago = previous
        previous = row
    return previous[-1]


def cutoff(goal: int, candidate: int) -> int:
    """The largest distance at which a suggestion still makes sense."""
    longest = max(goal, candidate)
    shortest = min(goal, candidate)
    if longest <= 1:
        return 0
    # Names that differ a lot in length must be closer, for their size.
    if longest - shortest <= 1:
        return max(longest // 3, 1)
    return (longest + 2) // 3


def closest(name: str, candidates: list[str]) -> str:
    """The candidate that was most likely meant, or ""."""
    best = ""
    best_distance = 1 << 30
    for candidate in candidates:
        limit = cutoff(len(name), len(candidate))
        if abs(len(candidate) - len(name)) > limit:
            continue
        distance = edit_distance(name, candidate, limit)
        if distance <= limit and distance < best_distance and distance > 0:
            best_distance = distance
            best = candidate
    return best
