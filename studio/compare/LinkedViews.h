// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QImage>
#include <QWidget>

#include <array>

QT_BEGIN_NAMESPACE
class QLabel;
QT_END_NAMESPACE

namespace masque {

class ImageView;

/// Image, ground truth, prediction and difference: one viewport and one cursor in all four.
class LinkedViews : public QWidget {
    Q_OBJECT
public:
    enum View { Image, Truth, Predicted, Difference, ViewCount };
    explicit LinkedViews(QWidget *parent = nullptr);

    /// An image with what lies over it.
    void showImage(View view, const QImage &image, const QImage &overlay = {});
    /// No image, but a sentence that says why.
    void showText(View view, const QString &text);
    void setNote(View view, const QString &note); ///< beside the title
    void setOpacity(double opacity);
    void fit();
    ImageView *view(View view) const { return m_views[view]; }

private:
    std::array<ImageView *, ViewCount> m_views{};
    std::array<QLabel *, ViewCount> m_notes{};
    double m_opacity = 0.6;
};

} // namespace masque
