// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/LinkedViews.h"

#include "studio/canvas/ImageView.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QStackedLayout>

namespace masque {

LinkedViews::LinkedViews(QWidget *parent) : QWidget(parent)
{
    m_pages = new QStackedLayout(this);
    m_pages->addWidget(makeFour());
    m_pair = new PairView;
    m_pages->addWidget(m_pair);
    link(m_pair->first());
    link(m_pair->second());
}

QWidget *LinkedViews::makeFour()
{
    const char *names[ViewCount] = {"compare-image", "compare-truth", "compare-prediction", "compare-difference"};
    auto *page = new QWidget;
    auto *grid = new QGridLayout(page);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(1);
    grid->setVerticalSpacing(0);
    for (int i = 0; i < ViewCount; ++i) {
        const auto at = static_cast<std::size_t>(i);
        const QString name = QLatin1String(names[i]);
        auto *view = m_views[at] = new ImageView;
        view->setObjectName(name);
        view->setAccessibleName(nameOf(i));
        view->setFocusPolicy(Qt::StrongFocus);
        auto *title = new QLabel(nameOf(i));
        title->setProperty("role", "title");
        m_notes[at] = new QLabel;
        m_notes[at]->setProperty("role", "muted");
        m_notes[at]->setObjectName(name + QStringLiteral("-note"));
        auto *heading = m_headings[at] = new QHBoxLayout;
        heading->setContentsMargins(16, 8, 16, 8);
        heading->setSpacing(8);
        heading->addWidget(title);
        heading->addWidget(m_notes[at], 1);
        const int row = i / 2 * 2, column = i % 2;
        grid->addLayout(heading, row, column);
        grid->addWidget(view, row + 1, column);
        grid->setRowStretch(row + 1, 1);
        grid->setColumnStretch(column, 1);
        link(view);
    }
    return page;
}

QString LinkedViews::nameOf(int content)
{
    switch (content) {
    case Image: return tr("Image");
    case Truth: return tr("Ground truth");
    case Predicted: return tr("Prediction");
    case Difference: return tr("Difference");
    default: return tr("The other's prediction");
    }
}

void LinkedViews::link(ImageView *view)
{
    for (auto *other : m_linked) { // setters emit nothing, so the links cannot run in a circle
        for (auto [from, to] : {std::pair{view, other}, std::pair{other, view}}) {
            connect(from, &ImageView::viewportChanged, to, &ImageView::setViewport);
            connect(from, &ImageView::cursorMoved, to, &ImageView::setCursorPosition);
        }
    }
    m_linked.push_back(view);
}

void LinkedViews::fill(ImageView *view, const Content &content)
{
    view->setImage(content.image);
    view->setOverlay(content.overlay, m_opacity);
    view->setMark(content.mark);
    view->setEmptyText(content.text);
}

void LinkedViews::update(int content)
{
    const auto &what = m_contents[static_cast<std::size_t>(content)];
    if (content < ViewCount)
        fill(m_views[static_cast<std::size_t>(content)], what);
    if (content == m_first) {
        fill(m_pair->first(), what);
        m_pair->first()->setAccessibleName(nameOf(content));
    }
    if (content == m_second) {
        fill(m_pair->second(), what);
        m_pair->second()->setAccessibleName(nameOf(content));
    }
}

void LinkedViews::showImage(int content, std::shared_ptr<const ImageLevels> image, const QImage &overlay,
                            const QImage &mark)
{
    m_contents[static_cast<std::size_t>(content)] = {std::move(image), overlay, mark, {}};
    update(content);
}

void LinkedViews::showText(int content, const QString &text)
{
    m_contents[static_cast<std::size_t>(content)] = {nullptr, {}, {}, text};
    update(content);
    if (content < ViewCount)
        setNote(static_cast<View>(content), {});
}

void LinkedViews::setNote(View view, const QString &note)
{
    m_notes[view]->setText(note);
}

void LinkedViews::addToHeading(View view, QWidget *widget)
{
    m_headings[view]->addWidget(widget);
}

void LinkedViews::setOpacity(double opacity)
{
    m_opacity = opacity;
    for (auto *view : m_linked)
        view->setOverlayOpacity(opacity);
}

void LinkedViews::fit()
{
    for (auto *view : m_linked)
        view->fit();
}

void LinkedViews::setPair(int first, int second)
{
    m_first = first;
    m_second = second;
    update(first);
    update(second);
}

void LinkedViews::setArrangement(Arrangement arrangement)
{
    const bool isFour = arrangement == Arrangement::Four;
    if (const int page = isFour ? 0 : 1; page != m_pages->currentIndex()) {
        m_pages->setCurrentIndex(page);
        QMetaObject::invokeMethod(this, &LinkedViews::fit, Qt::QueuedConnection); // once the page has its size
    }
    if (isFour)
        m_pair->setMode(PairView::Mode::Split); // blinks no more
    else
        m_pair->setMode(arrangement == Arrangement::Split ? PairView::Mode::Split : PairView::Mode::Blink);
}

} // namespace masque
