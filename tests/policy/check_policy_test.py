#!/usr/bin/env python3
"""Tests of check_policy.py."""

import unittest

import check_policy as policy


def whats(violations):
    return [violation[-1] for violation in violations]


class SourceTest(unittest.TestCase):
    def test_header_of_a_third_party_stays_with_its_owner(self):
        include = ["#include <yaml-cpp/yaml.h>"]

        self.assertEqual(whats(policy.source_violations("libs/base/text/document.cc", include)), [])
        self.assertIn("header outside its owner", whats(policy.source_violations("libs/jobs/job.cc", include))[0])

    def test_guard_is_the_path(self):
        guard = ["#ifndef NIWAKI_LIBS_JOBS_ENGINE_JOB_H_"]

        self.assertEqual(whats(policy.source_violations("libs/jobs/engine/job.h", guard)), [])
        self.assertEqual(len(whats(policy.source_violations("libs/jobs/job.h", guard))), 1)

    def test_long_source_fails(self):
        lines = ["int a;"] * (policy.MAX_SOURCE_LINES + 1)

        self.assertEqual(len(whats(policy.source_violations("libs/jobs/job.cc", lines))), 1)


class TextTest(unittest.TestCase):
    def test_unfinished_work_and_paths_of_a_machine(self):
        found = whats(policy.text_violations("a.cc", ["// TO" + "DO: later", "// TO" + "DO(#1): later", "/ho" + "me/me/x"]))

        self.assertEqual([what.split(":")[0] for what in found], ["unfinished work", "path of a machine"])


class FolderTest(unittest.TestCase):
    def test_rooms_want_a_readme_and_data_does_not(self):
        names = ["libs/jobs/BUILD.bazel", "libs/jobs/README.md", "libs/jobs/engine/loop.cc", "libs/arch/spaces/BUILD.bazel",
                 "tests/process/child.cc"]

        self.assertEqual([folder for folder, _, _ in policy.folder_violations(names)], ["libs/jobs/engine"])

    def test_crowded_folder_fails(self):
        names = ["libs/jobs/README.md"] + [f"libs/jobs/s{i}.cc" for i in range(policy.MAX_FOLDER_SOURCES)]

        self.assertEqual(list(policy.folder_violations(names)), [])
        self.assertEqual(len(list(policy.folder_violations(names + ["libs/jobs/more.h"]))), 1)


class TestedShareTest(unittest.TestCase):
    def test_finds_sources_at_any_depth(self):
        names = ["libs/a/b/c.cc", "libs/a/b/c_test.cc", "libs/a/d.cc", "libs/a/e_benchmark.cc", "services/f.cc"]

        self.assertEqual(policy.untested_sources(names), (["libs/a/d.cc"], 2))

    def test_fails_below_the_threshold_only(self):
        untested = [f"libs/a/s{i}.cc" for i in range(100 - policy.MIN_TESTED_PERCENT)]

        self.assertEqual(list(policy.share_violations(untested, 100)), [])
        self.assertEqual(len(list(policy.share_violations(untested + ["libs/a/more.cc"], 100))), len(untested) + 1)


if __name__ == "__main__":
    unittest.main()
