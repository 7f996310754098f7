// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/panels/ConflictDialog.h"

#include "studio/panels/history_picture.h"
#include "studio/theme/Theme.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QPointer>
#include <QPushButton>

#include <map>

namespace masque {

namespace {

constexpr int kPicturePx = 360;

/// The shapes of a that b does not have, one for one.
std::vector<Shape> missingIn(const Annotation &a, const Annotation &b)
{
    std::vector<Shape> only;
    std::vector<bool> isTaken(b.shapes.size(), false);
    for (const Shape &shape : a.shapes) {
        bool isFound = false;
        for (std::size_t i = 0; i < b.shapes.size() && !isFound; ++i)
            if (!isTaken[i] && sameContent(shape, b.shapes[i]))
                isTaken[i] = isFound = true;
        if (!isFound)
            only.push_back(shape);
    }
    return only;
}

QString countsOf(const Annotation &annotation)
{
    std::map<std::string, int> counts;
    for (const Shape &shape : annotation.shapes)
        ++counts[shape.label];
    QStringList lines{ConflictDialog::tr("Shapes: %1").arg(annotation.shapes.size())};
    for (const auto &[label, count] : counts)
        lines << QStringLiteral("%1 × %2").arg(count).arg(QString::fromStdString(label));
    constexpr qsizetype kMostLines = 6;
    if (lines.size() > kMostLines) {
        const auto left = static_cast<int>(lines.size() - kMostLines + 1);
        lines = lines.mid(0, kMostLines - 1);
        lines << ConflictDialog::tr("More classes: %1").arg(left);
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace

ConflictDialog::ConflictDialog(Document &document, JobRunner &jobs, QWidget *parent)
    : QDialog(parent), m_document(document), m_jobs(jobs), m_mine(document.annotation()), m_summary(new QLabel(this)),
      m_differences(new QCheckBox(tr("Show only the shapes that differ"), this))
{
    setObjectName(QStringLiteral("conflict-dialog"));
    setWindowTitle(tr("Compare with the changed file"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(16, 16, 16, 16);
    layout->setSpacing(8);
    layout->setHorizontalSpacing(16);
    m_summary->setObjectName(QStringLiteral("conflict-summary"));
    m_summary->setWordWrap(true);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setText(tr("Reading the file…"));
    layout->addWidget(m_summary, 0, 0, 1, 2);
    m_pictures[0] = addSide(*layout, 0, tr("Mine, on the screen"), QStringLiteral("conflict-mine"));
    m_pictures[1] = addSide(*layout, 1, tr("Theirs, in the file"), QStringLiteral("conflict-theirs"));
    m_differences->setObjectName(QStringLiteral("conflict-differences"));
    layout->addWidget(m_differences, 4, 0, 1, 2);
    connect(m_differences, &QCheckBox::toggled, this, &ConflictDialog::draw);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    m_keepMine = buttons->addButton(tr("Keep mine"), QDialogButtonBox::AcceptRole);
    m_takeTheirs = buttons->addButton(tr("Load the file"), QDialogButtonBox::AcceptRole);
    m_keepMine->setObjectName(QStringLiteral("conflict-keep-mine"));
    m_takeTheirs->setObjectName(QStringLiteral("conflict-load-file"));
    m_keepMine->setToolTip(tr("Write what is on the screen over the changed file"));
    m_takeTheirs->setToolTip(tr("Take what the file says, as a step that can be undone"));
    for (QPushButton *button : {m_keepMine, m_takeTheirs}) {
        button->setAutoDefault(false); // no choice by accident
        button->setEnabled(false);
    }
    buttons->button(QDialogButtonBox::Close)->setDefault(true);
    layout->addWidget(buttons, 5, 0, 1, 2);
    connect(m_keepMine, &QPushButton::clicked, this, [this] { m_document.overwriteAnnotation(); });
    connect(m_takeTheirs, &QPushButton::clicked, this, [this] { m_document.reloadAnnotation(); });
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(&document, &Document::changed, this, [this](const ChangeEvent &event) {
        if (event.kind == ChangeEvent::CurrentItem || event.kind == ChangeEvent::DatasetOpened
            || event.kind == ChangeEvent::AnnotationChanged)
            reject(); // it compares what is no longer there
    });
    document.readTheirs([guard = QPointer<ConflictDialog>(this)](Result<Annotation> theirs) {
        if (guard)
            guard->takeTheirs(std::move(theirs));
    });
}

QLabel *ConflictDialog::addSide(QGridLayout &layout, int column, const QString &title, const QString &name)
{
    auto *caption = new QLabel(title, this);
    caption->setProperty("role", QStringLiteral("title"));
    auto *picture = new QLabel(this);
    picture->setObjectName(name);
    picture->setAccessibleName(title);
    picture->setFixedSize(kPicturePx, kPicturePx);
    picture->setAlignment(Qt::AlignCenter);
    m_counts[column] = new QLabel(this);
    m_counts[column]->setObjectName(name + QStringLiteral("-counts"));
    m_counts[column]->setAlignment(Qt::AlignTop);
    m_counts[column]->setTextFormat(Qt::PlainText);
    layout.addWidget(caption, 1, column);
    layout.addWidget(picture, 2, column);
    layout.addWidget(m_counts[column], 3, column);
    return picture;
}

void ConflictDialog::takeTheirs(Result<Annotation> theirs)
{
    m_keepMine->setEnabled(true);
    m_counts[0]->setText(countsOf(m_mine));
    if (!theirs) {
        m_summary->setText(tr("The file cannot be read: %1").arg(QString::fromStdString(theirs.error().message)));
        draw();
        return;
    }
    m_takeTheirs->setEnabled(true);
    m_theirs = std::move(theirs).value();
    m_counts[1]->setText(countsOf(m_theirs));
    m_onlyMine = missingIn(m_mine, m_theirs);
    m_onlyTheirs = missingIn(m_theirs, m_mine);
    const int mine = static_cast<int>(m_onlyMine.size()), others = static_cast<int>(m_onlyTheirs.size());
    const int same = static_cast<int>(m_mine.shapes.size()) - mine;
    QString text = tr("Shapes in both: %1. Mine only: %2. Theirs only: %3.").arg(same).arg(mine).arg(others);
    if (mine == 0 && others == 0)
        text = tr("The shapes are the same in both; flags, their order or other fields differ.");
    m_summary->setText(text);
    draw();
}

void ConflictDialog::draw()
{
    const bool isDifference = m_differences->isChecked();
    EditSketch sides[2];
    sides[0].added = isDifference ? m_onlyMine : m_mine.shapes;
    sides[1].added = isDifference ? m_onlyTheirs : m_theirs.shapes;
    HistoryPicture picture{m_document.image(), m_document.labels(), Theme::instance().canvas(),
                           Theme::instance().error()};
    for (const Shape &shape : m_theirs.shapes)
        picture.labels.add(shape.label); // a colour for classes that only they have
    auto images = std::make_shared<std::array<QImage, 2>>();
    const qreal ratio = devicePixelRatioF();
    m_jobs.start(makeJob(
        {},
        [sides = std::array{sides[0], sides[1]}, picture, images, ratio](JobControl &) -> Result<void> {
            for (std::size_t i = 0; i < 2; ++i)
                (*images)[i] = drawSketch(sides[i], picture, static_cast<int>(kPicturePx * ratio));
            return {};
        },
        [guard = QPointer<ConflictDialog>(this), images, ratio, drawing = ++m_drawing](const Result<void> &, bool) {
            if (!guard || guard->m_drawing != drawing)
                return;
            for (std::size_t i = 0; i < 2; ++i) {
                QPixmap pixmap = QPixmap::fromImage((*images)[i]);
                pixmap.setDevicePixelRatio(ratio);
                guard->m_pictures[i]->setPixmap(pixmap);
            }
        }));
}

} // namespace masque
