// niwaki data generate-keywords | generate-synthetic | prepare | make-stream | info

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/file_writer.h"
#include "libs/base/json.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/progress_bar.h"
#include "libs/data/audio/keywords.h"
#include "libs/data/audio/stream/stream_maker.h"
#include "libs/data/audio/windows.h"
#include "libs/data/parallel.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/partition.h"
#include "libs/data/prepared/prepare.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/source_report.h"
#include "libs/data/synthetic.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/interrupt.h"
#include "services/program/output_check.h"

namespace niwaki::cli {
namespace {

struct KeywordCommand {
  data::KeywordOptions keywords;
  int threads = 0;
};

struct PrepareCommand {
  data::PrepareOptions prepare;
  std::string format;
  std::string windows = "loudest";
  std::string splits = "folder";
  std::string groups = "keep";
  std::string noise = "class";
  int threads = 0;
};

struct InfoCommand {
  std::string file;
};

// Split → classes of which it has no example.
Json ClassesWithout(const data::PreparedData& prepared) {
  Json json = Json::object();
  for (data::Split split : data::kAllSplits) {
    const std::vector<std::string> names =
        data::ClassesWithout(prepared.metadata().class_names, prepared.view(split).labels);
    if (!names.empty()) json[std::string(data::SplitName(split))] = names;
  }
  return json;
}

// `report` is the whole one of data that was made just now.
absl::Status PrintDescription(Session& session, const std::string& path,
                              const std::optional<data::SourceReport>& report = std::nullopt) {
  if (!session.json()) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string text,
                            data::DescribePrepared(path, report.has_value() ? &*report : nullptr));
    session.out() << text;
    return absl::OkStatus();
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<data::PreparedData> prepared,
                          data::PreparedData::Open(path));
  NIWAKI_ASSIGN_OR_RETURN(const Json metadata, ParseJson(prepared->metadata().ToJson(), path));
  Json json = {{"file", path},
               {"digest", prepared->digest()},
               {"metadata", metadata},
               {"classes_without", ClassesWithout(*prepared)}};
  if (report.has_value()) json["source"] = data::SourceReportToJson(*report, SIZE_MAX);
  session.PrintJson(json);
  return absl::OkStatus();
}

// What went into a device or a pipe cannot be read back.
absl::Status DescribeMade(Session& session, const std::string& out,
                          const std::optional<data::SourceReport>& report) {
  return IsStream(out) ? absl::OkStatus() : PrintDescription(session, out, report);
}

// Runs `work` with progress and Ctrl-C, then describes the file that it made, with `report` where
// it filled that in.
template <typename Work>
absl::Status MakeData(Session& session, const std::string& label, int threads,
                      const std::string& out, const Work& work,
                      const std::optional<data::SourceReport>& report = std::nullopt) {
  NIWAKI_RETURN_IF_ERROR(program::CheckOutput("--out", out));
  Interrupt interrupt;
  ProgressBar bar(session.SideProgress(label));
  data::ParallelOptions parallel;
  parallel.threads = threads;
  parallel.cancel = &Interrupt::flag();
  parallel.progress = [&bar](int64_t done, int64_t total) { bar.Update(done, total); };
  const absl::Status status = work(parallel);
  bar.Finish();
  NIWAKI_RETURN_IF_ERROR(status);
  return DescribeMade(session, out, report);
}

absl::Status RunKeywords(Session& session, const KeywordCommand& command) {
  return MakeData(session, "speak", command.threads, command.keywords.out,
                  [&](const data::ParallelOptions& parallel) {
                    return data::GenerateKeywords(command.keywords, parallel);
                  });
}

absl::Status RunSynthetic(Session& session, const data::SyntheticOptions& options) {
  NIWAKI_RETURN_IF_ERROR(program::CheckOutput("--out", options.out));
  NIWAKI_RETURN_IF_ERROR(data::GenerateSynthetic(options));
  return DescribeMade(session, options.out, std::nullopt);
}

absl::Status RunPrepare(Session& session, const PrepareCommand& command) {
  data::PrepareOptions options = command.prepare;
  NIWAKI_ASSIGN_OR_RETURN(options.format, data::ParseSourceFormat(command.format));
  NIWAKI_ASSIGN_OR_RETURN(options.windows, data::ParseWindows(command.windows));
  options.use_splits = command.splits == "folder";
  options.keep_groups = command.groups == "keep";
  options.use_noise = command.noise == "class";
  std::optional<data::SourceReport> report;
  return MakeData(
      session, "prepare", command.threads, options.out,
      [&](const data::ParallelOptions& parallel) -> absl::Status {
        NIWAKI_ASSIGN_OR_RETURN(report, data::Prepare(options, parallel));
        return absl::OkStatus();
      },
      report);
}

absl::Status RunMakeStream(Session& session, const data::StreamMakerOptions& options) {
  NIWAKI_RETURN_IF_ERROR(program::CheckOutput("--out", options.out));
  NIWAKI_RETURN_IF_ERROR(program::CheckOutput("--labels", options.labels));
  NIWAKI_ASSIGN_OR_RETURN(const data::MadeStream made, data::MakeStream(options));
  if (session.json()) {
    session.PrintJson(Json{{"file", options.out},
                           {"labels", options.labels},
                           {"seconds", made.seconds},
                           {"clips", made.clips},
                           {"labelled", made.labelled}});
  } else {
    session.out() << options.out << ": " << made.seconds << " s with " << made.clips << " clips, "
                  << made.labelled << " of them labelled in " << options.labels << "\n";
  }
  return absl::OkStatus();
}

absl::Status RunInfo(Session& session, const InfoCommand& command) {
  return PrintDescription(session, command.file);
}

void AddKeywords(CLI::App& parent, Session& session) {
  auto command = std::make_shared<KeywordCommand>();
  data::KeywordOptions& keywords = command->keywords;
  CLI::App* sub = AddSubcommand(
      parent, "generate-keywords", "Make a keyword data set with espeak-ng",
      "niwaki data generate-keywords --out keywords.nwd --clips-per-word 500 --seed 1");
  sub->add_option("--out", keywords.out, "File to write")->required();
  sub->add_option("--name", keywords.name, "Name of the data set")->capture_default_str();
  sub->add_option("--words", keywords.words, "The words, separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  sub->add_option("--unknown-words", keywords.unknown_words,
                  "Words of the class 'unknown', separated by commas")
      ->delimiter(',');
  sub->add_option("--accents", keywords.accents, "Voices of espeak-ng, separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  sub->add_option("--clips-per-word", keywords.clips_per_word, "Clips of every class, 10 to 100000")
      ->capture_default_str();
  sub->add_option("--takes", keywords.takes, "Recordings of one utterance for training, 1 to 50")
      ->capture_default_str();
  sub->add_option("--seed", keywords.seed, "Same seed, same data")->capture_default_str();
  sub->add_option("--espeak", keywords.espeak, "Program that speaks")->capture_default_str();
  sub->add_option("--flite-share", keywords.flite_share,
                  "Part of the training utterances spoken by flite, whose voices are people's, "
                  "0 to 1")
      ->capture_default_str();
  sub->add_option("--flite", keywords.flite, "Program that speaks them")->capture_default_str();
  sub->add_option("--wav-folder", keywords.wav_folder, "Keep some clips here to listen to");
  sub->add_option("--wavs-per-class", keywords.wavs_per_class, "Clips to keep of each class")
      ->capture_default_str();
  sub->add_option("--threads", command->threads, "Threads; 0 for one for each core")
      ->check(CLI::Range(0, 1024));
  SetAction(sub, session, command, RunKeywords);
}

void AddSynthetic(CLI::App& parent, Session& session) {
  auto options = std::make_shared<data::SyntheticOptions>();
  CLI::App* sub = AddSubcommand(
      parent, "generate-synthetic", "Make a tiny data set of wave patterns, to try things out",
      "niwaki data generate-synthetic --out toy.nwd --classes 10 --channels 3 --height 32 "
      "--width 32");
  sub->add_option("--out", options->out, "File to write")->required();
  sub->add_option("--classes", options->classes, "Classes, 1 to 1000")->capture_default_str();
  sub->add_option("--channels", options->channels, "Channels, 1 to 16")->capture_default_str();
  sub->add_option("--height", options->height, "Rows, 4 to 512")->capture_default_str();
  sub->add_option("--width", options->width, "Columns, 4 to 512")->capture_default_str();
  sub->add_option("--noise", options->noise, "Noise, 0.5 easy to 3 hard")->capture_default_str();
  sub->add_option("--seed", options->seed, "Same seed, same data")->capture_default_str();
  sub->add_option("--train", options->sizes[0], "Training examples")->capture_default_str();
  sub->add_option("--calibration", options->sizes[1], "Calibration examples")
      ->capture_default_str();
  sub->add_option("--validation", options->sizes[2], "Validation examples")->capture_default_str();
  sub->add_option("--test", options->sizes[3], "Test examples")->capture_default_str();
  SetAction(sub, session, options, RunSynthetic);
}

// Of `images` and `wav`.
void AddFolderOptions(CLI::App* sub, PrepareCommand& command) {
  data::PrepareOptions& prepare = command.prepare;
  sub->add_flag("--skip-bad", prepare.skip_bad,
                "Go on without files that cannot be read, and without examples that are silent or "
                "of one colour; they are counted and named. Without it every bad file is named and "
                "nothing is made");
  sub->add_option("--max-blank-share", prepare.max_blank_share,
                  "Most examples that may be silent or of one colour, 0 to 1")
      ->capture_default_str();
  sub->add_option("--splits", command.splits,
                  "images, wav: folder: follow train/, val/ and test/ with a folder a class in "
                  "each, or testing_list.txt and validation_list.txt, where they are there; "
                  "shares: deal every file by the shares")
      ->check(CLI::IsMember({"folder", "shares"}))
      ->capture_default_str();
  sub->add_option("--windows", command.windows,
                  "wav: what a recording longer than a clip becomes: loudest: one clip, where it "
                  "is loudest; all: as many clips as it is long, silent ones left out")
      ->check(CLI::IsMember({"loudest", "all"}))
      ->capture_default_str();
  sub->add_option("--groups", command.groups,
                  "wav: keep: clips of one speaker (SPEAKER_nohash_N.wav) and of one recording "
                  "stay in one split; ignore: each clip is dealt by itself")
      ->check(CLI::IsMember({"keep", "ignore"}))
      ->capture_default_str();
  sub->add_option("--background-noise", command.noise,
                  "wav: class: the recordings in _background_noise_ are cut into clips, as loud as "
                  "they are or softer, of the class silence (or _silence_); ignore: they are "
                  "passed over")
      ->check(CLI::IsMember({"class", "ignore"}))
      ->capture_default_str();
}

void AddPrepare(CLI::App& parent, Session& session) {
  auto command = std::make_shared<PrepareCommand>();
  data::PrepareOptions& prepare = command->prepare;
  CLI::App* sub = AddSubcommand(
      parent, "prepare", "Turn a data set as it is published into one prepared file",
      "niwaki data prepare --format cifar10 --input cifar-10-batches-bin --out cifar10.nwd\n"
      "  niwaki data prepare --format images --input photos --height 96 --width 96 --out p.nwd\n"
      "  niwaki data prepare --format wav --input recordings --test-of words.nwd --out own.nwd");
  sub->add_option("--format", command->format, "cifar10, cifar100, idx, images or wav")->required();
  sub->add_option("--input", prepare.input,
                  "Folder with the data set; images, wav: a folder a class, whose files may lie at "
                  "any depth. Names that begin with a dot are hidden, all others count; what is "
                  "passed over is counted by reason")
      ->required();
  sub->add_option("--out", prepare.out, "File to write")->required();
  sub->add_option("--name", prepare.name, "Name of the data set [the format's]");
  sub->add_option("--seed", prepare.seed, "Decides which example goes where")
      ->capture_default_str();
  sub->add_option("--channels", prepare.channels, "images: 1 or 3")->capture_default_str();
  sub->add_option("--height", prepare.height, "images: rows")->capture_default_str();
  sub->add_option("--width", prepare.width, "images: columns")->capture_default_str();
  sub->add_option("--test-of", prepare.test_of,
                  "Make a test of this prepared file, for networks trained on it: its classes, "
                  "shape, normalisation and calibration examples");
  sub->add_option("--train-share", prepare.shares[0],
                  "Part for training; the four sum to 1, or those of the splits that the source "
                  "leaves to them. Every class is dealt by itself; what is left over of small "
                  "classes is dealt over them, and the classes that a split lacks are named")
      ->capture_default_str();
  sub->add_option("--calibration-share", prepare.shares[1], "Part for calibration")
      ->capture_default_str();
  sub->add_option("--validation-share", prepare.shares[2], "Part for validation")
      ->capture_default_str();
  sub->add_option("--test-share", prepare.shares[3], "Part for the test")->capture_default_str();
  AddFolderOptions(sub, *command);
  sub->add_option("--threads", command->threads, "Threads; 0 for one for each core")
      ->check(CLI::Range(0, 1024));
  SetAction(sub, session, command, RunPrepare);
}

void AddMakeStream(CLI::App& parent, Session& session) {
  auto options = std::make_shared<data::StreamMakerOptions>();
  CLI::App* sub = AddSubcommand(
      parent, "make-stream",
      "Make a long recording of clips in noise, for niwaki evaluate --stream",
      "niwaki data generate-keywords --out keywords.nwd --wav-folder clips --wavs-per-class 20\n"
      "  niwaki data make-stream --clips clips/test --out long.wav --labels long.txt --minutes 10\n"
      "  niwaki evaluate --supernet kws.supernet.safetensors --data keywords.nwd --stream long.wav "
      "\\\n      --labels long.txt");
  sub->add_option("--clips", options->clips, "A folder of WAV files for each word")->required();
  sub->add_option("--out", options->out, "WAV file to write")->required();
  sub->add_option("--labels", options->labels, "Text to write: lines SECONDS WORD")->required();
  sub->add_option("--unlabelled", options->unlabelled,
                  "Words whose clips are heard and not labelled, separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  sub->add_option("--minutes", options->minutes, "Length, 0.1 to 600")->capture_default_str();
  sub->add_option("--gap", options->gap_s, "Seconds between clips, on average, 0.1 to 600")
      ->capture_default_str();
  sub->add_option("--noise-db", options->noise_db, "Noise throughout, -120 to 0 dB of full scale")
      ->capture_default_str();
  sub->add_option("--rate", options->sample_rate_hz, "Samples a second, of the clips too")
      ->capture_default_str();
  sub->add_option("--seed", options->seed, "Same seed, same recording")->capture_default_str();
  SetAction(sub, session, options, RunMakeStream);
}

}  // namespace

void AddDataCommand(CLI::App& app, Session& session) {
  CLI::App* data = AddSubcommand(app, "data", "Make, prepare and inspect data sets",
                                 "niwaki data generate-keywords --out keywords.nwd");
  data->require_subcommand(1);
  AddKeywords(*data, session);
  AddSynthetic(*data, session);
  AddPrepare(*data, session);
  AddMakeStream(*data, session);

  auto command = std::make_shared<InfoCommand>();
  CLI::App* info =
      AddSubcommand(*data, "info", "Describe a prepared file", "niwaki data info keywords.nwd");
  info->add_option("file", command->file, "Prepared file")->required();
  SetAction(info, session, command, RunInfo);
}

}  // namespace niwaki::cli
