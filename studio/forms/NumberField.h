// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDoubleSpinBox>

namespace masque {

/// A field for real numbers of any magnitude: shows the shortest spelling that reads back the same ("0.001", "1e-05"),
/// takes scientific input. Small numbers step through 1, 2, 5, 10 of their own magnitude, others by a round share of
/// the range.
class RealField final : public QDoubleSpinBox {
    Q_OBJECT
public:
    /// Magnitude: for numbers like a learning rate. Whole: for whole numbers beyond int.
    enum class Stepping { Magnitude, Range, Whole };
    explicit RealField(Stepping stepping, QWidget *parent = nullptr);

    QString textFromValue(double value) const override;
    double valueFromText(const QString &text) const override;
    QValidator::State validate(QString &text, int &pos) const override;
    void stepBy(int steps) override;

private:
    QString bare(const QString &text) const;
    Stepping m_stepping;
};

/// Lets the wheel scroll the form instead of changing a field that only lies under the cursor.
class WheelGuard final : public QObject {
public:
    using QObject::QObject;
    bool eventFilter(QObject *watched, QEvent *event) override;
};

} // namespace masque
