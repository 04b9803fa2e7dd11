"""The plain twin of keyed chance: whole numbers of Python, one draw at a time."""

ALL = (1 << 64) - 1


def mix(bits):
    bits = ((bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9) & ALL
    bits = ((bits ^ (bits >> 27)) * 0x94D049BB133111EB) & ALL
    return bits ^ (bits >> 31)


def word(key, who, when):
    inner = mix((key + who * 0x9E3779B97F4A7C15) & ALL)
    return mix(inner ^ ((when * 0xD1342543DE82EF95) & ALL))


def moment(day, slot=0, turn=0):
    return (day % (1 << 23)) << 40 | slot << 32 | turn


def below(drawn, limit):
    return (drawn >> 32) * limit >> 32


def happens(drawn, chance):
    return drawn >> 32 < chance


def drawn_from(table, drawn):
    return next(number for number, border in enumerate(table) if drawn >> 32 < border)


def poisson(table, mean, drawn):
    """How many candidates, and the mean they come from: the least (4..7 + 1) * 2^k above the mean asked for."""
    if mean <= 0:
        return 0, 5
    doubling = 0
    while mean >> doubling >= 8:
        doubling += 1
    step = max((mean >> doubling) - 4, 0)
    count = 0
    while drawn >> 32 >= int(table[doubling * 4 + step][count]):
        count += 1
    return count, (step + 5) << doubling


def position(key, n, person):
    """Six half rounds; sixteen where the numbers have fewer than nine bits, and five bits at the least."""
    bits = max((n - 1).bit_length(), 5)
    lower = bits - bits // 2
    found = person
    while True:
        low, high = found % (1 << lower), found >> lower
        for turn in range(6 if bits >= 9 else 16):
            if turn % 2:
                high ^= scrambled(low, key, turn) % (1 << (bits // 2))
            else:
                low ^= scrambled(high, key, turn) % (1 << lower)
        found = high << lower | low
        if found < n:
            return found


def scrambled(half, key, turn):
    """Multiply by an odd-looking number of 64 bits that belongs to the key and the half round."""
    bits = ((key + (turn + 1) * 0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9) & ALL
    bits = (bits ^ (bits >> 29)) * 0x94D049BB133111EB & ALL
    return ((half + 1) * (bits ^ (bits >> 32)) & ALL) >> 32
