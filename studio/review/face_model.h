// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/faces/FaceDetector.h"

#include <QSettings>
#include <QString>

namespace masque {

inline const QString kFaceModelKey = QStringLiteral("faceModel"); ///< of QSettings: YuNet's file

/// The detector that the user chose in the Live workspace, for all of the studio.
inline FaceDetectorOptions chosenFaceDetector()
{
    const std::string file = QSettings().value(kFaceModelKey).toString().toStdString();
    return {.model = file.empty() ? "auto" : file};
}

} // namespace masque
