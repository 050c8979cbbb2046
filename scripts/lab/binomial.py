"""How many of n connections chance may put on one of m equal nodes: exact, in whole numbers."""


def band(n: int, m: int, outside: tuple[int, int] = (1, 10_000)) -> tuple[int, int]:
    """(low, high) of Binomial(n, 1/m): P(X < low) and P(X > high) are each at most half of `outside`.

    Both are the tightest such bounds. P(X = k) = C(n, k) (m-1)^(n-k) / m^n, so everything is compared as integers
    over m^n.
    """
    if n < 0 or m < 1:
        raise ValueError("a band needs n >= 0 and m >= 1")
    weights = []
    choose = 1
    for k in range(n + 1):
        weights.append(choose * (m - 1) ** (n - k))
        choose = choose * (n - k) // (k + 1)
    numerator, denominator = outside
    limit = m**n * numerator  # a tail t is small enough when t * 2 * denominator <= limit

    def tightest(tail: list[int]) -> int:
        below = 0
        for index, weight in enumerate(tail):
            below += weight
            if below * 2 * denominator > limit:
                return index
        return n

    return tightest(weights), n - tightest(weights[::-1])
