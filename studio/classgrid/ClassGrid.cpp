// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/classgrid/ClassGrid.h"

#include "studio/classgrid/ClassGridDelegate.h"
#include "studio/document/label_keys.h"
#include "studio/review/ClassifierChoice.h"
#include "studio/tools/swatch.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QSettings>
#include <QSignalBlocker>
#include <QSlider>
#include <QTimer>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace masque {

namespace {
constexpr int kSmallestSide = 48, kGreatestSide = 192, kUsualSide = 96;
constexpr int kRaterPx = 120, kVotesPx = 200;
constexpr auto kRaterKey = "classgrid/rater";
} // namespace

ClassGrid::ClassGrid(Document &document, const ModelList &models, JobRunner &jobs, QWidget *parent)
    : QWidget(parent), m_document(document), m_opinions(new ModelOpinions(document, models, jobs, this)),
      m_model(new ClassGridModel(document, *m_opinions, jobs, this)), m_delegate(new ClassGridDelegate(this)),
      m_edits(new ClassEdits(document, this)), m_view(new QListView(this)), m_classBar(new QToolBar(this)),
      m_show(new QComboBox(this)), m_runs(new ClassifierChoice(document, jobs, tr("Ask no model"), this)),
      m_rater(new QLineEdit(this)), m_votes(new QLineEdit(this)), m_count(new QLabel(this))
{
    setObjectName(QStringLiteral("class-grid"));
    m_view->setObjectName(QStringLiteral("class-grid-list"));
    m_view->setAccessibleName(tr("Images by class"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(m_delegate);
    m_view->setViewMode(QListView::IconMode);
    m_view->setMovement(QListView::Static);
    m_view->setResizeMode(QListView::Adjust);
    m_view->setLayoutMode(QListView::Batched);
    m_view->setBatchSize(500);
    m_view->setUniformItemSizes(true);
    m_view->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_view->setSelectionRectVisible(true);
    m_view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setMouseTracking(true);
    m_view->setSpacing(4);
    m_view->installEventFilter(this);
    makeBar();

    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &now) {
        if (now.isValid() && isVisible())
            m_document.setCurrentIndex(m_model->itemOf(now));
    });
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ClassGrid::showCounts);
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this, &ClassGrid::showVotes);
    connect(m_view, &QListView::activated, this, &ClassGrid::imageOpened);
    connect(m_model, &ClassGridModel::classesChanged, this, &ClassGrid::listClasses);
    connect(m_edits, &ClassEdits::failed, this, &ClassGrid::messageText);
    connect(m_opinions, &ModelOpinions::changed, this, [this] {
        m_delegate->setHasOpinions(!m_opinions->isEmpty());
        m_view->doItemsLayout();
    });
    connect(m_opinions, &ModelOpinions::ended, this, [this](const QString &error) {
        if (!error.isEmpty())
            Q_EMIT messageText(error);
    });
    auto *counting = new QTimer(this); // many images may change at once
    counting->setSingleShot(true);
    counting->setInterval(50);
    connect(counting, &QTimer::timeout, this, &ClassGrid::showCounts);
    connect(&document, &Document::changed, this, [this, counting](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::ItemsIndexed || event.kind == ChangeEvent::DatasetOpened)
            counting->start();
        if (event.kind == ChangeEvent::CurrentItem)
            showCurrent();
        if (event.kind == ChangeEvent::ImageLoaded || event.kind == ChangeEvent::AnnotationChanged)
            showVotes();
    });
    listClasses();
    setSide(kUsualSide);
}

void ClassGrid::makeBar()
{
    m_classBar->setObjectName(QStringLiteral("class-grid-classes")); // what does not fit is behind its arrow
    m_classBar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    if (auto *more = m_classBar->findChild<QToolButton *>(QStringLiteral("qt_toolbar_ext_button")))
        more->setAccessibleName(tr("More classes"));
    m_show->setObjectName(QStringLiteral("class-grid-show"));
    m_show->setAccessibleName(tr("Images that are shown"));
    m_runs->setObjectName(QStringLiteral("class-grid-run"));
    m_runs->setAccessibleName(tr("Run that is asked"));
    m_runs->setToolTip(tr("What a trained network says of each image, beside its class"));
    m_rater->setObjectName(QStringLiteral("class-grid-rater"));
    m_rater->setAccessibleName(tr("Rater"));
    m_rater->setPlaceholderText(tr("Rater"));
    m_rater->setToolTip(
        tr("With a name, digits give that rater's vote, and the class is what most raters say. Without, "
           "they set the class itself."));
    m_rater->setClearButtonEnabled(true);
    m_rater->setMaximumWidth(kRaterPx);
    m_rater->setText(QSettings().value(kRaterKey).toString());
    connect(m_rater, &QLineEdit::textChanged, this, [](const QString &name) { QSettings().setValue(kRaterKey, name); });
    connect(m_rater, &QLineEdit::returnPressed, m_view, qOverload<>(&QWidget::setFocus));
    m_votes->setObjectName(QStringLiteral("class-grid-votes"));
    m_votes->setAccessibleName(tr("Votes on the selected images"));
    m_votes->setToolTip(
        tr("What several raters say: \"happy 3, sad 2\", or by name: \"anna: happy, ben: sad\". The class "
           "is what most say; training by soft-ce learns the shares."));
    m_votes->setMaximumWidth(kVotesPx);
    connect(m_votes, &QLineEdit::editingFinished, this, &ClassGrid::takeVotes);
    connect(m_votes, &QLineEdit::returnPressed, m_view, qOverload<>(&QWidget::setFocus));
    m_count->setObjectName(QStringLiteral("class-grid-count"));
    m_count->setProperty("role", QStringLiteral("muted"));
    auto *size = new QSlider(Qt::Horizontal);
    size->setObjectName(QStringLiteral("class-grid-size"));
    size->setAccessibleName(tr("Size of the pictures"));
    size->setToolTip(size->accessibleName());
    size->setRange(kSmallestSide, kGreatestSide);
    size->setValue(kUsualSide);
    size->setFixedWidth(104);
    connect(size, &QSlider::valueChanged, this, &ClassGrid::setSide);
    connect(m_show, &QComboBox::currentIndexChanged, this, &ClassGrid::takeShown);
    connect(m_runs, &QComboBox::activated, this, [this] {
        m_opinions->ask(m_runs->run().toStdString());
        m_delegate->setHasOpinions(false);
        m_view->doItemsLayout();
    });

    auto *choices = new QHBoxLayout;
    choices->setContentsMargins(8, 8, 8, 0);
    choices->setSpacing(8);
    choices->addWidget(m_show);
    choices->addWidget(m_runs);
    choices->addWidget(m_rater);
    choices->addWidget(m_votes, 1);
    choices->addStretch();
    choices->addWidget(m_count);
    choices->addWidget(size);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(choices);
    layout->addWidget(m_classBar);
    layout->addWidget(m_view, 1);
}

void ClassGrid::listClasses()
{
    m_classBar->clear();
    const QSignalBlocker quiet(m_show);
    const QVariant shown = m_show->currentData();
    m_show->clear();
    const auto addShown = [this](const QString &text, ClassGridModel::Show show, const std::string &name = {}) {
        m_show->addItem(text, QVariantList{static_cast<int>(show), QString::fromStdString(name)});
    };
    addShown(tr("All images"), ClassGridModel::Show::All);
    addShown(tr("Without a class"), ClassGridModel::Show::Unlabelled);
    addShown(tr("Unsure"), ClassGridModel::Show::Unsure);
    addShown(tr("The model disagrees"), ClassGridModel::Show::Differing);
    addShown(tr("Raters disagree"), ClassGridModel::Show::Disputed);
    m_show->insertSeparator(m_show->count());
    const LabelSet &classes = m_model->classes();
    const auto keys = labelKeys(classes);
    const auto addClass = [this](const QString &text, const QIcon &icon, const char *objectName,
                                 const std::string &name, const QString &toolTip) {
        QAction *action = m_classBar->addAction(icon, text, this, [this, name] { setClass(name); });
        action->setObjectName(QLatin1String(objectName));
        action->setToolTip(toolTip);
        action->setData(QString::fromStdString(name));
        m_classBar->widgetForAction(action)->setObjectName(QLatin1String(objectName));
    };
    for (int id = 0; id < classes.size(); ++id) {
        const QString name = QString::fromStdString(classes[id].name);
        const auto key = keys[static_cast<std::size_t>(id)];
        addClass(key ? QStringLiteral("%1  %2").arg(*key).arg(name) : name, colorSwatch(toQColor(classes[id].color)),
                 "grid-class", classes[id].name, tr("Class of the selected images"));
        addShown(name, ClassGridModel::Show::OneClass, classes[id].name);
    }
    if (!classes.isEmpty())
        addClass(tr("0  unsure"), {}, "grid-unsure", std::string(kIgnoreName),
                 tr("Not such a thing, or unsure: training leaves the image out"));
    m_show->setCurrentIndex(shown.isValid() ? std::max(0, m_show->findData(shown)) : 0);
    takeShown();
    showCounts();
}

void ClassGrid::takeShown()
{
    const QVariantList chosen = m_show->currentData().toList();
    if (chosen.size() == 2)
        m_model->setShown(static_cast<ClassGridModel::Show>(chosen[0].toInt()), chosen[1].toString().toStdString());
    showCurrent();
}

void ClassGrid::setSide(int side)
{
    m_delegate->setSide(side);
    m_view->doItemsLayout();
}

void ClassGrid::showCounts()
{
    const auto dataset = m_document.dataset();
    if (!dataset) {
        m_count->clear();
        return;
    }
    const auto counts = m_model->counts();
    const int all = static_cast<int>(dataset->items.size());
    QString text = tr("%1 of %2 with a class").arg(all - counts.back()).arg(all);
    if (const auto selected = m_view->selectionModel()->selectedIndexes().size(); selected > 1)
        text += tr(", selected: %1").arg(selected);
    m_count->setText(text);
    const QList<QAction *> actions = m_classBar->actions();
    for (qsizetype i = 0; i < actions.size() && i + 1 < static_cast<qsizetype>(counts.size()); ++i) {
        const int count = counts[static_cast<std::size_t>(i)];
        actions[i]->setToolTip(tr("Class of the selected images; so far %n image(s)", nullptr, count));
    }
}

/// The document's image is the current one, without touching a selection of several that holds it.
void ClassGrid::showCurrent()
{
    const QModelIndex index =
        m_document.currentIndex() < 0 ? QModelIndex() : m_model->indexOf(m_document.currentIndex());
    if (index.isValid() && m_view->currentIndex() != index)
        select(index);
}

/// Those of the one image that is selected, by name once it is open.
void ClassGrid::showVotes()
{
    const auto items = selectedItems();
    m_votes->setEnabled(!items.empty());
    const bool isOpen = items.size() == 1 && items.front() == m_document.currentIndex() && m_document.isLoaded();
    m_votes->setPlaceholderText(items.size() > 1 ? tr("Votes of %1 images").arg(items.size()) : tr("Votes"));
    if (m_votes->hasFocus() && m_votes->isModified())
        return;
    Votes votes;
    if (isOpen)
        votes = m_document.annotation().votes;
    if (votes.empty() && items.size() == 1)
        for (const auto &[label, count] : m_model->votesOf(items.front()).counts)
            votes.push_back({.label = label, .count = count});
    m_votes->setText(QString::fromStdString(votesText(votes)));
    m_votes->setCursorPosition(0);
}

void ClassGrid::takeVotes()
{
    if (!m_votes->isModified())
        return;
    m_votes->setModified(false);
    m_edits->setVotes(selectedItems(), votesFromText(m_votes->text().toStdString()), m_model->classes());
}

void ClassGrid::select(const QModelIndex &index)
{
    m_view->selectionModel()->setCurrentIndex(index, QItemSelectionModel::ClearAndSelect);
    m_view->scrollTo(index);
}

std::vector<int> ClassGrid::selectedItems() const
{
    std::vector<int> items;
    for (const QModelIndex &index : m_view->selectionModel()->selectedIndexes())
        items.push_back(m_model->itemOf(index));
    std::ranges::sort(items);
    return items;
}

/// One image that got its class hands on to the next, so that a row of faces is a row of keys.
void ClassGrid::setClass(const std::string &name)
{
    const auto items = selectedItems();
    if (items.empty()) {
        Q_EMIT messageText(tr("Select images first"));
        return;
    }
    const QModelIndex current = m_view->currentIndex();
    const QPersistentModelIndex next = items.size() == 1 && !name.empty() && current.isValid()
                                           ? current.siblingAtRow(current.row() + 1)
                                           : QModelIndex();
    m_edits->set(items, name, m_model->classes(), m_rater->text().trimmed().toStdString());
    if (next.isValid())
        select(next);
}

void ClassGrid::setClassOfKey(int digit)
{
    if (digit == 0)
        return setClass(std::string(kIgnoreName));
    const auto keys = labelKeys(m_model->classes());
    const auto found = std::ranges::find(keys, std::optional(digit));
    if (found != keys.end())
        setClass(m_model->classes()[static_cast<int>(found - keys.begin())].name);
}

bool ClassGrid::stepToUnlabelled(int direction)
{
    const int rows = m_model->rowCount(), start = m_view->currentIndex().row();
    for (int k = 1; k <= rows; ++k) {
        const int row = ((start + direction * k) % rows + rows) % rows;
        const QModelIndex index = m_model->index(row, 0);
        if (row != start && m_model->classOf(m_model->itemOf(index)).empty()) {
            select(index);
            return true;
        }
    }
    return false;
}

void ClassGrid::step(int rows)
{
    if (m_model->rowCount() > 0)
        select(m_model->index(std::clamp(m_view->currentIndex().row() + rows, 0, m_model->rowCount() - 1), 0));
}

void ClassGrid::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    m_view->setFocus();
    showCurrent();
}

/// Digits and Delete belong to the grid while it has the keyboard; letters are the window's keys, no search in names.
bool ClassGrid::eventFilter(QObject *watched, QEvent *event)
{
    if (event->type() != QEvent::ShortcutOverride && event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    auto *key = static_cast<QKeyEvent *>(event);
    const bool isPlain = (key->modifiers() & ~Qt::KeypadModifier) == Qt::NoModifier;
    const bool isDigit = isPlain && key->key() >= Qt::Key_0 && key->key() <= Qt::Key_9;
    const bool isDelete = isPlain && (key->key() == Qt::Key_Delete || key->key() == Qt::Key_Backspace);
    const bool isAll = key->matches(QKeySequence::SelectAll);
    if (isDigit || isDelete || isAll) {
        event->accept();
        if (event->type() == QEvent::ShortcutOverride)
            return true;
        if (isAll)
            m_view->selectAll();
        else if (isDelete)
            setClass({});
        else
            setClassOfKey(key->key() - Qt::Key_0);
        return true;
    }
    if (event->type() == QEvent::KeyPress && !key->text().isEmpty() && key->text().front().isPrint()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace masque
