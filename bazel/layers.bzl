"""Which library may use which: the table of DESIGN as visibility.

A library's BUILD file takes its `default_visibility` from `layer("NAME")`, so a dependency that points up does not
build. Services, the end-to-end tests and the benchmarks may use every library.
"""

# library -> the libraries it may use.
_USES = {
    "base": [],
    "kernels": [],
    "store": ["base"],
    "artifacts": ["base"],
    "telemetry": ["base"],
    "tensorfile": ["base"],
    "arch": ["base"],
    "cost": ["base"],
    "device": ["base"],
    "predictor": ["base", "arch", "tensorfile"],
    "search": ["base", "arch"],
    "lease": ["base"],
    "measure": ["base", "cost", "device", "lease", "store"],
    "jobfile": ["base", "arch", "cost", "jobs", "search"],
    "jobs": ["base", "arch", "cost", "lease", "search", "store"],
    "rpc": ["base", "telemetry"],
    "engine": ["base", "arch", "cost", "kernels"],
    "latency": ["base", "arch", "cost", "device", "engine", "store"],
    "finder": ["base", "arch", "cost", "device", "engine", "latency", "predictor", "search"],
    "board": ["base", "arch", "kernels"],
    "data": ["base", "kernels"],
    "supernet": ["base", "arch", "data"],
    "train": ["base", "arch", "data", "tensorfile", "supernet"],
    "interchange": ["base", "arch", "data", "engine", "latency", "tensorfile", "supernet", "train"],
    "int8": ["base", "arch", "data", "engine", "interchange", "supernet"],
    "client": ["base", "rpc"],
}

def layer(name):
    """Returns the visibility list of library `name`."""
    if name not in _USES:
        fail("library '%s' is not in the table of bazel/layers.bzl" % name)
    users = [user for user, used in _USES.items() if name in used]
    return (["//libs/%s:__subpackages__" % name] +
            ["//libs/%s:__subpackages__" % user for user in users] +
            ["//services:__subpackages__", "//tests:__subpackages__"])
