// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/app/StatisticsDialog.h"

#include "core/base/files.h"
#include "studio/theme/Theme.h"
#include "studio/theme/screen_fit.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QPointer>
#include <QProgressBar>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

namespace {

constexpr QSize kSize{760, 640};
constexpr int kSteps = 1000;
constexpr int kSwatchPx = 12;
constexpr int kBarRole = Qt::UserRole; ///< 0..1, how long the bar of a cell is
constexpr int kBarPx = 96, kGapPx = 8, kColumnPx = 88;

/// A number with a bar behind it, so that a column is read at a glance.
class BarDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        auto text = option;
        text.rect.setRight(option.rect.right() - kBarPx - kGapPx);
        QStyledItemDelegate::paint(painter, text, index);
        const QRect whole(option.rect.right() - kBarPx, option.rect.center().y() - 4, kBarPx - 4, 8);
        painter->fillRect(whole, Theme::instance().border());
        QRect bar = whole;
        bar.setWidth(qRound(std::clamp(index.data(kBarRole).toDouble(), 0.0, 1.0) * whole.width()));
        painter->fillRect(bar, Theme::instance().series(0));
    }
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override
    {
        return QStyledItemDelegate::sizeHint(option, index) + QSize(kBarPx + kGapPx, 4);
    }
};

QTreeWidget *makeTable(QWidget *parent, const char *name, const QString &title, const QStringList &columns)
{
    auto *table = new QTreeWidget(parent);
    table->setObjectName(QLatin1String(name));
    table->setAccessibleName(title);
    table->setRootIsDecorated(false);
    table->setUniformRowHeights(true);
    table->setSelectionMode(QAbstractItemView::NoSelection);
    table->setHeaderLabels(columns);
    table->header()->setStretchLastSection(false);
    table->header()->setMinimumSectionSize(kColumnPx);
    table->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    table->setItemDelegateForColumn(static_cast<int>(columns.size()) - 1, new BarDelegate(table));
    for (int column = 1; column < columns.size(); ++column)
        table->headerItem()->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    return table;
}

QTreeWidgetItem *addRow(QTreeWidget &table, const QStringList &texts, double bar)
{
    auto *row = new QTreeWidgetItem(&table, texts);
    for (int column = 1; column < texts.size(); ++column)
        row->setTextAlignment(column, Qt::AlignRight | Qt::AlignVCenter);
    row->setData(static_cast<int>(texts.size()) - 1, kBarRole, bar);
    return row;
}

QIcon swatch(const QColor &color)
{
    QPixmap pixmap(kSwatchPx, kSwatchPx);
    pixmap.fill(color);
    return pixmap;
}

} // namespace

StatisticsDialog::StatisticsDialog(Document &document, JobRunner &jobs, QWidget *parent)
    : QDialog(parent), m_document(document), m_jobs(jobs), m_split(new QComboBox(this)), m_summary(new QLabel(this)),
      m_progress(new QProgressBar(this))
{
    setObjectName(QStringLiteral("statistics-dialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Dataset Statistics"));
    m_split->setObjectName(QStringLiteral("statistics-split"));
    m_split->setAccessibleName(tr("Images"));
    m_split->addItem(tr("All images"));
    const auto counts = document.dataset()->splitCounts();
    for (const auto &[split, title] :
         {std::pair(Split::Train, tr("Training images")), std::pair(Split::Val, tr("Validation images")),
          std::pair(Split::Test, tr("Test images"))})
        if (counts[static_cast<std::size_t>(split)] > 0)
            m_split->addItem(title, static_cast<int>(split));
    m_summary->setObjectName(QStringLiteral("statistics-summary"));
    m_summary->setWordWrap(true);
    m_progress->setObjectName(QStringLiteral("statistics-progress"));
    m_progress->setRange(0, kSteps);
    m_progress->setTextVisible(false);
    m_classes = makeTable(this, "statistics-classes", tr("Classes"),
                          {tr("Class"), tr("Images"), tr("Shapes"), tr("Pixels"), tr("Share")});
    m_sizes = makeTable(this, "statistics-sizes", tr("Image sizes"), {tr("Image size"), tr("Images")});
    m_shapes = makeTable(this, "statistics-shapes", tr("Shapes in an image"), {tr("Shapes in an image"), tr("Images")});
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_save = buttons->addButton(tr("&Save as CSV..."), QDialogButtonBox::ActionRole);
    m_save->setObjectName(QStringLiteral("statistics-save"));
    m_save->setAutoDefault(false);
    connect(m_save, &QPushButton::clicked, this, &StatisticsDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_split, &QComboBox::currentIndexChanged, this, &StatisticsDialog::count);
    connect(&jobs, &JobRunner::progressed, this, [this](JobId id, double fraction) {
        if (id == m_job)
            m_progress->setValue(qRound(fraction * kSteps));
    });
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened)
            close();
    });
    auto *top = new QHBoxLayout;
    top->addWidget(m_split);
    top->addWidget(m_summary, 1);
    auto *below = new QHBoxLayout;
    below->setSpacing(8);
    below->addWidget(m_sizes);
    below->addWidget(m_shapes);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->addLayout(top);
    layout->addWidget(m_classes, 3);
    layout->addLayout(below, 2);
    layout->addWidget(m_progress);
    layout->addWidget(buttons);
    resizeWithinScreen(*this, kSize);
    count();
}

StatisticsDialog::~StatisticsDialog()
{
    m_jobs.cancel(m_job);
}

void StatisticsDialog::count()
{
    m_jobs.cancel(m_job);
    m_save->setEnabled(false);
    m_progress->show();
    m_progress->setValue(0);
    m_summary->setText(tr("Counting..."));
    const auto chosen = m_split->currentData();
    const auto split = chosen.isValid() ? std::optional(static_cast<Split>(chosen.toInt())) : std::nullopt;
    const auto counted = std::make_shared<DatasetStatistics>();
    const auto id = std::make_shared<JobId>(0);
    m_job = *id = m_jobs.start(makeJob(
        tr("Counting classes"),
        [counted, split, dataset = m_document.dataset(),
         summaries = m_document.summaries()](JobControl &control) -> Result<void> {
            *counted = datasetStatistics(
                {*dataset, summaries}, split, control.stopToken(), [&](std::size_t done, std::size_t all) {
                    control.report(static_cast<double>(done) / static_cast<double>(std::max<std::size_t>(1, all)));
                });
            return {};
        },
        [self = QPointer(this), counted, id](const Result<void> &result, bool canceled) {
            if (!self || canceled || (*id != 0 && self->m_job != *id))
                return;
            self->m_progress->hide();
            if (!result) {
                self->m_summary->setText(QString::fromStdString(result.error().message));
                return;
            }
            self->m_statistics = counted;
            self->fill();
        }));
}

void StatisticsDialog::fill()
{
    const auto &statistics = *m_statistics;
    const auto &figures = statistics.figures;
    const QLocale locale;
    const auto number = [&](auto value) { return locale.toString(static_cast<qlonglong>(value)); };
    m_summary->setText(tr("Images: %1, labelled: %2, shapes: %3, problems: %4")
                           .arg(number(figures.images), number(figures.annotated), number(figures.shapes),
                                number(figures.problems.size())));
    for (auto *table : {m_classes, m_sizes, m_shapes})
        table->clear();
    const bool isOfPixels = statistics.pixels > 0;
    const auto addClass = [&](const ClassFigures &one, const QString &title) {
        const double share = isOfPixels ? statistics.share(one.pixels)
                                        : one.images / static_cast<double>(std::max(1, figures.annotated));
        return addRow(*m_classes,
                      {title, number(one.images), number(one.shapes), isOfPixels ? number(one.pixels) : QString(),
                       locale.toString(100 * share, 'f', 2) + QStringLiteral(" %")},
                      share);
    };
    const auto &labels = m_document.dataset()->labels;
    for (const auto &one : figures.classes) {
        auto *row = addClass(one, QString::fromStdString(one.name));
        const auto id = labels.idOf(one.name);
        if (const Color color = id ? labels[*id].color : Color(); id)
            row->setIcon(0, swatch(QColor(color[0], color[1], color[2])));
    }
    if (isOfPixels && statistics.ignoredPixels() > 0) {
        auto *row = addClass({.name = {}, .pixels = statistics.ignoredPixels()}, tr("Ignored"));
        row->setIcon(0, swatch(Qt::transparent));
        row->setToolTip(0, tr("Pixels that no class is given"));
        for (const int column : {1, 2})
            row->setText(column, {});
    }
    const auto bar = [](int images, int most) { return images / static_cast<double>(std::max(1, most)); };
    for (const auto &[size, images] : statistics.sizes)
        addRow(*m_sizes, {QStringLiteral("%1 x %2").arg(size.width).arg(size.height), number(images)},
               bar(images, statistics.sizes.front().second));
    int most = 0;
    for (const auto &[shapes, images] : statistics.shapesAnImage)
        most = std::max(most, images);
    for (const auto &[shapes, images] : statistics.shapesAnImage)
        addRow(*m_shapes, {number(shapes), number(images)}, bar(images, most));
    m_save->setEnabled(true);
}

void StatisticsDialog::save()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save Statistics"), QStringLiteral("statistics.csv"),
                                                      tr("CSV tables (*.csv)"));
    if (path.isEmpty())
        return;
    const auto written = writeFileAtomically(path.toStdString(), m_statistics->toCsv());
    m_summary->setText(written ? tr("Saved as %1").arg(path) : QString::fromStdString(written.error().message));
}

} // namespace masque
