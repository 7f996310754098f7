// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/ModelDialog.h"

#include "studio/theme/screen_fit.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>

namespace masque {

ModelDialog::ModelDialog(NetworkSpec spec, Size size, const ModelList &models, JobRunner &jobs, QWidget *parent)
    : TrialDialog(jobs, QStringLiteral("model"),
                  tr("%1 at %2 x %3").arg(QString::fromStdString(spec.model)).arg(size.width).arg(size.height),
                  tr("Building the network..."), parent)
{
    resizeWithinScreen(*this, {820, 640});
    m_layers = new QTableWidget(0, 4);
    m_layers->setObjectName(QStringLiteral("model-layers"));
    m_layers->setAccessibleName(tr("Layers"));
    m_layers->setHorizontalHeaderLabels({tr("Layer"), tr("Kind"), tr("Output"), tr("Parameters")});
    for (const int column : {0, 1})
        m_layers->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    for (const int column : {2, 3})
        m_layers->horizontalHeaderItem(column)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_layers->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_layers->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_layers->verticalHeader()->hide();
    m_layers->setShowGrid(false);
    m_layers->setTabKeyNavigation(false);
    m_layers->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_layers->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_layers->setSelectionMode(QAbstractItemView::SingleSelection);
    m_layout->addWidget(m_layers, 1);
    m_layout->addWidget(m_buttons);
    start<NetworkSummary>([spec = std::move(spec), size,
                           models](JobControl &) { return summarise(models, spec, size.height, size.width); },
                          [this](const NetworkSummary &summary) { showSummary(summary); });
}

void ModelDialog::showSummary(const NetworkSummary &summary)
{
    say(tr("%1 parameters. The outputs of all layers take %2 an image, which training keeps for the gradients.")
            .arg(locale().toString(qlonglong(summary.parameters)),
                 locale().formattedDataSize(summary.activationBytes)));
    m_layers->setRowCount(static_cast<int>(summary.layers.size()));
    for (int row = 0; row < m_layers->rowCount(); ++row) {
        const auto &layer = summary.layers[static_cast<std::size_t>(row)];
        const auto &output = layer.output;
        const QString texts[] = {QString::fromStdString(layer.name), QString::fromStdString(layer.kind),
                                 tr("%1 x %2 x %3").arg(output.channels).arg(output.height).arg(output.width),
                                 layer.parameters > 0 ? locale().toString(qlonglong(layer.parameters)) : QString()};
        for (int column = 0; column < 4; ++column) {
            auto *item = new QTableWidgetItem(texts[column]);
            item->setTextAlignment((column < 2 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
            m_layers->setItem(row, column, item);
        }
    }
    m_layers->setCurrentCell(0, 0);
    m_layers->setFocus();
}

} // namespace masque
