"""Makes pytorch_network.onnx and pytorch_network.json beside this script: run by Debian's python3 with python3-torch.

A network of fake-quantised layers (activations quint8 with one scale, weights qint8 with one scale a channel), calibrated
on random images and exported by torch.onnx as QDQ, opset 13. The JSON holds images, as the levels of the file's input,
[C, H, W], and the levels of the file's output for each as PyTorch computes them in float32.

    /usr/bin/python3 make_pytorch_network.py
"""

import json
import pathlib

import torch
from torch import nn
from torch.ao.quantization import FakeQuantize
from torch.ao.quantization import MovingAveragePerChannelMinMaxObserver
from torch.ao.quantization import MovingAverageMinMaxObserver
from torch.nn import functional

SEED = 7
IMAGES = 4


def activation_quantiser():
    return FakeQuantize(MovingAverageMinMaxObserver, quant_min=0, quant_max=255, dtype=torch.quint8,
                        qscheme=torch.per_tensor_affine)


def weight_quantiser():
    return FakeQuantize(MovingAveragePerChannelMinMaxObserver, quant_min=-128, quant_max=127, dtype=torch.qint8,
                        qscheme=torch.per_channel_symmetric, ch_axis=0)


class Conv(nn.Module):

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        super().__init__()
        self.layer = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups)
        self.quantiser = weight_quantiser()
        self.out = activation_quantiser()

    def forward(self, x, activation=None):
        layer = self.layer
        x = functional.conv2d(x, self.quantiser(layer.weight), layer.bias, layer.stride, layer.padding, layer.dilation,
                              layer.groups)
        return self.out(activation(x) if activation else x)


class Network(nn.Module):

    def __init__(self):
        super().__init__()
        names = ["input", "swish", "gate", "gated", "sum", "joined", "pooled", "output"]
        self.q = nn.ModuleDict({name: activation_quantiser() for name in names})
        self.stem = Conv(3, 8, 3, stride=2)
        self.expand = Conv(8, 16, 1)
        self.depthwise = Conv(16, 16, 3, groups=16)
        self.squeeze = Conv(16, 4, 1)
        self.excite = Conv(4, 16, 1)
        self.project = Conv(16, 8, 1)
        self.linear = nn.Linear(16 * 4 * 4, 5)
        self.linear_quantiser = weight_quantiser()

    def forward(self, x):
        x = self.stem(self.q["input"](x), functional.relu)
        y = self.depthwise(self.expand(x, functional.relu6))
        y = self.q["swish"](functional.hardswish(y))
        gate = self.q["pooled"](functional.adaptive_avg_pool2d(y, 1))
        gate = self.excite(self.squeeze(gate, functional.relu))
        y = self.q["gated"](y * self.q["gate"](functional.hardsigmoid(gate)))
        y = self.q["sum"](x + self.project(y))
        small = functional.max_pool2d(y, 2)
        wide = functional.interpolate(functional.avg_pool2d(y, 4), scale_factor=2, mode="nearest")
        y = self.q["joined"](torch.cat([small, wide], 1))
        y = torch.flatten(y, 1)
        return self.q["output"](functional.linear(y, self.linear_quantiser(self.linear.weight), self.linear.bias))


def levels(x, quantiser):
    scale, zero = float(quantiser.scale), int(quantiser.zero_point)
    return torch.clamp(torch.round(x / scale) + zero, 0, 255).to(torch.int32)


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    network = Network()
    with torch.no_grad():
        for _ in range(20):
            network(torch.rand(8, 3, 16, 16) * 2 - 1)
        network.eval()
        for module in network.modules():
            if isinstance(module, FakeQuantize):
                module.disable_observer()
        images = torch.rand(IMAGES, 3, 16, 16) * 2 - 1
        outputs = torch.cat([network(image[None]) for image in images])
    folder = pathlib.Path(__file__).parent
    torch.onnx.export(network, images[:1], str(folder / "pytorch_network.onnx"), opset_version=13,
                      input_names=["image"], output_names=["scores"])
    examples = [{
        "image": levels(image, network.q["input"]).flatten().tolist(),
        "scores": levels(output, network.q["output"]).tolist(),
    } for image, output in zip(images, outputs)]
    (folder / "pytorch_network.json").write_text(json.dumps({"examples": examples}) + "\n")


if __name__ == "__main__":
    main()
