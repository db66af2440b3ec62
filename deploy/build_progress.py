#!/usr/bin/env python3
"""deploy/build_progress.py STEPS: what Bazel prints, as a line now and then with the time that is left.

Reads Bazel's output without curses from standard input. Lines of progress, "[34 / 120] Compiling ...", become "28 %, about
6 min left"; on a terminal they take each other's place. Everything else passes through. Bazel discovers what there is to do
while it works, so its own total starts far too low: STEPS is how many steps a build from nothing has, about.
"""
import re
import sys
import time

PROGRESS = re.compile(r"^\s*\[([\d,]+) / ([\d,]+)\]")
# What Bazel says before it knows of any step.
BEFORE = re.compile(r"^\s*(Loading|Analyzing|Checking cached actions|Starting local Bazel|\.\.\.|Extracting Bazel)")
# Standard error on a terminal is redrawn; elsewhere, in a log, a line every so many seconds is enough.
SECONDS_BETWEEN_LINES = 20
# A build that is over sooner has nothing to tell.
SILENT_SECONDS = 3


def duration(seconds):
    """
    >>> duration(89), duration(200)
    ('89 s', '3 min')
    """
    return f"{round(seconds / 60)} min" if seconds >= 90 else f"{max(1, round(seconds))} s"


def text(done, total, elapsed):
    """
    >>> text(300, 1200, 120)
    '    25 % of 1200 steps after 2 min, about 6 min left'
    >>> text(5, 1200, 4)
    '    0 % of 1200 steps after 4 s'
    >>> text(1300, 1200, 600)
    '    100 % of 1300 steps after 10 min'
    """
    total = max(total, done)
    line = f"    {100 * done // max(1, total)} % of {total} steps after {duration(elapsed)}"
    if done > 20 and done < total:
        line += f", about {duration(elapsed * (total - done) / done)} left"
    return line


def main():
    expected = int(sys.argv[1])
    terminal = sys.stderr.isatty()
    start = time.monotonic()
    last = start - SECONDS_BETWEEN_LINES + SILENT_SECONDS
    drawn = False
    for line in sys.stdin:
        found = PROGRESS.match(line)
        if not found:
            if line.strip() and not BEFORE.match(line):
                sys.stderr.write(("\r\033[K" if drawn else "") + line)
                drawn = False
            continue
        now = time.monotonic()
        if now - start < SILENT_SECONDS or (not terminal and now - last < SECONDS_BETWEEN_LINES):
            continue
        last = now
        done, known = (int(number.replace(",", "")) for number in found.groups())
        # What was found in the cache is not done again: then Bazel's own total is the better one.
        progress = text(done, max(known, expected), now - start)
        sys.stderr.write(f"\r\033[K{progress}" if terminal else progress + "\n")
        sys.stderr.flush()
        drawn = terminal
    if drawn:
        sys.stderr.write("\r\033[K")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
