// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/compare/LinkedViews.h"

#include "studio/canvas/ImageView.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>

namespace masque {

LinkedViews::LinkedViews(QWidget *parent) : QWidget(parent)
{
    const std::pair<QString, QString> names[ViewCount] = {
        {QStringLiteral("compare-image"), tr("Image")},
        {QStringLiteral("compare-truth"), tr("Ground truth")},
        {QStringLiteral("compare-prediction"), tr("Prediction")},
        {QStringLiteral("compare-difference"), tr("Difference")},
    };
    auto *grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(1);
    grid->setVerticalSpacing(0);
    for (int i = 0; i < ViewCount; ++i) {
        const auto at = static_cast<std::size_t>(i);
        auto *view = m_views[at] = new ImageView;
        view->setObjectName(names[i].first);
        view->setAccessibleName(names[i].second);
        view->setFocusPolicy(Qt::StrongFocus);
        auto *title = new QLabel(names[i].second);
        title->setProperty("role", "title");
        m_notes[at] = new QLabel;
        m_notes[at]->setProperty("role", "muted");
        m_notes[at]->setObjectName(names[i].first + QStringLiteral("-note"));
        auto *heading = new QHBoxLayout;
        heading->setContentsMargins(16, 8, 16, 8);
        heading->setSpacing(8);
        heading->addWidget(title);
        heading->addWidget(m_notes[at], 1);
        const int row = i / 2 * 2, column = i % 2;
        grid->addLayout(heading, row, column);
        grid->addWidget(view, row + 1, column);
        grid->setRowStretch(row + 1, 1);
        grid->setColumnStretch(column, 1);
        for (auto *other : m_views) {
            if (!other || other == view)
                continue; // setters emit nothing, so the links cannot run in a circle
            for (auto [from, to] : {std::pair{view, other}, std::pair{other, view}}) {
                connect(from, &ImageView::viewportChanged, to, &ImageView::setViewport);
                connect(from, &ImageView::cursorMoved, to, &ImageView::setCursorPosition);
            }
        }
    }
}

void LinkedViews::showImage(View view, const QImage &image, const QImage &overlay)
{
    m_views[view]->setImage(image);
    m_views[view]->setOverlay(overlay, m_opacity);
}

void LinkedViews::showText(View view, const QString &text)
{
    m_views[view]->setOverlay({}, m_opacity);
    m_views[view]->setImage({});
    m_views[view]->setEmptyText(text);
    setNote(view, {});
}

void LinkedViews::setNote(View view, const QString &note)
{
    m_notes[view]->setText(note);
}

void LinkedViews::setOpacity(double opacity)
{
    m_opacity = opacity;
    for (auto *view : m_views)
        view->setOverlayOpacity(opacity);
}

void LinkedViews::fit()
{
    for (auto *view : m_views)
        view->fit();
}

} // namespace masque
