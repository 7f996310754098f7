// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/live/LiveView.h"

#include "studio/theme/Theme.h"
#include "studio/tools/swatch.h"

#include <QImage>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>

namespace masque {

LiveView::LiveView(QWidget *parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("live-view"));
    setAccessibleName(tr("Video"));
    setMinimumSize(320, 180);
    setFocusPolicy(Qt::StrongFocus);
}

void LiveView::show(const LiveMoment &moment, const LabelSet &labels)
{
    m_moment = moment;
    m_labels = labels;
    m_text.clear();
    update();
}

void LiveView::clear(const QString &text)
{
    m_moment = {};
    m_text = text;
    update();
}

void LiveView::setChosen(int track)
{
    m_chosen = track;
    update();
}

QRectF LiveView::imageArea() const
{
    const cv::Mat &rgb = m_moment.frame.rgb;
    QRectF area(QPointF(0, 0), QSizeF(rgb.cols, rgb.rows).scaled(QSizeF(size()), Qt::KeepAspectRatio));
    area.moveCenter(QRectF(rect()).center());
    return area;
}

QRectF LiveView::widgetBox(const cv::Rect2d &box) const
{
    const QRectF area = imageArea();
    const double scale = area.width() / std::max(1, m_moment.frame.rgb.cols);
    return {area.left() + box.x * scale, area.top() + box.y * scale, box.width * scale, box.height * scale};
}

void LiveView::paintEvent(QPaintEvent *)
{
    const Theme &theme = Theme::instance();
    QPainter painter(this);
    painter.fillRect(rect(), theme.canvas());
    const cv::Mat &rgb = m_moment.frame.rgb;
    if (rgb.empty()) {
        painter.setPen(theme.mutedText());
        painter.drawText(rect().adjusted(32, 0, -32, 0), Qt::AlignCenter | Qt::TextWordWrap, m_text);
        return;
    }
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawImage(imageArea(), QImage(rgb.data, rgb.cols, rgb.rows, qsizetype(rgb.step), QImage::Format_RGB888));
    painter.setRenderHint(QPainter::Antialiasing);
    for (const LiveFace &face : m_moment.faces) {
        if (face.probabilities.empty())
            continue;
        const auto best = std::ranges::max_element(face.probabilities) - face.probabilities.begin();
        const int id = static_cast<int>(best);
        if (id >= m_labels.size())
            continue;
        const QColor color = toQColor(m_labels[id].color);
        const QRectF box = widgetBox(face.box);
        const bool isChosen = face.track == m_chosen;
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(QColor(0, 0, 0, 160), isChosen ? 6 : 4)); // seen on any picture
        painter.drawRoundedRect(box, 4, 4);
        painter.setPen(QPen(color, isChosen ? 3.5 : 2));
        painter.drawRoundedRect(box, 4, 4);
        const QString text = tr("%1 %2")
                                 .arg(QString::fromStdString(m_labels[id].name))
                                 .arg(double(face.probabilities[static_cast<std::size_t>(best)]), 0, 'f', 2);
        QRectF tag(0, 0, painter.fontMetrics().horizontalAdvance(text) + 22, painter.fontMetrics().height() + 4);
        tag.moveBottomLeft(box.topLeft() - QPointF(0, 3));
        tag.moveTop(std::max(tag.top(), 0.0));
        tag.moveLeft(std::clamp(tag.left(), 0.0, std::max(0.0, width() - tag.width())));
        painter.setPen(Qt::NoPen);
        painter.setBrush(QColor(0, 0, 0, 190));
        painter.drawRoundedRect(tag, 3, 3);
        painter.setBrush(color);
        painter.drawRect(QRectF(tag.left() + 5, tag.center().y() - 4, 8, 8));
        painter.setPen(Qt::white);
        painter.drawText(tag.adjusted(17, 0, -3, 0), Qt::AlignVCenter | Qt::TextSingleLine, text);
    }
}

void LiveView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    int track = 0;
    for (const LiveFace &face : m_moment.faces)
        if (widgetBox(face.box).contains(event->position()))
            track = face.track;
    Q_EMIT chosen(track);
}

} // namespace masque
