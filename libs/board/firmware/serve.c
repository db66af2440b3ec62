// Firmware that waits for a host: frames (libs/board/protocol/FRAME.md), and between them the text
// of MLPerf Tiny's runner. The compiler is told the network as network.h says.

#include <stdint.h>

#include "answer.h"
#include "board.h"
#include "frame.h"
#include "text.h"

_Noreturn void on_fault(uint32_t address, uint32_t fault_status, uint32_t hard_fault_status) {
  answer_fault(address, fault_status, hard_fault_status);
  board_reset();
}

int main(void) {
  static nw_frame_reader reader;
  board_start();
  answer_started();
  text_started();
  for (;;) {
    const int byte = board_read();
    if (byte < 0) {
      board_wait();
    } else if (nw_frame_push(&reader, (uint8_t)byte)) {
      nw_frame frame;
      while (nw_frame_next(&reader, &frame)) answer(&frame);
    } else {
      text_push((char)byte);
    }
  }
}
