"""Finite fields of any prime power order, and which of them multiply to a given number of elements."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import isqrt


@dataclass(frozen=True, slots=True)
class FiniteField:
    """The field of prime ** degree elements; an element is a polynomial over Z_prime, its coefficients low first.

    `modulus` holds the coefficients of a monic irreducible polynomial without its leading one.
    """

    prime: int
    degree: int
    modulus: tuple[int, ...]

    @property
    def order(self) -> int:
        """How many elements the field has."""
        return self.prime**self.degree

    def element(self, number: int) -> tuple[int, ...]:
        """Give the element whose coefficients are the digits of a number, taken modulo the order."""
        return tuple(number // self.prime**k % self.prime for k in range(self.degree))

    def multiply(self, left: tuple[int, ...], right: tuple[int, ...]) -> tuple[int, ...]:
        """Give the product of two elements."""
        result = [0] * (2 * self.degree - 1)
        for i, a in enumerate(left):
            for j, b in enumerate(right):
                result[i + j] += a * b
        while len(result) > self.degree:
            lead = result.pop()
            shift = len(result) - self.degree
            for k, coefficient in enumerate(self.modulus):
                result[shift + k] -= lead * coefficient
        return tuple(value % self.prime for value in result)


@cache
def finite_field(prime: int, degree: int) -> FiniteField:
    """Give the field of prime ** degree elements."""
    modulus = next(tail for tail in _tails(prime, degree) if _irreducible(prime, tail))
    return FiniteField(prime, degree, modulus)


@cache
def fields_of(order: int) -> tuple[FiniteField, ...]:
    """Give the fields whose product has `order` elements, one for each prime of the order, the largest first."""
    fields = [finite_field(prime, degree) for prime, degree in prime_powers(order)]
    return tuple(sorted(fields, key=lambda field: -field.order))


def prime_powers(number: int) -> Iterator[tuple[int, int]]:
    """Give the primes of a number, each with its exponent."""
    for prime in range(2, isqrt(number) + 1):
        degree = 0
        while number % prime == 0:
            number //= prime
            degree += 1
        if degree:
            yield prime, degree
    if number > 1:
        yield number, 1


def _tails(prime: int, degree: int) -> Iterator[tuple[int, ...]]:
    """All monic polynomials of a degree, low coefficients first, without the leading one."""
    return product(range(prime), repeat=degree)


def _irreducible(prime: int, tail: tuple[int, ...]) -> bool:
    """Whether no monic polynomial of at most half the degree divides this one."""
    return not any(
        _divides(prime, divisor, tail) for degree in range(1, len(tail) // 2 + 1) for divisor in _tails(prime, degree)
    )


def _divides(prime: int, divisor: tuple[int, ...], tail: tuple[int, ...]) -> bool:
    """Whether one monic polynomial divides another."""
    rest = [*tail, 1]
    while len(rest) > len(divisor):
        lead = rest.pop()
        shift = len(rest) - len(divisor)
        for k, coefficient in enumerate(divisor):
            rest[shift + k] = (rest[shift + k] - lead * coefficient) % prime
    return not any(rest)
