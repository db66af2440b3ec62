// The messages of an ONNX file, as Debian's libonnx has them: namespace onnx.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_ONNX_PROTO_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_ONNX_PROTO_H_

#ifndef ONNX_NAMESPACE
#define ONNX_NAMESPACE onnx
#endif
#ifndef ONNX_ML
#define ONNX_ML 1
#endif

#include <onnx/onnx_pb.h>

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_ONNX_PROTO_H_
