"""Libraries of the Debian system as Bazel targets: `@system//:NAME`.

LibTorch alone can come from elsewhere: set LIBTORCH_ROOT to an unpacked LibTorch (for example one built for CUDA) and
its `include` and `lib` folders are used instead of Debian's.
"""

# Target -> libraries to link. A target's headers lie in /usr/include, which the compiler searches anyway.
_LIBRARIES = {
    "absl": [
        "absl_status",
        "absl_statusor",
        "absl_synchronization",
        "absl_time",
        "absl_time_zone",
        "absl_strings",
        "absl_str_format_internal",
        "absl_cord",
        "absl_cord_internal",
        "absl_cordz_functions",
        "absl_cordz_handle",
        "absl_cordz_info",
        "absl_hash",
        "absl_city",
        "absl_low_level_hash",
        "absl_raw_hash_set",
        "absl_hashtablez_sampler",
        "absl_bad_optional_access",
        "absl_bad_variant_access",
        "absl_base",
        "absl_int128",
        "absl_raw_logging_internal",
        "absl_spinlock_wait",
        "absl_stacktrace",
        "absl_strings_internal",
        "absl_symbolize",
        "absl_throw_delegate",
        "absl_civil_time",
        "absl_graphcycles_internal",
        "absl_malloc_internal",
    ],
    "crypto": ["crypto"],
    "elf": ["elf"],
    "gmock": ["gmock", "gtest"],
    "grpc": ["grpc++", "grpc", "gpr"],
    "grpc_reflection": ["grpc++_reflection", "grpc++"],
    "jpeg": ["jpeg"],
    "kissfft": ["kissfft-float"],
    "onnx": ["onnx_proto", "protobuf"],
    "png": ["png"],
    "prometheus": ["prometheus-cpp-pull", "prometheus-cpp-core"],
    "protobuf": ["protobuf"],
    "sqlite": ["sqlite3"],
    "webp": ["webp"],
    "xxhash": ["xxhash"],
    "yaml": ["yaml-cpp"],
    "zlib": ["z"],
}

# Header-only packages.
_HEADERS = ["cli11", "flatbuffers", "nlohmann_json"]

def _system_library(name, libraries):
    return """cc_library(
    name = "{}",
    linkopts = {},
    visibility = ["//visibility:public"],
)
""".format(name, repr(["-l" + lib for lib in libraries] + ["-pthread"]))

def _torch_library(rctx):
    root = rctx.os.environ.get("LIBTORCH_ROOT", "")
    if root:
        include = root + "/include"
        search = ["-L{}/lib".format(root), "-Wl,-rpath,{}/lib".format(root)]
        rctx.symlink(include, "torch_include")
        includes = ["torch_include", "torch_include/torch/csrc/api/include"]
    else:
        search = []
        rctx.symlink("/usr/include/torch/csrc/api/include", "torch_include")
        includes = ["torch_include"]
    libraries = ["-ltorch", "-ltorch_cpu", "-lc10"]
    if root and rctx.path(root + "/lib/libtorch_cuda.so").exists:
        libraries = ["-Wl,--no-as-needed", "-ltorch_cuda", "-lc10_cuda", "-Wl,--as-needed"] + libraries
    return """cc_library(
    name = "torch",
    hdrs = glob(["torch_include/**"]),
    includes = {},
    linkopts = {},
    visibility = ["//visibility:public"],
)
""".format(repr(includes), repr(search + libraries + ["-pthread"]))

def _system_libraries_impl(rctx):
    text = [_system_library(name, libraries) for name, libraries in _LIBRARIES.items()]
    text += [_system_library(name, []) for name in _HEADERS]
    text.append(_torch_library(rctx))
    rctx.file("BUILD.bazel", "\n".join(text))

system_libraries = repository_rule(
    implementation = _system_libraries_impl,
    doc = "One repository with a cc_library for each system library.",
    environ = ["LIBTORCH_ROOT"],
    local = True,
)
