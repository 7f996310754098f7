// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/SampleJob.h"

#include "core/datasets/demo.h"

#include <QCoreApplication>
#include <QDir>
#include <QStandardPaths>

namespace masque {

QString sampleFolder()
{
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)
           + QStringLiteral("/masque/samples/shapes");
}

std::unique_ptr<Job> makeSampleJob(std::function<void(const QString &, const QString &)> opened)
{
    const QString title = QCoreApplication::translate("SampleJob", "Drawing the sample dataset");
    const auto work = [folder = sampleFolder(), title](JobControl &control) -> Result<void> {
        // Drawn beside and renamed when whole, so that a stopped drawing is never taken for the sample.
        const QString unfinished = folder + QStringLiteral(".unfinished");
        if (QDir(folder).exists())
            return {};
        QDir(unfinished).removeRecursively();
        const Progress progress = [&](std::size_t done, std::size_t total) {
            control.report(static_cast<double>(done) / static_cast<double>(std::max<std::size_t>(1, total)), title);
        };
        DemoOptions options;
        options.count = 120;
        if (auto drawn = writeDemoShapes(unfinished.toStdString(), options, control.stopToken(), progress); !drawn)
            return drawn;
        if (!control.isStopRequested() && !QDir().rename(unfinished, folder))
            return Error{ErrorCode::Io, folder.toStdString() + ": cannot be made", folder.toStdString()};
        return {};
    };
    return makeJob(title, work, [opened = std::move(opened)](const Result<void> &result, bool canceled) {
        if (!canceled)
            opened(sampleFolder(), result ? QString() : QString::fromStdString(result.error().message));
    });
}

} // namespace masque
