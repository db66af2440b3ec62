// The text protocol of MLPerf Tiny's runner, EEMBC's: commands that end in '%', replies in lines.
//
//   name%                m-name-dut-[NAME]
//   timestamp%           m-lap-us-MICROSECONDS, of runs since the start
//   profile%             m-profile-[NAME], m-model-[NETWORK]
//   help%                the commands
//   db load N%           m-[Expecting N bytes]; then db HEX% until m-load-done
//   db print%            m-buffer-HH-HH-..., eight bytes a line
//   infer N [W=10]%      N runs behind W that do not count, between two laps; then the results
//   results%             m-results-[REAL,...], three digits behind the point
//
// An error is e-[WHAT]; every command ends with m-ready. Bytes of `db` are the input's levels;
// NW_TEXT_INPUT_XOR (0x80 for files of unsigned pixels) is applied to each.

#ifndef NIWAKI_LIBS_BOARD_FIRMWARE_TEXT_H_
#define NIWAKI_LIBS_BOARD_FIRMWARE_TEXT_H_

// Says that the board has started.
void text_started(void);

// Takes the next byte that is not of a frame, and answers what it ends.
void text_push(char byte);

#endif  // NIWAKI_LIBS_BOARD_FIRMWARE_TEXT_H_
