#include "libs/kernels/stream.h"

// The first stage that must go on before `stage` can compute its next row; -1 for none.
static int32_t missing(const nw_stage* stages, const nw_progress* progress, int32_t stage) {
  const nw_stage* const at = &stages[stage];
  const int32_t needed = progress[stage].done * at->stride + at->reach;
  for (int32_t i = 0; i < 2; ++i) {
    const int32_t before = at->before[i];
    if (before < 0) continue;
    const int32_t height = stages[before].height;
    if (progress[before].done < (needed < height ? needed : height)) return before;
  }
  return -1;
}

static void run_row(const nw_stage* stage, int32_t row, int8_t* arena, const nw_image_rows* image,
                    nw_hook hook) {
  if (stage->run == 0) {
    const int32_t line = nw_line(image->ring_rows, row);
    image->read(image->context, row, arena + image->offset + line * image->row_bytes);
    return;
  }
  const nw_rows rows = {row, row + 1};
  stage->run(arena, rows);
  if (hook.call != 0) hook.call(hook.context, stage->index);
}

void nw_stream(const nw_stage* stages, int32_t count, nw_progress* progress, int8_t* arena,
               const nw_image_rows* image, nw_hook hook) {
  for (int32_t i = 0; i < count; ++i) progress[i].done = 0;
  for (int32_t turn = 0; turn < count; ++turn) {
    // The last stage, then the others in order.
    const int32_t target = turn == 0 ? count - 1 : turn - 1;
    if (turn > 0 && !stages[target].finish) continue;
    progress[target].asker = -1;
    while (progress[target].done < stages[target].height) {
      for (int32_t stage = target; stage >= 0;) {
        const int32_t before = missing(stages, progress, stage);
        if (before >= 0) {
          progress[before].asker = stage;
          stage = before;
          continue;
        }
        run_row(&stages[stage], progress[stage].done, arena, image, hook);
        ++progress[stage].done;
        stage = progress[stage].asker;
      }
    }
  }
}
