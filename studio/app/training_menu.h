// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

class QMenu;

namespace masque {

class NextImages;
class TrainWorkspace;

/// Start or queue, stop, and whether the desktop says when a training ends. show brings the workspace to the front.
void addTrainingActions(QMenu &menu, TrainWorkspace &train, std::function<void()> show);

/// The way to the unlabelled image that teaches most, which then is shown in Label.
void addNextImageAction(QMenu &menu, NextImages &images, std::function<void()> show);

/// Is the desktop to say when a training ends? A setting, on at first.
bool isEndNotified();

} // namespace masque
