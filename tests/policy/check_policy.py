#!/usr/bin/env python3
"""The rules of the house that a program can see. Prints each violation as `file:line: what`; exits 1 if there is one."""

import collections
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

MAX_SOURCE_LINES = 600
MAX_FOLDER_README_LINES = 40
MAX_MAIN_LINES = 25
# Of one folder, tests included, rooms not.
MAX_FOLDER_SOURCES = 45
# The share of sources in libs/ that have a test beside them; raise it when the share has risen.
MIN_TESTED_PERCENT = 96

SOURCE_ENDINGS = (".cc", ".c", ".h", ".py")
# Folders of data inside a library: no rooms.
DATA_FOLDERS = {"testdata", "spaces", "devices", "recipes"}

# A third-party header may be included only below these folders.
HEADER_OWNERS = {
    r'[<"]torch/': ("libs/supernet/", "libs/train/", "services/worker/", "services/trainer/", "tests/"),
    r'[<"]sqlite3\.h': ("libs/store/",),
    r'[<"]prometheus/': ("libs/telemetry/",),
    r'[<"]grpcpp/': ("libs/rpc/", "libs/client/", "services/", "tests/"),
    r'[<"](png|webp/|kiss_fft|kiss_fftr)': ("libs/data/",),
    # Stated accuracies are of a decoder that ours is not.
    r'[<"]jpeglib': ("libs/data/", "libs/interchange/tflite/accuracy_test.cc"),
    r'[<"]openssl/': ("libs/base/",),
    r'[<"]xxhash\.h': ("libs/base/",),
    r'[<"]nlohmann/': ("libs/base/",),
    r'[<"]yaml-cpp/': ("libs/base/text/",),
    r'[<"]onnx/': ("libs/interchange/onnx/",),
    r'[<"](libelf|gelf)\.h': ("libs/board/elf_sizes/",),
}

# Words that mark work left undone, and things that only one machine knows.
UNFINISHED = re.compile(r"\b(FIXME|XXX|HACK|DISABLED_\w+|GTEST_SKIP)\b|\bTODO\b(?!\(#\d+\): )")
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|home)/\w")


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns], cwd=ROOT,
                         capture_output=True, text=True, check=True).stdout
    return [line for line in out.splitlines() if (ROOT / line).is_file()]


def lines_of(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace").splitlines()


def source_violations(name, lines):
    if len(lines) > MAX_SOURCE_LINES:
        yield 1, f"{len(lines)} lines, at most {MAX_SOURCE_LINES}"
    code = [line for line in lines if line.strip() and not line.lstrip().startswith("//")]
    if name.startswith("services/") and name.endswith("/main.cc") and len(code) > MAX_MAIN_LINES:
        yield 1, f"{len(code)} lines of code, a main.cc only parses, starts and waits"
    for number, line in enumerate(lines, 1):
        for header, owners in HEADER_OWNERS.items():
            if re.match(r"\s*#\s*include\s*" + header, line) and not name.startswith(owners):
                yield number, f"header outside its owner ({', '.join(owners)}): {line.strip()}"
    if name.endswith(".h"):
        guard = "NIWAKI_" + re.sub(r"[^A-Z0-9]", "_", name.upper()) + "_"
        if not any(line.strip() == f"#ifndef {guard}" for line in lines):
            yield 1, f"header guard {guard} is missing"


def text_violations(name, lines):
    for number, line in enumerate(lines, 1):
        if UNFINISHED.search(line):
            yield number, f"unfinished work: {line.strip()}"
        if MACHINE_PATH.search(line):
            yield number, f"path of a machine: {line.strip()}"


def readme_violations(name, lines):
    if name != "README.md" and not name.startswith("docs/") and len(lines) > MAX_FOLDER_README_LINES:
        yield 1, f"{len(lines)} lines, a folder's README has at most {MAX_FOLDER_README_LINES}"


def folders_with_sources(names):
    """Libraries, services and their rooms: every folder below libs/ and services/ that is built or holds sources."""
    folders = {name.rsplit("/", 1)[0] for name in names
               if name.startswith(("libs/", "services/")) and (name.endswith("/BUILD.bazel") or name.endswith(SOURCE_ENDINGS))}
    return sorted(folder for folder in folders
                  if folder.count("/") >= 1 and not DATA_FOLDERS.intersection(folder.split("/")))


def folder_violations(names):
    present = set(names)
    for folder in folders_with_sources(names):
        if f"{folder}/README.md" not in present:
            yield folder, 1, "README.md is missing"
    for folder, count in sorted(collections.Counter(
            name.rpartition("/")[0] for name in names if name.endswith(SOURCE_ENDINGS)).items()):
        if count > MAX_FOLDER_SOURCES:
            yield folder or ".", 1, f"{count} sources, at most {MAX_FOLDER_SOURCES}: make rooms"


def untested_sources(names):
    """Sources of libs/ without a test beside them, and how many sources there are."""
    present = set(names)
    sources = [name for name in names if name.startswith("libs/") and name.endswith(".cc") and
               not re.search(r"(_test|_benchmark|_main|conformance)\.cc$", name)]
    return [name for name in sources if name[:-len(".cc")] + "_test.cc" not in present], len(sources)


def share_violations(untested, total):
    """The share must not fall."""
    if 100 * (total - len(untested)) >= MIN_TESTED_PERCENT * total:
        return
    for name in untested:
        yield name, 1, f"no test beside it, and less than {MIN_TESTED_PERCENT} % of the sources in libs have one"


def main():
    names = tracked()
    untested, total = untested_sources(names)
    found = list(folder_violations(names)) + list(share_violations(untested, total))
    for name in tracked("*.h", "*.cc", "*.c"):
        found += [(name, *violation) for violation in source_violations(name, lines_of(name))]
    for name in tracked("*.h", "*.cc", "*.c", "*.py", "*.sh", "*.bzl", "*.proto", "*.md", "*.bazel", "*.textproto", "dev", ".ci/*"):
        if name != "tests/policy/check_policy.py":
            found += [(name, *violation) for violation in text_violations(name, lines_of(name))]
    for name in tracked("*README.md"):
        found += [(name, *violation) for violation in readme_violations(name, lines_of(name))]
    for name, number, what in found:
        print(f"{name}:{number}: {what}")
    print(f"{total - len(untested)} of {total} sources in libs have a test beside them, "
          f"{100 * (total - len(untested)) / max(total, 1):.1f} % (at least {MIN_TESTED_PERCENT})")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
