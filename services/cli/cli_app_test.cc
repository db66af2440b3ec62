#include "services/cli/cli_app.h"

#include <signal.h>

#include <cstdlib>
#include <map>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "services/cli/cli_app_fixture.h"
#include "services/cli/cluster/fake_cluster.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(CliAppTest, HelpListsCommandsAndExitCodes) {
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("submit"), HasSubstr("Exit codes:"), HasSubstr("130")));
}

TEST_F(CliAppTest, EveryCommandHasAnExample) {
  const char* const kCommands[] = {"up",
                                   "down",
                                   "health",
                                   "data generate-keywords",
                                   "data generate-synthetic",
                                   "data info",
                                   "data prepare",
                                   "supernet register",
                                   "supernet list",
                                   "supernet show",
                                   "supernet import",
                                   "supernet state-dict",
                                   "network import",
                                   "network export",
                                   "analyze",
                                   "export",
                                   "run",
                                   "submit",
                                   "watch",
                                   "jobs",
                                   "front",
                                   "candidates",
                                   "cancel",
                                   "pause",
                                   "resume",
                                   "delete",
                                   "space list",
                                   "space show",
                                   "show",
                                   "estimate",
                                   "devices",
                                   "lut put",
                                   "lut import",
                                   "search",
                                   "workers list",
                                   "workers drain",
                                   "boards list",
                                   "boards show",
                                   "boards measure",
                                   "lut list"};
  for (const std::string command : kCommands) {
    std::vector<std::string> arguments = absl::StrSplit(command, ' ');
    arguments.push_back("--help");
    EXPECT_EQ(Run(arguments), 0) << command;
    EXPECT_THAT(out_.str(), HasSubstr(absl::StrCat("Example:\n  niwaki ", command))) << command;
  }
}

TEST_F(CliAppTest, WrongUsageSuggestsAndExitsWithTwo) {
  EXPECT_EQ(Run({"sumbit", "job.yaml"}), 2);
  EXPECT_THAT(err_.str(), AllOf(StartsWith("niwaki: "),
                                HasSubstr("unknown command 'sumbit'; did you mean 'submit'?")));
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(Run({"front"}), 2);
  EXPECT_EQ(Run({"jobs", "--limit", "-1"}), 2);
  EXPECT_EQ(Run({"jobs", "--bogus"}), 2);
  EXPECT_EQ(Run({"front", "demo", "--format", "png"}), 2);
}

TEST_F(CliAppTest, UnknownSubcommandSuggestsToo) {
  EXPECT_EQ(Run({"workers", "lst"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("unknown command 'workers lst'; did you mean 'workers list'?"));
  EXPECT_EQ(Run({"--data-dir", "d", "supernet", "--output", "text", "regster", "kws"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'supernet register'?"));
  EXPECT_EQ(Run({"lut", "frobnicate"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("there are put, import, export, list"));
  // What is wrong elsewhere is said as it is.
  EXPECT_EQ(Run({"workers", "list", "--bogus"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("--bogus"), Not(HasSubstr("unknown command"))));
}

TEST_F(CliAppTest, NumbersAndTextsThatWouldBeTakenForOthersAreRefused) {
  EXPECT_EQ(Run({"data", "generate-synthetic", "--out", "x", "--seed", "-1"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--seed: '-1' is not a whole number from 0 to "
                                    "18446744073709551615"));
  EXPECT_EQ(Run({"up", "--workers", "99999999999"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("--workers: '99999999999'"), HasSubstr("2147483647")));
  EXPECT_EQ(Run({"jobs", "--limit", "-1"}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("--limit: '-1' is not a number from 0"),
                                HasSubstr("  field: --limit\n  value: -1\n")));
  EXPECT_EQ(Run({"front", "demo", "--svg", ""}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--svg: the value is empty"));
  EXPECT_EQ(Run({"workers", "drain", ""}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("worker: the value is empty"));
}

TEST_F(CliAppTest, WrongUsageInJson) {
  EXPECT_EQ(Run({"jobs", "--bogus", "--output", "json"}), 2);
  EXPECT_EQ(OutJson()["error"]["code"], "INVALID_ARGUMENT");
  EXPECT_THAT(err_.str(), IsEmpty());
}

TEST_F(CliAppTest, GlobalOptionsStandOnEitherSide) {
  EXPECT_EQ(Run({"--output", "json", "jobs"}), 0);
  EXPECT_EQ(OutJson()["jobs"][0]["name"], "jobs/demo");
  EXPECT_EQ(Run({"jobs", "--output", "json"}), 0);
  EXPECT_EQ(OutJson()["jobs"].size(), 1);
  environment_.clear();
  EXPECT_EQ(Run({"jobs", "--coordinator", cluster_.address()}), 0);
}

TEST_F(CliAppTest, NoClusterIsExplained) {
  environment_ = {{"NIWAKI_DATA_DIR", "/nowhere"}};

  EXPECT_EQ(Run({"jobs"}), 3);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("niwaki up"), HasSubstr("/nowhere")));
}

TEST_F(CliAppTest, SilentCoordinatorIsUnavailable) {
  environment_["NIWAKI_COORDINATOR"] = "127.0.0.1:1";

  EXPECT_EQ(Run({"jobs"}), 5);
  EXPECT_THAT(err_.str(), StartsWith("niwaki: coordinator at 127.0.0.1:1: "));
}

TEST_F(CliAppTest, WorkersAreListed) {
  EXPECT_EQ(Run({"workers", "list"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("w0      WORKING"), HasSubstr("w1      IDLE")));
  EXPECT_EQ(Run({"workers", "list", "--output", "json"}), 0);
  EXPECT_EQ(OutJson()["workers"].size(), 2);
  EXPECT_EQ(OutJson()["workers"][0]["state"], "WORKING");
  EXPECT_EQ(OutJson()["workers"][0]["held"], 3);
  EXPECT_EQ(Run({"workers"}), 2);
}

TEST_F(CliAppTest, WorkerIsDrainedAndTakenBack) {
  EXPECT_EQ(Run({"workers", "drain", "w0"}), 0);
  EXPECT_EQ(out_.str(), "workers/w0 is DRAINING: it finishes the 3 candidates that it holds\n");
  EXPECT_EQ(Run({"workers", "drain", "workers/w1", "--output", "json"}), 0);
  EXPECT_EQ(OutJson()["state"], "DRAINED");
  EXPECT_EQ(Run({"workers", "drain", "w1", "--undo"}), 0);
  EXPECT_EQ(out_.str(), "workers/w1 is IDLE: it is given candidates\n");
  EXPECT_EQ(Run({"workers", "drain", "w9"}), 3);
  EXPECT_EQ(Run({"workers", "drain"}), 2);
}

TEST_F(CliAppTest, HealthNamesTheServicesThatServe) {
  EXPECT_EQ(Run({"health"}), 0);
  EXPECT_EQ(out_.str(), "coordinator is serving\noracle is serving\n");
  EXPECT_EQ(Run({"health", "oracle", "--output", "json"}), 0);
  EXPECT_EQ(OutJson()["services"], Json::parse(R"([{"name": "oracle", "serving": true}])"));
  EXPECT_EQ(Run({"health", "worker"}), 2);
}

TEST_F(CliAppTest, HealthOfASilentServiceIsUnavailable) {
  environment_["NIWAKI_ORACLE"] = "127.0.0.1:1";

  EXPECT_EQ(Run({"health", "--timeout", "0.2"}), 5);

  EXPECT_EQ(out_.str(), "coordinator is serving\n");
  EXPECT_THAT(err_.str(), StartsWith("niwaki: oracle at 127.0.0.1:1: "));
}

TEST_F(CliAppTest, ErrorsOfTheServiceKeepTheirParts) {
  cluster_.jobs().FailWith(
      Error(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable)
          .Field("constraints[0].max")
          .Value(1024)
          .Limit("at least 20480")
          .Message("no network fits"));

  EXPECT_EQ(Run({"submit", JobFile()}), 6);
  EXPECT_EQ(err_.str(),
            "niwaki: no network fits\n  field: constraints\n  value: 1024\n"
            "  limit: at least 20480\n");
  EXPECT_EQ(Run({"submit", JobFile(), "--output", "json"}), 6);
  EXPECT_EQ(OutJson()["error"]["reason"], "BUDGET_UNSATISFIABLE");
  EXPECT_EQ(OutJson()["error"]["limit"], "at least 20480");
}

TEST_F(CliAppTest, UnknownJobIsNotFound) {
  for (const char* command : {"watch", "front", "cancel", "pause", "resume", "delete"}) {
    EXPECT_EQ(Run({command, "other"}), 3) << command;
    EXPECT_EQ(Run({command, "No Job"}), 2) << command;
  }
}

TEST_F(CliAppTest, SubmitSendsTheFile) {
  EXPECT_EQ(Run({"submit", JobFile(), "--id", "mine"}), 0);

  EXPECT_EQ(out_.str(), "jobs/demo\n");
  EXPECT_THAT(err_.str(), HasSubstr("niwaki watch demo"));
  const v1::CreateJobRequest request = cluster_.jobs().last_create();
  EXPECT_EQ(request.job_id(), "mine");
  EXPECT_EQ(request.spec().supernet(), "supernets/kws");
  EXPECT_FALSE(request.validate_only());
}

TEST_F(CliAppTest, ValidateOnlyCreatesNothing) {
  EXPECT_EQ(Run({"submit", JobFile(), "--validate-only"}), 0);

  EXPECT_THAT(out_.str(), HasSubstr("25 % of the space's networks"));
  EXPECT_TRUE(cluster_.jobs().last_create().validate_only());
}

TEST_F(CliAppTest, MalformedJobFileIsNotSent) {
  EXPECT_EQ(Run({"submit", WriteTemporary("bad.yaml", "supernet: kws\ndevise: x\n")}), 2);

  EXPECT_THAT(err_.str(), HasSubstr("bad.yaml:2: unknown field 'devise'; did you mean 'device'?"));
  EXPECT_EQ(cluster_.jobs().last_create().spec().supernet(), "");
}

TEST_F(CliAppTest, SubmitAndWatchShowsTheFront) {
  EXPECT_EQ(Run({"submit", JobFile(), "--watch"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("8/8"), HasSubstr("jobs/demo SUCCEEDED: 8 scored"),
                                HasSubstr("TOP-1"), HasSubstr("76.0 %")));

  EXPECT_EQ(Run({"submit", JobFile(), "--watch", "--output", "json"}), 0);
  EXPECT_EQ(OutJson()["job"]["state"], "SUCCEEDED");
}

TEST_F(CliAppTest, WatchOfAFailedJobFails) {
  cluster_.jobs().EndIn(v1::JOB_STATE_FAILED, "the supernet is damaged");

  EXPECT_EQ(Run({"watch", "demo"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("jobs/demo ended FAILED: the supernet is damaged"));
}

TEST_F(CliAppTest, InterruptedWatchSaysHowToComeBack) {
  cluster_.jobs().NeverEnd();
  std::thread interrupter([] {
    absl::SleepFor(absl::Milliseconds(300));
    kill(getpid(), SIGINT);
  });

  EXPECT_EQ(Run({"watch", "demo"}), 130);
  interrupter.join();
  EXPECT_THAT(err_.str(), HasSubstr("jobs/demo goes on, come back with: niwaki watch demo"));
}

TEST_F(CliAppTest, WatchThatNobodyReadsEndsQuietly) {
  cluster_.jobs().NeverEnd();
  // As a pipe whose reader has left.
  out_.setstate(std::ios::badbit);

  EXPECT_EQ(Run({"watch", "demo"}), 0);
  EXPECT_THAT(err_.str(), IsEmpty());
}

TEST_F(CliAppTest, FrontHasFourForms) {
  EXPECT_EQ(Run({"front", "demo"}), 0);
  EXPECT_THAT(out_.str(), StartsWith("SLOT"));
  EXPECT_EQ(Run({"front", "demo", "--format", "json"}), 0);
  EXPECT_EQ(OutJson()["candidates"].size(), 4);
  EXPECT_EQ(OutJson()["objectives"].dump(), R"(["top1","latency_us"])");
  EXPECT_EQ(Run({"front", "demo", "--format", "csv"}), 0);
  EXPECT_THAT(out_.str(), StartsWith("slot,state,subnet_id,top1,"));
  EXPECT_EQ(Run({"front", "demo", "--format", "svg"}), 0);
  EXPECT_THAT(out_.str(), AllOf(StartsWith("<svg"), HasSubstr("Pareto front of demo job")));
}

TEST_F(CliAppTest, FrontSaysHowSureItIs) {
  EXPECT_EQ(Run({"front", "demo"}), 0);
  // 500 images: 0.76 and 0.74 are apart by less than two errors of 0.027.
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("76.0 % ± 1.9 ~"), HasSubstr("500 validation images"),
                                HasSubstr("niwaki front demo --test")));
  EXPECT_EQ(Run({"front", "demo", "--output", "json"}), 0);
  EXPECT_EQ(OutJson()["candidates"][0]["within_noise_of_next"], true);
}

TEST_F(CliAppTest, FrontIsScoredOnTheTestSplitOnRequest) {
  EXPECT_EQ(Run({"front", "demo", "--test", "--format", "csv"}), 0);

  EXPECT_THAT(cluster_.jobs().changes(), ElementsAre("test jobs/demo"));
  EXPECT_THAT(out_.str(), StartsWith("slot,state,"));
  EXPECT_THAT(err_.str(), HasSubstr("demo.test"));
  EXPECT_EQ(Run({"front", "demo"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("TEST TOP-1"), HasSubstr("73.0 % ± 2.2"),
                                HasSubstr("400 test images")));
  EXPECT_EQ(Run({"front", "demo", "--format", "svg"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("front on the test split"));
  EXPECT_EQ(Run({"watch", "demo.test"}), 0);
}

TEST_F(CliAppTest, TestThatTheJobBeganIsFollowed) {
  cluster_.jobs().BeginTest();

  EXPECT_EQ(Run({"submit", JobFile(), "--watch"}), 0);

  EXPECT_THAT(err_.str(), HasSubstr("demo.test"));
  EXPECT_THAT(out_.str(), HasSubstr("TEST TOP-1"));
  EXPECT_EQ(Run({"watch", "demo"}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("demo.test"));
}

TEST_F(CliAppTest, NothingIsLearntFromTestScores) {
  cluster_.jobs().BeginTest();

  EXPECT_EQ(Run({"predictor", "train", "--job", "demo.test", "--out",
                 absl::StrCat(std::getenv("TEST_TMPDIR"), "/test.predictor")}),
            2);
  EXPECT_THAT(err_.str(), HasSubstr("train on those of jobs/demo"));
}

TEST_F(CliAppTest, EstimatesShowEnergies) {
  EXPECT_EQ(Run({"estimate", "--space", "kws", "--device", "stm32f746", "--subnet", "min"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("ENERGY"), HasSubstr("unknown")));
}

TEST_F(CliAppTest, FrontIsDrawnIntoAFile) {
  const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/front.svg");

  EXPECT_EQ(Run({"front", "demo", "--svg", path}), 0);

  EXPECT_THAT(ReadFile(path), IsOkAndHolds(HasSubstr("limit 50.0 ms")));
  EXPECT_EQ(Run({"front", "demo", "--svg", "/nowhere/front.svg"}), 3);
}

TEST_F(CliAppTest, JobsAreSteered) {
  EXPECT_EQ(Run({"pause", "jobs/demo"}), 0);
  EXPECT_THAT(out_.str(), StartsWith("jobs/demo PAUSED"));
  EXPECT_EQ(Run({"resume", "demo"}), 0);
  EXPECT_EQ(Run({"cancel", "demo", "--output", "json"}), 0);
  EXPECT_EQ(OutJson()["state"], "CANCELLED");
  EXPECT_EQ(Run({"delete", "demo"}), 0);

  EXPECT_THAT(cluster_.jobs().changes(), ElementsAre("pause jobs/demo", "resume jobs/demo",
                                                     "cancel jobs/demo", "delete jobs/demo"));
}

TEST_F(CliAppTest, JobsSayWhyTheyStandStill) {
  EXPECT_EQ(Run({"jobs"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("cuda-bf16"), Not(HasSubstr("demo: "))));
  cluster_.jobs().EndIn(v1::JOB_STATE_RUNNING, "nobody works");

  EXPECT_EQ(Run({"jobs"}), 0);

  EXPECT_THAT(out_.str(), HasSubstr("\ndemo: nobody works\n"));
}

TEST_F(CliAppTest, CandidatesAreListed) {
  EXPECT_EQ(Run({"candidates", "demo", "--state", "scored", "--limit", "3"}), 0);
  const std::vector<std::string> lines = absl::StrSplit(out_.str(), '\n');
  EXPECT_THAT(lines, ::testing::SizeIs(1 + 3 + 1));
  EXPECT_EQ(Run({"candidates", "demo", "--csv"}), 0);
  EXPECT_EQ(Run({"candidates", "demo", "--state", "lost"}), 2);
}

TEST_F(CliAppTest, SpacesNeedNoCluster) {
  environment_.clear();
  EXPECT_EQ(Run({"space", "list"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("kws"), HasSubstr("mcunet")));
  EXPECT_EQ(Run({"space", "show", "kws", "--output", "json"}), 0);
  EXPECT_GT(OutJson()["max"]["macs"], OutJson()["min"]["macs"]);
  EXPECT_EQ(Run({"space", "show", "kwz"}), 3);
  EXPECT_EQ(Run({"show", "--space", "kws", "--subnet", "min"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("classifier"));
  EXPECT_EQ(Run({"show", "--space", "kws", "--subnet", "{\"ks\":[9]}"}), 2);
  EXPECT_EQ(Run({"show"}), 2);
}

TEST_F(CliAppTest, CandidateIsShownWithItsCost) {
  EXPECT_EQ(Run({"show", "jobs/demo/candidates/3"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("latency  22.0 ms predicted (21.0 ms to 23.0 ms)"),
                                HasSubstr("limits   latency 50.0 ms\n"),
                                HasSubstr("top-1    76.0 % of 500 images in cuda-bf16, loss")));
  EXPECT_EQ(Run({"show", "jobs/demo/candidates/99"}), 3);
  EXPECT_EQ(Run({"show", "demo/best"}), 0);
}

TEST_F(CliAppTest, EstimatesComeFromTheOracle) {
  EXPECT_EQ(Run({"estimate", "--space", "kws", "--device", "stm32f746", "--subnet", "min",
                 "--subnet", "max", "--output", "json"}),
            0);
  EXPECT_EQ(OutJson()["estimates"].size(), 2);
  EXPECT_EQ(OutJson()["estimates"][0]["cost"]["latency_us"]["provenance"], "PREDICTED");
  EXPECT_EQ(Run({"estimate", "--space", "kws", "--device", "toaster", "--subnet", "min"}), 3);
  EXPECT_EQ(Run({"estimate", "--space", "kws", "--device", "stm32f746"}), 2);
}

TEST_F(CliAppTest, UnknownLatencyIsNotZero) {
  EXPECT_EQ(Run({"estimate", "--space", "kws", "--device", "phone", "--subnet", "min"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("unknown"));
  EXPECT_THAT(out_.str(), HasSubstr("\nlatency unknown: it has no model\n"));
  EXPECT_EQ(Run({"estimate", "--space", "kws", "--device", "phone", "--subnet", "min", "--output",
                 "json"}),
            0);
  EXPECT_FALSE(OutJson()["estimates"][0]["cost"].contains("latency_us"));
}

TEST_F(CliAppTest, DevicesAndTableEntries) {
  EXPECT_EQ(Run({"devices"}), 0);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("stm32f746"), HasSubstr("216 MHz"), HasSubstr("unknown")));
  const std::string file = WriteTemporary(
      "lut.csv", "device,signature,latency_us,provenance\nstm32f746,conv,12.5,measured\n");
  EXPECT_EQ(Run({"lut", "put", file}), 0);
  EXPECT_THAT(out_.str(), StartsWith("1 entries written, table version 1"));
  EXPECT_EQ(Run({"lut", "list", "--csv"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("stm32f746,conv,12.5,0,1,measured,"));
}

TEST_F(CliAppTest, OfaTablesAreImported) {
  const std::string table = WriteTemporary("160.yaml",
                                           "Conv-input:160x160x3-output:80x80x24:\n"
                                           "  count: 498\n  mean: 0.5\n  std: 0.01\n");
  const std::string device = WriteTemporary(
      "phone.textproto", "core: \"cortex-a76\" clock_hz: 1 sram_bytes: 1 flash_bytes: 1");
  EXPECT_EQ(Run({"lut", "import", table, "--device", "phone", "--device-file", device}), 0)
      << err_.str();
  EXPECT_THAT(out_.str(), StartsWith("1 entries written, table version 1"));
  EXPECT_EQ(Run({"lut", "list", "--csv"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("phone,stem 160x160x3 80x80x24 in160x160 float32,500,10,498,"
                                    "measured,OFA latency table"));
}

TEST_F(CliAppTest, WrongOfaTablesAreRefused) {
  const std::string table = WriteTemporary(
      "160.yaml", "Conv-input:160x160x3-output:80x80x24:\n  count: 1\n  mean: 0.5\n");
  const std::string bad =
      WriteTemporary("164.yaml", "Conv-input:164x164x3-output:82x82x24:\n  count: 1\n  mean: -1\n");
  EXPECT_EQ(Run({"lut", "import", bad, "--device", "phone"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("164.yaml:3: mean '-1' is not a number of milliseconds"));
  EXPECT_EQ(Run({"lut", "import", table, "--device", "phone", "--space", "ofa_mbv3_w12"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("parts of the networks of 'ofa_mbv3_w12': stage 0 block 0"));
  EXPECT_EQ(Run({"lut", "import", table, table, "--device", "phone"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("resolution '160x160' is not given once"));
  EXPECT_EQ(Run({"lut", "import", table, "--device", "phone", "--device-file", table}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("is not the textproto of a device"));
}

TEST_F(CliAppTest, SupernetsAreListed) {
  EXPECT_EQ(Run({"supernet", "list"}), 0);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("kws"), HasSubstr("go, lamp, music, no, stop, yes, … (12)")));
}

TEST_F(CliAppTest, SupernetIsShownWithItsClasses) {
  EXPECT_EQ(Run({"supernet", "show", "kws"}), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("classes      go, lamp, music, no, stop, yes, … (12)"),
                                HasSubstr("preparation  unknown")));
  EXPECT_EQ(Run({"supernet", "show", "kws", "--output", "json"}), 0);
  EXPECT_EQ(OutJson()["class_names"][1], "lamp");
  EXPECT_EQ(Run({"supernet", "show", "other"}), 3);
  EXPECT_EQ(Run({"show", "jobs/demo/candidates/3"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("classes  go, lamp, music"));
}

TEST_F(CliAppTest, SpacesAreWrittenAsFilesThatAreRead) {
  for (const std::string name : {"kws", "supernets/kws", "jobs/demo"}) {
    EXPECT_EQ(Run({"space", "show", name, "--textproto", "--classes", "4"}), 0) << err_.str();
    const std::string file = WriteTemporary("four.textproto", out_.str());

    EXPECT_EQ(Run({"space", "show", file, "--output", "json"}), 0) << err_.str();

    EXPECT_EQ(OutJson()["num_classes"], 4) << name;
    EXPECT_EQ(OutJson()["name"], "kws") << name;
  }
  EXPECT_EQ(Run({"space", "show", "jobs/other", "--textproto"}), 3);
  EXPECT_EQ(Run({"space", "show", "nowhere.safetensors"}), 3);
}

TEST_F(CliAppTest, MissingProgramsAreNamed) {
  const std::string dir = absl::StrCat(std::getenv("TEST_TMPDIR"), "/up");
  EXPECT_EQ(Run({"up", "--data-dir", dir}), 4);
  EXPECT_THAT(err_.str(), HasSubstr("niwaki-coordinator"));
  EXPECT_EQ(Run({"train", "--space", "kws", "--out", "x"}), 4);
  EXPECT_THAT(err_.str(), HasSubstr("niwaki-train"));
  EXPECT_EQ(Run({"down", "--data-dir", dir}), 3);
}

TEST_F(CliAppTest, SyntheticDataIsMadeAndDescribed) {
  const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/toy.nwd");
  EXPECT_EQ(Run({"data", "generate-synthetic", "--out", path, "--classes", "3"}), 0);
  EXPECT_EQ(Run({"data", "info", path, "--output", "json"}), 0);
  EXPECT_EQ(OutJson()["digest"].get<std::string>().size(), 64);
  EXPECT_EQ(Run({"data", "generate-synthetic", "--out", "/dev/null"}), 0);
  EXPECT_EQ(Run({"data", "info", "/nowhere"}), 3);
  EXPECT_EQ(Run({"data", "prepare", "--format", "png", "--input", "x", "--out", "y"}), 2);
}

}  // namespace
}  // namespace niwaki::cli
