// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/plots/CurvePlotPrivate.h"

#include "core/base/files.h"
#include "studio/theme/Theme.h"

#include <QFileDialog>
#include <QSvgGenerator>
#include <QToolTip>

namespace masque {

Result<void> CurvePlot::save(const QString &path) const
{
    const auto file = path.toStdString();
    const auto failed = [&](const char *why) { return Error{ErrorCode::Io, file + ": " + why, file}; };
    if (path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive)) {
        QString text = QStringLiteral("curve,x,y\n");
        for (const auto &series : d->series) {
            QString quoted = series->name;
            quoted.replace(QLatin1Char('"'), QLatin1String("\"\""));
            for (const QPointF &value : series->curve.raw())
                text += QStringLiteral("\"%1\",%2,%3\n")
                            .arg(quoted, QString::number(value.x(), 'g', 10), QString::number(value.y(), 'g', 10));
        }
        return writeFileAtomically(file, text.toStdString());
    }
    if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
        QSvgGenerator svg;
        svg.setFileName(path);
        svg.setSize(d->plot->size());
        svg.setViewBox(QRect({}, d->plot->size()));
        QCPPainter painter;
        if (!painter.begin(&svg))
            return failed("cannot be written");
        painter.fillRect(QRect({}, d->plot->size()), Theme::instance().base());
        d->plot->toPainter(&painter);
        return painter.end() ? Result<void>() : failed("cannot be written");
    }
    constexpr double kScale = 2; // sharp in a report
    if (!d->plot->savePng(path, 0, 0, kScale))
        return failed("cannot be written as a picture (.png, .svg or .csv)");
    return {};
}

void CurvePlot::askSave()
{
    auto *dialog =
        new QFileDialog(this, tr("Save the plot"), {}, tr("Picture (*.png);;Drawing (*.svg);;Values (*.csv)"));
    dialog->setObjectName(objectName() + QStringLiteral("-save-dialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("png"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString &filter) {
        dialog->setDefaultSuffix(filter.section(QLatin1String("*."), 1).chopped(1));
    });
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &path) {
        if (const auto saved = save(path); !saved)
            QToolTip::showText(mapToGlobal(QPoint(16, 16)), QString::fromStdString(saved.error().message), this);
    });
    dialog->open();
}

} // namespace masque
