#!/usr/bin/env python3
"""A cluster in containers: killed in the middle of a job, brought back by docker, with the result of an undisturbed run."""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

CONTAINERS = pathlib.Path(__file__).absolute().parents[2] / "docker" / "containers.sh"
# Debian's client first, as docker/containers.sh does.
DOCKER = "/usr/bin/docker" if os.access("/usr/bin/docker", os.X_OK) else "docker"
PROJECT = f"niwaki-e2e-{os.getpid()}"
PROJECT_LABEL = f"label=com.docker.compose.project={PROJECT}"

CANDIDATES = 60
# Scored candidates at which something is killed.
WORKER_DIES_AT = 8
COORDINATOR_DIES_AT = 20

PATIENCE_S = 240

JOB = f"""
supernet: toy
device: stm32f746
objectives: [top1, latency_us]
constraints: {{sram: 128kB, flash: 512kB}}
algorithm: {{nsga2: {{population: 10}}}}
max_candidates: {CANDIDATES}
max_parallel: 8
seed: 7
"""


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def docker(*arguments):
    return run(DOCKER, *arguments)


def inspect(container, template):
    return docker("inspect", "--format", template, container)


def wait_for(what, condition):
    """Polls until `condition()` is true; the container is another process, so there is nothing to be told by."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE_S} s: {what}")
        time.sleep(0.2)


def without_course(candidate):
    """`candidate` without how its score came to be: how long that took, in which attempt."""
    score = {key: value for key, value in candidate.get("score", {}).items() if key != "seconds"}
    return {key: value for key, value in candidate.items() if key != "attempts"} | {"score": score}


class Cluster:
    """The compose file's services with fresh volumes, and a container beside them that runs the command line."""

    def __init__(self, folder, workers):
        self.environment = dict(os.environ, COMPOSE_PROJECT_NAME=PROJECT, NIWAKI_FOLDER=folder,
                                NIWAKI_COORDINATOR_PORT="0", NIWAKI_ORACLE_PORT="0")
        self.compose("up", "-d", "--scale", f"worker={workers}")
        self.shell = self.compose("run", "-d", "--entrypoint", "sleep infinity", "niwaki").splitlines()[-1]

    def compose(self, *arguments):
        return run(str(CONTAINERS), "compose", *arguments, env=self.environment)

    def niwaki(self, *arguments):
        return docker("exec", self.shell, "niwaki", *arguments)

    def containers(self, service):
        return docker("ps", "--all", "--quiet", "--no-trunc", "--filter", PROJECT_LABEL, "--filter",
                      f"label=com.docker.compose.service={service}").split()

    def services(self):
        return [c for service in ("oracle", "coordinator", "worker") for c in self.containers(service)]

    def scored(self):
        """Scored candidates of the one job while it runs; None while nobody answers, or after its end."""
        try:
            (job,) = json.loads(self.niwaki("jobs", "--output", "json"))["jobs"]
        except AssertionError:
            return None
        return int(job.get("progress", {}).get("scored", 0)) if job["state"] == "RUNNING" else None

    def start_job(self):
        self.niwaki("health", "--timeout", "60")
        self.niwaki("supernet", "register", "toy", "--file", "toy.supernet.safetensors", "--data", "toy.nwd")
        self.niwaki("submit", "job.yaml", "--id", "toy")

    def result(self):
        """What the job found, once it has ended: every candidate and the front, as lists."""
        self.niwaki("watch", "toy")
        answers = {what: json.loads(self.niwaki(what, "toy", "--output", "json")) for what in ("candidates", "front")}
        return {what: [without_course(c) for c in answer["candidates"]] for what, answer in answers.items()}

    def logs(self):
        return self.compose("logs", "--no-color", "--tail", "50")


def kill_process_of(container):
    """kill -9 from the machine's side. `docker kill` would not do: docker takes it for a wish, and does not restart."""
    docker("run", "--rm", "--pid", "host", "--user", "0", "--entrypoint", "sh", "niwaki:latest", "-c",
           f"kill -9 {inspect(container, '{{.State.Pid}}')}")


def leftovers():
    return [docker("ps", "--all", "--quiet", "--filter", PROJECT_LABEL),
            docker("volume", "ls", "--quiet", "--filter", PROJECT_LABEL),
            docker("network", "ls", "--quiet", "--filter", PROJECT_LABEL)]


class ClusterTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR"))
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        pathlib.Path(cls.folder, "job.yaml").write_text(JOB)
        cls.tool("data", "generate-synthetic", "--out", "toy.nwd", "--classes", "12", "--channels", "1", "--height", "49",
                 "--width", "40", "--train", "256", "--calibration", "256", "--validation", "1000", "--test", "64")
        cls.tool("train", "--space", "kws", "--data", "toy.nwd", "--out", "toy.supernet.safetensors", "--epochs", "1",
                 "--seed", "1")

    @classmethod
    def tool(cls, *arguments):
        docker("run", "--rm", "--user", f"{os.getuid()}:{os.getgid()}", "--volume", f"{cls.folder}:/work",
               "niwaki:latest", *arguments)

    def start(self, workers):
        cluster = Cluster(self.folder, workers)
        self.addCleanup(cluster.compose, "down", "--volumes", "--remove-orphans", "--timeout", "5")
        return cluster

    def undisturbed(self):
        cluster = self.start(workers=1)
        cluster.start_job()
        result = cluster.result()
        self.check_containers(cluster)
        self.check_end(cluster)
        return result

    def check_containers(self, cluster):
        for container in cluster.services():
            wait_for(f"health of {inspect(container, '{{.Name}}')}",
                     lambda: inspect(container, "{{.State.Health.Status}}") == "healthy")
            self.assertNotEqual(docker("exec", container, "id", "-u"), "0")

    def check_end(self, cluster):
        cluster.compose("stop")
        for container in cluster.services():
            self.assertEqual(inspect(container, "{{.State.ExitCode}}"), "0", inspect(container, "{{.Name}}"))
        cluster.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")
        self.assertEqual(leftovers(), ["", "", ""])

    def kill(self, cluster, container, scored):
        wait_for(f"{scored} scored candidates", lambda: (cluster.scored() or 0) >= scored)
        kill_process_of(container)
        wait_for("restart", lambda: inspect(container, "{{.RestartCount}} {{.State.Running}}") == "1 true")

    def test_killed_containers_come_back_and_the_result_is_the_same(self):
        expected = self.undisturbed()
        cluster = self.start(workers=3)
        cluster.start_job()

        self.kill(cluster, cluster.containers("worker")[0], WORKER_DIES_AT)
        self.kill(cluster, *cluster.containers("coordinator"), COORDINATOR_DIES_AT)

        result = cluster.result()
        self.assertEqual(len(result["candidates"]), CANDIDATES)
        self.assertGreater(len(result["front"]), 0)
        self.assertEqual(result, expected, cluster.logs())
        self.check_end(cluster)


if __name__ == "__main__":
    unittest.main(verbosity=2)
