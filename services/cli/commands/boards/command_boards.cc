// niwaki boards list | show | reserve | release | drain | quarantine | burn-in | clear | measure

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/client/board_client.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/commands/boards/board_commands.h"
#include "services/cli/commands/command.h"
#include "services/cli/show/board_text.h"
#include "services/cli/show/proto_json.h"

namespace niwaki::cli {
namespace {

struct ListOptions {};

// Of all subcommands that are about one board.
struct BoardOptions {
  std::string board;
  v1::BoardAction action = v1::BOARD_ACTION_UNSPECIFIED;
  std::string by;
  std::string note;
  int runs = 0;
  bool undo = false;
};

std::string BoardName(const std::string& board) { return jobfile::InCollection("boards", board); }

absl::StatusOr<std::unique_ptr<client::BoardClient>> Boards(Session& session) {
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  return std::make_unique<client::BoardClient>(oracle->channel(), session.options().client);
}

absl::Status RunList(Session& session, const ListOptions&) {
  NIWAKI_ASSIGN_OR_RETURN(const auto client, Boards(session));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<v1::Board> boards, client->ListBoards());
  if (!session.json()) {
    session.out() << BoardTable(boards, session.options().clock->Now()).ToString()
                  << HealthNotes(boards);
    return absl::OkStatus();
  }
  Json list = Json::array();
  for (const v1::Board& board : boards) list.push_back(MessageToJson(board));
  session.PrintJson(Json{{"boards", std::move(list)}});
  return absl::OkStatus();
}

absl::Status RunShow(Session& session, const BoardOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const auto client, Boards(session));
  NIWAKI_ASSIGN_OR_RETURN(const v1::Board board, client->GetBoard(BoardName(options.board)));
  if (session.json()) {
    session.PrintJson(MessageToJson(board));
  } else {
    session.out() << BoardDetails(board, session.options().clock->Now());
  }
  return absl::OkStatus();
}

absl::Status RunChange(Session& session, const BoardOptions& options) {
  v1::ChangeBoardRequest request;
  request.set_name(BoardName(options.board));
  request.set_action(options.undo ? v1::BOARD_ACTION_UNDRAIN : options.action);
  request.set_by(options.by);
  request.set_note(options.note);
  request.set_runs(options.runs);
  NIWAKI_ASSIGN_OR_RETURN(const auto client, Boards(session));
  NIWAKI_ASSIGN_OR_RETURN(const v1::Board board, client->ChangeBoard(request));
  if (session.json()) {
    session.PrintJson(MessageToJson(board));
  } else {
    session.out() << ChangeNote(board) << "\n";
  }
  return absl::OkStatus();
}

// A subcommand about one board.
CLI::App* AddAction(CLI::App& boards, Session& session, const std::string& name,
                    v1::BoardAction action, const std::string& description,
                    const std::string& example, const std::shared_ptr<BoardOptions>& options) {
  options->action = action;
  CLI::App* sub = AddSubcommand(boards, name, description, example);
  sub->add_option("board", options->board, "Name of the board")->required();
  SetAction(sub, session, options, RunChange);
  return sub;
}

void AddReservations(CLI::App& boards, Session& session) {
  auto reserve = std::make_shared<BoardOptions>();
  AddAction(boards, session, "reserve", v1::BOARD_ACTION_RESERVE,
            "Keep a board for somebody: what it runs is finished, then it is given nothing but\n"
            "measurements of that reservation (measure --reservation), and its port is free: try\n"
            "'niwaki run FOLDER --board FILE'. Stays until released.",
            "niwaki boards reserve bench-h743 --by ann", reserve)
      ->add_option("--by", reserve->by, "Who has it")
      ->required();
  AddAction(boards, session, "release", v1::BOARD_ACTION_RELEASE, "End a board's reservation",
            "niwaki boards release bench-h743", std::make_shared<BoardOptions>());
  auto drain = std::make_shared<BoardOptions>();
  AddAction(boards, session, "drain", v1::BOARD_ACTION_DRAIN,
            "Let a board finish what it runs and give it nothing more; its niwaki-boards leaves\n"
            "it, and ends with exit code 0 when all its boards are drained. Stays until --undo.",
            "niwaki boards drain bench-h743\n  niwaki boards drain bench-h743 --undo", drain)
      ->add_flag("--undo", drain->undo, "Give it measurements again, once it is there again");
}

void AddHealth(CLI::App& boards, Session& session) {
  auto quarantine = std::make_shared<BoardOptions>();
  AddAction(boards, session, "quarantine", v1::BOARD_ACTION_QUARANTINE,
            "Take a board out: its health is MAINTENANCE, and it is given nothing until cleared",
            "niwaki boards quarantine bench-h743 --note 'its cable is loose'", quarantine)
      ->add_option("--note", quarantine->note, "Why");
  auto burn_in = std::make_shared<BoardOptions>();
  AddAction(boards, session, "burn-in", v1::BOARD_ACTION_BURN_IN,
            "Run a board's canary again and again, as LOOPING, then call it GOOD; any time-out,\n"
            "drift or wrong byte meanwhile makes it BAD",
            "niwaki boards burn-in bench-h743 --runs 100", burn_in)
      ->add_option("--runs", burn_in->runs, "How often; 0 means 10")
      ->check(CLI::Range(0, 10000));
  AddAction(boards, session, "clear", v1::BOARD_ACTION_CLEAR,
            "Trust a board again that is BAD or in MAINTENANCE: its canary runs next, and what it\n"
            "takes then is expected from then on",
            "niwaki boards clear bench-h743", std::make_shared<BoardOptions>());
}

}  // namespace

void AddBoardsCommand(CLI::App& app, Session& session) {
  CLI::App* boards = AddSubcommand(app, "boards", "What is measured on, and who looks after it",
                                   "niwaki boards list");
  boards->require_subcommand(1);
  CLI::App* list = AddSubcommand(
      *boards, "list",
      "List the boards that the oracle knows, by name.\n"
      "IDLE waits for measurements; RUNNING has one; RESERVED is somebody's; DRAINED is to be\n"
      "given nothing; GONE has no niwaki-boards that is alive. Its health is UNKNOWN until its\n"
      "canary, a small network, has run: then GOOD. LOOPING is a burn-in; BAD drifts, computes\n"
      "wrong bytes or hangs, MAINTENANCE was taken out: both are given nothing until 'clear'.",
      "niwaki boards list\n  niwaki boards list --output json");
  SetAction(list, session, std::make_shared<ListOptions>(), RunList);
  auto show = std::make_shared<BoardOptions>();
  CLI::App* show_command = AddSubcommand(
      *boards, "show", "Show all that is known of a board: why its health is what it is",
      "niwaki boards show local-m7");
  show_command->add_option("board", show->board, "Name of the board")->required();
  SetAction(show_command, session, show, RunShow);
  AddReservations(*boards, session);
  AddHealth(*boards, session);
  AddMeasureCommand(*boards, session);
}

}  // namespace niwaki::cli
