// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/training/runs/RunsCompareDialog.h"

#include "core/base/text.h"
#include "core/runs/index/run_table.h"
#include "studio/theme/Theme.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace masque {

namespace {

enum class Better { Higher, Lower, Neither };

struct Figure {
    QString title;
    std::vector<double> values; ///< NaN: none
    Better better = Better::Higher;
    int digits = 4;
};

std::vector<Figure> figuresOf(const std::vector<RunInfo> &runs)
{
    using Dialog = RunsCompareDialog;
    struct Row {
        QString title;
        double MetricValues::*value;
        Better better;
    };
    const Row rows[] = {
        {Dialog::tr("Mean IoU"), &MetricValues::meanIou, Better::Higher},
        {Dialog::tr("Mean Dice"), &MetricValues::meanDice, Better::Higher},
        {Dialog::tr("Foreground IoU"), &MetricValues::foregroundIou, Better::Higher},
        {Dialog::tr("Foreground Dice"), &MetricValues::foregroundDice, Better::Higher},
        {Dialog::tr("Pixel accuracy"), &MetricValues::pixelAccuracy, Better::Higher},
        {Dialog::tr("Loss"), &MetricValues::loss, Better::Lower},
    };
    std::vector<Figure> out;
    for (const Row &row : rows) {
        Figure figure{row.title, {}, row.better};
        for (const auto &run : runs)
            figure.values.push_back(run.bestEpoch > 0 ? run.figures.*row.value : std::nan(""));
        out.push_back(std::move(figure));
    }
    Figure best{Dialog::tr("Best epoch"), {}, Better::Neither, 0}, done{Dialog::tr("Epochs"), {}, Better::Neither, 0};
    for (const auto &run : runs) {
        best.values.push_back(run.bestEpoch > 0 ? run.bestEpoch : std::nan(""));
        done.values.push_back(run.epochsDone);
    }
    out.push_back(std::move(best));
    out.push_back(std::move(done));
    return out;
}

} // namespace

RunsCompareDialog::RunsCompareDialog(const std::vector<RunInfo> &runs, QWidget *parent) : QDialog(parent)
{
    setObjectName(QStringLiteral("runs-comparison"));
    setWindowTitle(tr("Runs side by side"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(std::min(1200, 240 + 160 * static_cast<int>(runs.size())), 560);
    auto *table = new QTableWidget(0, static_cast<int>(runs.size()) + 1);
    table->setObjectName(QStringLiteral("runs-comparison-table"));
    table->setAccessibleName(tr("Figures and differing options of the runs"));
    QStringList heading{QString()};
    for (const auto &run : runs)
        heading.append(QString::fromStdString(run.name));
    table->setHorizontalHeaderLabels(heading);
    table->verticalHeader()->hide();
    table->setShowGrid(false);
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setSelectionMode(QAbstractItemView::ContiguousSelection);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignRight | Qt::AlignVCenter);
    const auto addRow = [&](const QString &title, const QStringList &texts, int marked) {
        const int row = table->rowCount();
        table->insertRow(row);
        table->setItem(row, 0, new QTableWidgetItem(title));
        for (int i = 0; i < texts.size(); ++i) {
            auto *item = new QTableWidgetItem(texts[i]);
            item->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
            if (i == marked) {
                auto font = item->font();
                font.setBold(true);
                item->setFont(font);
                item->setForeground(Theme::instance().accent());
                item->setToolTip(tr("The best of these runs"));
            }
            table->setItem(row, i + 1, item);
        }
    };
    const auto addHeading = [&](const QString &title) {
        addRow(title, {}, -1);
        auto *item = table->item(table->rowCount() - 1, 0);
        auto font = item->font();
        font.setBold(true);
        item->setFont(font);
        table->setSpan(table->rowCount() - 1, 0, 1, table->columnCount());
    };
    addHeading(tr("Figures of the best epoch, on the validation split"));
    for (const auto &figure : figuresOf(runs)) {
        QStringList texts;
        int best = -1;
        for (std::size_t i = 0; i < figure.values.size(); ++i) {
            const double value = figure.values[i];
            texts.append(std::isnan(value) ? QString() : QString::number(value, 'f', figure.digits));
            if (std::isnan(value) || figure.better == Better::Neither)
                continue;
            const double lead = best < 0 ? 0 : value - figure.values[static_cast<std::size_t>(best)];
            if (best < 0 || (figure.better == Better::Higher ? lead > 0 : lead < 0))
                best = static_cast<int>(i);
        }
        addRow(figure.title, texts, best);
    }
    QStringList times;
    for (const auto &run : runs)
        times.append(run.seconds > 0 ? QString::fromStdString(formatDuration(run.seconds)) : QString());
    addRow(tr("Time"), times, -1);
    const auto options = differingOptions(runs);
    addHeading(options.empty() ? tr("All options are the same") : tr("Options that differ"));
    for (const auto &row : options) {
        QStringList texts;
        for (const auto &value : row.values)
            texts.append(QString::fromStdString(value));
        addRow(QString::fromStdString(row.key), texts, -1);
    }
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::close);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addWidget(table, 1);
    layout->addWidget(buttons);
}

} // namespace masque
