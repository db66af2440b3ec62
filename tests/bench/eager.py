"""The same work in eager PyTorch: the peer that scoring and training are measured against.

Reads one JSON request a line and answers each with one line. The network is the operator list of our Graph, so that it is
described once. It runs as the once-for-all reference code does: NCHW, unfolded batch norm, hard swish composed of its
parts, one thread, the allocator as it comes. Times are CPU seconds of this process.

  {"do": "hello"}                                                -> {"torch": "1.13.0"}
  {"do": "network", "graphs": [G, ...], "eps": e, "matrices": b} -> {}     the first graph is the largest
  {"do": "evaluate" | "recalibrate", "batch": n, "batches": m}   -> {"cpu_seconds": s}   of the last graph
  {"do": "train", "batch": n, "steps": m}                        -> {"cpu_seconds": s}   over every graph
"""

import json
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError as error:
    sys.exit(f"eager.py: {error}; the Debian package python3-torch has it")

LEARNING_RATE = 0.01
WEIGHT_DECAY = 3e-5


def activate(x, kind):
    if kind == "relu":
        return F.relu(x, inplace=True)
    if kind == "relu6":
        return F.relu6(x, inplace=True)
    if kind == "hard_swish":
        return x * F.relu6(x + 3.0, inplace=True) / 6.0
    if kind == "hard_sigmoid":
        return F.relu6(x + 3.0, inplace=True) / 6.0
    return x


class Layer:
    """The full-size parameters that an operator of the largest graph names."""

    def __init__(self, op, matrices):
        k, groups = op["kernel_size"], op["kind"] == "depthwise_conv2d"
        inputs = 1 if groups else op["in_channels"]
        shape = (op["out_channels"], inputs) if op["kind"] == "linear" else (op["out_channels"], inputs, k, k)
        fan = max(1, inputs * k * k)
        self.weight = torch.randn(shape).mul_((2.0 / fan) ** 0.5).requires_grad_()
        self.bias = torch.zeros(op["out_channels"]).requires_grad_() if op["bias"] else None
        self.norm = None
        if op["batch_norm"]:
            c = op["out_channels"]
            self.norm = [torch.ones(c).requires_grad_(), torch.zeros(c).requires_grad_(), torch.zeros(c), torch.ones(c)]
        self.matrices = {}
        if groups and matrices:
            for size in (s for s in (5, 3) if s < k):
                self.matrices[size] = torch.eye(size * size).requires_grad_()

    def parameters(self):
        tensors = [self.weight, self.bias] + (self.norm[:2] if self.norm else []) + list(self.matrices.values())
        return [t for t in tensors if t is not None]

    def kernel(self, op):
        if op["kind"] != "depthwise_conv2d":
            return self.weight[: op["out_channels"], : op["in_channels"]]
        weight = self.weight[: op["out_channels"]]
        while weight.size(2) > op["kernel_size"]:
            size = weight.size(2) - 2
            weight = weight[:, :, 1:-1, 1:-1]
            if size in self.matrices:
                weight = F.linear(weight.reshape(weight.size(0), -1), self.matrices[size]).view(-1, 1, size, size)
        return weight


def normalise_stored(x, norm, eps):
    return F.batch_norm(x, norm[2], norm[3], norm[0], norm[1], False, 0.0, eps)


def normalise_training(x, norm, eps):
    return F.batch_norm(x, norm[2], norm[3], norm[0], norm[1], True, 0.1, eps)


class Observer:
    """Batch mean and biased variance, normalise with them, average them by the images of each batch."""

    def __init__(self):
        self.sums = []
        self.position = 0
        self.images = 0

    def begin(self, images):
        self.position = 0
        self.images += images

    def __call__(self, x, norm, eps):
        mean = x.mean(0, keepdim=True).mean(2, keepdim=True).mean(3, keepdim=True)
        centred = x - mean
        variance = (centred * centred).mean(0, keepdim=True).mean(2, keepdim=True).mean(3, keepdim=True)
        mean, variance = mean.flatten(), variance.flatten()
        if self.position == len(self.sums):
            self.sums.append([torch.zeros_like(mean), torch.zeros_like(variance)])
        for total, value in zip(self.sums[self.position], (mean, variance)):
            total += value * x.size(0)
        self.position += 1
        return F.batch_norm(x, mean, variance, norm[0], norm[1], False, 0.0, eps)


class Network:
    def __init__(self, request):
        self.graphs, self.eps = request["graphs"], request["eps"]
        self.layers = {}
        for op in self.graphs[0]["ops"]:
            if op["weight"]:
                self.layers[op["weight"]] = Layer(op, request["matrices"])

    def bind(self, graph):
        """Tensors of each operator, sliced; as copies where no gradient is wanted, like an extracted network."""
        bound = []
        for op in graph["ops"]:
            layer = self.layers.get(op["weight"])
            if layer is None:
                bound.append((None, None, None))
                continue
            c = op["out_channels"]
            bias = layer.bias[:c] if layer.bias is not None else None
            norm = [t[:c] for t in layer.norm] if layer.norm else None
            kernel = layer.kernel(op)
            bound.append((kernel if torch.is_grad_enabled() else kernel.contiguous(), bias, norm))
        return bound

    def logits(self, graph, bound, x, normalise):
        values = {graph["input"]: x}
        left = {}
        for op in graph["ops"]:
            for source in (op["input"], op["second_input"]):
                left[source] = left.get(source, 0) + 1
        for op, (weight, bias, norm) in zip(graph["ops"], bound):
            x = values[op["input"]]
            kind = op["kind"]
            if kind == "conv2d":
                x = F.conv2d(x, weight, bias, op["stride"], op["kernel_size"] // 2)
            elif kind == "depthwise_conv2d":
                x = F.conv2d(x, weight, bias, op["stride"], op["kernel_size"] // 2, 1, op["out_channels"])
            elif kind == "linear":
                x = F.linear(x.flatten(1), weight, bias)
            elif kind == "add":
                x = x + values[op["second_input"]]
            elif kind == "mul":
                x = x * values[op["second_input"]]
            elif kind == "global_avg_pool":
                x = x.mean(3, keepdim=True).mean(2, keepdim=True)
            else:
                raise ValueError("operator " + kind)
            if norm is not None:
                x = normalise(x, norm, self.eps)
            values[op["output"]] = activate(x, op["activation"])
            for source in (op["input"], op["second_input"]):
                left[source] -= 1
                if source >= 0 and left[source] == 0:
                    del values[source]
        return values[graph["output"]].flatten(1)


class Peer:
    def __init__(self):
        self.network = None
        self.images = {}
        self.optimiser = None

    def input(self, batch):
        shape = (batch, *self.network.graphs[-1]["input_shape"])
        if shape not in self.images:
            self.images = {shape: torch.randn(shape)}
        return self.images[shape]

    def load(self, request):
        self.network = Network(request)
        parameters = [p for layer in self.network.layers.values() for p in layer.parameters()]
        self.optimiser = torch.optim.SGD(parameters, LEARNING_RATE, 0.9, weight_decay=WEIGHT_DECAY, nesterov=True)
        return lambda: None

    def evaluate(self, request):
        x, graph = self.input(request["batch"]), self.network.graphs[-1]
        labels = torch.zeros(request["batch"], dtype=torch.long)

        @torch.no_grad()
        def run():
            bound = self.network.bind(graph)
            for _ in range(request["batches"]):
                logits = self.network.logits(graph, bound, x, normalise_stored)
                F.cross_entropy(logits, labels).item()
                logits.topk(min(5, logits.size(1))).indices.eq(labels.view(-1, 1)).sum(0).tolist()

        return run

    def recalibrate(self, request):
        x, graph = self.input(request["batch"]), self.network.graphs[-1]

        @torch.no_grad()
        def run():
            bound = self.network.bind(graph)
            observer = Observer()
            for _ in range(request["batches"]):
                observer.begin(x.size(0))
                self.network.logits(graph, bound, x, observer)
            for mean, variance in observer.sums:
                mean /= observer.images
                variance /= observer.images

        return run

    def train(self, request):
        x = self.input(request["batch"])
        graphs = self.network.graphs
        labels = torch.arange(request["batch"]) % graphs[0]["ops"][-1]["out_channels"]

        def run():
            for _ in range(request["steps"]):
                self.optimiser.zero_grad()
                logits = self.network.logits(graphs[0], self.network.bind(graphs[0]), x, normalise_training)
                F.cross_entropy(logits, labels, label_smoothing=0.1).backward()
                teacher = logits.detach().softmax(1)
                for graph in graphs[1:]:
                    student = self.network.logits(graph, self.network.bind(graph), x, normalise_training)
                    (-(teacher * student.log_softmax(1)).sum(1).mean()).backward()
                self.optimiser.step()

        return run


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    peer = Peer()
    actions = {"network": peer.load, "evaluate": peer.evaluate, "recalibrate": peer.recalibrate, "train": peer.train}
    for line in sys.stdin:
        request = json.loads(line)
        answer = {"torch": torch.__version__}
        if request["do"] != "hello":
            run = actions[request["do"]](request)
            start = time.process_time()
            run()
            answer["cpu_seconds"] = time.process_time() - start
        print(json.dumps(answer), flush=True)


main()
