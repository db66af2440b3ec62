"""Compiler options that several packages share."""

# What floats give is the same on every machine: no multiplication is joined with an addition.
EXACT_FLOAT_COPTS = [
    "-O3",
    "-ffp-contract=off",
]
