#include "libs/kernels/stream.h"

// Rows down to `end` are asked for.
static void begin_call(const nw_stage* stage, nw_progress* progress, int32_t end) {
  const int32_t most = progress->done + stage->most;
  progress->end = most < end ? most : end;
}

// The first stage that must go on before `stage` can make its call, and what that one's next call
// is; -1 for none.
static int32_t missing(const nw_stage* stages, nw_progress* progress, int32_t stage) {
  const nw_stage* const at = &stages[stage];
  const int32_t reach = (progress[stage].end - 1) * at->stride + at->reach;
  for (int32_t i = 0; i < 2; ++i) {
    const int32_t before = at->before[i];
    if (before < 0) continue;
    const int32_t height = stages[before].height;
    const int32_t needed = reach < height ? reach : height;
    if (progress[before].done >= needed) continue;
    begin_call(&stages[before], &progress[before], needed);
    return before;
  }
  return -1;
}

static void run_rows(const nw_stage* stage, nw_rows rows, int8_t* arena, const nw_image_rows* image,
                     nw_hook hook) {
  if (stage->run != 0) {
    stage->run(arena, rows);
    if (hook.call != 0) hook.call(hook.context, stage->index);
    return;
  }
  for (int32_t row = rows.begin; row < rows.end; ++row) {
    const int32_t line = nw_line(image->ring_rows, row);
    image->read(image->context, row, arena + image->offset + line * image->row_bytes);
  }
}

void nw_stream(const nw_stage* stages, int32_t count, nw_progress* progress, int8_t* arena,
               const nw_image_rows* image, nw_hook hook) {
  for (int32_t i = 0; i < count; ++i) progress[i].done = 0;
  for (int32_t turn = 0; turn < count; ++turn) {
    // The last stage, then the others in order.
    const int32_t target = turn == 0 ? count - 1 : turn - 1;
    const nw_stage* const last = &stages[target];
    if (turn > 0 && !last->finish) continue;
    progress[target].asker = -1;
    while (progress[target].done < last->height) {
      begin_call(last, &progress[target], last->height);
      for (int32_t stage = target; stage >= 0;) {
        const int32_t before = missing(stages, progress, stage);
        if (before >= 0) {
          progress[before].asker = stage;
          stage = before;
          continue;
        }
        const nw_rows rows = {progress[stage].done, progress[stage].end};
        run_rows(&stages[stage], rows, arena, image, hook);
        progress[stage].done = rows.end;
        stage = progress[stage].asker;
      }
    }
  }
}
