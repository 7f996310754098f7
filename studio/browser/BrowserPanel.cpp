// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/browser/BrowserPanel.h"

#include "studio/browser/ItemDelegate.h"
#include "studio/browser/ItemsModel.h"
#include "studio/theme/Theme.h"

#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QLocale>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

BrowserPanel::BrowserPanel(Document &document, JobRunner &jobs, QWidget *parent)
    : QWidget(parent), m_document(document), m_model(new ItemsModel(document, jobs, this)),
      m_search(new QLineEdit(this)), m_count(new QLabel(this)), m_list(new QListView(this)),
      m_pages(new QStackedWidget(this))
{
    setObjectName(QStringLiteral("browser"));
    m_search->setObjectName(QStringLiteral("browser-search"));
    m_search->setAccessibleName(tr("Search images"));
    m_search->setPlaceholderText(tr("Search"));
    m_search->setToolTip(tr("Part of a name, or label:car, split:val, status:new"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(Theme::instance().icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_count->setObjectName(QStringLiteral("browser-count"));
    m_count->setProperty("role", QStringLiteral("muted"));

    m_list->setObjectName(QStringLiteral("browser-list"));
    m_list->setAccessibleName(tr("Images"));
    m_list->setModel(m_model);
    m_list->setItemDelegate(new ItemDelegate(m_list));
    m_list->setUniformItemSizes(true);
    m_list->setMouseTracking(true);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_pages->addWidget(m_list);
    m_pages->addWidget(makeEmptyPage());

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 8, 0, 0);
    layout->setSpacing(8);
    auto *top = new QVBoxLayout;
    top->setContentsMargins(8, 0, 8, 0);
    top->setSpacing(4);
    top->addWidget(m_search);
    top->addWidget(m_count);
    layout->addLayout(top);
    layout->addWidget(m_pages);

    connect(m_search, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_model->setFilter(text);
        showCount();
        showCurrent();
    });
    connect(m_search, &QLineEdit::returnPressed, this, [this] {
        if (m_model->rowCount() > 0 && !m_list->currentIndex().isValid())
            m_document.setCurrentIndex(m_model->itemOf(0));
        m_list->setFocus();
    });
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &now) {
        if (now.isValid())
            m_document.setCurrentIndex(m_model->itemOf(now.row()));
    });
    connect(&document, &Document::changed, this, &BrowserPanel::takeChange);
    showCount();
}

QWidget *BrowserPanel::makeEmptyPage()
{
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    m_emptyText = new QLabel(page);
    m_emptyText->setObjectName(QStringLiteral("browser-empty"));
    m_emptyText->setWordWrap(true);
    m_emptyText->setAlignment(Qt::AlignCenter);
    m_emptyText->setProperty("role", QStringLiteral("muted"));
    auto *open = new QPushButton(Theme::instance().icon(QStringLiteral("folder")), tr("Open folder"), page);
    open->setObjectName(QStringLiteral("browser-open-folder"));
    auto *sample = new QPushButton(tr("Open the sample"), page);
    sample->setObjectName(QStringLiteral("browser-open-sample"));
    layout->addStretch();
    for (QWidget *widget : std::initializer_list<QWidget *>{m_emptyText, open, sample})
        layout->addWidget(widget);
    layout->addStretch();
    connect(open, &QPushButton::clicked, this, &BrowserPanel::openFolderRequested);
    connect(sample, &QPushButton::clicked, this, &BrowserPanel::openSampleRequested);
    return page;
}

void BrowserPanel::takeChange(const ChangeEvent &event)
{
    switch (event.kind) {
    case ChangeEvent::DatasetOpened:
        showCount();
        showCurrent();
        break;
    case ChangeEvent::CurrentItem:
    case ChangeEvent::ItemsIndexed:
        showCount();
        showCurrent();
        break;
    case ChangeEvent::SaveStateChanged:
        if (!m_document.dataset())
            showCount();
        break;
    default: break;
    }
}

void BrowserPanel::showCurrent()
{
    const auto row = m_document.currentIndex() < 0 ? std::nullopt : m_model->rowOf(m_document.currentIndex());
    const QModelIndex index = row ? m_model->index(*row) : QModelIndex();
    if (index == m_list->currentIndex())
        return;
    const QSignalBlocker block(m_list->selectionModel());
    m_list->setCurrentIndex(index);
    m_list->viewport()->update();
    if (index.isValid())
        m_list->scrollTo(index);
}

void BrowserPanel::showCount()
{
    const QLocale locale;
    const int shown = m_model->rowCount(), all = m_model->itemCount();
    m_count->setText(shown == all ? tr("%1 images").arg(locale.toString(all))
                                  : tr("%1 of %2").arg(locale.toString(shown), locale.toString(all)));
    m_count->setVisible(all > 0);
    m_search->setEnabled(all > 0);
    m_pages->setCurrentIndex(all > 0 ? 0 : 1);
    m_emptyText->setText(m_document.isOpening() ? tr("Opening…")
                         : m_document.dataset() ? tr("There are no images in this folder.\nDrop another one here.")
                                                : tr("Drop a folder here, or open the sample."));
}

void BrowserPanel::step(int rows)
{
    if (m_model->rowCount() == 0)
        return;
    const auto row = m_model->rowOf(m_document.currentIndex());
    // With the current image filtered away, the way on begins at the nearest end of what is left.
    int wanted = rows > 0 ? 0 : m_model->rowCount() - 1;
    if (row) {
        wanted = std::clamp(*row + rows, 0, m_model->rowCount() - 1);
    } else {
        for (int i = 0; i < m_model->rowCount(); ++i) {
            if (rows > 0 ? m_model->itemOf(i) > m_document.currentIndex()
                         : m_model->itemOf(i) < m_document.currentIndex())
                wanted = i;
            if (rows > 0 && m_model->itemOf(i) > m_document.currentIndex())
                break;
        }
    }
    m_document.setCurrentIndex(m_model->itemOf(wanted));
}

void BrowserPanel::focusSearch()
{
    m_search->setFocus();
    m_search->selectAll();
}

} // namespace masque
