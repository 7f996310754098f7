// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QImage>
#include <QStringList>
#include <QWidget>

#include <vector>

namespace masque {

/// Small pictures in rows and columns, scaled to the room there is, with column titles; or a sentence while there are
/// none. Paints only.
class PictureGrid : public QWidget {
    Q_OBJECT
public:
    struct Picture {
        QImage image;
        QImage overlay;       ///< drawn over it, may be null
        QString text;         ///< tooltip and accessible text
        QString caption = {}; ///< on a strip at its foot, after a swatch of color
        QColor color = {};
    };

    PictureGrid(int columns, QStringList titles, QWidget *parent = nullptr);
    void setPictures(std::vector<Picture> pictures); ///< row by row
    const std::vector<Picture> &pictures() const { return m_pictures; }
    void setTitles(const QStringList &titles);
    void setEmptyText(const QString &text);

    QSize sizeHint() const override;
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent *event) override;
    bool event(QEvent *event) override;

private:
    int rows() const;
    int headerHeight() const;
    QRect cell(int index) const;
    void drawCaption(QPainter &painter, const QRect &place, const Picture &picture) const;

    const int m_columns;
    QStringList m_titles;
    QString m_emptyText;
    std::vector<Picture> m_pictures;
};

} // namespace masque
