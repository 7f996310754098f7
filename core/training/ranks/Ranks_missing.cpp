// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/training/ranks/Ranks.h"

namespace masque {

struct Ranks::Group {};

Result<std::unique_ptr<Ranks>> Ranks::join(const Launch &launch, std::stop_token)
{
    return Error{ErrorCode::Unsupported,
                 "a training on " + std::to_string(launch.size)
                     + " ranks was asked for (WORLD_SIZE or its like), and this program was built without "
                       "c10d's Gloo: it needs libgloo-dev"};
}

Ranks::~Ranks() = default;

int Ranks::localSize() const
{
    return 1;
}

std::string Ranks::transport(const std::string &) const
{
    return {};
}

Result<void> Ranks::sum(const std::vector<at::Tensor> &)
{
    return lost({});
}

Result<void> Ranks::share(const std::vector<at::Tensor> &)
{
    return lost({});
}

Result<std::string> Ranks::share(const std::string &)
{
    return lost({});
}

Result<void> Ranks::agree(const Json &, const std::string &)
{
    return lost({});
}

std::function<void()> Ranks::startSum(const at::Tensor &)
{
    return [] {};
}

Error Ranks::lost(const std::string &)
{
    return Error{ErrorCode::Unsupported, "this program was built without c10d's Gloo"};
}

void Ranks::leave(const std::string &) {}

} // namespace masque
