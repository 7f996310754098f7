// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/models/ModelFactory.h"

#include <string>
#include <vector>

namespace masque {

/// What initialiseFrom did, by the network's names of parameters and buffers.
struct InitReport {
    std::vector<std::string> loaded;
    std::vector<std::string> adapted;   ///< loaded, the first convolution fitted to the images' channels
    std::vector<std::string> missing;   ///< kept as they were
    std::vector<std::string> misshaped; ///< likewise, with both shapes
    std::vector<std::string> unused;    ///< of the file
    bool isOwn = false;                 ///< the file is a checkpoint of Masque
    bool isEncoder = false;             ///< it filled the encoder alone, by an encoder's own names
    std::string text() const;           ///< one sentence for the log
};

/// Starts a network from a file of weights: a checkpoint of Masque, or a state_dict as safetensors or as Python's
/// torch.save writes it (readWeights). Copies every parameter and buffer that the file has under the same name and in
/// the same shape, of the layers whose names begin as layers says (comma-separated; empty: all). What comes before the
/// names may differ: of all beginnings in the file ("state_dict.", "module.", ...), put to the network's names or to
/// those of its "encoder.", the one that fits most is taken, so that a ResNet's or MobileNet's weights (torchvision,
/// timm) fill an encoder. Numbers of another precision are converted. A first convolution for colour is summed up for
/// grey, or its channels repeated for more of them, and their sum kept (timm's adapt_input_conv). The optimiser's state
/// is left alone. An error if nothing fits.
Result<InitReport> initialiseFrom(const std::string &path, const std::string &layers, Network &network);

} // namespace masque
