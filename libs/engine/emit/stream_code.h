// A segment by rows as C: a table of its operators, and the call that runs them.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_STREAM_CODE_H_
#define NIWAKI_LIBS_ENGINE_EMIT_STREAM_CODE_H_

#include <string>

#include "libs/arch/graph.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/schedule.h"

namespace niwaki::engine {

// "static void stream_3(int8_t* arena, const nw_image_rows* image, nw_hook hook) {…}" for a segment
// that begins with operator 3. It calls run_3 and those that follow, which take rows
// (operator_code.h), in the order of StepsOf. `image_by_rows`: the image is the first to be asked.
std::string CodeOfStream(const arch::Graph& graph, const Segment& segment, bool image_by_rows);

// "stream_3".
std::string NameOfStream(const Segment& segment);

// Whether the image lies in a ring, and is handed over row after row.
bool TakesImageByRows(const arch::Graph& graph, const MemoryPlan& plan);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_STREAM_CODE_H_
