// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/Result.h"

#include <QPointF>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include <memory>

namespace masque {

/// Curves by name over a common x: wheel zooms at the cursor, dragging moves, a double click shows everything again,
/// hovering reads the values. Linear or logarithmic, smoothed or not, light or dark with the theme. Repaints at most 20
/// times a second however fast values come, and draws of a million what can be seen. Values that are not finite are
/// kept and drawn as a gap.
class CurvePlot : public QWidget {
    Q_OBJECT
public:
    /// Thin: many noisy values. Dotted: few values, each with a point. Points: no line between them.
    enum class Line { Thin, Dotted, Points };
    enum class Scale { Linear, Logarithmic };

    CurvePlot(const QString &name, const QString &title, QWidget *parent = nullptr);
    ~CurvePlot() override;

    void setXTitle(const QString &title);
    void setEmptyText(const QString &text);           ///< shown while there is no curve with a value
    void setLegendAlignment(Qt::Alignment alignment); ///< a corner where curves seldom are
    void hideLegend();                                ///< where the title says it all
    void addControl(QWidget *control);                ///< into the title row

    void setCurve(const QString &name, int colorIndex, Line line); ///< makes it if there is none
    void setValues(const QString &name, QVector<QPointF> values);  ///< ascending in x
    void append(const QString &name, QPointF value);
    void removeCurve(const QString &name);
    void clear();
    QStringList curveNames() const;
    QVector<QPointF> values(const QString &name) const; ///< as they came
    QVector<QPointF> drawn(const QString &name) const;  ///< smoothed as shown

    /// A ring around the curve's value at x with a text beside it; an empty text removes it. One a curve.
    void setMarker(const QString &name, double x, const QString &text);

    /// Something that happened at x: a dashed line with a short text; hovering it shows the whole explanation.
    struct Event {
        double x = 0;
        QString text, explanation;
    };
    void setEvents(const QVector<Event> &events);

    void setScale(Scale scale);
    Scale scale() const;
    void setSmoothing(double weight); ///< 0 .. 0.99
    void hideSmoothing();             ///< the slider, where there is no noise to smooth
    double smoothing() const;
    void showAll();
    /// Writes what is drawn (.png, .svg) or the values as they came (.csv: curve, x, y), by the name's end.
    Result<void> save(const QString &path) const;
    QStringList reading(double x) const; ///< "val 0.4312", one line a curve that has a value near x

Q_SIGNALS:
    void clicked(double x); ///< inside the axes, without moving the view

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    struct Series;
    struct Private;
    Series *find(const QString &name) const;
    void refill(Series &series);
    void fillSeen();
    void requestReplot();
    void replotNow();
    void restyle();
    void styleSeries(Series &series);
    void styleEvents();
    void placeMarker(Series &series);
    void askSave();
    void showReading(QPointF position, QPoint globalPosition);
    std::unique_ptr<Private> d;
};

} // namespace masque
