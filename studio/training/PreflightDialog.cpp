// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/PreflightDialog.h"

#include "core/base/text.h"
#include "studio/theme/Theme.h"
#include "studio/theme/screen_fit.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QTableWidget>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace masque {

namespace {

constexpr double kTrialSeconds = 10;

QLabel *titled(const QString &text)
{
    auto *label = new QLabel(text);
    label->setProperty("role", "title");
    return label;
}

} // namespace

PreflightDialog::PreflightDialog(RunRequest request, const ModelList &models, JobRunner &jobs, QWidget *parent)
    : TrialDialog(jobs, QStringLiteral("preflight"), tr("Check before training"),
                  tr("Reading every image once, then training on one batch..."), parent)
{
    resizeWithinScreen(*this, {720, 640});
    m_findings = new QTreeWidget;
    m_findings->setObjectName(QStringLiteral("preflight-findings"));
    m_findings->setAccessibleName(tr("Findings"));
    m_findings->setHeaderHidden(true);
    m_findings->setWordWrap(true);
    m_findings->setRootIsDecorated(false);
    m_findings->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_findings->setSelectionMode(QAbstractItemView::NoSelection);
    m_classes = new QTableWidget(0, 3);
    m_classes->setObjectName(QStringLiteral("preflight-classes"));
    m_classes->setAccessibleName(tr("Share of each class"));
    m_classes->setHorizontalHeaderLabels({tr("Class"), tr("Training pixels"), tr("Validation pixels")});
    m_classes->horizontalHeaderItem(0)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_classes->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_classes->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_classes->verticalHeader()->hide();
    m_classes->setShowGrid(false);
    m_classes->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_classes->setSelectionMode(QAbstractItemView::NoSelection);
    m_start = addUse(tr("Start Training"), QStringLiteral("preflight-start"));
    m_layout->addSpacing(8);
    m_layout->addWidget(titled(tr("Findings")));
    m_layout->addWidget(m_findings, 3);
    m_layout->addSpacing(8);
    m_layout->addWidget(titled(tr("Classes")));
    m_layout->addWidget(m_classes, 2);
    m_layout->addWidget(m_buttons);
    connect(m_start, &QPushButton::clicked, this, [this] {
        Q_EMIT startClicked();
        close();
    });
    start<PreflightReport>(
        [request = std::move(request), models](JobControl &control) {
            return preflight(request, models, kTrialSeconds, control.stopToken(),
                             [&](double fraction, const std::string &) { control.report(fraction); });
        },
        [this](const PreflightReport &report) { showReport(report); });
}

void PreflightDialog::showReport(const PreflightReport &report)
{
    m_start->setEnabled(true);
    QStringList parts = {
        tr("%1 training, %2 validation and %3 test images.").arg(report.train).arg(report.val).arg(report.test)};
    if (report.probe.steps > 1)
        parts.append(tr("A step takes %1 s, the whole training about %2.")
                         .arg(report.probe.secondsPerStep, 0, 'f', 2)
                         .arg(QString::fromStdString(formatDuration(report.seconds))));
    if (report.memoryBytes >= 0 && report.availableBytes >= 0)
        parts.append(tr("It needs about %1 of memory, %2 are free.")
                         .arg(locale().formattedDataSize(report.memoryBytes),
                              locale().formattedDataSize(report.availableBytes)));
    say(parts.join(QLatin1Char(' ')));
    showFindings(report);
    showClasses(report);
}

void PreflightDialog::showFindings(const PreflightReport &report)
{
    using Severity = PreflightFinding::Severity;
    for (const auto &finding : report.findings) {
        const char *icon = finding.severity == Severity::Problem   ? "error"
                           : finding.severity == Severity::Warning ? "warning"
                                                                   : "check";
        QString text = QString::fromStdString(finding.message);
        text.replace(0, 1, text.at(0).toUpper());
        auto *item = new QTreeWidgetItem(m_findings, {text});
        item->setIcon(0, Theme::instance().icon(QString::fromLatin1(icon)));
        for (const auto &image : finding.images)
            new QTreeWidgetItem(item, {QString::fromStdString(image)});
        item->setExpanded(finding.severity != Severity::Note);
    }
}

void PreflightDialog::showClasses(const PreflightReport &report)
{
    for (const auto &entry : report.classes) {
        const int row = m_classes->rowCount();
        m_classes->insertRow(row);
        m_classes->setItem(row, 0, new QTableWidgetItem(QString::fromStdString(entry.name)));
        for (const auto &[column, share] : {std::pair{1, entry.train}, {2, entry.val}}) {
            auto *item = new QTableWidgetItem(tr("%1 %").arg(100 * share, 0, 'f', 2));
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            m_classes->setItem(row, column, item);
        }
    }
}

} // namespace masque
