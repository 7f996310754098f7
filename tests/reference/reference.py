# Works out again, in PyTorch's own modules and from the papers' formulas, what dump_networks wrote: the number of
# parameters, logits, loss and every gradient of a batch. Says how far they are apart; above 1e-4 relative it fails.
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import torch
import torch.nn.functional as F
from torch import nn

TYPES = {"F32": torch.float32, "I64": torch.int64, "U8": torch.uint8}


def read(path):
    data = pathlib.Path(path).read_bytes()
    size, = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, about in header.items():
        begin, end = about["data_offsets"]
        raw = bytearray(data[8 + size + begin:8 + size + end])
        tensors[name] = torch.frombuffer(raw, dtype=TYPES[about["dtype"]]).reshape(about["shape"])
    return metadata, tensors


def conv_block(inputs, outputs, kernel, norm, times=1):
    layers = []
    for channels in [inputs] + [outputs] * (times - 1):
        layers.append(nn.Conv2d(channels, outputs, kernel, padding=kernel // 2))
        if norm:
            layers.append(nn.BatchNorm2d(outputs))
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def doubled(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)


class UNet(nn.Module):
    """Ronneberger et al. 2015, same padding."""

    def __init__(self, outputs, base=16, depth=4, upsampling="transposed", batch_norm=True, **_):
        super().__init__()
        self.stride = 2 ** depth
        width = [base * 2 ** level for level in range(depth + 1)]
        self.down = nn.ModuleList(conv_block(([3] + width)[k], width[k], 3, batch_norm, 2) for k in range(depth + 1))
        self.transposed = upsampling == "transposed"
        levels = list(reversed(range(depth)))
        self.trans = nn.ModuleList(nn.ConvTranspose2d(width[k + 1], width[k], 2, stride=2) for k in levels
                                   if self.transposed)
        self.up = nn.ModuleList(conv_block(width[k] + width[k + (0 if self.transposed else 1)], width[k], 3, batch_norm,
                                           2) for k in levels)
        self.last = nn.Conv2d(base, outputs, 1)

    def forward(self, x):
        skips = []
        for block in self.down[:-1]:
            x = block(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.down[-1](x)
        for k, block in enumerate(self.up):
            x = self.trans[k](x) if self.transposed else doubled(x)
            x = block(torch.cat([skips[-1 - k], x], 1))
        return self.last(x)


class BasicBlock(nn.Module):
    """He et al. 2015."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for k, outputs in enumerate([64, 128, 256, 512]):
            setattr(self, f"layer{k + 1}", nn.Sequential(BasicBlock(inputs, outputs, 1 if k == 0 else 2),
                                                         BasicBlock(outputs, outputs, 1)))
            inputs = outputs

    def forward(self, x):
        features = [F.relu(self.bn1(self.conv1(x)))]
        x = F.max_pool2d(features[0], 3, 2, 1)
        for k in range(4):
            x = getattr(self, f"layer{k + 1}")(x)
            features.append(x)
        return features


class ResNet18UNet(nn.Module):
    stride = 32

    def __init__(self, outputs, batch_norm=True, **_):
        super().__init__()
        self.encoder = Encoder()
        self.full = nn.ModuleList([conv_block(3, 64, 3, batch_norm), conv_block(64, 64, 3, batch_norm)])
        self.lateral = nn.ModuleList(conv_block(c, c, 1, batch_norm) for c in [64, 64, 128, 256, 512])
        self.up = nn.ModuleList(conv_block(i, o, 3, batch_norm) for i, o in
                                [(256 + 512, 512), (128 + 512, 256), (64 + 256, 256), (64 + 256, 128)])
        self.head = conv_block(64 + 128, 64, 3, batch_norm)
        self.last = nn.Conv2d(64, outputs, 1)

    def forward(self, x):
        full = self.full[1](self.full[0](x))
        features = self.encoder(x)
        y = self.lateral[4](features[4])
        for k in range(4):
            y = self.up[k](torch.cat([doubled(y), self.lateral[3 - k](features[3 - k])], 1))
        return self.last(self.head(torch.cat([doubled(y), full], 1)))


def normalised(images, how):
    if how == "imagenet":
        mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        return (images - mean.view(3, 1, 1)) / std.view(3, 1, 1)
    centred = images - images.mean((2, 3), keepdim=True)
    return centred / centred.pow(2).mean((1, 2, 3), keepdim=True).sqrt().clamp(min=0.02)


def logits_of(network, images, norm):
    height, width = images.shape[2:]
    x = F.pad(normalised(images, norm), (0, -width % network.stride, 0, -height % network.stride), mode="replicate")
    return network(x)[:, :, :height, :width]


def one_hot(targets, channels):
    ids = torch.arange(channels) if channels > 1 else torch.tensor([1])
    return (targets[:, None] == ids.view(1, -1, 1, 1)).double()


def loss_of(spec, logits, targets):
    """Every formula pixel by pixel in double precision."""
    channels, valid = logits.shape[1], (targets != 255).double()
    truth = one_hot(targets.long(), channels)
    weights = torch.tensor(spec["class_weights"], dtype=torch.double)
    per_pixel = valid if len(weights) == 0 else valid * weights[(targets.long() * (targets != 255))]
    smooth, z = spec["label_smoothing"], logits.double()

    def ce():
        log_p = z.log_softmax(1)
        hard = -(truth * log_p).sum(1)
        spread = log_p if len(weights) == 0 else log_p * weights.view(1, -1, 1, 1)
        soft = -(spread.mean(1) * valid)
        return ((1 - smooth) * (hard * per_pixel).sum() + smooth * soft.sum()) / per_pixel.sum()

    def bce():
        t = truth * (1 - smooth) + smooth / 2
        pixel = -(t * F.logsigmoid(z) + (1 - t) * F.logsigmoid(-z)).mean(1)
        return (pixel * per_pixel).sum() / per_pixel.sum()

    def overlap(p, alpha, beta, smoothing):
        p = p * valid[:, None]
        hit = (p * truth).sum((2, 3))
        false_positive, false_negative = p.sum((2, 3)) - hit, truth.sum((2, 3)) - hit
        return (1 - (hit + smoothing) / (hit + alpha * false_positive + beta * false_negative + smoothing)).mean()

    def dice(p):
        p = p * valid[:, None]
        return (1 - (2 * (p * truth).sum((2, 3)) + 1) / (p.sum((2, 3)) + truth.sum((2, 3)) + 1)).mean()

    def focal():
        p = (truth * z.softmax(1)).sum(1)
        return (-(1 - p) ** spec["focal_gamma"] * p.clamp(min=1e-300).log() * per_pixel).sum() / per_pixel.sum()

    def lovasz(p):
        keep, losses = targets.flatten() != 255, []
        for c in range(channels):
            t = truth[:, c].flatten()[keep]
            errors, order = (t - p[:, c].flatten()[keep]).abs().sort(descending=True)
            t, jaccard, before = t[order], [], 0.0
            for k in range(1, len(t) + 1):  # the set of the k worst: 1 - (truth without them) / (truth with them)
                inside = t[k:].sum()
                value = float(1 - inside / (t.sum() + k - t[:k].sum()))
                jaccard.append(value - before)
                before = value
            losses.append((errors * torch.tensor(jaccard, dtype=torch.double)).sum())
        return torch.stack(losses).mean()

    p = z.softmax(1) if channels > 1 else z.sigmoid()
    name, share = spec["name"], spec["dice_weight"]
    return {"ce": ce, "bce": bce, "focal": focal, "dice": lambda: dice(p), "lovasz": lambda: lovasz(p),
            "tversky": lambda: overlap(p, spec["tversky_alpha"], spec["tversky_beta"], 0.5),
            "ce+dice": lambda: (1 - share) * ce() + share * dice(p),
            "bce+dice": lambda: (1 - share) * bce() + share * dice(z.sigmoid())}[name]()


def distance(a, b):
    return float((a.double() - b.double()).norm() / b.double().norm().clamp(min=1e-12))


def check(path):
    metadata, tensors = read(path)
    spec, loss_spec = json.loads(metadata["spec"]), json.loads(metadata["loss"])
    kind = {"unet": UNet, "resnet18-unet": ResNet18UNet}[spec["model"]]
    network = kind(spec["output_channels"], **spec["options"])
    weights = {name[8:]: tensor for name, tensor in tensors.items() if name.startswith("network.")}
    for buffer in ("mean", "std"):
        weights.pop(buffer, None)
    network.load_state_dict(weights)
    network.train()
    logits = logits_of(network, tensors["images"], spec["options"].get("input_norm", "image"))
    loss = loss_of(loss_spec, logits, tensors["targets"])
    loss.backward()
    ours = torch.cat([parameter.grad.flatten() for _, parameter in network.named_parameters()])
    theirs = torch.cat([tensors["gradient." + name].flatten() for name, _ in network.named_parameters()])
    apart = {"logits": distance(tensors["logits"], logits.detach()),
             "loss": distance(tensors["loss"], loss.detach()), "gradients": distance(theirs, ours)}
    same = sum(p.numel() for p in network.parameters()) == int(metadata["parameters"])
    good = same and max(apart.values()) <= 1e-4
    print(f"{'pass' if good else 'FAIL'} {path.stem:24} " + "  ".join(f"{k} {v:.1e}" for k, v in apart.items())
          + f"  {metadata['parameters']} parameters" + ("" if same else ", which are others"))
    return good


def main():
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        results = [check(path) for path in sorted(pathlib.Path(folder).glob("*.safetensors"))]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if results and all(results) else 1


sys.exit(main())
