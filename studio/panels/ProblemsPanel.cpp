// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/ProblemsPanel.h"

#include "studio/panels/list_view.h"

#include <QHeaderView>
#include <QLabel>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

namespace {

constexpr std::size_t kListed = 2000; ///< more is no list that anybody reads
constexpr int kItemRole = Qt::UserRole;

} // namespace

ProblemsPanel::ProblemsPanel(Document &document, QWidget *parent)
    : QWidget(parent), m_document(document), m_list(new QTreeWidget(this)), m_text(new QLabel(this))
{
    setObjectName(QStringLiteral("problems"));
    m_list->setObjectName(QStringLiteral("problems-list"));
    m_list->setAccessibleName(tr("Problems with files"));
    m_list->setHeaderLabels({tr("File"), tr("Problem")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setTextElideMode(Qt::ElideRight);
    m_list->header()->setStretchLastSection(true);
    styleRows(m_list);
    m_text->setObjectName(QStringLiteral("problems-text"));
    m_text->setProperty("role", QStringLiteral("muted"));
    m_text->setWordWrap(true);
    m_text->setContentsMargins(8, 8, 8, 8);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_text);
    layout->addWidget(m_list, 1);
    connect(m_list, &QTreeWidget::itemActivated, this, [this](QTreeWidgetItem *row) {
        if (const QVariant item = row->data(0, kItemRole); item.isValid())
            m_document.setCurrentIndex(item.toInt());
    });
    connect(m_list, &QTreeWidget::itemClicked, m_list, &QTreeWidget::itemActivated);
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::DatasetOpened || event.kind == ChangeEvent::ItemsIndexed)
            list();
    });
    list();
}

/// The image that a problem's file is of: the image itself, what annotates it, or one of a file of many.
std::optional<int> ProblemsPanel::itemOf(const std::string &file) const
{
    const auto &items = m_document.dataset()->items;
    const auto found = std::ranges::find_if(items, [&](const Item &item) {
        return file == item.image || file == item.json || file == item.mask
               || (!item.foreign.empty() && file == item.foreign);
    });
    return found == items.end() ? std::nullopt : std::optional(static_cast<int>(found - items.begin()));
}

void ProblemsPanel::list()
{
    const auto dataset = m_document.dataset();
    std::vector<std::pair<std::string, std::string>> problems;
    if (dataset)
        for (const Problem &problem : dataset->problems)
            problems.emplace_back(problem.file, problem.message);
    if (problems == m_shown)
        return;
    m_shown = std::move(problems);
    m_list->clear();
    for (std::size_t i = 0; i < std::min(m_shown.size(), kListed); ++i) {
        const auto &[file, message] = m_shown[i];
        auto *row = new QTreeWidgetItem(m_list, {QString::fromStdString(file), QString::fromStdString(message)});
        row->setToolTip(0, row->text(0));
        row->setToolTip(1, row->text(1));
        if (const auto item = itemOf(file))
            row->setData(0, kItemRole, *item);
    }
    m_list->resizeColumnToContents(0);
    m_list->setColumnWidth(0, std::min(m_list->columnWidth(0), width() / 2));
    m_text->setText(m_shown.empty()            ? tr("Every file of this dataset can be read.")
                    : m_shown.size() > kListed ? tr("The first %1 of %2:").arg(kListed).arg(m_shown.size())
                                               : QString());
    m_text->setVisible(!m_text->text().isEmpty());
    m_list->setVisible(!m_shown.empty());
    Q_EMIT countChanged(static_cast<int>(m_shown.size()));
}

} // namespace masque
