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

import networks

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
    """Every formula pixel by pixel in double precision; overlapping classes as so many binary tasks."""
    if spec["multi_label"]:
        single = dict(spec, multi_label=False)
        planes = [loss_of(single, logits[:, k:k + 1], targets[:, k]) for k in range(logits.shape[1])]
        return torch.stack(planes).mean()
    channels, valid = logits.shape[1], (targets != 255).double()
    truth = one_hot(targets.long(), channels)
    weights = torch.tensor(spec["class_weights"], dtype=torch.double)
    per_pixel = valid if len(weights) == 0 else valid * weights[(targets.long() * (targets != 255))]
    smooth, z = spec["label_smoothing"], logits.double()

    def ce():
        if channels == 1:
            return bce()
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
        p = (truth * z.softmax(1)).sum(1) if channels > 1 else (truth * z.sigmoid() + (1 - truth) * (-z).sigmoid())[:, 0]
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
    network = networks.KINDS[spec["model"]](spec["output_channels"], **spec["options"])
    weights = {name[8:]: tensor for name, tensor in tensors.items() if name.startswith("network.")}
    for buffer in ("mean", "std"):
        weights.pop(buffer, None)
    network.load_state_dict(weights)
    network.train()
    torch.manual_seed(int(metadata["seed"]))  # of dropout
    logits = logits_of(network, tensors["images"], spec["options"].get("input_norm", "image"))
    loss = loss_of(loss_spec, logits, tensors["targets"])
    loss.backward()
    ours = torch.cat([parameter.grad.flatten() for _, parameter in network.named_parameters()])
    theirs = torch.cat([tensors["gradient." + name].flatten() for name, _ in network.named_parameters()])
    apart = {"logits": distance(tensors["logits"], logits.detach()),
             "loss": distance(tensors["loss"], loss.detach()), "gradients": distance(theirs, ours)}
    same = sum(p.numel() for p in network.parameters()) == int(metadata["parameters"])
    good = same and max(apart.values()) <= 1e-4
    print(f"{'pass' if good else 'FAIL'} {path.stem:34} " + "  ".join(f"{k} {v:.1e}" for k, v in apart.items())
          + f"  {metadata['parameters']} parameters" + ("" if same else ", which are others"))
    return good


def main():
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        results = [check(path) for path in sorted(pathlib.Path(folder).glob("*.safetensors"))]
        results += networks.names_as_torchvision()
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if results and all(results) else 1


sys.exit(main())
