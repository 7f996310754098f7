#!/usr/bin/python3
"""Prediction against PyTorch's eager mode on the same weights and images, in interleaved pairs.

    predict_speed.py MASQUE [--pairs 5] [--threads 1] [--rows resnet18-unet-192,...]

The networks are written in Python by the names of their parameters, filled at random, saved by torch.save and read by
"masque bench predict --init"; what both say of the same images must agree. Batch 1; prints medians in milliseconds.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models import resnet18


def block(i, o, k):
    return nn.Sequential(nn.Conv2d(i, o, k, padding=k // 2), nn.BatchNorm2d(o), nn.ReLU(inplace=True))


def own_mean_and_spread(x):
    x = x - x.mean((2, 3), keepdim=True)
    return x / x.square().mean((1, 2, 3), keepdim=True).sqrt().clamp_min(0.02)


class ResNetUNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.encoder = resnet18()
        del self.encoder.fc
        self.full = nn.ModuleList([block(3, 64, 3), block(64, 64, 3)])
        self.lateral = nn.ModuleList([block(c, c, 1) for c in (64, 64, 128, 256, 512)])
        self.up = nn.ModuleList([block(768, 512, 3), block(640, 256, 3), block(320, 256, 3), block(320, 128, 3)])
        self.head = block(192, 64, 3)
        self.last = nn.Conv2d(64, classes, 1)

    def forward(self, x):
        x = own_mean_and_spread(x)
        full = self.full[1](self.full[0](x))
        e = self.encoder
        features = [e.relu(e.bn1(e.conv1(x)))]
        y = e.maxpool(features[0])
        for layer in (e.layer1, e.layer2, e.layer3, e.layer4):
            y = layer(y)
            features.append(y)
        y = self.lateral[4](y)
        for k in range(4):
            y = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=True)
            y = self.up[k](torch.cat([y, self.lateral[3 - k](features[3 - k])], 1))
        y = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=True)
        return self.last(self.head(torch.cat([y, full], 1)))


class UNet(nn.Module):
    def __init__(self, classes, base):
        super().__init__()
        w = [base << k for k in range(5)]
        double = lambda i, o: nn.Sequential(*block(i, o, 3), *block(o, o, 3))
        self.down = nn.ModuleList([double(i, o) for i, o in zip([3] + w[:4], w)])
        self.trans = nn.ModuleList([nn.ConvTranspose2d(w[k + 1], w[k], 2, 2) for k in (3, 2, 1, 0)])
        self.up = nn.ModuleList([double(2 * w[k], w[k]) for k in (3, 2, 1, 0)])
        self.last = nn.Conv2d(base, classes, 1)

    def forward(self, x):
        x = own_mean_and_spread(x)
        skips = []
        for k in range(4):
            x = self.down[k](x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.down[4](x)
        for k in range(4):
            x = self.up[k](torch.cat([skips[3 - k], self.trans[k](x)], 1))
        return self.last(x)


class EmotionResNet9(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.stages = nn.ModuleList([block(i, o, 3) for i, o in ((1, 64), (64, 128), (128, 256), (256, 512))])
        self.residual = nn.ModuleList([block(c, c, 3) for c in (128, 128, 512, 512)])
        self.last = nn.Conv2d(512, classes, 1)

    def forward(self, x):
        x = F.max_pool2d(self.stages[1](self.stages[0](own_mean_and_spread(x))), 2)
        x = self.residual[1](self.residual[0](x)) + x
        x = F.max_pool2d(self.stages[3](F.max_pool2d(self.stages[2](x), 2)), 2)
        x = self.residual[3](self.residual[2](x)) + x
        return self.last(x.amax((2, 3), keepdim=True))


ROWS = {
    "resnet18-unet-192": (lambda: ResNetUNet(6), 3, 192, ["--model", "resnet18-unet", "--classes", "6"]),
    "resnet18-unet-512": (lambda: ResNetUNet(6), 3, 512, ["--model", "resnet18-unet", "--classes", "6"]),
    "unet16-128": (lambda: UNet(1, 16), 3, 128, ["--model", "unet", "--classes", "1"]),
    "unet64-128": (lambda: UNet(1, 64), 3, 128, ["--model", "unet", "--classes", "1", "--base", "64"]),
    "emotion-resnet9-48": (lambda: EmotionResNet9(7), 1, 48,
                           ["--model", "emotion-resnet9", "--classes", "7", "--channels", "1"]),
}


def scattered(shape):
    i = numpy.arange(int(numpy.prod(shape)), dtype=numpy.uint64)
    return torch.from_numpy(((i * 2654435761 % 2**32) >> 24).astype(numpy.float32) / 255).reshape(shape)


def filled(network):
    """Weights and running statistics as after training: none of them 0 or 1."""
    generator = torch.Generator().manual_seed(1)
    for name, tensor in network.state_dict().items():
        if tensor.is_floating_point() and tensor.dim() == 1:
            tensor.copy_(torch.rand(tensor.shape, generator=generator) * 0.4 + (0.8 if "var" in name or "weight" in name else -0.2))
    return network.eval()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("masque")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--rows", default=",".join(ROWS))
    given = parser.parse_args()
    processors = sorted(os.sched_getaffinity(0))[:given.threads]
    os.sched_setaffinity(0, processors)  # both sides take as many threads as they may have processors
    torch.set_num_threads(given.threads)
    print(f"{'threads ' + str(given.threads):22} {'masque ms':>10} {'eager ms':>10} {'ratio':>7} {'difference':>11}")
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        for title in given.rows.split(","):
            make, channels, size, flags = ROWS[title]
            torch.manual_seed(1)
            network = filled(make())
            torch.save(network.state_dict(), folder + "/net.pth")
            images = scattered((1, channels, size, size))
            command = [given.masque, "bench", "predict", "--json", "--init", folder + "/net.pth", "--size", str(size),
                       "--batch", "1", "--steps", str(given.steps), *flags]
            ours, theirs = [], []
            for _ in range(given.pairs):
                done = subprocess.run(command, env=dict(os.environ, OMP_WAIT_POLICY="PASSIVE"), stdout=subprocess.PIPE,
                                      check=True)
                row = json.loads(done.stdout)[0]
                assert row["threads"] == given.threads
                ours.append(1000 / row["images_per_s"])
                times = []
                for _ in range(given.steps + 1):
                    start = time.perf_counter()
                    logits = network(images)
                    times.append(time.perf_counter() - start)
                theirs.append(1000 * statistics.median(times[1:]))
            mean = logits.abs().double().mean().item()
            difference = abs(row["mean_size_of_logits"] - mean) / mean
            assert difference < 1e-4, (row["mean_size_of_logits"], mean)
            ratios = [b / a for a, b in zip(ours, theirs)]
            print(f"{title:22} {statistics.median(ours):10.1f} {statistics.median(theirs):10.1f} "
                  f"{statistics.median(ratios):7.2f} {difference:11.1e}", flush=True)


if __name__ == "__main__":
    main()
