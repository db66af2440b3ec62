"""C++ code from .proto files with Debian's protoc and grpc_cpp_plugin."""

_PLUGIN = "/usr/bin/grpc_cpp_plugin"

def cc_proto(name, src, deps = [], grpc = False, visibility = None):
    """A cc_library with the generated code of one .proto file.

    Args:
      name: target name; `name + "_src"` is the .proto itself.
      src: the .proto file, in a folder below proto/; imports are written from there.
      deps: cc_proto targets whose files `src` imports.
      grpc: also generate the service's stubs.
      visibility: as usual.
    """
    stem = src[:-len(".proto")]
    headers = [stem + ".pb.h"]
    sources = [stem + ".pb.cc"]
    plugin = ""
    if grpc:
        headers.append(stem + ".grpc.pb.h")
        sources.append(stem + ".grpc.pb.cc")
        plugin = "--plugin=protoc-gen-grpc={} --grpc_out=$(GENDIR)/proto".format(_PLUGIN)
    native.filegroup(
        name = name + "_src",
        srcs = [src] + [dep + "_src" for dep in deps],
        visibility = visibility,
    )
    native.genrule(
        name = name + "_gen",
        srcs = [":" + name + "_src"],
        outs = headers + sources,
        cmd = "/usr/bin/protoc -Iproto --cpp_out=$(GENDIR)/proto {} {}/{}".format(plugin, native.package_name(), src),
    )
    native.cc_library(
        name = name,
        srcs = sources,
        hdrs = headers,
        copts = ["-w"],
        visibility = visibility,
        deps = deps + ["//proto:includes", "@system//:protobuf"] + (["@system//:grpc"] if grpc else []),
    )
