# The networks of core/models, written again in PyTorch's own modules from the papers.
import torch
import torch.nn.functional as F
from torch import nn


def norm_layer(norm, channels):
    if norm == "batch":
        return [nn.BatchNorm2d(channels)]
    groups = next((g for g in range(min(32, max(1, channels // 8)), 0, -1) if channels % g == 0))
    return [nn.GroupNorm(groups, channels)] if norm == "group" else []


def conv_block(inputs, outputs, kernel, norm, times=1):
    layers = []
    for channels in [inputs] + [outputs] * (times - 1):
        layers.append(nn.Conv2d(channels, outputs, kernel, padding=kernel // 2))
        layers += norm_layer(norm, outputs)
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def bare_block(inputs, outputs, kernel, stride=1, dilation=1, groups=1, activation=nn.ReLU):
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2 * dilation, dilation, groups, bias=False),
            nn.BatchNorm2d(outputs)] + ([activation()] if activation else [])


def doubled(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)


class UNet(nn.Module):
    """Ronneberger et al. 2015, same padding."""

    def __init__(self, outputs, base=16, depth=4, upsampling="transposed", norm="batch", dropout=0, **_):
        super().__init__()
        self.stride = 2 ** depth
        width = [base * 2 ** level for level in range(depth + 1)]
        self.down = nn.ModuleList(conv_block(([3] + width)[k], width[k], 3, norm, 2) for k in range(depth + 1))
        if dropout:
            for block in self.down[-2:]:
                block.append(nn.Dropout2d(dropout))
        self.transposed = upsampling == "transposed"
        levels = list(reversed(range(depth)))
        self.trans = nn.ModuleList(nn.ConvTranspose2d(width[k + 1], width[k], 2, stride=2) for k in levels
                                   if self.transposed)
        self.up = nn.ModuleList(conv_block(width[k] + width[k + (0 if self.transposed else 1)], width[k], 3, norm, 2) for k in levels)
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

    def __init__(self, inputs, outputs, stride, first_dilation=1, dilation=1):
        super().__init__()
        self.conv1, self.bn1 = bare_block(inputs, outputs, 3, stride, first_dilation, activation=None)
        self.conv2, self.bn2 = bare_block(outputs, outputs, 3, 1, dilation, activation=None)
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(*bare_block(inputs, outputs, 1, stride, activation=None))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class ResNet(nn.Module):
    def __init__(self, blocks, dilated=False):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        inputs = 64
        for k, outputs in enumerate([64, 128, 256, 512]):
            dilation = 2 if dilated and k == 3 else 1
            layers = [BasicBlock(inputs, outputs, 1 if k == 0 or dilation > 1 else 2, 1, dilation)]
            layers += [BasicBlock(outputs, outputs, 1, dilation, dilation) for _ in range(blocks[k] - 1)]
            setattr(self, f"layer{k + 1}", nn.Sequential(*layers))
            inputs = outputs

    def forward(self, x):
        features = [F.relu(self.bn1(self.conv1(x)))]
        x = F.max_pool2d(features[0], 3, 2, 1)
        for k in range(4):
            x = getattr(self, f"layer{k + 1}")(x)
            features.append(x)
        return features


class ResNetUNet(nn.Module):
    stride = 32

    def __init__(self, blocks, outputs, norm="batch", **_):
        super().__init__()
        self.encoder = ResNet(blocks)
        self.full = nn.ModuleList([conv_block(3, 64, 3, norm), conv_block(64, 64, 3, norm)])
        self.lateral = nn.ModuleList(conv_block(c, c, 1, norm) for c in [64, 64, 128, 256, 512])
        self.up = nn.ModuleList(conv_block(i, o, 3, norm) for i, o in
                                [(256 + 512, 512), (128 + 512, 256), (64 + 256, 256), (64 + 256, 128)])
        self.head = conv_block(64 + 128, 64, 3, norm)
        self.last = nn.Conv2d(64, outputs, 1)

    def forward(self, x):
        full = self.full[1](self.full[0](x))
        features = self.encoder(x)
        y = self.lateral[4](features[4])
        for k in range(4):
            y = self.up[k](torch.cat([doubled(y), self.lateral[3 - k](features[3 - k])], 1))
        return self.last(self.head(torch.cat([doubled(y), full], 1)))


class Pooled(nn.Sequential):
    def forward(self, x):
        return F.interpolate(super().forward(x), size=x.shape[2:], mode="bilinear", align_corners=False)


class Pyramid(nn.Module):
    """Chen et al. 2017, section 3.3."""

    def __init__(self, dropout):
        super().__init__()
        self.convs = nn.ModuleList([nn.Sequential(*bare_block(512, 256, 1))])
        self.convs.extend(nn.Sequential(*bare_block(512, 256, 3, dilation=rate)) for rate in (6, 12, 18))
        self.convs.append(Pooled(nn.AdaptiveAvgPool2d(1), *bare_block(512, 256, 1)))
        self.project = nn.Sequential(*bare_block(5 * 256, 256, 1), nn.Dropout(dropout))

    def forward(self, x):
        return self.project(torch.cat([conv(x) for conv in self.convs], 1))


class DeepLabV3(nn.Module):
    stride = 16

    def __init__(self, outputs, dropout=0.5, **_):
        super().__init__()
        self.backbone = ResNet([2, 2, 2, 2], dilated=True)
        self.classifier = nn.Sequential(Pyramid(dropout), *bare_block(256, 256, 3), nn.Conv2d(256, outputs, 1))

    def forward(self, x):
        y = self.classifier(self.backbone(x)[-1])
        return F.interpolate(y, size=x.shape[2:], mode="bilinear", align_corners=False)


def widened(channels, width):
    rounded = max(8, int(channels * width + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels * width else rounded


class InvertedResidual(nn.Module):
    """Sandler et al. 2018, section 3."""

    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        inner, layers = inputs * expansion, []
        if expansion > 1:
            layers.append(nn.Sequential(*bare_block(inputs, inner, 1, activation=nn.ReLU6)))
        layers.append(nn.Sequential(*bare_block(inner, inner, 3, stride, groups=inner, activation=nn.ReLU6)))
        self.conv = nn.Sequential(*layers, *bare_block(inner, outputs, 1, activation=None))
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.conv(x) if self.residual else self.conv(x)


class MobileNet(nn.Module):
    def __init__(self, width):
        super().__init__()
        inputs = widened(32, width)
        layers = [nn.Sequential(*bare_block(3, inputs, 3, 2, activation=nn.ReLU6))]
        for expansion, channels, blocks, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
                                                    (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
            for k in range(blocks):
                outputs = widened(channels, width)
                layers.append(InvertedResidual(inputs, outputs, stride if k == 0 else 1, expansion))
                inputs = outputs
        self.features = nn.Sequential(*layers)

    def forward(self, x):
        features = []
        for k, layer in enumerate(self.features):
            x = layer(x)
            if k in (1, 3, 6, 13, 17):
                features.append(x)
        return features


class MobileUNet(nn.Module):
    stride = 32

    def __init__(self, outputs, width=1.0, **_):
        super().__init__()
        self.encoder = MobileNet(width)
        decoded = [widened(c, width) for c in (32, 32, 64, 96, 128)]
        self.lateral = nn.ModuleList(nn.Sequential(*bare_block(widened(c, width), decoded[k], 1))
                                     for k, c in enumerate((16, 24, 32, 96, 320)))
        self.up = nn.ModuleList(
            nn.Sequential(*bare_block(decoded[k] + decoded[k + 1], decoded[k] + decoded[k + 1], 3,
                                      groups=decoded[k] + decoded[k + 1]),
                          *bare_block(decoded[k] + decoded[k + 1], decoded[k], 1)) for k in (3, 2, 1, 0))
        self.last = nn.Conv2d(decoded[0], outputs, 1)

    def forward(self, x):
        features = self.encoder(x)
        y = self.lateral[4](features[4])
        for k in range(4):
            y = self.up[k](torch.cat([doubled(y), self.lateral[3 - k](features[3 - k])], 1))
        return doubled(self.last(y))


KINDS = {"unet": UNet, "resnet18-unet": lambda *a, **k: ResNetUNet([2, 2, 2, 2], *a, **k),
         "resnet34-unet": lambda *a, **k: ResNetUNet([3, 4, 6, 3], *a, **k), "deeplabv3-resnet18": DeepLabV3,
         "mobile-unet": MobileUNet}


def names_as_torchvision():
    """The state_dicts of torchvision, where it is installed, against the parts that claim its names."""
    try:
        from torchvision.models import mobilenet_v2, resnet18, resnet34
        from torchvision.models.segmentation.deeplabv3 import DeepLabHead
    except ImportError:
        print("skip torchvision is not installed: names are not compared with its own")
        return []

    def shapes(module, without=()):
        return {name: tensor.shape for name, tensor in module.state_dict().items() if not name.startswith(without)}

    pairs = {"resnet18": (shapes(KINDS["resnet18-unet"](2).encoder), shapes(resnet18(), ("fc.",))),
             "resnet34": (shapes(KINDS["resnet34-unet"](2).encoder), shapes(resnet34(), ("fc.",))),
             "deeplabv3's backbone": (shapes(DeepLabV3(21).backbone), shapes(resnet18(), ("fc.",))),
             "deeplabv3's classifier": (shapes(DeepLabV3(21).classifier), shapes(DeepLabHead(512, 21))),
             "mobilenet_v2": (shapes(MobileNet(1.0)), shapes(mobilenet_v2(), ("classifier.", "features.18."))),
             "mobilenet_v2, half as wide": (shapes(MobileNet(0.5)), shapes(mobilenet_v2(width_mult=0.5),
                                                                           ("classifier.", "features.18.")))}
    for name, (ours, theirs) in pairs.items():
        print(f"{'pass' if ours == theirs else 'FAIL'} names and shapes of torchvision's {name}")
    return [ours == theirs for ours, theirs in pairs.values()]
