// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/geometry.h"

#include <QtGlobal>

namespace masque {

/// What changed in the Document. Listeners record it and repaint later; they never call back into the Document.
struct ChangeEvent {
    enum Kind {
        DatasetOpened,     ///< another dataset (or none)
        ItemsIndexed,      ///< summaries first .. last of items are known
        CurrentItem,       ///< another image is current (not loaded yet)
        ImageLoaded,       ///< image and annotation of the current item are there, or loadError()
        AnnotationChanged, ///< shapes or flags of the current image; dirty says where
        SelectionChanged,
        LabelsChanged, ///< classes: names, colours, keys
        ActiveLabelChanged,
        VisibilityChanged, ///< hidden or locked shapes and classes
        SaveStateChanged,
        HistoryChanged, ///< steps of the current image, or where it is in them
        RunsChanged,    ///< a run began, ended or went away
    };
    Kind kind;
    Rect dirty = {};
    int first = -1, last = -1;
};

} // namespace masque
