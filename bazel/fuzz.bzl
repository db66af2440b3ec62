"""Fuzz targets: tests in every build, libFuzzer programs under --config=fuzz."""

def cc_fuzz_test(name, deps, **kwargs):
    """Declares the fuzz target of NAME.cc, which defines the functions of tests/fuzz/fuzz_target.h.

    Args:
      name: ends in _fuzz_test.
      deps: the parser and what the target needs besides.
      **kwargs: as for cc_test.
    """
    if not name.endswith("_fuzz_test"):
        fail("fuzz target '%s' must end in _fuzz_test" % name)
    native.cc_test(
        name = name,
        size = "small",
        srcs = [name + ".cc"],
        tags = ["fuzz"],
        deps = deps + [
            "//libs/base:log",
            "//tests/fuzz:driver",
            "@system//:absl",
        ],
        **kwargs
    )
