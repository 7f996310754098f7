// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"

namespace masque {

/// One step of a network's way from image to logits.
struct LayerSummary {
    std::string name; ///< of its weights in a checkpoint: "encoder.layer1.0.conv1"; empty: it has none
    std::string kind; ///< "Conv2d 3x3, stride 2"
    BatchShape output;
    std::int64_t parameters = 0;
};
struct NetworkSummary {
    std::vector<LayerSummary> layers; ///< in the order in which they are computed
    std::int64_t parameters = 0;
    /// What all layers' outputs take together, as a training step keeps them for the gradients; float32.
    std::int64_t activationBytes = 0;
    Json toJson() const;
};

/// Sends one batch of this shape through the network (zeros, in evaluation, on the CPU) and notes what it does.
Result<NetworkSummary> summarise(Network &network, BatchShape input);

/// The same for a new network of this kind and one image.
Result<NetworkSummary> summarise(const ModelList &models, const NetworkSpec &spec, int height, int width);

} // namespace masque
