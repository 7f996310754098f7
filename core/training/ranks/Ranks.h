// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Json.h"
#include "core/training/ranks/launch.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace at {
class Tensor;
}

namespace masque {

/// The processes that train together, seen from one of them: LibTorch's c10d with Gloo, and NCCL between CUDA devices
/// where LibTorch has it. Every rank makes the same calls in the same order, on one thread at a time. Once a call has
/// failed all others do; the error says which rank is gone and, where that rank could still tell, why.
class Ranks {
public:
    static constexpr const char *kContext = "ranks"; ///< of errors that are about them

    /// Waits until all are there. Errors: this build has no c10d; the address cannot be reached, is taken, or some rank
    /// did not come within five minutes; a stop request.
    static Result<std::unique_ptr<Ranks>> join(const Launch &launch, std::stop_token stop);
    /// Rank 0 ends last, as the others' connections begin there.
    ~Ranks();
    Ranks(const Ranks &) = delete;
    Ranks &operator=(const Ranks &) = delete;

    int rank() const { return m_launch.rank; }
    int size() const { return m_launch.size; }
    bool isFirst() const { return rank() == 0; }
    int localRank() const { return m_launch.localRank; }
    int localSize() const; ///< ranks on this machine
    /// "gloo" or "nccl": what sums gradients that lie on a device ("cpu", "cuda").
    std::string transport(const std::string &device) const;

    /// Puts each tensor's sum over all ranks in its place; tensors are dense and of the same shapes everywhere.
    Result<void> sum(const std::vector<at::Tensor> &tensors);
    /// Puts rank 0's values in the others' place.
    Result<void> share(const std::vector<at::Tensor> &tensors);
    /// Rank 0's text.
    Result<std::string> share(const std::string &text);
    /// Waits until all have called it. An error on every rank if an object's members are not everywhere those of rank
    /// 0; what says which they are.
    Result<void> agree(const Json &object, const std::string &what);
    /// Begins to sum one tensor; what is returned waits for the end. Both throw where a rank is gone: lost() then makes
    /// the error of it.
    std::function<void()> startSum(const at::Tensor &tensor);
    Error lost(const std::string &why);

    /// Tells the others why this rank ends before its time.
    void leave(const std::string &why);

private:
    struct Group;
    Ranks(const Launch &launch, std::unique_ptr<Group> group);

    Launch m_launch;
    std::unique_ptr<Group> m_group;
};

} // namespace masque
