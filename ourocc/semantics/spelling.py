"""Names near a misspelt one, for "did you mean"."""





def closest(name: str, candidates: list[str]) -> str:
    """The candidate at the smallest edit distance, "" when none is near (a third of the length at most)."""
    best = ""
    limit = 0 if len(name) <= 1 else max(len(name), 3) // 3
    for candidate in candidates:
        if abs(len(candidate) - len(name)) > limit or candidate == name or candidate.startswith("__"):
            continue
        distance = edit_distance(name, candidate, limit)
        if distance <= limit:
            if distance < limit or not best:
                best = candidate
            limit = distance
    return best


def edit_distance(a: str, b: str, limit: int) -> int:
    """Damerau-Levenshtein distance (optimal string alignment); more than `limit` is just more."""
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        current = [i]
        smallest = i
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
            smallest = min(smallest, cost)
        if smallest > limit:
            return limit + 1
        before = previous
        previous = current
    return previous[len(b)]
