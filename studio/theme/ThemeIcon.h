// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QIconEngine>
#include <QString>

namespace masque {

/// An SVG line icon that is drawn in the theme's colours of the moment, so icons held by buttons and actions follow a
/// change of theme by themselves.
class ThemeIcon final : public QIconEngine {
public:
    explicit ThemeIcon(QString name) : m_name(std::move(name)) {}

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State state) override;
    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override;
    QIconEngine *clone() const override { return new ThemeIcon(m_name); }
    QString key() const override { return QStringLiteral("masque"); }
    bool isNull() override;

private:
    QString m_name;
};

} // namespace masque
