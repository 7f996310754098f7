// SPDX-License-Identifier: GPL-3.0-or-later
#include "studio/learn/GraphView.h"

#include "studio/theme/Theme.h"

#include <QPainter>
#include <QPainterPath>

#include <cmath>
#include <map>

namespace masque {

namespace {

constexpr double kColumns = 6, kRows = 4;
constexpr double kBoxWidthPx = 96, kBoxHeightPx = 66;

/// Column and row of each node, so that every edge goes to the right.
QPointF placeOf(const std::string &name)
{
    static const std::map<std::string, QPointF> places = {
        {"x", {0, 0.2}}, {"w", {0, 1.3}}, {"m", {1, 0.2}}, {"b", {1, 1.3}}, {"r", {1, 2.3}}, {"p", {2, 0.2}},
        {"y", {2, 1.3}}, {"e", {3, 0.2}}, {"k", {3, 3.1}}, {"s", {4, 0.2}}, {"d", {4, 2.3}}, {"L", {5, 1.25}}};
    const auto found = places.find(name);
    return found == places.end() ? QPointF() : found->second;
}

QString figure(double value)
{
    return QString::number(value, 'g', 4);
}

void drawArrow(QPainter &painter, QPointF from, QPointF to)
{
    const QLineF line(from, to);
    painter.drawLine(line);
    QLineF barb = QLineF::fromPolar(8, line.angle() + 155);
    for (const double turn : {155.0, -155.0}) {
        barb.setAngle(line.angle() + turn);
        painter.drawLine(to, to + barb.p2());
    }
}

} // namespace

GraphView::GraphView(QWidget *parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("lesson-graph-view"));
    setAccessibleName(tr("The graph, with the values and gradients so far"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void GraphView::setLesson(GraphLesson lesson)
{
    m_lesson = std::move(lesson);
    update();
}

void GraphView::setStep(int step)
{
    m_step = step;
    update();
}

QSize GraphView::minimumSizeHint() const
{
    return {static_cast<int>(kColumns * (kBoxWidthPx + 16)), static_cast<int>(kRows * (kBoxHeightPx + 8))};
}

QRectF GraphView::box(const GraphNode &node) const
{
    const QPointF place = placeOf(node.name);
    const double column = width() / kColumns, row = height() / kRows;
    return {column * (place.x() + 0.5) - kBoxWidthPx / 2, row * (place.y() + 0.5) - kBoxHeightPx / 2, kBoxWidthPx,
            kBoxHeightPx};
}

const GraphStep *GraphView::currentStep() const
{
    return m_step > 0 ? &m_lesson.steps[static_cast<std::size_t>(m_step) - 1] : nullptr;
}

bool GraphView::isCurrentEdge(std::size_t from, std::size_t to) const
{
    const auto *step = currentStep();
    return step && step->node == (step->pass == GraphStep::Pass::Forward ? to : from);
}

void GraphView::paintEvent(QPaintEvent *)
{
    const Theme &theme = Theme::instance();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), theme.base());
    std::vector<bool> hasValue(m_lesson.nodes.size()), hasGradient(m_lesson.nodes.size());
    for (std::size_t n = 0; n < m_lesson.nodes.size(); ++n)
        hasValue[n] = m_lesson.nodes[n].formula.empty();
    for (std::size_t i = 0; i < static_cast<std::size_t>(m_step); ++i) {
        const auto &step = m_lesson.steps[i];
        (step.pass == GraphStep::Pass::Forward ? hasValue : hasGradient)[step.node] = true;
    }
    const bool isBackward = currentStep() && currentStep()->pass == GraphStep::Pass::Backward;
    for (std::size_t n = 0; n < m_lesson.nodes.size(); ++n) {
        for (const auto input : m_lesson.nodes[n].inputs) {
            const QRectF from = box(m_lesson.nodes[input]), to = box(m_lesson.nodes[n]);
            const bool isCurrent = isCurrentEdge(input, n);
            painter.setPen(QPen(isCurrent ? theme.accent() : theme.mutedText(), isCurrent ? 2.5 : 1));
            const QPointF out(from.right(), from.center().y()), in(to.left(), to.center().y());
            if (isCurrent && isBackward)
                drawArrow(painter, in, out);
            else
                drawArrow(painter, out, in);
        }
    }
    QFont bold = font();
    bold.setBold(true);
    for (std::size_t n = 0; n < m_lesson.nodes.size(); ++n) {
        const auto &node = m_lesson.nodes[n];
        const QRectF frame = box(node);
        const bool isCurrent = currentStep() && currentStep()->node == n;
        painter.setPen(QPen(isCurrent ? theme.accent() : theme.border(), isCurrent ? 2.5 : 1));
        painter.setBrush(theme.window());
        painter.drawRoundedRect(frame, 4, 4);
        const auto line = [&](int index, const QString &said, const QColor &color) {
            painter.setPen(color);
            painter.drawText(frame.adjusted(4, 4 + index * 20, -4, 0), Qt::AlignTop | Qt::AlignHCenter, said);
        };
        painter.setFont(bold);
        const QString name = QString::fromStdString(node.name), formula = QString::fromStdString(node.formula);
        line(0, formula.isEmpty() ? name : QStringLiteral("%1 = %2").arg(name, formula), theme.text());
        painter.setFont(font());
        if (hasValue[n])
            line(1, figure(node.value), theme.text());
        if (hasGradient[n])
            line(2, QStringLiteral("dL/d%1 = %2").arg(name, figure(node.gradient)), theme.series(1));
    }
}

} // namespace masque
