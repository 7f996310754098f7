// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/browser/BrowserPanel.h"

#include "studio/browser/ItemDelegate.h"
#include "studio/browser/ItemsModel.h"
#include "studio/browser/SearchField.h"
#include "studio/browser/SearchHelp.h"
#include "studio/theme/Theme.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QLocale>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace masque {

BrowserPanel::BrowserPanel(Document &document, JobRunner &jobs, QWidget *parent)
    : QWidget(parent), m_document(document), m_model(new ItemsModel(document, jobs, this)),
      m_search(new SearchField([this](const QString &token) { return suggest(token); }, this)),
      m_error(new QLabel(this)), m_count(new QLabel(this)), m_position(new QLabel(this)), m_list(new QListView(this)),
      m_pages(new QStackedWidget(this))
{
    setObjectName(QStringLiteral("browser"));
    m_search->setObjectName(QStringLiteral("browser-search"));
    m_search->setAccessibleName(tr("Search images"));
    m_search->setPlaceholderText(tr("Name, label:car, status:new"));
    m_search->setToolTip(tr("Parts of a name, label:, split:, status:, shapes:, flag:, checked:; a minus turns a word "
                            "round"));
    m_search->setClearButtonEnabled(true);
    m_search->addAction(Theme::instance().icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_count->setObjectName(QStringLiteral("browser-count"));
    m_count->setProperty("role", QStringLiteral("muted"));
    m_position->setObjectName(QStringLiteral("browser-position"));
    m_position->setAccessibleName(tr("Place of the image"));
    m_position->setProperty("role", QStringLiteral("muted"));
    m_error->setObjectName(QStringLiteral("browser-search-error"));
    m_error->setAccessibleName(tr("What is wrong with the search"));
    m_error->setProperty("role", QStringLiteral("error"));
    m_error->setTextFormat(Qt::PlainText);
    m_error->setWordWrap(true);
    m_error->hide();
    auto *help = new QToolButton(this);
    help->setText(QStringLiteral("?"));
    help->setObjectName(QStringLiteral("browser-search-help"));
    help->setAccessibleName(tr("Help on searching"));
    help->setToolTip(tr("What can be searched for"));
    connect(help, &QToolButton::clicked, this, [this, help] {
        auto *popup = new SearchHelp(this);
        connect(popup, &SearchHelp::exampleChosen, this, [this](const QString &example) {
            m_search->setText((m_search->text().trimmed() + QLatin1Char(' ') + example).trimmed());
            m_search->setFocus();
        });
        popup->showBelow(*help);
    });

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
    auto *line = new QHBoxLayout;
    line->setSpacing(4);
    line->addWidget(m_search);
    line->addWidget(help);
    top->addLayout(line);
    top->addWidget(m_error);
    auto *figures = new QHBoxLayout;
    figures->addWidget(m_count);
    figures->addStretch();
    figures->addWidget(m_position);
    top->addLayout(figures);
    layout->addLayout(top);
    layout->addWidget(m_pages);

    connect(m_search, &SearchField::searchChanged, this, &BrowserPanel::takeSearch);
    connect(m_search, &QLineEdit::returnPressed, this, [this] {
        if (m_model->rowCount() > 0 && !m_list->currentIndex().isValid())
            m_document.setCurrentIndex(m_model->itemOf(0));
        m_list->setFocus();
    });
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &now) {
        if (now.isValid() && !m_model->isChanging())
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

void BrowserPanel::takeSearch(const QString &text)
{
    m_model->setFilter(text);
    m_error->setText(m_model->filter().error);
    m_error->setVisible(!m_error->text().isEmpty());
    showCount();
    showCurrent();
}

QStringList BrowserPanel::suggest(const QString &token) const
{
    QStringList labels, flags;
    const LabelSet &known = m_document.labels();
    for (int id = known.hasBackground() ? 1 : 0; id < known.size(); ++id)
        labels << QString::fromStdString(known[id].name);
    if (token.contains(QLatin1String("flag:"))) {
        std::set<std::string> names;
        for (const ItemSummary &summary : m_document.summaries())
            names.insert(summary.flags.begin(), summary.flags.end());
        for (const std::string &name : names)
            flags << QString::fromStdString(name);
    }
    return ItemFilter::suggestions(token, labels, flags);
}

void BrowserPanel::showPosition()
{
    const QLocale locale;
    const int current = m_document.currentIndex();
    const auto row = current < 0 ? std::nullopt : m_model->rowOf(current);
    // What the filter does not show keeps its place in the dataset.
    const QString text = current < 0 ? QString()
                         : row
                             ? tr("%1 / %2").arg(locale.toString(*row + 1), locale.toString(m_model->rowCount()))
                             : tr("(%1 / %2)").arg(locale.toString(current + 1), locale.toString(m_model->itemCount()));
    m_position->setText(text);
    Q_EMIT positionText(text);
}

void BrowserPanel::showCurrent()
{
    showPosition();
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

void BrowserPanel::stepToEnd(int direction)
{
    m_search->flush();
    if (m_model->rowCount() > 0)
        m_document.setCurrentIndex(m_model->itemOf(direction < 0 ? 0 : m_model->rowCount() - 1));
}

bool BrowserPanel::stepToStatus(int direction, ItemStatus status)
{
    m_search->flush();
    const int count = m_model->rowCount(), all = m_model->itemCount();
    if (count == 0)
        return false;
    for (int k = 1; k < all; ++k) {
        const int item = ((m_document.currentIndex() + direction * k) % all + all) % all;
        if (m_model->rowOf(item) && m_document.summaries()[static_cast<std::size_t>(item)].status == status) {
            m_document.setCurrentIndex(item);
            return true;
        }
    }
    return false;
}

void BrowserPanel::step(int rows)
{
    m_search->flush();
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
